//! Sessions of the past, as they would stand in the table after days of work, and what a plain count says of them.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// 2026-11-16T00:00:00Z: the past begins here and lasts for five days.
pub const BEGINNING: i64 = 1_794_787_200_000;
pub const DAY: i64 = 86_400_000;
pub const QUARTER: i64 = 900_000;
pub const DAYS: i64 = 5;

pub const CAMPAIGNS: [&str; 2] = ["5", "Z-9"];
pub const BANNERS: [&str; 3] = ["3", "300", "b"];

/// One session of the past.
#[derive(Clone, Debug)]
pub struct Past {
    number: usize,
    pub campaign: &'static str,
    pub banner: &'static str,
    kind: &'static str,
    outcome: Option<&'static str>,
    /// 0: it never joined.
    queued_at: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    device: &'static str,
}

/// What is asked for: a campaign, one of its banners or all, a period, and whether trials count.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub campaign: &'static str,
    pub banner: Option<&'static str>,
    pub from: i64,
    pub to: i64,
    pub tests: bool,
}

/// Total, answered, not answered, milliseconds in the queue, answered that are over, milliseconds talked.
pub type Plain = [i64; 6];

impl Past {
    fn random(rng: &mut StdRng, number: usize) -> Self {
        // Many at the very edges of quarters and days.
        let queued_at = match rng.random_range(0..10) {
            0 => BEGINNING + rng.random_range(0..DAYS * DAY / QUARTER) * QUARTER + rng.random_range(-1..=1),
            _ => BEGINNING + rng.random_range(0..DAYS * DAY),
        };
        let longest = if rng.random_bool(0.3) { 8_000 } else { 200_000 };
        let left_at = queued_at + rng.random_range(0..longest);
        let over = Some(left_at + rng.random_range(0..3_000_000));
        let (outcome, started_at, ended_at) = match rng.random_range(0..20) {
            0 => (None, None, None),
            1 => (None, Some(left_at), None),
            2..9 => (Some(["cancelled", "abandoned", "missed", "failed"][number % 4]), None, Some(left_at)),
            _ => (Some("answered"), Some(left_at), over),
        };
        let never_joined = rng.random_range(0..30) == 0;
        Self {
            number,
            campaign: CAMPAIGNS[rng.random_range(0..CAMPAIGNS.len())],
            banner: BANNERS[rng.random_range(0..BANNERS.len())],
            kind: ["call", "call", "call", "call", "call", "call", "test", "callback"][rng.random_range(0..8)],
            outcome: if never_joined { Some("missed") } else { outcome },
            queued_at: if never_joined { 0 } else { queued_at },
            started_at: started_at.filter(|_| !never_joined),
            ended_at: if never_joined { Some(left_at) } else { ended_at },
            device: ["phone", "computer"][rng.random_range(0..2)],
        }
    }

    fn values(&self) -> String {
        let Self { number, campaign, banner, kind, queued_at, device, .. } = self;
        let word = |word: Option<&str>| word.map_or("NULL".to_owned(), |word| format!("'{word}'"));
        let at = |at: Option<i64>| at.map_or("NULL".to_owned(), |at| at.to_string());
        let state = match (self.ended_at, self.started_at) {
            (Some(_), _) => "ended",
            (None, Some(_)) => "talking",
            (None, None) => "waiting",
        };
        let answered_by = if self.started_at.is_some() { "X'000000000000000000000000000000AA'" } else { "NULL" };
        let (outcome, started_at, ended_at) = (word(self.outcome), at(self.started_at), at(self.ended_at));
        let ticket = if *queued_at > 0 { number + 1 } else { 0 };
        format!(
            "(X'{number:032X}', X'{number:032X}', '{campaign}', '{banner}', '{kind}', 0, {BEGINNING}, '{state}', {outcome}, 1, 1, 1, \
             {ticket}, {queued_at}, {queued_at}, {started_at}, {ended_at}, 'NZ', '{device}', {answered_by})"
        )
    }

    fn is_asked_for(&self, question: &Question) -> bool {
        let Question { campaign, banner, from, to, tests } = *question;
        let counts = self.kind == "call" || (tests && self.kind == "test");
        let there = self.campaign == campaign && banner.is_none_or(|banner| self.banner == banner);
        self.queued_at > 0 && counts && there && from <= self.queued_at && self.queued_at < to
    }
}

/// So many sessions of the past, numbered from `first`; the same for the same numbers.
pub fn random(first: usize, count: usize) -> Vec<Past> {
    let mut rng = StdRng::seed_from_u64(first as u64);
    (first..first + count).map(|number| Past::random(&mut rng, number)).collect()
}

/// The statements that let them have happened.
pub fn statements(sessions: &[Past]) -> Vec<String> {
    let columns = "id, queue_entry, campaign_id, banner_id, kind, audio_only, created_at, state, outcome, epoch, last_event, \
        queue_id, ticket, queued_at, waiting_since, started_at, ended_at, country, device, answered_by";
    let insert = |sessions: &[Past]| {
        let values: Vec<_> = sessions.iter().map(Past::values).collect();
        format!("INSERT INTO sessions ({columns}) VALUES {}", values.join(", "))
    };
    sessions.chunks(500).map(insert).collect()
}

/// The statements that note the campaigns and banners.
pub fn sources() -> Vec<String> {
    let mut statements = Vec::new();
    for campaign in CAMPAIGNS {
        statements.push(format!("INSERT INTO campaigns (id, first_seen_at) VALUES ('{campaign}', 0)"));
        for banner in BANNERS {
            let values = format!("('{campaign}', '{banner}', 0)");
            statements.push(format!("INSERT INTO banners (campaign_id, id, first_seen_at) VALUES {values}"));
        }
    }
    statements
}

/// The plain count.
pub fn recount(sessions: &[Past], question: &Question) -> Plain {
    let mut plain = Plain::default();
    for session in sessions.iter().filter(|session| session.is_asked_for(question)) {
        plain[0] += 1;
        match (session.started_at, session.ended_at) {
            (Some(start), end) => {
                plain[1] += 1;
                plain[3] += start - session.queued_at;
                plain[4] += i64::from(end.is_some());
                plain[5] += end.map_or(0, |end| end - start);
            }
            (None, Some(end)) => {
                plain[2] += 1;
                plain[3] += end - session.queued_at;
            }
            (None, None) => {}
        }
    }
    plain
}

/// Some question: often with edges that are no quarters, often with such that are.
pub fn question(rng: &mut StdRng) -> Question {
    let mut instant = || match rng.random_range(0..8) {
        0 => 0,
        1 => i64::MAX,
        2 => BEGINNING + rng.random_range(-1..=DAYS) * DAY,
        3 => BEGINNING + rng.random_range(0..DAYS * DAY / QUARTER) * QUARTER + rng.random_range(-1..=1),
        _ => BEGINNING + rng.random_range(-DAY / 2..DAYS * DAY + DAY / 2),
    };
    let (one, other) = (instant(), instant());
    let near = one.saturating_add(rng.random_range(0..2 * QUARTER));
    let other = if rng.random_bool(0.2) { near } else { other };
    Question {
        campaign: CAMPAIGNS[rng.random_range(0..CAMPAIGNS.len())],
        banner: rng.random_bool(0.5).then(|| BANNERS[rng.random_range(0..BANNERS.len())]),
        from: one.min(other),
        to: one.max(other),
        tests: rng.random_bool(0.3),
    }
}
