//! From the click to the outcome: how far landings came, and why they came no further.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{mean_seconds, ratio};
use super::vocabulary::words;

/// Grows when the meaning of a step or a reason changes.
pub const VERSION: u32 = 1;

words! {
    /// What a page says of a person who has not asked for a representative yet: how far they came, or what is in their way.
    PageStep {
        /// The page was loaded again, and the place or the call of the visit before goes on: this is no visit of its own.
        Resumed = "resumed",
        /// They asked for the form, or for a representative where there is none.
        FormOpened = "formOpened",
        /// Microphone, and camera if wanted, are there.
        DevicesReady = "devicesReady",
        /// The invitation says that no representative is there.
        NobodyThere = "nobodyThere",
        /// A browser inside another app, which gives no camera.
        InAppBrowser = "inAppBrowser",
        /// The person, or their system, does not allow it.
        PermissionDenied = "permissionDenied",
        /// There is no microphone.
        NoDevice = "noDevice",
        /// Another program has it.
        DeviceInUse = "deviceInUse",
        /// The page did not come by HTTPS.
        InsecurePage = "insecurePage",
        /// Something else is wrong with microphone or camera.
        Unknown = "unknown",
    }
}

/// A step, and what it means.
struct Step {
    name: &'static str,
    sentence: &'static str,
}

/// In the order in which they are reached. Their number in `sql/figures/funnel.sql` is one more than their place here.
const STEPS: [Step; 8] = [
    Step {
        name: "Visits",
        sentence: "Landings of the period; broken links, reloads and looks of known bots are left out.",
    },
    Step {
        name: "FormOpened",
        sentence: "The person asked for the form, or for a representative where there is none.",
    },
    Step { name: "DevicesReady", sentence: "Microphone, and camera if wanted, were there." },
    Step { name: "Queued", sentence: "A request of the visit entered the queue." },
    Step { name: "Offered", sentence: "It rang at a representative, or one took it." },
    Step { name: "Answered", sentence: "A conversation started." },
    Step {
        name: "Qualified",
        sentence: "It is over, and lasted for the threshold that stands with the call, usually 60 s.",
    },
    Step { name: "Outcome", sentence: "The representative said what came of it." },
];

/// Visits that are at a step now and may come further.
const UNDER_WAY: [&str; 4] = ["Waiting", "Talking", "WrappingUp", "Again"];

/// Visits of a banner whose furthest step this is, for one reason.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Stopped {
    /// The banner.
    pub banner_id: String,
    /// From 1; 0 for landings that are left out.
    pub step: i64,
    /// Why it is the furthest; the class of what is left out; the outcome of those that came all the way.
    pub reason: String,
    /// How many.
    pub visits: i64,
    /// How long those waited together who were not answered.
    pub waited_ms: i64,
}

/// A step of the funnel.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct StepFigures {
    /// Its name.
    step: &'static str,
    /// What it means; said once in an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<&'static str>,
    /// Visits that came so far, or further.
    reached: i64,
    /// Of all visits, in percent; null when there is none.
    share: Option<f64>,
    /// Visits that are here now and may come further.
    under_way: i64,
    /// Visits that came no further.
    lost: i64,
    /// Those that are under way or lost here, by reason.
    reasons: BTreeMap<String, i64>,
    /// Mean seconds for which the lost waited in the queue; null before it and after an answer.
    avg_left_after: Option<f64>,
}

/// How far visits came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Funnel {
    /// In the order in which they are reached: `Reached` = the next one's `Reached` + `UnderWay` + `Lost`.
    steps: Vec<StepFigures>,
    /// Visits that came all the way, by what came of them.
    outcomes: BTreeMap<String, i64>,
    /// Landings that count for no step, by what they were: `bot`, `prefetch`, `head`, `reload`, `test`; `brokenLink` of direct visits.
    left_out: BTreeMap<String, i64>,
}

