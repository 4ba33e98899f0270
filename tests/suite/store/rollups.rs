//! Figures that are added up from roll-ups are those of a plain count: for any period, whatever of it is rolled, and
//! whoever rolls.

use std::sync::Arc;

use bannerline::domain::figures::Tally;
use bannerline::figures::recount::{self, Difference};
use bannerline::figures::roller::{Ahead, GROUP, roll};
use bannerline::store::figures::{self, Period};
use bannerline::store::{Db, recount as rows, rollups};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Office, TEN, representative};
use crate::support::past::{self, CAMPAIGNS, Past, Plain, Question};
use crate::support::{Backend, scale};
use bannerline::clock::Timestamp;

both! {
    every_period_is_what_a_plain_count_gives,
    a_broken_roll_up_is_found_and_made_again,
    two_who_roll_at_once_roll_each_session_once,
    who_reads_ahead_passes_nobody_by,
    whoever_has_lost_the_lease_changes_nothing,
    a_call_is_rolled_when_it_was_wrapped_up,
    a_wrap_up_counts_until_it_is_done_or_the_next_call_begins,
    one_that_cannot_be_read_stops_nobody,
    what_service_levels_are_made_of_is_a_recount,
}

const fn plain(tally: Tally) -> Plain {
    [tally.total, tally.answered, tally.not_answered, tally.queue_ms, tally.talked, tally.talk_ms]
}

const fn period(question: &Question) -> Period {
    Period { from: Timestamp(question.from), to: Timestamp(question.to), tests: question.tests }
}

pub(super) async fn has_happened(office: &Office, sessions: &[Past]) {
    let mut raw = office.raw().await;
    for statement in past::statements(sessions) {
        raw.execute(&statement).await;
    }
}

pub(super) async fn an_office_with_a_past(backend: Backend, sessions: &[Past]) -> Office {
    let office = Office::open(backend).await;
    let mut raw = office.raw().await;
    for statement in past::sources() {
        raw.execute(&statement).await;
    }
    has_happened(&office, sessions).await;
    office
}

/// Rolls until there is nothing left to roll; how many were.
pub(super) async fn roll_all(db: &Db) -> usize {
    let (mut ahead, mut rolled) = (Ahead::default(), 0);
    loop {
        let turn = ahead.roll(db, Uuid::from_u128(1), TEN, 1_000).await.expect("sessions are rolled");
        rolled += turn.rolled;
        if !turn.more {
            return rolled;
        }
    }
}

/// Asks for a campaign or banner, and for the dashboard's rows, and compares both with the plain count.
async fn is_a_recount(db: &Db, sessions: &[Past], question: &Question) {
    let (campaign, banner) = (question.campaign.parse().unwrap(), question.banner.map(|id| id.parse().unwrap()));
    let mut reader = db.read().await.unwrap();
    let told = figures::tally(reader.conn(), &campaign, banner.as_ref(), period(question)).await.unwrap();
    assert_eq!(plain(told), past::recount(sessions, question), "{question:?}");
}

async fn the_dashboard_is_a_recount(db: &Db, sessions: &[Past], question: &Question, whole: bool) {
    let campaign = (!whole).then(|| question.campaign.parse().unwrap());
    let mut reader = db.read().await.unwrap();
    let rows = figures::by_banner(reader.conn(), campaign.as_ref(), None, period(question)).await.unwrap();
    assert_eq!(rows.len(), past::BANNERS.len() * if whole { CAMPAIGNS.len() } else { 1 });
    for row in rows {
        let of_banner = sessions
            .iter()
            .find(|session| session.campaign == row.campaign_id.as_str() && session.banner == row.banner_id.as_str());
        let of_banner = of_banner.expect("a session of each banner");
        let of_row = Question { campaign: of_banner.campaign, banner: Some(of_banner.banner), ..*question };
        assert_eq!(plain(row.tally), past::recount(sessions, &of_row), "{of_row:?}");
    }
}

async fn every_period_is_what_a_plain_count_gives(backend: Backend) {
    let mut sessions = past::random(0, 3_000 * scale());
    let office = an_office_with_a_past(backend, &sessions).await;
    let (db, mut rng) = (&office.desk.db, StdRng::seed_from_u64(1));
    let everything = Question { campaign: CAMPAIGNS[0], banner: None, from: 0, to: i64::MAX, tests: false };
    // Nothing is rolled; then all that has ended is; then more has happened; then all of it is rolled.
    for part in 0..4 {
        match part {
            1 | 3 => {
                let rolled = roll_all(db).await;
                assert!(rolled > 500, "too little was rolled: {rolled}");
                assert_eq!(roll_all(db).await, 0, "nothing is rolled twice");
                assert_eq!(different(db).await, [], "part {part}");
            }
            2 => {
                let more = past::random(sessions.len(), 1_000);
                has_happened(&office, &more).await;
                sessions.extend(more);
            }
            _ => {}
        }
        is_a_recount(db, &sessions, &everything).await;
        for number in 0..60 * scale() {
            let question = past::question(&mut rng);
            is_a_recount(db, &sessions, &question).await;
            if number % 4 == 0 {
                the_dashboard_is_a_recount(db, &sessions, &question, number % 8 == 0).await;
            }
        }
    }
    // Most of what was asked for came from roll-ups indeed.
    let mut raw = office.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM sessions WHERE ended_at IS NOT NULL AND rolled = 0").await, 0);
    assert!(raw.number("SELECT COUNT(*) FROM sessions WHERE queued_at > 0 AND rolled = 1").await > 3_000);
}

