//! Representatives' figures are what an independent count over the raw rows gives: conversations, wrap-ups, offers, ratings and time.

use std::collections::{BTreeMap, BTreeSet};

use bannerline::clock::Timestamp;
use bannerline::domain::rollup::Dimension;
use bannerline::domain::scope::Scope;
use bannerline::figures::questions::{Asked, Division, Group, MOST_ONE_BY_ONE, answer};
use bannerline::store::figures::Period;
use chrono_tz::Tz;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use super::raw::Raw;
use super::rollups::{an_office_with_a_past, roll_all};
use crate::support::past::{self, BEGINNING, DAY, DAYS, EVERY_CAMPAIGN, Past, Question, REPS};
use crate::support::{Backend, scale};

both! {
    what_representatives_did_is_an_independent_count,
}

/// Who they are, their days, and what rang and was rated, at random.
pub fn random_days(rng: &mut StdRng, sessions: usize) -> Vec<String> {
    let (mut activities, mut offers, mut statements) = (Vec::new(), Vec::new(), Vec::new());
    let mut number = 0x00AA_0000_0000_u64;
    for (place, rep) in REPS.iter().enumerate() {
        let values = format!("(X'{rep}', 'rep{place}', 'rep{place}', 'Rep {place}', '', 'rep', 0)");
        statements.push(format!(
            "INSERT INTO users (id, username, username_folded, display_name, password_hash, role, created_at) VALUES {values}"
        ));
        statements
            .push(format!("INSERT INTO reps (user_id, activity_since) VALUES (X'{rep}', {})", BEGINNING + DAYS * DAY));
        let mut at = BEGINNING + rng.random_range(-DAY..DAY);
        while at < BEGINNING + DAYS * DAY {
            number += 1;
            let activity = ["offline", "available", "break", "missed", "onCall", "wrapUp", "available", "onCall"]
                [rng.random_range(0..8)];
            let session = if activity == "wrapUp" {
                format!("X'{:032X}'", rng.random_range(0..sessions))
            } else {
                "NULL".to_owned()
            };
            let cause = ["chosen", "callOver", "call"][rng.random_range(0..3)];
            activities.push(format!("(X'{number:032X}', X'{rep}', {at}, '{activity}', '{cause}', {session})"));
            at += if rng.random_bool(0.1) { 0 } else { rng.random_range(1..DAY / 30) };
        }
        for _ in 0..400 {
            number += 1;
            let made_at = BEGINNING + rng.random_range(-DAY..DAYS * DAY);
            let state = ["accepted", "rejected", "timedOut", "timedOut", "rescinded", "canceled", "pending"]
                [rng.random_range(0..7)];
            let lasted = rng.random_range(0..120_000);
            let decided = if state == "pending" { "NULL".to_owned() } else { (made_at + lasted).to_string() };
            let (session, deadline) = (rng.random_range(0..sessions), made_at + 120_000);
            offers.push(format!(
                "(X'{number:032X}', X'{session:032X}', X'{rep}', '{state}', {made_at}, {deadline}, {decided})"
            ));
        }
    }
    let insert = |into: &str, values: &[String]| format!("INSERT INTO {into} VALUES {}", values.join(", "));
    let activities = activities.chunks(300);
    statements
        .extend(activities.map(|some| insert("rep_activities (id, user_id, at, activity, cause, session_id)", some)));
    let into = "offers (id, session_id, rep_id, state, made_at, deadline, decided_at)";
    statements.extend(offers.chunks(300).map(|some| insert(into, some)));
    let ratings: Vec<String> = (0..sessions)
        .filter(|number| number % 3 == 0)
        .map(|session| format!("(X'{session:032X}', {}, 0)", rng.random_range(1..=5)))
        .collect();
    statements.push(insert("ratings (session_id, stars, at)", &ratings));
    statements
}

/// As it is read: id, queue entry, first start, end, and who answered.
type RawSession = (String, i64, Option<i64>, Option<i64>, Option<String>);

#[derive(Debug)]
struct Session {
    id: String,
    queued_at: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    answered_by: Option<String>,
}

/// From when to when a representative talked in a session.
#[derive(Debug)]
struct Leg {
    session: String,
    rep: String,
    from: i64,
    to: i64,
}

/// The raw rows.
#[derive(Debug)]
struct House {
    sessions: Vec<Session>,
    legs: Vec<Leg>,
    /// Representative, beginning, activity, cause, session.
    activities: Vec<(String, i64, String, String, Option<String>)>,
    /// Representative, session, state, beginning, end.
    offers: Vec<(String, String, String, i64, Option<i64>)>,
    ratings: BTreeMap<String, i64>,
}

