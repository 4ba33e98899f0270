//! Figures follow from sums, and say what is not in them.

use super::*;
use crate::domain::counts::Counts;

fn told(sums: &Sums, times: Option<&Times>, within_ms: Option<i64>) -> Figures {
    figures(&Measured { sums, times: times.ok_or(Unknown::NotKept), within_ms }, true)
}

/// With another threshold, while too many calls are not rolled.
fn figures_not_rolled(sums: &Sums) -> Figures {
    figures(&Measured { sums, times: Err(Unknown::NotRolledYet), within_ms: Some(30_000) }, true)
}

#[test]
fn nothing_gives_nulls_and_zeros() {
    for (name, figure) in told(&Sums::default(), Some(&Times::default()), None) {
        let expected = if name == "ShortAbandons" { Some(0.0) } else { None };
        assert_eq!(figure.value, expected, "{name}");
        assert!(figure.left_out.is_empty() && figure.definition.is_some(), "{name}");
    }
}

#[test]
fn each_figure_is_as_the_contract_says() {
    let counts = Counts {
        answered: 5,
        not_answered: 6,
        answered_wait_ms: 50_000,
        in_time: 3,
        gone: 3,
        gone_early: 1,
        missed: 1,
        failed: 1,
        qualified: 2,
        handled_ms: 400_000,
        acw_ms: 40_000,
        requeued: 2,
        requeue_ms: 9_000,
        dropped_after_answer: 1,
        longest_wait_ms: 77_500,
        ..Counts::default()
    };
    let sums = Sums { counts, waiting: 7, talking: 1, wrapping: 1, longest_at_most_ms: 0 };
    let figures = told(&sums, None, None);
    for (name, value) in [
        // 5 answered, 2 abandoned, 1 missed, 1 failed.
        ("ServiceLevel", 300.0 / 9.0),
        ("ShortAbandons", 1.0),
        ("AbandonmentRate", 20.0),
        ("AverageSpeedOfAnswer", 10.0),
        ("AverageHandleTime", 110.0),
        ("AfterCallWork", 10.0),
        ("LongestWait", 77.5),
        ("Qualified", 50.0),
        ("DroppedAfterAnswer", 25.0),
        ("MeanRequeueTime", 4.5),
    ] {
        assert_eq!(figures[name].value, Some(value), "{name}");
    }
    let left_out = |name: &str| figures[name].left_out.clone().into_iter().collect::<Vec<_>>();
    assert_eq!(left_out("ServiceLevel"), [("Messages", 1), ("ShortAbandons", 1), ("Waiting", 7)]);
    assert_eq!(
        left_out("AverageHandleTime"),
        [("NotAnswered", 6), ("Talking", 1), ("Waiting", 7), ("WrapUpsUnderWay", 1)]
    );
    assert_eq!((figures["WaitP50"].value, left_out("WaitP50")), (None, vec![("NotKeptForThisQuestion", 11)]));
    let not_yet = figures_not_rolled(&sums);
    assert_eq!(not_yet["DurationP90"].left_out.get("NotRolledYet"), Some(&11));
    assert_eq!(not_yet["ServiceLevel"].left_out.get("NotRolledYet"), Some(&11));
    assert_eq!(not_yet["LongestWait"].value, Some(77.5));
}

#[test]
fn what_is_read_from_histograms_says_so() {
    let mut times = Times::default();
    for wait in [1_000, 2_000, 30_000, 40_000] {
        times.answered_wait.add(wait);
    }
    let sums = Sums { counts: Counts { answered: 4, in_time: 2, ..Counts::default() }, ..Sums::default() };
    let exact = &told(&sums, Some(&times), None)["ServiceLevel"];
    assert_eq!((exact.value, exact.approximate), (Some(50.0), None));
    let other = &told(&sums, Some(&times), Some(35_000))["ServiceLevel"];
    assert_eq!((other.value, other.approximate), (Some(75.0), Some(APPROXIMATE)));
    assert_eq!(told(&sums, None, Some(35_000))["ServiceLevel"].value, None);
    let half = &told(&sums, Some(&times), None)["WaitP50"];
    assert!((half.value.unwrap() - 2.0).abs() < 0.04 && half.denominator == Some(4), "{half:?}");
}

#[test]
fn a_longest_wait_that_is_not_known_is_not_told() {
    let counts = Counts { not_answered: 2, longest_wait_ms: 5_000, ..Counts::default() };
    let known = Sums { counts, longest_at_most_ms: 5_000, ..Sums::default() };
    assert_eq!(told(&known, None, None)["LongestWait"].value, Some(5.0));
    let unknown = Sums { longest_at_most_ms: 5_001, ..known };
    assert_eq!(told(&unknown, None, None)["LongestWait"].value, None);
}

#[test]
fn the_page_about_figures_has_every_definition() {
    let page = include_str!("../../docs/figures.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for (name, figure) in told(&Sums::default(), None, None) {
        let row = format!("`{name}` | {} | {} |", figure.unit, figure.definition.unwrap());
        assert!(page.contains(&row), "docs/figures.md lacks: | {row}");
    }
}