pub(super) async fn different(db: &Db) -> Vec<Difference> {
    let mut found = Vec::new();
    recount::verify(db, |difference| found.push(difference), |_| ()).await.expect("the roll-ups are compared");
    found
}

async fn a_broken_roll_up_is_found_and_made_again(backend: Backend) {
    let sessions = past::random(0, 600);
    let office = an_office_with_a_past(backend, &sessions).await;
    let db = &office.desk.db;
    roll_all(db).await;
    let mut raw = office.raw().await;
    let one_of = |grain: i64, dimension: &str| {
        format!(
            "WHERE campaign_id = '5' AND banner_id = '3' AND kind = 'call' AND grain = {grain} AND dimension = '{dimension}'"
        )
    };
    let (all, day, quarter) = (one_of(0, ""), one_of(past::DAY, ""), one_of(past::QUARTER, ""));
    let device = one_of(past::DAY, "device");
    let of_histograms = "WHERE campaign_id = '5' AND kind = 'call' AND measure = 'talk' AND grain =";
    let extra = "INSERT INTO rollups VALUES ('gone', 86400000, '', '', 0, 'b', 'call', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
        0, 0, 0, 0, 0, 0, 0)";
    let an_ended_one =
        "SELECT MIN(ticket) FROM sessions WHERE ended_at IS NOT NULL AND campaign_id = '5' AND ticket > 0";
    let ticket = raw.number(an_ended_one).await;
    for breaking in [
        format!("UPDATE rollups SET talk_ms = talk_ms + 1 {all}"),
        format!("UPDATE rollups SET answered = answered - 1 {day}"),
        format!("DELETE FROM rollups {quarter}"),
        format!("UPDATE rollups SET longest_wait_ms = longest_wait_ms + 1 {all}"),
        format!("UPDATE rollups SET acw_ms = acw_ms + 1 {day}"),
        "DELETE FROM rollup_histograms WHERE banner_id = '' AND grain = 900000".to_owned(),
        format!("UPDATE rollups SET gone_early = gone_early + 1 {device}"),
        format!("UPDATE rollup_histograms SET buckets = X'0501' {of_histograms} 0"),
        format!("DELETE FROM rollup_histograms {of_histograms} {}", past::DAY),
        extra.to_owned(),
        // Counted, and said not to be.
        format!("UPDATE sessions SET rolled = 0 WHERE ticket = {ticket}"),
        "DELETE FROM rollups".to_owned(),
    ] {
        raw.execute(&breaking).await;
        assert!(!different(db).await.is_empty(), "not found: {breaking}");
        recount::rebuild(db, |_| ()).await.expect("the roll-ups are made again");
        assert_eq!(different(db).await, [], "after {breaking}");
        for campaign in CAMPAIGNS {
            let question = Question { campaign, banner: None, from: 0, to: i64::MAX, tests: false };
            is_a_recount(db, &sessions, &question).await;
        }
    }
    assert_eq!(
        raw.number("SELECT COUNT(*) FROM rollups WHERE campaign_id = 'gone'").await,
        0,
        "a row without sessions"
    );
    let mut reader = db.read().await.unwrap();
    let rolled = rows::count(reader.conn()).await.unwrap();
    let mut counted = 0;
    recount::rebuild(db, |looked| counted += looked.sessions).await.unwrap();
    let joined = raw.number("SELECT COUNT(*) FROM sessions WHERE rolled = 1 AND queued_at > 0").await;
    assert_eq!(i64::try_from(counted).unwrap(), joined, "the progress is of these");
    assert!(rolled >= joined);
}