impl House {
    async fn read(raw: &mut Raw) -> Self {
        let sessions: Vec<RawSession> = raw
            .rows(
                "SELECT CAST(LOWER(HEX(id)) AS CHAR), queued_at, started_at, ended_at, CAST(LOWER(HEX(answered_by)) AS CHAR) \
                 FROM sessions WHERE queued_at > 0",
            )
            .await;
        let session = |(id, queued_at, started_at, ended_at, answered_by): (String, i64, _, _, Option<String>)| {
            Session { id, queued_at, started_at, ended_at, answered_by: answered_by.filter(|rep| !rep.is_empty()) }
        };
        let sessions: Vec<Session> = sessions.into_iter().map(session).collect();
        let events: Vec<(String, i64, String, String)> = raw
            .rows("SELECT CAST(LOWER(HEX(session_id)) AS CHAR), at, CAST(name AS CHAR), data FROM events ORDER BY session_id, number")
            .await;
        let mut by_session: BTreeMap<String, Vec<(i64, String, String)>> = BTreeMap::new();
        for (session, at, name, data) in events {
            by_session.entry(session).or_default().push((at, name, data));
        }
        let ended = sessions.iter().filter(|session| session.ended_at.is_some() && session.started_at.is_some());
        let legs = ended.flat_map(|session| conversations(session, by_session.get(&session.id))).collect();
        let activities = raw
            .rows(
                "SELECT CAST(LOWER(HEX(user_id)) AS CHAR), at, CAST(activity AS CHAR), CAST(cause AS CHAR), \
                 CAST(LOWER(HEX(session_id)) AS CHAR) FROM rep_activities ORDER BY user_id, at, id",
            )
            .await;
        let offers = raw
            .rows(
                "SELECT CAST(LOWER(HEX(rep_id)) AS CHAR), CAST(LOWER(HEX(session_id)) AS CHAR), CAST(state AS CHAR), made_at, \
                 decided_at FROM offers",
            )
            .await;
        let ratings: Vec<(String, i64)> =
            raw.rows("SELECT CAST(LOWER(HEX(session_id)) AS CHAR), CAST(stars AS SIGNED) FROM ratings").await;
        Self { sessions, legs, activities, offers, ratings: ratings.into_iter().collect() }
    }

    /// Activities of a representative, each with its end, where it has one.
    fn spells(&self, rep: &str) -> Vec<(i64, i64, &str)> {
        let own: Vec<_> = self.activities.iter().filter(|activity| activity.0 == rep).collect();
        own.windows(2).map(|pair| (pair[0].1, pair[1].1, pair[0].2.as_str())).collect()
    }

    /// How long a wrap-up of this representative lasted: to what they did next, which is not that a call was over.
    fn wrapped_up_ms(&self, rep: &str, sessions: &BTreeSet<&str>) -> i64 {
        let own: Vec<_> = self.activities.iter().filter(|activity| activity.0 == rep).collect();
        let mut sum = 0;
        for (place, (_, at, activity, _, session)) in own.iter().enumerate() {
            if activity == "wrapUp" && session.as_deref().is_some_and(|session| sessions.contains(session)) {
                let next = own[place + 1..].iter().find(|later| later.3 != "callOver").map(|later| later.1);
                // The representative's row says since when they do what they do now.
                let now = BEGINNING + DAYS * DAY;
                sum += next.unwrap_or(now.max(*at)) - at;
            }
        }
        sum
    }

