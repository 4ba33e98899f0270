//! Every figure, of any period, interval, group and filter, is what an independent count gives, whatever is rolled.

use bannerline::clock::Timestamp;
use bannerline::domain::intervals::{Interval, cuts};
use bannerline::domain::rollup::Dimension;
use bannerline::domain::scope::Scope;
use bannerline::figures::hours::hours;
use bannerline::figures::questions::{Asked, Division, Group, MOST_ONE_BY_ONE, answer};
use bannerline::store::Db;
use bannerline::store::figures::Period;
use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use super::rollups::{an_office_with_a_past, has_happened, roll_all};
use crate::support::past::{self, EVERY_CAMPAIGN, Everything, Past, Question};
use crate::support::{Backend, scale};

both! {
    every_figure_is_what_an_independent_count_gives,
}

const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];

/// How often figures were told and not told, so that neither is all there is.
#[derive(Debug, Default)]
struct Seen {
    told: usize,
    percentiles: usize,
    untold: usize,
    not_rolled: usize,
}

#[expect(clippy::cast_precision_loss, reason = "a test's sums")]
fn of(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

/// The smallest of them that so many hundredths do not exceed, in seconds.
fn percentile(all: &[i64], hundredths: usize) -> Option<f64> {
    let rank = (all.len() * hundredths).div_ceil(100).max(1);
    all.get(rank - 1).and_then(|millis| of(*millis, 1_000))
}

/// What a figure is, and whether it may be off by 2 %.
fn expected(name: &str, sum: &Everything) -> (Option<f64>, bool) {
    let talked = sum.answered - sum.talking;
    let serviced = sum.answered + sum.gone - sum.gone_early + sum.missed + sum.failed;
    let decided = sum.answered + sum.not_answered;
    let exact = match name {
        "ServiceLevel" => of(100 * sum.in_time, serviced),
        "ShortAbandons" => of(sum.gone_early, 1),
        "AbandonmentRate" => of(100 * (sum.gone - sum.gone_early), decided - sum.gone_early),
        "AverageSpeedOfAnswer" => of(sum.answered_waits.iter().sum(), 1_000 * sum.answered),
        "AverageHandleTime" => of(sum.handled_ms + sum.acw_ms, 1_000 * talked),
        "AfterCallWork" => of(sum.acw_ms, 1_000 * talked),
        "LongestWait" => sum.waits.last().and_then(|longest| of(*longest, 1_000)),
        "Qualified" => of(100 * sum.qualified, talked),
        "DroppedAfterAnswer" => of(100 * sum.dropped, talked),
        "MeanRequeueTime" => of(sum.requeue_ms, 1_000 * sum.requeued),
        "WaitP50" => return (percentile(&sum.waits, 50), true),
        "WaitP90" => return (percentile(&sum.waits, 90), true),
        "WaitP95" => return (percentile(&sum.waits, 95), true),
        "DurationP50" => return (percentile(&sum.durations, 50), true),
        "DurationP90" => return (percentile(&sum.durations, 90), true),
        "DurationP95" => return (percentile(&sum.durations, 95), true),
        other => panic!("what is {other}?"),
    };
    (exact, false)
}

#[track_caller]
fn is_everything(told: &Value, sessions: &[&Past], seen: &mut Seen, context: &str) {
    let sum = past::everything(sessions.iter().copied());
    for (name, count) in [
        ("TotalOfCalls", sum.answered + sum.not_answered + sum.waiting),
        ("AnsweredCalls", sum.answered),
        ("NotAnsweredCalls", sum.not_answered),
        ("WaitingCalls", sum.waiting),
    ] {
        assert_eq!(told[name].as_i64(), Some(count), "{name}, {context}");
    }
    let means = [
        ("AvgQueueTime", of(sum.waits.iter().sum(), 1_000 * (sum.answered + sum.not_answered))),
        ("AvgCallDuration", of(sum.durations.iter().sum(), 1_000 * (sum.answered - sum.talking))),
    ];
    for (name, mean) in means {
        is_close(told[name].as_f64(), mean, 0.0, &format!("{name}, {context}"));
    }
    let figures = told["Figures"].as_object().expect("figures");
    assert_eq!(figures.len(), 16);
    for (name, figure) in figures {
        let (value, approximate) = expected(name, &sum);
        let context = format!("{name}, {context}: {figure}");
        let left_out = |why: &str| figure["Value"].is_null() && figure["LeftOut"][why].is_u64();
        if left_out("NotRolledYet") {
            assert!(approximate, "{context}");
            seen.not_rolled += 1;
            continue;
        }
        if left_out("NotKeptForThisQuestion") {
            assert!(approximate || name == "LongestWait", "{context}");
            seen.untold += 1;
            continue;
        }
        seen.told += 1;
        seen.percentiles += usize::from(approximate);
        is_close(figure["Value"].as_f64(), value, if approximate { 0.02 } else { 0.0 }, &context);
        assert_eq!(figure["Approximate"].is_number(), approximate, "{context}");
        if name == "ServiceLevel" {
            assert_eq!(figure["LeftOut"]["ShortAbandons"].as_i64().unwrap_or(0), sum.gone_early, "{context}");
        }
    }
}

/// The steps of the plot have each call once, those within 2 % of an end on either side of it; or none are told.
#[track_caller]
fn the_waits_are(waits: &Value, untold: Option<&Map<String, Value>>, sessions: &[&Past], context: &str) {
    let sum = past::everything(sessions.iter().copied());
    let why = ["NotRolledYet", "NotKeptForThisQuestion"];
    let is_untold = untold.is_some_and(|left_out| why.iter().any(|why| left_out.contains_key(*why)));
    if waits.is_null() {
        return assert!(is_untold || sum.waits.is_empty(), "{context}");
    }
    assert!(!is_untold, "{context}");
    let steps = waits["Steps"].as_array().unwrap_or_else(|| panic!("no steps: {waits}, {context}"));
    for (name, all) in [("Answered", &sum.answered_waits), ("NotAnswered", &sum.not_answered_waits)] {
        let mut told = 0;
        for step in steps {
            told += usize::try_from(step[name].as_u64().expect("a number")).unwrap();
            let up_to = |share: i64| {
                let millis = step["UpTo"].as_i64().map_or(i64::MAX, |seconds| seconds * 10 * share);
                all.iter().filter(|wait| **wait <= millis).count()
            };
            assert!((up_to(98)..=up_to(103)).contains(&told), "{told} {name} up to {}: {context}", step["UpTo"]);
        }
    }
    assert_eq!((steps.len(), &waits["Approximate"]), (9, &json!(0.02)), "{context}");
}

#[track_caller]
fn is_close(told: Option<f64>, expected: Option<f64>, share: f64, context: &str) {
    match (told, expected) {
        (Some(told), Some(expected)) => {
            assert!((told - expected).abs() <= share * expected + 1e-6, "{told}, counted {expected}: {context}");
        }
        (told, expected) => assert_eq!(told, expected, "{context}"),
    }
}

/// A question about a period, with a zone, perhaps intervals, groups and filters.
fn random(rng: &mut StdRng) -> (Question, Asked) {
    let mut question = past::question(rng);
    if rng.random_bool(0.3) {
        question.campaign = EVERY_CAMPAIGN;
    }
    let zone: Tz = ZONES[rng.random_range(0..ZONES.len())].parse().unwrap();
    let ends = question.from > 0 && question.to < i64::MAX;
    let division = match rng.random_range(0..4) {
        0 => Division::None,
        1 => Division::Groups(Group::ALL[rng.random_range(0..Group::ALL.len())]),
        _ if ends => {
            let interval = Interval::ALL[rng.random_range(0..4)];
            Division::Intervals(cuts(zone, interval, Timestamp(question.from), Timestamp(question.to)).unwrap())
        }
        _ => Division::Groups(Group::HourOfWeek),
    };
    let mut filters = Vec::new();
    let mut filter = |dimension, values: &[&str], rng: &mut StdRng| {
        if rng.random_bool(0.15) {
            filters.push((dimension, values[rng.random_range(0..values.len())].to_owned()));
        }
    };
    filter(Dimension::Country, &["NZ", "DE", ""], rng);
    filter(Dimension::Device, &past::DEVICES, rng);
    filter(Dimension::Rep, &[past::REPS[0], past::REPS[2], ""], rng);
    filter(Dimension::Queue, &["1", "2"], rng);
    let period = Period { from: Timestamp(question.from), to: Timestamp(question.to), tests: question.tests };
    let asked = Asked {
        scope: Scope::Everything,
        campaign: (question.campaign != EVERY_CAMPAIGN).then(|| question.campaign.parse().unwrap()),
        banner: question.banner.map(|id| id.parse().unwrap()),
        period,
        zone,
        division,
        filters,
        within_ms: None,
        most_one_by_one: if rng.random_bool(0.3) { rng.random_range(0..500) } else { MOST_ONE_BY_ONE },
    };
    (question, asked)
}

fn group_of(asked: &Asked, group: Group, session: &Past) -> String {
    if group != Group::HourOfWeek {
        return session.value(group.as_str());
    }
    let local = DateTime::<Utc>::from_timestamp_millis(session.queued_at()).unwrap().with_timezone(&asked.zone);
    (local.weekday().num_days_from_monday() * 24 + local.hour()).to_string()
}

/// The plot's hours, which are read from less, count the calls that the groups count.
async fn the_hours_are_those_groups(db: &Db, asked: &Asked, groups: &[Value], context: &str) {
    let mut expected = [(0, 0); 168];
    for group in groups {
        let hour: usize = group["Value"].as_str().unwrap().parse().unwrap();
        expected[hour] = (group["TotalOfCalls"].as_i64().unwrap(), group["AnsweredCalls"].as_i64().unwrap());
    }
    let told = hours(db, asked).await.unwrap().0.map(|calls| (calls.total, calls.answered));
    assert_eq!(told, expected, "{context}");
}

async fn is_an_independent_count(db: &Db, sessions: &[Past], question: &Question, asked: &Asked, seen: &mut Seen) {
    let told = serde_json::to_value(answer(db, asked).await.unwrap()).unwrap();
    let has = |session: &&Past| {
        asked.filters.iter().all(|(dimension, value)| session.value(dimension.as_str()) == *value)
            && session.is_asked_for(question)
    };
    let own: Vec<&Past> = sessions.iter().filter(has).collect();
    let context = format!("{question:?}, {:?} {:?}, up to {}", asked.filters, asked.zone, asked.most_one_by_one);
    is_everything(&told, &own, seen, &context);
    the_waits_are(&told["Waits"], told["Figures"]["WaitP50"]["LeftOut"].as_object(), &own, &context);
    match &asked.division {
        Division::None => assert!(told["Intervals"].is_null() && told["Groups"].is_null()),
        Division::Intervals(cuts) => {
            let intervals = told["Intervals"].as_array().expect("intervals");
            assert_eq!(intervals.len(), cuts.len().saturating_sub(1), "{context}");
            for (interval, ends) in intervals.iter().zip(cuts.windows(2)) {
                let inside = |session: &&&Past| (ends[0].0..ends[1].0).contains(&session.queued_at());
                let of_interval: Vec<&Past> = own.iter().filter(inside).copied().collect();
                is_everything(interval, &of_interval, seen, &format!("interval {}, {context}", interval["From"]));
            }
        }
        // Two campaigns have banners of one id.
        Division::Groups(Group::Banner) if asked.campaign.is_none() => assert!(told["Groups"].is_null()),
        Division::Groups(group) => {
            let groups = told["Groups"].as_array().expect("groups");
            let mut values: Vec<String> = own.iter().map(|session| group_of(asked, *group, session)).collect();
            values.sort();
            values.dedup();
            // A representative may have done something with calls that others were the first to answer.
            let has_calls = |one: &&Value| *group != Group::Rep || one["TotalOfCalls"] != 0;
            let with_calls = groups.iter().filter(has_calls);
            let mut told: Vec<&str> = with_calls.filter_map(|group| group["Value"].as_str()).collect();
            told.sort_unstable();
            assert_eq!(told, values, "{group:?}, {context}");
            for one in groups {
                let inside = |session: &&&Past| one["Value"] == group_of(asked, *group, session);
                let of_group: Vec<&Past> = own.iter().filter(inside).copied().collect();
                is_everything(one, &of_group, seen, &format!("group {group:?} {}, {context}", one["Value"]));
            }
            if *group == Group::HourOfWeek {
                the_hours_are_those_groups(db, asked, groups, &context).await;
            }
        }
    }
}

/// What is said in place of the median wait of campaign 5; nothing where that is told.
async fn why_no_percentile(db: &Db, filters: Vec<(Dimension, String)>, most_one_by_one: i64) -> String {
    let asked = Asked {
        scope: Scope::Everything,
        campaign: Some("5".parse().unwrap()),
        banner: None,
        period: Period { from: Timestamp(0), to: Timestamp(i64::MAX), tests: false },
        zone: Tz::UTC,
        division: Division::None,
        filters,
        within_ms: None,
        most_one_by_one,
    };
    let told = serde_json::to_value(answer(db, &asked).await.unwrap()).unwrap();
    let half = &told["Figures"]["WaitP50"];
    if half["Value"].is_null() { half["LeftOut"].to_string() } else { String::new() }
}

async fn every_figure_is_what_an_independent_count_gives(backend: Backend) {
    let mut sessions = past::random(0, 2_000 * scale());
    let office = an_office_with_a_past(backend, &sessions).await;
    let (db, mut rng, mut seen) = (&office.desk.db, StdRng::seed_from_u64(4), Seen::default());
    // Nothing is rolled; then all that has ended is; then more has happened; then all of it is rolled.
    for part in 0..4 {
        if part % 2 == 1 {
            assert!(roll_all(db).await > 500);
        } else if part == 2 {
            let more = past::random(sessions.len(), 1_000);
            has_happened(&office, &more).await;
            sessions.extend(more);
        }
        for _ in 0..50 * scale().min(4) {
            let (question, asked) = random(&mut rng);
            is_an_independent_count(db, &sessions, &question, &asked, &mut seen).await;
        }
    }
    // Nothing is rolled of what comes now, and rolling it helps where roll-ups are read.
    has_happened(&office, &past::random(sessions.len(), 1_000)).await;
    for (filters, why) in [
        (vec![], "NotRolledYet"),
        (vec![(Dimension::Country, "NZ".to_owned()), (Dimension::Queue, "1".to_owned())], "NotKeptForThisQuestion"),
    ] {
        assert!(why_no_percentile(db, filters, 0).await.contains(why));
    }
    assert_eq!(why_no_percentile(db, vec![], MOST_ONE_BY_ONE).await, "", "few enough");
    assert!(seen.told > 10_000 && seen.percentiles > 1_000 && seen.untold > 100 && seen.not_rolled > 20, "{seen:?}");
}
