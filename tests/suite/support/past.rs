//! Sessions of the past, as they would stand in the table after days of work, and what a plain count says of them.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// 2026-11-16T00:00:00Z: the past begins here and lasts for five days.
pub const BEGINNING: i64 = 1_794_787_200_000;
pub const DAY: i64 = 86_400_000;
pub const QUARTER: i64 = 900_000;
pub const DAYS: i64 = 5;

pub const CAMPAIGNS: [&str; 2] = ["5", "Z-9"];
/// What a question has in place of a campaign, when it is about all of them.
pub const EVERY_CAMPAIGN: &str = "";
/// Two of them differ in nothing but case.
pub const BANNERS: [&str; 4] = ["3", "300", "b", "B"];

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
    country: Option<&'static str>,
    rep: Option<&'static str>,
    queue: i64,
    answer_within_ms: i64,
    gone_early_ms: i64,
    qualified_ms: i64,
    later: Later,
    /// How long it was wrapped up.
    wrapped_up_ms: Option<i64>,
}

/// What became of a conversation after it had begun.
#[derive(Clone, Copy, Debug)]
enum Later {
    /// It went on to its end.
    OneLeg,
    /// The customer was back in the queue from the first instant to the second.
    Back(i64, i64),
    /// The customer was back in the queue from there on.
    Dropped(i64),
}

/// Those who answer.
pub const REPS: [&str; 3] =
    ["000000000000000000000000000000aa", "000000000000000000000000000000ab", "0000000000000000000000000000ab0c"];
/// Where customers come from.
pub const COUNTRIES: [Option<&str>; 3] = [Some("NZ"), Some("DE"), None];
/// What they have.
pub const DEVICES: [&str; 2] = ["phone", "computer"];