/// Each has a lease of the other's to take over, all the time: what is left to keep them apart is the fence.
async fn two_who_roll_at_once_roll_each_session_once(backend: Backend) {
    let sessions = past::random(0, 4_000);
    let office = an_office_with_a_past(backend, &sessions).await;
    let db = Arc::new(office.desk.db.clone());
    let mut rolling = JoinSet::new();
    for holder in 1..=3_u128 {
        let db = Arc::clone(&db);
        rolling.spawn(async move {
            let (mut ahead, mut rolled) = (Ahead::default(), 0);
            for minute in 0.. {
                // To each of them the lease of the others has always run out.
                let now = TEN.plus_millis(60_000 * (3 * minute + i64::try_from(holder).unwrap()));
                let id = Uuid::from_u128(holder);
                let turn =
                    if holder == 1 { roll(&db, id, now, 400).await } else { ahead.roll(&db, id, now, 400).await };
                rolled += turn.expect("it rolls").rolled;
                let mut reader = db.read().await.unwrap();
                let left = rollups::unrolled(reader.conn(), None, 1).await.unwrap();
                if left.is_empty() {
                    break;
                }
            }
            rolled
        });
    }
    let rolled: usize = rolling.join_all().await.into_iter().sum();
    let mut raw = office.raw().await;
    let flagged = raw.number("SELECT COUNT(*) FROM sessions WHERE rolled = 1").await;
    assert_eq!(i64::try_from(rolled).unwrap(), flagged, "each once");
    assert!(rolled > 3_500, "{rolled}");
    assert_eq!(different(&db).await, []);
    for campaign in CAMPAIGNS {
        let question = Question { campaign, banner: None, from: 0, to: i64::MAX, tests: true };
        is_a_recount(&db, &sessions, &question).await;
    }
}

/// In groups so small that they begin and end among sessions that ended at the same instant, and in the midst of campaigns; more
/// sessions end before and behind the place that it has come to, and somebody else rolls what it has read.
async fn who_reads_ahead_passes_nobody_by(backend: Backend) {
    let office = an_office_with_a_past(backend, &past::random(0, 500)).await;
    let (db, mut raw) = (&office.desk.db, office.raw().await);
    let together = "UPDATE sessions SET ended_at = ended_at + 3600000 - ended_at % 3600000 WHERE rolled = 0";
    raw.execute(together).await;
    let left = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NOT NULL AND rolled = 0";
    let (mut ahead, mut rolled) = (Ahead::default(), 0);
    let mut groups_of = async |count: usize| {
        for _ in 0..count {
            rolled += ahead.roll(db, Uuid::from_u128(1), TEN, 7).await.unwrap().rolled;
        }
        rolled
    };
    assert_eq!(groups_of(20).await, 140, "full groups");
    has_happened(&office, &past::random(500, 100)).await;
    assert_eq!(groups_of(20).await, 280);
    let (rolled_by_another, before) = (roll_all(db).await, raw.number(left).await);
    assert!(rolled_by_another > 100 && before == 0, "{rolled_by_another}");
    assert_eq!(groups_of(1).await, 280, "what it had read is not rolled again");
    has_happened(&office, &past::random(600, 300)).await;
    raw.execute(together).await;
    let open = usize::try_from(raw.number(left).await).unwrap();
    assert_eq!(groups_of(open / 7 + 1).await, 280 + open, "each of them, in so few groups");
    assert_eq!(raw.number(left).await, 0);
    assert_eq!(different(db).await, []);
}

async fn whoever_has_lost_the_lease_changes_nothing(backend: Backend) {
    let sessions = past::random(0, 300);
    let office = an_office_with_a_past(backend, &sessions).await;
    let (db, one, other) = (&office.desk.db, Uuid::from_u128(1), Uuid::from_u128(2));
    let more = past::random(sessions.len(), 50);
    assert!(roll(db, one, TEN, GROUP).await.unwrap().rolled > 0);
    has_happened(&office, &more).await;
    let before = TEN.plus_millis(9_999);
    assert_eq!(roll(db, other, before, GROUP).await.unwrap().rolled, 0, "the lease is the other's");
    assert!(roll(db, other, TEN.plus_millis(10_000), GROUP).await.unwrap().rolled > 0, "it has run out");
    has_happened(&office, &past::random(sessions.len() + more.len(), 50)).await;
    assert_eq!(roll(db, one, TEN.plus_millis(10_001), GROUP).await.unwrap().rolled, 0, "it is lost");
    // Who looked before it was lost is kept out by the fence.
    for (holder, after, holds) in [(one, 10_001, false), (other, 10_002, true), (one, 20_000, true)] {
        let mut tx = db.begin().await.unwrap();
        let now = TEN.plus_millis(after);
        assert_eq!(
            rollups::hold(&mut tx, holder, now, now.plus_millis(1_000)).await.unwrap(),
            holds,
            "{holder} {after}"
        );
    }
    assert_eq!(different(db).await, []);
}