    /// Busy, idle, in conversations, and in each conversation.
    fn time(&self, rep: &str, from: i64, to: i64) -> [i64; 4] {
        let clipped = |one: i64, other: i64| (one.clamp(from, to), other.clamp(from, to));
        let (mut busy, mut idle, mut rang, mut talked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (begun, over, activity) in self.spells(rep) {
            match activity {
                "onCall" | "wrapUp" => busy.push(clipped(begun, over)),
                "available" => idle.push(clipped(begun, over)),
                _ => {}
            }
        }
        let own = self.offers.iter().filter(|offer| offer.0 == rep);
        rang.extend(own.filter_map(|offer| Some(clipped(offer.3, offer.4?))));
        let entered = |session: &&Session| from.saturating_sub(DAY) <= session.queued_at && session.queued_at < to;
        let entered: BTreeSet<&str> = self.sessions.iter().filter(entered).map(|session| session.id.as_str()).collect();
        let own = self.legs.iter().filter(|leg| leg.rep == rep && entered.contains(leg.session.as_str()));
        talked.extend(own.map(|leg| clipped(leg.from, leg.to)));
        let all = [&busy, &idle, &rang, &talked];
        let edges: BTreeSet<i64> =
            all.iter().flat_map(|all| all.iter().flat_map(|(one, other)| [*one, *other])).collect();
        let edges: Vec<i64> = edges.into_iter().collect();
        let mut sums = [0; 4];
        for ends in edges.windows(2) {
            let there = |all: &[(i64, i64)]| all.iter().filter(|(from, to)| *from <= ends[0] && ends[1] <= *to).count();
            let (lasted, legs) = (ends[1] - ends[0], i64::try_from(there(&talked)).unwrap());
            sums[0] += if there(&busy) > 0 { lasted } else { 0 };
            sums[1] += if there(&idle) > 0 && there(&rang) == 0 { lasted } else { 0 };
            sums[2] += if legs > 0 { lasted } else { 0 };
            sums[3] += legs * lasted;
        }
        sums
    }
}

/// The conversations of a session, as its log tells them one event after the other.
fn conversations(session: &Session, log: Option<&Vec<(i64, String, String)>>) -> Vec<Leg> {
    let leg = |rep: &str, from: i64, to: i64| Leg {
        session: session.id.clone(),
        rep: rep.to_owned(),
        from,
        to: to.max(from),
    };
    let (Some(start), Some(end)) = (session.started_at, session.ended_at) else { return Vec::new() };
    let Some(log) = log else {
        return session.answered_by.iter().map(|rep| leg(rep, start, end)).collect();
    };
    let (mut rep, mut joined, mut met, mut legs) = (String::new(), 0, None, Vec::new());
    for (at, name, data) in log {
        if matches!(name.as_str(), "requeue" | "transfer" | "handOver" | "end") {
            legs.extend(met.take().map(|met| leg(&rep, met, *at)));
            joined = 0;
        }
        if matches!(name.as_str(), "offer" | "pick" | "handOver") {
            let data: Value = serde_json::from_str(data).expect("an action");
            rep = data["rep"].as_str().expect("a representative").replace('-', "");
        }
        if name == "joined" {
            joined += 1;
            met = met.or((joined == 2).then_some(*at));
        }
    }
    legs
}

#[expect(clippy::cast_precision_loss, reason = "a test's sums")]
fn of(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

#[track_caller]
fn is_what_was_done(told: &Value, house: &House, rep: &str, asked: &BTreeSet<&str>, period: (i64, i64), context: &str) {
    let of_rep = |session: &&Session| {
        asked.contains(session.id.as_str())
            && session.answered_by.as_deref() == Some(rep)
            && session.started_at.is_some()
    };
    let first: Vec<&Session> = house.sessions.iter().filter(of_rep).collect();
    let over = |session: &&Session| session.started_at.is_some() && session.ended_at.is_some();
    let over: BTreeSet<&str> = house.sessions.iter().filter(over).map(|session| session.id.as_str()).collect();
    let over: BTreeSet<&str> = asked.intersection(&over).copied().collect();
    let legs: Vec<&Leg> =
        house.legs.iter().filter(|leg| leg.rep == rep && over.contains(leg.session.as_str())).collect();
    let count = i64::try_from(legs.len()).unwrap();
    let handled: i64 = legs.iter().map(|leg| leg.to - leg.from).sum();
    let acw = house.wrapped_up_ms(rep, &over);
    let offers = |states: &[&str]| {
        let own = house.offers.iter().filter(|offer| offer.0 == rep && asked.contains(offer.1.as_str()));
        i64::try_from(own.filter(|offer| states.contains(&offer.2.as_str())).count()).unwrap()
    };
    let stars: Vec<i64> = first.iter().filter_map(|session| house.ratings.get(&session.id)).copied().collect();
    let rated = i64::try_from(stars.len()).unwrap();
    let [busy, idle, in_legs, in_each] = house.time(rep, period.0, period.1);
    for (name, numerator, denominator, value) in [
        ("Handled", of(count, 1), None, of(count, 1)),
        ("AverageHandleTime", of(handled + acw, 1_000), Some(count), of(handled + acw, 1_000 * count)),
        ("AfterCallWork", of(acw, 1_000), Some(count), of(acw, 1_000 * count)),
        (
            "OffersMissed",
            of(offers(&["timedOut"]), 1),
            Some(offers(&["accepted", "rejected", "timedOut"])),
            of(100 * offers(&["timedOut"]), offers(&["accepted", "rejected", "timedOut"])),
        ),
        ("Rating", of(stars.iter().sum(), 1), Some(rated), of(stars.iter().sum(), rated)),
        ("Occupancy", of(busy, 1), Some(busy + idle), of(100 * busy, busy + idle)),
        ("MeanConcurrency", of(in_each, 1), Some(in_legs), of(in_each, in_legs)),
    ] {
        let figure = &told[name];
        let context = format!("{name} of {rep}, {context}: {figure}");
        assert_eq!(figure["Denominator"].as_i64(), denominator, "{context}");
        for (told, counted) in [(&figure["Numerator"], numerator), (&figure["Value"], value)] {
            let is_it = match (told.as_f64(), counted) {
                (Some(told), Some(counted)) => (told - counted).abs() < 1e-6,
                (told, counted) => told == counted,
            };
            assert!(is_it, "counted {counted:?}: {context}");
        }
    }
    let taken_back = told["OffersMissed"]["LeftOut"]["TakenBack"].as_i64().unwrap_or(0);
    assert_eq!(taken_back, offers(&["rescinded", "canceled"]), "{context}");
    assert!(told["Occupancy"]["Value"].as_f64().is_none_or(|percent| percent <= 100.0), "{context}");
}

fn asked_of(question: &Question, filters: Vec<(Dimension, String)>, most: i64) -> Asked {
    Asked {
        scope: Scope::Everything,
        campaign: (question.campaign != EVERY_CAMPAIGN).then(|| question.campaign.parse().unwrap()),
        banner: question.banner.map(|id| id.parse().unwrap()),
        period: Period { from: Timestamp(question.from), to: Timestamp(question.to), tests: question.tests },
        zone: Tz::UTC,
        division: Division::Groups(Group::Rep),
        filters,
        within_ms: None,
        most_one_by_one: most,
    }
}

async fn what_representatives_did_is_an_independent_count(backend: Backend) {
    let sessions = past::random(0, 1_200 * scale());
    let office = an_office_with_a_past(backend, &sessions).await;
    let (db, mut raw, mut rng) = (&office.desk.db, office.raw().await, StdRng::seed_from_u64(7));
    for statement in random_days(&mut rng, sessions.len()) {
        raw.execute(&statement).await;
    }
    let house = House::read(&mut raw).await;
    assert!(house.legs.len() > 500 && house.activities.len() > 300 && house.offers.len() > 1_000);
    let mut compared = 0;
    for number in 0..30 * scale() {
        if number == 15 {
            roll_all(db).await;
        }
        let mut question = past::question(&mut rng);
        if number % 3 == 0 {
            question.campaign = EVERY_CAMPAIGN;
        }
        let filters =
            if number % 4 == 0 { vec![(Dimension::Device, past::DEVICES[number % 2].to_owned())] } else { Vec::new() };
        let told = answer(db, &asked_of(&question, filters.clone(), MOST_ONE_BY_ONE)).await.unwrap();
        let told = serde_json::to_value(told).unwrap();
        let has = |session: &&Past| {
            session.is_asked_for(&question)
                && filters.iter().all(|(dimension, value)| session.value(dimension.as_str()) == *value)
        };
        let ids: Vec<String> = sessions.iter().filter(has).map(Past::id).collect();
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        for group in told["Groups"].as_array().expect("groups") {
            let rep = group["Value"].as_str().expect("an id");
            if rep.is_empty() {
                assert!(group["Rep"].is_null(), "nobody did nothing");
                continue;
            }
            let context = format!("{question:?}, {filters:?}");
            is_what_was_done(&group["Rep"], &house, rep, &ids, (question.from, question.to), &context);
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
    // Of more than is read, nothing is said instead.
    let question = Question { campaign: "5", banner: None, from: 0, to: i64::MAX, tests: false };
    let told = serde_json::to_value(answer(db, &asked_of(&question, Vec::new(), 10)).await.unwrap()).unwrap();
    let rep = &told["Groups"][1]["Rep"];
    for name in ["Handled", "Occupancy"] {
        assert_eq!(
            (&rep[name]["Value"], rep[name]["LeftOut"]["NotKeptForThisQuestion"].as_i64()),
            (&Value::Null, Some(1))
        );
    }
}