/// What is asked for: a campaign or all, one of its banners or all, a period, and whether trials count.
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
        let device = DEVICES[rng.random_range(0..2)];
        let (thirds, legs) = (ended_at.zip(started_at).map(|(end, start)| (end - start) / 3), rng.random_range(0..6));
        let later = match (thirds, started_at, legs) {
            (Some(third), Some(start), 0) if third > 0 => Later::Back(start + third, start + 2 * third),
            (Some(third), Some(start), 1) if third > 0 => Later::Dropped(start + third),
            _ => Later::OneLeg,
        };
        let over = started_at.is_some() && ended_at.is_some();
        Self {
            number,
            campaign: CAMPAIGNS[rng.random_range(0..CAMPAIGNS.len())],
            banner: BANNERS[rng.random_range(0..BANNERS.len())],
            kind: ["call", "call", "call", "call", "call", "call", "test", "callback"][rng.random_range(0..8)],
            outcome: if never_joined { Some("missed") } else { outcome },
            queued_at: if never_joined { 0 } else { queued_at },
            started_at: started_at.filter(|_| !never_joined),
            ended_at: if never_joined { Some(left_at) } else { ended_at },
            device,
            country: COUNTRIES[rng.random_range(0..3)],
            rep: started_at.filter(|_| !never_joined).map(|_| REPS[rng.random_range(0..3)]),
            queue: rng.random_range(1..=2),
            answer_within_ms: [20_000, 60_000][rng.random_range(0..2)],
            gone_early_ms: [5_000, 2_000][rng.random_range(0..2)],
            qualified_ms: [60_000, 900_000][rng.random_range(0..2)],
            later: if never_joined { Later::OneLeg } else { later },
            wrapped_up_ms: (over && !never_joined && rng.random_bool(0.3)).then(|| rng.random_range(0..120_000)),
        }
    }

    fn requeue_ms(&self) -> i64 {
        match (self.later, self.ended_at) {
            (Later::Back(from, to), _) => to - from,
            (Later::Dropped(from), Some(end)) => end - from,
            _ => 0,
        }
    }

    fn handled_ms(&self) -> i64 {
        let (Some(start), Some(end)) = (self.started_at, self.ended_at) else { return 0 };
        match self.later {
            Later::OneLeg => end - start,
            Later::Back(from, to) => (from - start) + (end - to),
            Later::Dropped(from) => from - start,
        }
    }

    /// Its events, as far as the figures read them.
    fn events(&self) -> Vec<String> {
        let (Some(start), Some(end)) = (self.started_at, self.ended_at) else { return Vec::new() };
        let joined = |epoch: i64, at: i64| [(epoch, "joined", at - 1), (epoch, "joined", at)];
        let mut events = vec![(2, "offer", start - 2)];
        events.extend(joined(2, start));
        match self.later {
            Later::OneLeg => return Vec::new(),
            Later::Back(from, to) => {
                let name = ["requeue", "transfer"][self.number % 2];
                events.extend([(3, name, from), (3, "ring", from + 1), (4, "offer", to - 1)]);
                events.extend(joined(4, to));
                events.extend([(4, "hold", to), (5, "end", end)]);
            }
            // Whoever took the customer over was not met.
            Later::Dropped(from) => events.extend([(3, "handOver", from), (3, "joined", from + 1), (4, "end", end)]),
        }
        let id = self.number;
        let numbered = events.into_iter().zip(5..);
        let event = |((epoch, name, at), number): ((i64, &str, i64), i64)| {
            // Whoever the session is given to: the first who answered, then somebody, perhaps the same.
            let rep = if epoch == 2 { self.rep.unwrap_or(REPS[0]) } else { REPS[self.number % 3] };
            let rep = uuid::Uuid::parse_str(rep).expect("an id").hyphenated();
            let data = match name {
                "offer" | "handOver" => format!("{{\"action\":\"{name}\",\"rep\":\"{rep}\"}}"),
                _ => "{}".to_owned(),
            };
            format!("(X'{id:032X}', {number}, {at}, '{name}', {epoch}, X'{number:032X}', '{data}')")
        };
        numbered.map(event).collect()
    }

    /// Its wrap-up and what followed, each of somebody who has no other.
    fn activities(&self) -> Vec<String> {
        let (Some(end), Some(millis)) = (self.ended_at, self.wrapped_up_ms) else { return Vec::new() };
        let (id, begun, done) = (self.number, 2 * self.number, 2 * self.number + 1);
        vec![
            format!("(X'{begun:032X}', X'{id:032X}', {end}, 'wrapUp', 'callOver', X'{id:032X}')"),
            format!("(X'{done:032X}', X'{id:032X}', {}, 'available', 'wrapUpDone', NULL)", end + millis),
        ]
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
        let answered_by = self.rep.map_or("NULL".to_owned(), |rep| format!("X'{rep}'"));
        let epoch = match self.later {
            Later::OneLeg => 3,
            Later::Back(..) => 5,
            Later::Dropped(_) => 4,
        };
        let joined = at(self.started_at.filter(|_| !matches!(self.later, Later::Dropped(_))));
        let Self { queue, answer_within_ms, gone_early_ms, qualified_ms, .. } = self;
        let (requeue_ms, country) = (self.requeue_ms(), word(self.country));
        let (outcome, started_at, ended_at) = (word(self.outcome), at(self.started_at), at(self.ended_at));
        let ticket = if *queued_at > 0 { number + 1 } else { 0 };
        format!(
            "(X'{number:032X}', X'{number:032X}', '{campaign}', '{banner}', '{kind}', 0, {BEGINNING}, '{state}', {outcome}, {epoch}, 1, \
             {queue}, {ticket}, {queued_at}, {queued_at}, {started_at}, {ended_at}, {country}, '{device}', {answered_by}, \
             {answer_within_ms}, {gone_early_ms}, {qualified_ms}, {requeue_ms}, {joined}, {joined})"
        )
    }

    /// What it is told apart by, beside its banner.
    pub fn value(&self, dimension: &str) -> String {
        match dimension {
            "campaign" => self.campaign.to_owned(),
            "banner" => self.banner.to_owned(),
            "country" => self.country.unwrap_or_default().to_owned(),
            "device" => self.device.to_owned(),
            "rep" => self.rep.unwrap_or_default().to_owned(),
            "queue" => self.queue.to_string(),
            other => panic!("no dimension {other}"),
        }
    }

    /// Its id.
    pub fn id(&self) -> String {
        format!("{:032x}", self.number)
    }

    /// When it joined.
    pub fn queued_at(&self) -> i64 {
        self.queued_at
    }

    pub fn is_asked_for(&self, question: &Question) -> bool {
        let Question { campaign, banner, from, to, tests } = *question;
        let counts = self.kind == "call" || (tests && self.kind == "test");
        let of_campaign = campaign == EVERY_CAMPAIGN || self.campaign == campaign;
        let there = of_campaign && banner.is_none_or(|banner| self.banner == banner);
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
        queue_id, ticket, queued_at, waiting_since, started_at, ended_at, country, device, answered_by, answer_within_ms, \
        gone_early_ms, qualified_ms, requeue_ms, customer_joined_at, rep_joined_at";
    let insert = |sessions: &[Past]| {
        let values: Vec<_> = sessions.iter().map(Past::values).collect();
        format!("INSERT INTO sessions ({columns}) VALUES {}", values.join(", "))
    };
    let several = |into: &str, values: Vec<String>| {
        let insert = |values: &[String]| format!("INSERT INTO {into} VALUES {}", values.join(", "));
        values.chunks(500).map(insert).collect::<Vec<_>>()
    };
    let events = sessions.iter().flat_map(Past::events).collect();
    let activities = sessions.iter().flat_map(Past::activities).collect();
    [
        several("events (session_id, number, at, name, epoch, token, data)", events),
        several("rep_activities (id, user_id, at, activity, cause, session_id)", activities),
        sessions.chunks(500).map(insert).collect(),
    ]
    .concat()
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

/// A plain count of everything. Waits and durations are in order.
#[derive(Debug, Default)]
pub struct Everything {
    pub answered: i64,
    pub not_answered: i64,
    pub waiting: i64,
    pub talking: i64,
    pub in_time: i64,
    pub gone: i64,
    pub gone_early: i64,
    pub missed: i64,
    pub failed: i64,
    pub qualified: i64,
    pub dropped: i64,
    pub handled_ms: i64,
    pub acw_ms: i64,
    pub requeued: i64,
    pub requeue_ms: i64,
    pub answered_waits: Vec<i64>,
    pub not_answered_waits: Vec<i64>,
    pub waits: Vec<i64>,
    pub durations: Vec<i64>,
}

/// Counts everything, one session after the other.
pub fn everything<'p>(sessions: impl IntoIterator<Item = &'p Past>) -> Everything {
    let mut sum = Everything::default();
    for session in sessions {
        match (session.started_at, session.ended_at) {
            (Some(start), end) => {
                let wait = start - session.queued_at;
                sum.answered += 1;
                sum.answered_waits.push(wait);
                sum.waits.push(wait);
                sum.in_time += i64::from(wait <= session.answer_within_ms);
                let Some(end) = end else {
                    sum.talking += 1;
                    continue;
                };
                sum.durations.push(end - start);
                sum.qualified += i64::from(end - start >= session.qualified_ms);
                sum.dropped += i64::from(matches!(session.later, Later::Dropped(_)));
                sum.handled_ms += session.handled_ms();
                sum.acw_ms += session.wrapped_up_ms.unwrap_or(0);
            }
            (None, Some(end)) => {
                let wait = end - session.queued_at;
                sum.not_answered += 1;
                sum.not_answered_waits.push(wait);
                sum.waits.push(wait);
                match session.outcome {
                    Some("abandoned" | "cancelled") => {
                        sum.gone += 1;
                        sum.gone_early += i64::from(wait < session.gone_early_ms);
                    }
                    Some("missed") => sum.missed += 1,
                    Some("failed") => sum.failed += 1,
                    _ => {}
                }
            }
            (None, None) => {
                sum.waiting += 1;
                continue;
            }
        }
        sum.requeued += i64::from(session.requeue_ms() > 0);
        sum.requeue_ms += session.requeue_ms();
    }
    for all in [&mut sum.answered_waits, &mut sum.not_answered_waits, &mut sum.waits, &mut sum.durations] {
        all.sort_unstable();
    }
    sum
}