async fn a_call_is_rolled_when_it_was_wrapped_up(backend: Backend) {
    let office = Office::open(backend).await;
    let mut raw = office.raw().await;
    raw.execute("UPDATE queues SET wrap_up_seconds = 60").await;
    office.desk.enter().await.unwrap();
    let rep = office.rep("rita").await;
    let session = office.waiting().await;
    office.desk.claim(rep, false).await.unwrap().expect("a customer");
    for who in [super::customer(session), representative(rep)] {
        office.desk.joined(&who, session, None).await.unwrap();
    }
    office.clock.advance(90_000);
    office.desk.end(&representative(rep), session, None, false).await.unwrap();
    assert_eq!(raw.number("SELECT COUNT(*) FROM reps WHERE wrap_up_session IS NOT NULL").await, 1, "it is wrapped up");
    assert_eq!(roll_all(&office.desk.db).await, 0, "not yet");
    raw.execute("UPDATE reps SET wrap_up_session = NULL, activity = 'available'").await;
    assert_eq!(roll_all(&office.desk.db).await, 1);
    assert_eq!(raw.number("SELECT talk_ms FROM rollups WHERE grain = 0 AND dimension = ''").await, 90_000);
    assert_eq!(raw.number("SELECT handled_ms FROM rollups WHERE grain = 0 AND dimension = ''").await, 90_000);
}

async fn a_wrap_up_counts_until_it_is_done_or_the_next_call_begins(backend: Backend) {
    let office = Office::open(backend).await;
    let mut raw = office.raw().await;
    raw.execute("UPDATE queues SET wrap_up_seconds = 60").await;
    office.desk.enter().await.unwrap();
    let rep = office.rep("rita").await;
    // One is ended by the next call, which is in no log before it is over; the other runs out.
    for wrapped_up in [25_000, 60_000] {
        let session = office.waiting().await;
        office.desk.claim(rep, false).await.unwrap().expect("a customer");
        for who in [super::customer(session), representative(rep)] {
            office.desk.joined(&who, session, None).await.unwrap();
        }
        office.clock.advance(90_000);
        office.desk.end(&representative(rep), session, None, false).await.unwrap();
        office.clock.advance(wrapped_up);
    }
    let acw = "SELECT acw_ms FROM rollups WHERE grain = 0 AND dimension = ''";
    assert_eq!(roll_all(&office.desk.db).await, 1, "the second is wrapped up still");
    assert_eq!(raw.number(acw).await, 25_000);
    office.waiting().await;
    office.desk.claim(rep, false).await.unwrap().expect("a customer");
    assert_eq!(roll_all(&office.desk.db).await, 1);
    assert_eq!(raw.number(acw).await, 85_000);
    assert_eq!(different(&office.desk.db).await, []);
}

async fn one_that_cannot_be_read_stops_nobody(backend: Backend) {
    let sessions = past::random(0, 60);
    let office = an_office_with_a_past(backend, &sessions).await;
    let mut raw = office.raw().await;
    let bad = raw.number("SELECT MIN(ticket) FROM sessions WHERE ended_at IS NOT NULL AND ticket > 0").await;
    raw.execute(&format!("UPDATE sessions SET kind = '?' WHERE ticket = {bad}")).await;
    assert!(roll_all(&office.desk.db).await > 0);
    let left = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NOT NULL AND rolled = 0";
    assert_eq!(raw.number(left).await, 1, "the bad one alone");
}

async fn what_service_levels_are_made_of_is_a_recount(backend: Backend) {
    let sessions = past::random(0, 1_000);
    let office = an_office_with_a_past(backend, &sessions).await;
    roll_all(&office.desk.db).await;
    let mut raw = office.raw().await;
    let wait = "COALESCE(started_at, ended_at) - queued_at";
    for (column, condition) in [
        ("in_time", format!("started_at IS NOT NULL AND {wait} <= answer_within_ms")),
        ("gone", "outcome IN ('abandoned', 'cancelled')".to_owned()),
        ("gone_early", format!("outcome IN ('abandoned', 'cancelled') AND {wait} < gone_early_ms")),
        ("missed", "outcome = 'missed'".to_owned()),
        ("failed", "outcome = 'failed'".to_owned()),
    ] {
        let counted = raw
            .number(&format!(
                "SELECT COUNT(*) FROM sessions WHERE queued_at > 0 AND ended_at IS NOT NULL AND {condition}"
            ))
            .await;
        for (grain, dimension) in
            [(0, ""), (0, "device"), (0, "rep"), (past::DAY, ""), (past::DAY, "queue"), (past::QUARTER, "")]
        {
            let text = format!(
                "SELECT CAST(SUM({column}) AS SIGNED) FROM rollups WHERE grain = {grain} AND dimension = '{dimension}'"
            );
            assert_eq!(raw.number(&text).await, counted, "{column} by {grain} {dimension}");
        }
        assert!(counted > 0, "too little {column}");
    }
}
