//! Periods are cut into pieces that cover them once, and sessions count what the definitions say.

use proptest::prelude::*;

use super::*;
use crate::domain::ids::SessionId;
use crate::domain::session::{Kind, Outcome};

/// How often an instant is in the pieces of a cut, by the rows it would be in.
fn times_in(cut: &Cut, at: Timestamp) -> usize {
    let holds = |span: &Span, at: Timestamp| span.from <= at && at < span.to;
    let whole = holds(&cut.whole, cut.grain.start_of(at));
    let quarters = cut.quarters.iter().filter(|span| holds(span, Grain::Quarter.start_of(at))).count();
    let edges = cut.edges.iter().filter(|span| holds(span, at)).count();
    usize::from(whole) + quarters + edges
}

#[test]
fn no_period_is_all_time_in_one_row() {
    let cut = Cut::of(Timestamp(0), Timestamp(i64::MAX));
    assert_eq!((cut.grain, times_in(&cut, Timestamp(1_795_255_200_000))), (Grain::All, 1));
}

#[test]
fn whole_days_need_no_quarters() {
    let cut = Cut::of(Timestamp(DAY_MILLIS), Timestamp(5 * DAY_MILLIS));
    assert_eq!(cut.whole, Span::new(Timestamp(DAY_MILLIS), Timestamp(5 * DAY_MILLIS)));
    assert!(cut.quarters.iter().chain(&cut.edges).all(|span| span.from == span.to), "{cut:?}");
}

fn instant() -> impl Strategy<Value = i64> {
    let around = |unit: i64| (0..4 * DAY_MILLIS / unit, -2..=2_i64).prop_map(move |(n, by)| (n * unit + by).max(0));
    prop_oneof![0..4 * DAY_MILLIS, around(QUARTER_MILLIS), around(DAY_MILLIS), Just(0), Just(i64::MAX)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn every_instant_of_a_period_is_in_one_piece(from in instant(), to in instant(), at in instant(), by in -2..=2_i64) {
        let (from, to) = (Timestamp(from.min(to)), Timestamp(from.max(to)));
        let cut = Cut::of(from, to);
        for at in [at, from.plus_millis(by).0, to.plus_millis(by).0] {
            let at = Timestamp(at.clamp(1, 1_000_000 * DAY_MILLIS));
            prop_assert_eq!(times_in(&cut, at), usize::from(from <= at && at < to), "{:?} in {:?}", at, cut);
        }
    }
}

fn ended(wait: i64, talk: Option<i64>, outcome: Outcome) -> Ended {
    let queued_at = Timestamp(1_795_255_200_123);
    let left_at = queued_at.plus_millis(wait);
    Ended {
        id: SessionId::new(queued_at),
        campaign_id: "5".parse().unwrap(),
        banner_id: "3".parse().unwrap(),
        kind: Kind::Call,
        queued_at,
        started_at: talk.map(|_| left_at),
        ended_at: left_at.plus_millis(talk.unwrap_or(0)),
        outcome: Some(outcome),
        country: None,
        device: Some("phone".to_owned()),
        answered_by: None,
        queue_id: 1,
        answer_within_ms: 20_000,
        gone_early_ms: 5_000,
        qualified_ms: 60_000,
        requeue_ms: 0,
        connected: true,
        handled_ms: talk.unwrap_or(0),
        acw_ms: 0,
    }
}

#[test]
fn thresholds_are_as_the_contract_says() {
    let in_time = |wait| Counts::of(&ended(wait, Some(7), Outcome::Answered)).in_time;
    assert_eq!((in_time(20_000), in_time(20_001)), (1, 0), "within T");
    let early = |wait, outcome| {
        let counts = Counts::of(&ended(wait, None, outcome));
        (counts.gone, counts.gone_early, counts.missed, counts.failed)
    };
    assert_eq!(early(4_999, Outcome::Abandoned), (1, 1, 0, 0), "before S");
    assert_eq!(early(5_000, Outcome::Cancelled), (1, 0, 0, 0));
    assert_eq!(early(1, Outcome::Missed), (0, 0, 1, 0));
    assert_eq!(early(1, Outcome::Failed), (0, 0, 0, 1));
    assert_eq!(early(1, Outcome::Message), (0, 0, 0, 0));
}

#[test]
fn what_is_qualified_dropped_or_back_in_the_queue() {
    let qualified = |talk| Counts::of(&ended(1, Some(talk), Outcome::Answered)).qualified;
    assert_eq!((qualified(59_999), qualified(60_000)), (0, 1), "from Q on");
    let back = Ended { requeue_ms: 700, connected: false, ..ended(1, Some(5), Outcome::Answered) };
    let counts = Counts::of(&back);
    assert_eq!((counts.requeued, counts.requeue_ms, counts.dropped_after_answer), (1, 700, 1));
    let never = Counts::of(&Ended { requeue_ms: 700, connected: false, ..ended(1, None, Outcome::Missed) });
    assert_eq!((never.requeued, never.requeue_ms, never.dropped_after_answer), (1, 700, 0), "never answered");
}

#[test]
fn a_session_is_in_eleven_rows_and_one_that_never_joined_in_none() {
    let one = ended(1_000, Some(60_000), Outcome::Answered);
    let rollups = Rollups::of([&one, &one], &Grain::EACH);
    assert_eq!(rollups.counts.len(), 11);
    let twice = Counts {
        answered: 2,
        answered_wait_ms: 2_000,
        talk_ms: 120_000,
        in_time: 2,
        qualified: 2,
        handled_ms: 120_000,
        longest_wait_ms: 1_000,
        ..Counts::default()
    };
    assert!(rollups.counts.values().all(|counts| *counts == twice));
    assert!(rollups.histograms.values().all(|histogram| histogram.count() == 2));
    assert_eq!(
        rollups.histograms.len(),
        12,
        "two of the banner and three of the campaign, of each measure; entries by day"
    );
    let never = Ended { queued_at: Timestamp(0), ..one };
    assert_eq!(Rollups::of([&never], &Grain::EACH), Rollups::default());
}
