//! The funnel and the visits that are added up from roll-ups are those of a plain count of the raw rows: for any period, whatever is
//! rolled, and whatever happens to a visit afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use bannerline::clock::Timestamp;
use bannerline::desk::DeskError;
use bannerline::desk::admission::Wish;
use bannerline::desk::wrap_up::Author;
use bannerline::domain::funnel::{PageStep, Stopped};
use bannerline::domain::ids::{BannerId, CampaignId, RepId, SessionId, VisitId};
use bannerline::domain::wrap_up::Said;
use bannerline::figures::recount;
use bannerline::figures::roller::{roll, roll_visits};
use bannerline::store::figures::{self, Period};
use bannerline::store::funnel::{self, Which};
use bannerline::store::visits::{Broken, Visit};
use bannerline::store::{Conn, Db, StoreError, visit_rollups};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::raw::Raw;
use super::rollups::{different, roll_all};
use super::{Office, TEN, customer, representative, visit};
use crate::support::{Backend, scale};

both! {
    whatever_happens_to_visits_is_told_as_a_recount_tells_it,
    requests_meet_the_roller,
    a_request_between_the_look_and_the_turn_is_not_overlooked,
    what_is_said_late_is_told_of_a_visit_that_was_rolled,
    a_broken_row_of_visits_is_found_and_made_again,
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const CAMPAIGNS: [&str; 2] = ["5", "Z-9"];
/// Two of them differ in nothing but case.
const BANNERS: [&str; 3] = ["3", "b", "B"];

/// Visits and milliseconds waited, by banner, step and reason.
type Told = BTreeMap<(String, i64, String), (i64, i64)>;

fn told(rows: Vec<Stopped>, by_banner: bool) -> Told {
    let mut told = Told::new();
    for row in rows {
        let banner = if by_banner { row.banner_id } else { String::new() };
        let sum = told.entry((banner, row.step, row.reason)).or_default();
        *sum = (sum.0 + row.visits, sum.1 + row.waited_ms);
    }
    told
}

/// Asks for a funnel, by banner and not, and for the visits of the dashboard, and compares all with a count of the raw rows.
async fn is_a_recount(mut conn: Conn<'_>, campaign: &str, banner: Option<&str>, period: Period) {
    let id: CampaignId = campaign.parse().unwrap();
    let of: Option<BannerId> = banner.map(|banner| banner.parse().unwrap());
    let counted = funnel::counted(conn.reborrow(), &id, of.as_ref(), period, Which::Any).await.unwrap();
    let place = format!("campaign {campaign}, banner {banner:?}, {period:?}");
    for by_banner in [true, false] {
        let rows = funnel::stopped(conn.reborrow(), &id, of.as_ref(), period, by_banner).await.unwrap();
        assert!(rows.iter().all(|row| row.visits > 0), "a reason that nobody has: {rows:?}, {place}");
        assert_eq!(told(rows, by_banner), told(counted.clone(), by_banner), "{place}");
    }
    let mut visits: BTreeMap<String, i64> = BTreeMap::new();
    for row in counted.iter().filter(|row| row.step > 0) {
        *visits.entry(row.banner_id.clone()).or_default() += row.visits;
    }
    for row in figures::by_banner(conn, Some(&id), of.as_ref(), period).await.unwrap() {
        assert_eq!(row.visits, visits.remove(row.banner_id.as_str()).unwrap_or(0), "{place}, {row:?}");
    }
    assert_eq!(visits, BTreeMap::new(), "{place}: banners that were not told");
}

/// A period between two instants, most of which fall into the middle of a day, some on its very edge.
fn period(rng: &mut StdRng, until: Timestamp) -> Period {
    let first = TEN.millis() - 3 * DAY;
    let mut at = || {
        let at = rng.random_range(first..=until.millis() + 1);
        match rng.random_range(0..4) {
            0 => at - at.rem_euclid(DAY),
            1 => at - at.rem_euclid(DAY) + [-1, 1][usize::try_from(at % 2).unwrap()],
            _ => at,
        }
    };
    let (one, other) = (at(), at());
    let (from, to) = match rng.random_range(0..6) {
        0 => (0, i64::MAX),
        1 => (0, one),
        2 => (one, i64::MAX),
        _ => (one.min(other), one.max(other)),
    };
    Period { from: Timestamp(from), to: Timestamp(to), tests: rng.random_bool(0.5) }
}

async fn every_question_is_a_recount(db: &Db, rng: &mut StdRng, until: Timestamp) {
    let mut reader = db.read().await.unwrap();
    for campaign in CAMPAIGNS {
        for _ in 0..2 {
            let banner = rng.random_bool(0.3).then(|| BANNERS[rng.random_range(0..BANNERS.len())]);
            let period = period(rng, until);
            is_a_recount(reader.conn(), campaign, banner, period).await;
        }
    }
}

/// What happens, by chance, at a desk.
struct Happening {
    office: Office,
    rng: StdRng,
    rep: RepId,
    visits: Vec<VisitId>,
    live: Vec<SessionId>,
    talked: Vec<SessionId>,
}

impl Happening {
    async fn begin(backend: Backend, seed: u64) -> Self {
        let office = Office::open(backend).await;
        office.desk.enter().await.unwrap();
        let rep = office.rep("rita").await;
        let mut raw = office.raw().await;
        raw.execute("UPDATE queues SET wrap_up_seconds = 60").await;
        raw.execute("UPDATE reps SET capacity = 3").await;
        let mut happening = Self {
            office,
            rng: StdRng::seed_from_u64(seed),
            rep,
            visits: Vec::new(),
            live: Vec::new(),
            talked: Vec::new(),
        };
        for _ in 0..30 {
            happening.somebody_lands().await;
        }
        raw.execute("UPDATE campaigns SET outcomes = '[\"Sold\", \"sold\", \"Later\"]', qualified_ms = 20000").await;
        happening
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.random_range(0..all.len())]
    }

    async fn somebody_lands(&mut self) {
        let now = self.office.desk.now();
        let (campaign, banner) = (self.one_of(&CAMPAIGNS), self.one_of(&BANNERS));
        let class = self.one_of(&["page", "page", "page", "page", "test", "bot", "prefetch", "head"]);
        let broken = self.rng.random_bool(0.05).then(|| Broken {
            campaign: None,
            banner: Some("x".to_owned()),
            reason: "missing".to_owned(),
        });
        let (campaign, banner) = (campaign.parse().unwrap(), banner.parse().unwrap());
        let landed = Visit { id: VisitId::new(now), campaign, banner, class, landed_at: now, broken, ..visit() };
        self.office.desk.land(&landed).await.unwrap();
        self.visits.push(landed.id);
    }

    async fn a_page_says_something(&mut self) {
        let visit = self.one_of(&self.visits.clone());
        if self.rng.random_bool(0.3) {
            self.office.desk.confirm_visit(visit, self.office.desk.now()).await.unwrap();
        } else {
            let step = self.one_of(PageStep::ALL);
            self.office.desk.note_step(visit, step).await.unwrap();
        }
    }

    async fn somebody_asks(&mut self) {
        let visit = self.one_of(&self.visits.clone());
        let wish = Wish { visit: Some(visit), test: self.rng.random_bool(0.15), ..Wish::default() };
        let session = self.office.desk.request(wish, None).await.unwrap().id;
        if self.rng.random_bool(0.85) {
            self.office.desk.join(session, None).await.unwrap();
        }
        self.live.push(session);
    }

    async fn the_next_one_is_served(&mut self) {
        let Ok(Some(session)) = self.office.desk.claim(self.rep, true).await else { return };
        if self.rng.random_bool(0.8) {
            for who in [customer(session.id), representative(self.rep)] {
                self.office.desk.joined(&who, session.id, None).await.unwrap();
            }
            self.talked.push(session.id);
        }
    }

    async fn one_is_over(&mut self) {
        if self.live.is_empty() {
            return;
        }
        let place = self.rng.random_range(0..self.live.len());
        let session = self.live.swap_remove(place);
        self.office.desk.end(&customer(session), session, None, false).await.unwrap();
    }

    /// Of a conversation that goes on, is being wrapped up, or was over long ago.
    async fn somebody_says_what_came_of_one(&mut self) {
        if self.talked.is_empty() {
            return;
        }
        let session = self.one_of(&self.talked.clone());
        let disposition = self.one_of(&[Some("Sold"), Some("sold"), Some("Later"), Some(""), None]);
        let notes = self.rng.random_bool(0.3).then(|| "again".to_owned());
        let said = Said { disposition: disposition.map(str::to_owned), notes };
        let author = Author { user: self.rep, administers: true };
        self.office.desk.wrap_up(author, session, &said, self.rng.random_bool(0.5)).await.unwrap();
    }

    async fn something_happens(&mut self) {
        match self.rng.random_range(0..100) {
            0..22 => self.somebody_lands().await,
            22..40 => self.a_page_says_something().await,
            40..54 => self.somebody_asks().await,
            54..64 => self.the_next_one_is_served().await,
            64..78 => self.one_is_over().await,
            78..86 => self.somebody_says_what_came_of_one().await,
            86..92 => {
                let passes = self.one_of(&[3_000, 30_000, 600_000, 2 * HOUR]);
                self.office.clock.advance(passes);
            }
            92..95 => {
                roll(&self.office.desk.db, Uuid::from_u128(1), self.office.desk.now(), 20).await.unwrap();
            }
            _ => {
                let most = self.rng.random_range(1..40);
                roll_visits(&self.office.desk.db, Uuid::from_u128(1), self.office.desk.now(), most).await.unwrap();
            }
        }
    }
}

