//! How long calls waited, in steps that people think in, for a plot.

use serde::Serialize;
use utoipa::ToSchema;

use super::definitions::{APPROXIMATE, Times};

/// Where each step ends, in seconds; what took longer than the last is in a step of its own.
pub const ENDS: [i64; 8] = [5, 10, 20, 30, 60, 120, 300, 600];

/// What it means.
const DEFINITION: &str = "Calls that left the queue, by the time from the first queue entry to the first conversation start, or to \
     the end where there was none. Whoever waited about as long as a step ends may be in the next one.";

/// How many calls waited for how long.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Waits {
    /// What it means.
    pub definition: &'static str,
    /// How far the ends of the steps may be off, as a share of them.
    pub approximate: f64,
    /// The steps, from no wait at all to the longest; each call is in one of them.
    pub steps: Vec<WaitStep>,
}

/// The calls that waited longer than the step before, and no longer than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct WaitStep {
    /// Its end in seconds; null: it has none.
    pub up_to: Option<i64>,
    /// Calls with a conversation.
    pub answered: i64,
    /// Calls that ended without one.
    pub not_answered: i64,
}

impl Waits {
    /// Those of these times.
    #[must_use]
    pub fn of(times: &Times) -> Self {
        let (mut before, mut steps) = ((0, 0), Vec::with_capacity(ENDS.len() + 1));
        for up_to in ENDS.into_iter().map(Some).chain([None]) {
            let counted = up_to.map_or_else(
                || (times.answered_wait.count(), times.not_answered_wait.count()),
                |seconds| {
                    let millis = 1_000 * seconds;
                    (times.answered_wait.count_up_to(millis), times.not_answered_wait.count_up_to(millis))
                },
            );
            steps.push(WaitStep { up_to, answered: counted.0 - before.0, not_answered: counted.1 - before.1 });
            before = counted;
        }
        Self { definition: DEFINITION, approximate: APPROXIMATE, steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_in_one_step() {
        let mut times = Times::default();
        for millis in [0, 4_000, 7_000, 59_000, 100_000, 3_600_000] {
            times.answered_wait.add(millis);
        }
        for millis in [15_000, 25_000, 200_000, 500_000, 700_000, i64::MAX] {
            times.not_answered_wait.add(millis);
        }
        let steps: Vec<_> = Waits::of(&times).steps.iter().map(|step| (step.answered, step.not_answered)).collect();
        assert_eq!(steps, [(2, 0), (1, 0), (0, 1), (0, 1), (1, 0), (1, 0), (0, 1), (0, 1), (1, 2)]);
        assert!(Waits::of(&Times::default()).steps.iter().all(|step| step.answered + step.not_answered == 0));
    }

    #[test]
    fn the_page_about_figures_has_the_definition() {
        let page = include_str!("../../docs/figures.md").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(DEFINITION), "docs/figures.md lacks: {DEFINITION}");
    }
}