impl Funnel {
    /// Adds up; with the definitions if `defined`.
    #[must_use]
    pub fn of<'s>(all: impl IntoIterator<Item = &'s Stopped>, defined: bool) -> Self {
        let mut told = Self::default();
        let mut at: [Vec<&Stopped>; STEPS.len()] = Default::default();
        for stopped in all {
            let step = usize::try_from(stopped.step).ok().and_then(|number| number.checked_sub(1));
            match step.and_then(|place| at.get_mut(place)) {
                Some(here) => here.push(stopped),
                None => *told.left_out.entry(stopped.reason.clone()).or_default() += stopped.visits,
            }
        }
        for stopped in at.last_mut().map(std::mem::take).unwrap_or_default() {
            *told.outcomes.entry(stopped.reason.clone()).or_default() += stopped.visits;
        }
        let all_the_way: i64 = told.outcomes.values().sum();
        let visits = all_the_way + at.iter().flatten().map(|stopped| stopped.visits).sum::<i64>();
        let mut reached = all_the_way;
        for (step, here) in STEPS.iter().zip(&at).rev() {
            reached += here.iter().map(|stopped| stopped.visits).sum::<i64>();
            told.steps.push(step.told(here, reached, visits, defined));
        }
        told.steps.reverse();
        told
    }

    /// Landings of the period.
    #[must_use]
    pub fn visits(&self) -> i64 {
        self.steps.first().map_or(0, |step| step.reached)
    }
}

impl Step {
    fn told(&self, here: &[&Stopped], reached: i64, visits: i64, defined: bool) -> StepFigures {
        let mut reasons = BTreeMap::new();
        let (mut lost, mut under_way, mut waited_ms) = (0, 0, 0);
        for stopped in here {
            *reasons.entry(stopped.reason.clone()).or_default() += stopped.visits;
            if UNDER_WAY.contains(&stopped.reason.as_str()) {
                under_way += stopped.visits;
            } else {
                lost += stopped.visits;
                waited_ms += stopped.waited_ms;
            }
        }
        let waits = matches!(self.name, "Queued" | "Offered");
        StepFigures {
            step: self.name,
            definition: defined.then_some(self.sentence),
            reached,
            share: ratio(100 * reached, visits),
            under_way,
            lost,
            reasons,
            avg_left_after: if waits { mean_seconds(waited_ms, lost) } else { None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(step: i64, reason: &str, visits: i64, waited_ms: i64) -> Stopped {
        Stopped { banner_id: "3".to_owned(), step, reason: reason.to_owned(), visits, waited_ms }
    }

    #[test]
    fn each_visit_is_at_one_step_and_has_passed_those_before() {
        let all = [
            stopped(1, "Left", 50, 0),
            stopped(2, "PermissionDenied", 10, 0),
            stopped(4, "Left", 6, 60_000),
            stopped(4, "Waiting", 2, 0),
            stopped(5, "NoConnection", 4, 20_000),
            stopped(6, "Talking", 1, 0),
            stopped(8, "Sold", 25, 0),
            stopped(8, "sold", 2, 0),
            stopped(0, "bot", 7, 0),
        ];
        let told = Funnel::of(&all, true);
        let step = |step: &StepFigures| (step.reached, step.under_way, step.lost, step.avg_left_after);
        let expected = [
            (100, 0, 50, None),
            (50, 0, 10, None),
            (40, 0, 0, None),
            (40, 2, 6, Some(10.0)),
            (32, 0, 4, Some(5.0)),
            (28, 1, 0, None),
            (27, 0, 0, None),
            (27, 0, 0, None),
        ];
        assert_eq!(told.steps.iter().map(step).collect::<Vec<_>>(), expected);
        for pair in told.steps.windows(2) {
            assert_eq!(pair[0].reached, pair[1].reached + pair[0].under_way + pair[0].lost);
        }
        assert_eq!(told.outcomes, BTreeMap::from([("Sold".to_owned(), 25), ("sold".to_owned(), 2)]));
        assert_eq!((told.left_out["bot"], told.visits()), (7, 100));
        assert_eq!(told.steps[1].share, Some(50.0));
    }

    #[test]
    fn without_visits_there_are_zeros_and_nulls() {
        let told = Funnel::of(&[], false);
        assert_eq!((told.steps.len(), told.visits()), (STEPS.len(), 0));
        assert!(told.steps.iter().all(|step| step.share.is_none() && step.avg_left_after.is_none()));
    }
}