/// Rolls every visit that is settled; how many were.
async fn roll_all_visits(db: &Db, now: Timestamp) -> usize {
    let mut rolled = 0;
    loop {
        let turn = roll_visits(db, Uuid::from_u128(1), now, 1_000).await.expect("visits are rolled");
        rolled += turn.rolled;
        if !turn.more {
            return rolled;
        }
    }
}

const ROLLED: &str = "SELECT COUNT(*) FROM visits WHERE rolled = 1";

async fn whatever_happens_to_visits_is_told_as_a_recount_tells_it(backend: Backend) {
    for seed in 0..2 * scale() as u64 {
        let mut happening = Happening::begin(backend, seed).await;
        let mut raw = happening.office.raw().await;
        let (mut taken_out, mut before) = (0, 0);
        for step in 0..400 {
            happening.something_happens().await;
            let rolled = raw.number(ROLLED).await;
            taken_out += (before - rolled).max(0);
            before = rolled;
            if step % 5 == 0 {
                let now = happening.office.desk.now();
                every_question_is_a_recount(&happening.office.desk.db, &mut happening.rng, now).await;
            }
        }
        assert!(before > 20 && taken_out > 15, "history {seed}: {before} rolled at the end, {taken_out} taken out");
        // When all is over, all is rolled.
        while !happening.live.is_empty() {
            happening.one_is_over().await;
        }
        happening.office.clock.advance(2 * HOUR);
        raw.execute("UPDATE reps SET wrap_up_session = NULL, activity = 'available'").await;
        let (db, now) = (&happening.office.desk.db, happening.office.desk.now());
        roll_all(db).await;
        roll_all_visits(db, now).await;
        assert_eq!(raw.number("SELECT COUNT(*) FROM visits WHERE rolled <> 1").await, 0);
        assert_eq!(different(db).await, [], "history {seed}");
        for _ in 0..20 {
            every_question_is_a_recount(db, &mut happening.rng, now).await;
        }
    }
}

/// Landings of the day before, all of which can be rolled.
async fn an_office_with_visits(backend: Backend, count: i64) -> (Office, Vec<VisitId>) {
    let office = Office::open(backend).await;
    let mut visits = Vec::new();
    for number in 0..count {
        let landed_at = TEN.plus_millis(-DAY + number);
        let landed = Visit { id: VisitId::new(landed_at), landed_at, ..visit() };
        office.desk.land(&landed).await.unwrap();
        visits.push(landed.id);
    }
    (office, visits)
}

const ALL_TIME: Period = Period { from: Timestamp(0), to: Timestamp(i64::MAX), tests: false };

/// What a busy machine has no connection for in time is tried again: nothing has happened.
macro_rules! patiently {
    ($asked:expr) => {
        loop {
            match $asked.await.map_err(DeskError::from) {
                Ok(told) => break told,
                Err(DeskError::Store(StoreError::Unavailable(_)) | DeskError::Away) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
}

/// While they are rolled, people ask for a conversation and pages say how far they came. In every moment the answer is that of a recount.
async fn requests_meet_the_roller(backend: Backend) {
    let (office, visits) = an_office_with_visits(backend, 120).await;
    office.desk.enter().await.unwrap();
    let mut people = JoinSet::new();
    for (number, some) in visits.chunks(40).enumerate() {
        let (desk, some) = (Arc::clone(&office.desk), some.to_vec());
        people.spawn(async move {
            let mut rng = StdRng::seed_from_u64(number as u64);
            for _ in 0..2 {
                for visit in &some {
                    let wish = Wish { visit: Some(*visit), ..Wish::default() };
                    let step = PageStep::ALL[rng.random_range(1..4)];
                    let session = patiently!(desk.request(wish.clone(), None)).id;
                    patiently!(desk.join(session, None));
                    patiently!(desk.note_step(*visit, step));
                    patiently!(desk.leave(session));
                }
            }
        });
    }
    let (db, mut looks, mut rolled) = (office.desk.db.clone(), 0, 0);
    let mut raw = office.raw().await;
    while !people.is_empty() {
        while people.try_join_next().is_some_and(|ended| ended.map(|()| true).unwrap()) {}
        patiently!(roll(&db, Uuid::from_u128(1), TEN, 40));
        rolled += patiently!(roll_visits(&db, Uuid::from_u128(1), TEN, 10)).rolled;
        let mut frozen = office.raw().await;
        frozen.freeze().await;
        is_a_recount(frozen.conn(), "5", None, ALL_TIME).await;
        looks += 1;
    }
    assert!(looks > 5 && rolled > 60, "{looks} looks, {rolled} rolled");
    roll_all(&db).await;
    roll_all_visits(&db, TEN).await;
    assert_eq!(raw.number(ROLLED).await, 120);
    assert_eq!(different(&db).await, []);
    let mut reader = db.read().await.unwrap();
    is_a_recount(reader.conn(), "5", None, ALL_TIME).await;
}

/// The roller has looked which visits it can roll; before it turns them, one asks again, and another was rolled by somebody else.
async fn a_request_between_the_look_and_the_turn_is_not_overlooked(backend: Backend) {
    let (office, visits) = an_office_with_visits(backend, 4).await;
    let db = &office.desk.db;
    let mut reader = db.read().await.unwrap();
    let group = visit_rollups::unrolled(reader.conn(), TEN, 10).await.unwrap().expect("a group");
    assert_eq!(group.visits, visits);
    let wish = Wish { visit: Some(visits[1]), ..Wish::default() };
    let session = office.desk.request(wish, None).await.unwrap().id;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(visit_rollups::roll(&mut tx, &group).await.unwrap(), 3);
    super::commit(db, tx).await.unwrap();
    let mut raw = office.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM visits WHERE rolled = 0").await, 1);
    is_a_recount(reader.conn(), "5", None, ALL_TIME).await;
    // It is in line now, and in no roll-up; when it is over it is rolled.
    office.desk.join(session, None).await.unwrap();
    is_a_recount(reader.conn(), "5", None, ALL_TIME).await;
    assert_eq!(roll_all_visits(db, TEN).await, 0);
    office.desk.leave(session).await.unwrap();
    assert_eq!(roll_all_visits(db, TEN).await, 0, "its request is not rolled");
    roll_all(db).await;
    assert_eq!(roll_all_visits(db, TEN).await, 1);
    let mut tx = db.begin().await.unwrap();
    assert!(matches!(visit_rollups::roll(&mut tx, &group).await, Err(StoreError::Stale)), "twice");
    drop(tx);
    assert_eq!(different(db).await, []);
    is_a_recount(reader.conn(), "5", None, ALL_TIME).await;
}

async fn what_is_said_late_is_told_of_a_visit_that_was_rolled(backend: Backend) {
    let (office, visits) = an_office_with_visits(backend, 3).await;
    let db = &office.desk.db;
    let at = async |office: &Office| {
        let mut reader = office.desk.db.read().await.unwrap();
        let rows = funnel::stopped(reader.conn(), &"5".parse().unwrap(), None, ALL_TIME, false).await.unwrap();
        let told = told(rows, false);
        told.into_iter().map(|((_, step, reason), (visits, _))| (step, reason, visits)).collect::<Vec<_>>()
    };
    let row = |step: i64, reason: &str, visits: i64| (step, reason.to_owned(), visits);
    assert_eq!(roll_all_visits(db, TEN).await, 3);
    assert_eq!(at(&office).await, [row(1, "NeverLoaded", 3)]);
    office.desk.confirm_visit(visits[0], TEN).await.unwrap();
    assert_eq!(at(&office).await, [row(1, "Left", 1), row(1, "NeverLoaded", 2)]);
    office.desk.note_step(visits[1], PageStep::PermissionDenied).await.unwrap();
    assert_eq!(at(&office).await, [row(1, "Left", 1), row(1, "NeverLoaded", 1), row(2, "PermissionDenied", 1)]);
    assert_eq!(roll_all_visits(db, TEN).await, 2);
    office.desk.note_step(visits[1], PageStep::Resumed).await.unwrap();
    assert_eq!(at(&office).await, [row(0, "reload", 1), row(1, "Left", 1), row(1, "NeverLoaded", 1)]);
    assert_eq!(different(db).await, []);
    // A visit that nobody knows changes nothing, and nobody waits for it.
    let unknown = office.desk.note_step(VisitId::new(TEN), PageStep::FormOpened).await;
    assert!(unknown.is_err());
    let mut raw = office.raw().await;
    let turns = "SELECT turn FROM rolling";
    let before = raw.number(turns).await;
    office.desk.note_step(VisitId::new(TEN), PageStep::FormOpened).await.unwrap_err();
    // A landing of today is in no roll-up: no lock but its own.
    let fresh = visit();
    office.desk.land(&fresh).await.unwrap();
    office.desk.note_step(fresh.id, PageStep::FormOpened).await.unwrap();
    let wish = Wish { visit: Some(fresh.id), ..Wish::default() };
    office.desk.request(wish, None).await.unwrap();
    assert_eq!(raw.number(turns).await, before);
}

async fn a_broken_row_of_visits_is_found_and_made_again(backend: Backend) {
    let mut happening = Happening::begin(backend, 7).await;
    for _ in 0..60 {
        happening.something_happens().await;
    }
    happening.office.clock.advance(DAY);
    let (db, now) = (&happening.office.desk.db, happening.office.desk.now());
    roll_all(db).await;
    assert!(roll_all_visits(db, now).await > 20);
    let mut raw = happening.office.raw().await;
    let one = "WHERE campaign_id = '5' AND tests = 0 AND part =";
    // At their first step, and nobody asked.
    let simple = "SELECT LOWER(HEX(id)) FROM visits WHERE rolled = 1 AND class = 'page' AND broken_reason IS NULL \
        AND devices_at IS NULL AND NOT EXISTS (SELECT 1 FROM sessions WHERE visit_id = visits.id)";
    let rolled = raw.texts(simple).await;
    for breaking in [
        format!("UPDATE visit_rollups SET visits = visits + 1 {one} 'visits' AND grain = 0"),
        format!("UPDATE visit_rollups SET visits = visits - 1 {one} 'banner' AND grain = {DAY} AND step = 1"),
        format!("UPDATE visit_rollups SET waited_ms = waited_ms + 1 {one} 'campaign' AND grain = {DAY}"),
        format!("DELETE FROM visit_rollups {one} 'campaign' AND grain = {DAY}"),
        format!("INSERT INTO visit_rollups VALUES ('gone', {DAY}, 1, 'banner', 0, 'b', 1, 'Left', 1, 0)"),
        // What a version that knows no flag does to a visit.
        format!("UPDATE visits SET form_at = 1, devices_at = 1 WHERE id = X'{}'", rolled[0]),
        // Counted, and said not to be.
        format!("UPDATE visits SET rolled = 0 WHERE id = X'{}'", rolled[1]),
        "DELETE FROM visit_rollups".to_owned(),
    ] {
        raw.execute(&breaking).await;
        assert!(!different(db).await.is_empty(), "not found: {breaking}");
        recount::rebuild(db, |_| ()).await.expect("the roll-ups are made again");
        assert_eq!(different(db).await, [], "after {breaking}");
        every_question_is_a_recount(db, &mut happening.rng, now).await;
        roll_all_visits(db, now).await;
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM visit_rollups WHERE campaign_id = 'gone'").await, 0);
    // A request that such a version took of a rolled visit goes on: the visit is rolled no more, until it is over.
    asks_past_the_flag(&mut raw, &rolled[2]).await;
    assert_eq!(different(db).await.len(), 8, "by campaign and banner, with tests and without, there and no more there");
    recount::rebuild(db, |_| ()).await.unwrap();
    let left = format!("SELECT rolled FROM visits WHERE id = X'{}'", rolled[2]);
    assert_eq!(raw.number(&left).await, 0);
    every_question_is_a_recount(db, &mut happening.rng, now).await;
}

/// A request in line, written as by a version that knows no flag.
async fn asks_past_the_flag(raw: &mut Raw, visit: &str) {
    raw.execute(&format!(
        "INSERT INTO sessions (id, queue_entry, visit_id, campaign_id, banner_id, kind, audio_only, created_at, state, epoch, \
         last_event, queued_at) SELECT X'000000000000000000000000000000AA', X'000000000000000000000000000000AA', id, campaign_id, \
         banner_id, 'call', FALSE, landed_at, 'waiting', 1, 2, landed_at FROM visits WHERE id = X'{visit}'"
    ))
    .await;
}
