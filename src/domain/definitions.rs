//! What each figure means: its name, its unit, its sentence, and how it follows from sums. The one place; answers,
//! docs/figures.md and `/openapi.json` follow.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{Sums, ratio};
use super::histogram::Histogram;
use super::rollup::Measure;

/// Grows when the meaning of a figure changes.
pub const VERSION: u32 = 1;
/// How far a figure that is read from histograms may be off, as a share of it.
pub const APPROXIMATE: f64 = 0.02;

/// A figure, and what it was worked out from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Figure {
    /// The figure; null when there is nothing to tell it from, or it cannot be told for what was asked.
    pub value: Option<f64>,
    /// `percent`, `seconds` or `calls`; of representatives also `conversations` or `stars`.
    pub unit: &'static str,
    /// What is divided, where something is: in the unit, or a number of calls for percents.
    pub numerator: Option<f64>,
    /// By how many calls, or whatever the definition says.
    pub denominator: Option<i64>,
    /// Calls that are not in it, by the reason.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub left_out: BTreeMap<&'static str, i64>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<&'static str>,
    /// How far it may be off, as a share of it; absent: it is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate: Option<f64>,
}

/// Figures by their names.
pub type Figures = BTreeMap<&'static str, Figure>;

/// How long things took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// From entry to start, of the answered.
    pub answered_wait: Histogram,
    /// From entry to end, of the others.
    pub not_answered_wait: Histogram,
    /// From start to end.
    pub talk: Histogram,
}

impl Times {
    /// Adds those of a measure.
    pub fn merge(&mut self, measure: Measure, more: &Histogram) {
        match measure {
            Measure::AnsweredWait => self.answered_wait.merge(more),
            Measure::NotAnsweredWait => self.not_answered_wait.merge(more),
            Measure::Talk => self.talk.merge(more),
            // When they entered says nothing about how long anything took.
            Measure::AnsweredEntry | Measure::NotAnsweredEntry => {}
        }
    }

    /// Adds those of a single session, whose sums these are.
    pub fn add(&mut self, one: &Sums) {
        if one.counts.answered > 0 {
            self.answered_wait.add(one.counts.answered_wait_ms);
        }
        if one.counts.not_answered > 0 {
            self.not_answered_wait.add(one.counts.not_answered_wait_ms);
        }
        if one.talked() > 0 {
            self.talk.add(one.counts.talk_ms);
        }
    }
}

/// Why it is not known how long things took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is not kept for what was asked.
    NotKept,
    /// Too many calls are not rolled yet to read each of them.
    NotRolledYet,
}

impl Unknown {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::NotKept => "NotKeptForThisQuestion",
            Self::NotRolledYet => "NotRolledYet",
        }
    }
}

/// What figures are told from.
#[derive(Debug, Clone, Copy)]
pub struct Measured<'m> {
    /// Counts and sums.
    pub sums: &'m Sums,
    /// How long things took.
    pub times: Result<&'m Times, Unknown>,
    /// Another threshold for the service level, in milliseconds.
    pub within_ms: Option<i64>,
}

type LeftOut = Vec<(&'static str, i64)>;

/// A figure before it is told.
struct Told {
    value: Option<f64>,
    numerator: Option<f64>,
    denominator: Option<i64>,
    left_out: LeftOut,
    approximate: bool,
}

/// A figure's name, unit and sentence, and how it follows.
struct Definition {
    name: &'static str,
    unit: &'static str,
    sentence: &'static str,
    told: fn(&Measured<'_>) -> Told,
}

const DEFINITIONS: [Definition; 16] = [
    Definition {
        name: "ServiceLevel",
        unit: "percent",
        sentence: "Calls answered within T (20 s unless set, as it stood with the call, or what was asked for) of all calls \
                   that were answered, abandoned, cancelled, missed or failed, short abandons left out.",
        told: service_level,
    },
    Definition {
        name: "ShortAbandons",
        unit: "calls",
        sentence: "Calls abandoned or cancelled unanswered after a wait of less than S (5 s unless set).",
        told: short_abandons,
    },
    Definition {
        name: "AbandonmentRate",
        unit: "percent",
        sentence: "Calls abandoned or cancelled of all that are decided, short abandons left out of both.",
        told: abandonment_rate,
    },
    Definition {
        name: "AverageSpeedOfAnswer",
        unit: "seconds",
        sentence: "Mean time from the first queue entry to the first conversation start, over the answered calls.",
        told: average_speed_of_answer,
    },
    Definition {
        name: "AverageHandleTime",
        unit: "seconds",
        sentence: "Mean time with a representative (talk and hold, all legs, without later waits) and in wrap-ups, over \
                   answered calls that are over.",
        told: average_handle_time,
    },
    Definition {
        name: "AfterCallWork",
        unit: "seconds",
        sentence: "Mean time of wrap-ups, from the end of the conversation to their completion, the next call, a break or \
                   the way out, whichever was first, over answered calls that are over.",
        told: after_call_work,
    },
    Definition {
        name: "LongestWait",
        unit: "seconds",
        sentence: "The longest time from the first queue entry to the first conversation start, or to the end where there \
                   was none.",
        told: longest_wait,
    },
    Definition {
        name: "Qualified",
        unit: "percent",
        sentence: "Answered calls of a duration of at least Q (60 s unless set, as it stood with the call) of the answered \
                   calls that are over.",
        told: qualified,
    },
    Definition {
        name: "DroppedAfterAnswer",
        unit: "percent",
        sentence: "Answered calls that ended while the customer was back in the queue or being connected again, of the \
                   answered calls that are over.",
        told: dropped_after_answer,
    },
    Definition {
        name: "MeanRequeueTime",
        unit: "seconds",
        sentence: "Mean time waited after the first queue entry was left, over calls that are over and did so.",
        told: mean_requeue_time,
    },
    Definition {
        name: "WaitP50",
        unit: "seconds",
        sentence: "Half of the calls that left the queue had waited no longer than this.",
        told: |measured| wait(measured, 0.5),
    },
    Definition {
        name: "WaitP90",
        unit: "seconds",
        sentence: "Nine of ten calls that left the queue had waited no longer than this.",
        told: |measured| wait(measured, 0.9),
    },
    Definition {
        name: "WaitP95",
        unit: "seconds",
        sentence: "Nineteen of twenty calls that left the queue had waited no longer than this.",
        told: |measured| wait(measured, 0.95),
    },
    Definition {
        name: "DurationP50",
        unit: "seconds",
        sentence: "Half of the answered calls that are over lasted no longer than this.",
        told: |measured| duration(measured, 0.5),
    },
    Definition {
        name: "DurationP90",
        unit: "seconds",
        sentence: "Nine of ten answered calls that are over lasted no longer than this.",
        told: |measured| duration(measured, 0.9),
    },
    Definition {
        name: "DurationP95",
        unit: "seconds",
        sentence: "Nineteen of twenty answered calls that are over lasted no longer than this.",
        told: |measured| duration(measured, 0.95),
    },
];

/// Every figure with its unit and sentence, as the description of the interface has them.
pub static DESCRIPTION: LazyLock<String> = LazyLock::new(|| {
    let figure = |one: &Definition| format!("\n- `{}` ({}): {}", one.name, one.unit, one.sentence);
    let figures: String = DEFINITIONS.iter().map(figure).collect();
    format!(
        "Zeros and nulls where nothing was counted; null too where `LeftOut` says `NotKeptForThisQuestion`, or \
             `NotRolledYet`, which passes. `Figures` has, of version {VERSION}:\n{figures}"
    )
});

/// Every figure; with its sentence if `defined`.
#[must_use]
pub fn figures(measured: &Measured<'_>, defined: bool) -> Figures {
    let figure = |definition: &Definition| {
        let told = (definition.told)(measured);
        let figure = Figure {
            value: told.value,
            unit: definition.unit,
            numerator: told.numerator,
            denominator: told.denominator,
            left_out: told.left_out.into_iter().filter(|(_, count)| *count > 0).collect(),
            definition: defined.then_some(definition.sentence),
            approximate: told.approximate.then_some(APPROXIMATE),
        };
        (definition.name, figure)
    };
    DEFINITIONS.iter().map(figure).collect()
}

fn decided(sums: &Sums) -> i64 {
    sums.counts.answered + sums.counts.not_answered
}

fn percent(numerator: i64, denominator: i64, left_out: LeftOut) -> Told {
    Told {
        value: ratio(100 * numerator, denominator),
        numerator: ratio(numerator, 1),
        denominator: Some(denominator),
        left_out,
        approximate: false,
    }
}

fn mean(millis: i64, denominator: i64, left_out: LeftOut) -> Told {
    Told {
        value: ratio(millis, denominator.saturating_mul(1_000)),
        numerator: ratio(millis, 1_000),
        denominator: Some(denominator),
        left_out,
        approximate: false,
    }
}

/// It is not known of any of the calls.
fn untold(sums: &Sums, why: Unknown) -> Told {
    let left_out = vec![(why.as_str(), decided(sums))];
    Told { value: None, numerator: None, denominator: None, left_out, approximate: false }
}

/// What is read from how long things took.
fn timed(measured: &Measured<'_>, read: impl FnOnce(&Times) -> Told) -> Told {
    let told = measured.times.map_or_else(|why| untold(measured.sums, why), read);
    Told { approximate: true, ..told }
}

fn service_level(measured: &Measured<'_>) -> Told {
    let (sums, counts) = (measured.sums, &measured.sums.counts);
    let denominator = counts.answered + counts.gone - counts.gone_early + counts.missed + counts.failed;
    let messages = counts.not_answered - counts.gone - counts.missed - counts.failed;
    let left_out = vec![("ShortAbandons", counts.gone_early), ("Messages", messages), ("Waiting", sums.waiting)];
    let Some(within) = measured.within_ms else { return percent(counts.in_time, denominator, left_out) };
    timed(measured, |times| percent(times.answered_wait.count_up_to(within), denominator, left_out))
}

fn short_abandons(measured: &Measured<'_>) -> Told {
    let early = ratio(measured.sums.counts.gone_early, 1);
    let left_out = vec![("Waiting", measured.sums.waiting)];
    Told { value: early, numerator: early, denominator: None, left_out, approximate: false }
}

fn abandonment_rate(measured: &Measured<'_>) -> Told {
    let (sums, counts) = (measured.sums, &measured.sums.counts);
    let left_out = vec![("ShortAbandons", counts.gone_early), ("Waiting", sums.waiting)];
    percent(counts.gone - counts.gone_early, decided(sums) - counts.gone_early, left_out)
}

fn average_speed_of_answer(measured: &Measured<'_>) -> Told {
    let (sums, counts) = (measured.sums, &measured.sums.counts);
    let left_out = vec![("NotAnswered", counts.not_answered), ("Waiting", sums.waiting)];
    mean(counts.answered_wait_ms, counts.answered, left_out)
}

/// What is not in a figure of answered calls that are over. Of wrap-ups that go on the call is in it, their time is not.
fn besides_talked(sums: &Sums) -> LeftOut {
    vec![("NotAnswered", sums.counts.not_answered), ("Talking", sums.talking), ("Waiting", sums.waiting)]
}

fn with_wrap_ups(sums: &Sums) -> LeftOut {
    let mut left_out = besides_talked(sums);
    left_out.push(("WrapUpsUnderWay", sums.wrapping));
    left_out
}

fn average_handle_time(measured: &Measured<'_>) -> Told {
    let sums = measured.sums;
    mean(sums.counts.handled_ms + sums.counts.acw_ms, sums.talked(), with_wrap_ups(sums))
}

fn after_call_work(measured: &Measured<'_>) -> Told {
    let sums = measured.sums;
    mean(sums.counts.acw_ms, sums.talked(), with_wrap_ups(sums))
}

fn longest_wait(measured: &Measured<'_>) -> Told {
    let sums = measured.sums;
    let Some(longest) = sums.longest_wait_ms() else { return untold(sums, Unknown::NotKept) };
    let longest = if decided(sums) > 0 { ratio(longest, 1_000) } else { None };
    let left_out = vec![("Waiting", sums.waiting)];
    Told { value: longest, numerator: longest, denominator: None, left_out, approximate: false }
}

fn qualified(measured: &Measured<'_>) -> Told {
    let sums = measured.sums;
    percent(sums.counts.qualified, sums.talked(), besides_talked(sums))
}

fn dropped_after_answer(measured: &Measured<'_>) -> Told {
    let sums = measured.sums;
    percent(sums.counts.dropped_after_answer, sums.talked(), besides_talked(sums))
}

fn mean_requeue_time(measured: &Measured<'_>) -> Told {
    let sums = measured.sums;
    let over = sums.talked() + sums.counts.not_answered;
    let left_out =
        vec![("NeverRequeued", over - sums.counts.requeued), ("Talking", sums.talking), ("Waiting", sums.waiting)];
    mean(sums.counts.requeue_ms, sums.counts.requeued, left_out)
}

fn quantile(histogram: &Histogram, share: f64, left_out: LeftOut) -> Told {
    Told {
        value: histogram.quantile(share).map(|millis| millis / 1_000.0),
        numerator: None,
        denominator: Some(histogram.count()),
        left_out,
        approximate: false,
    }
}

fn wait(measured: &Measured<'_>, share: f64) -> Told {
    timed(measured, |times| {
        let mut both = times.answered_wait.clone();
        both.merge(&times.not_answered_wait);
        quantile(&both, share, vec![("Waiting", measured.sums.waiting)])
    })
}

fn duration(measured: &Measured<'_>, share: f64) -> Told {
    timed(measured, |times| quantile(&times.talk, share, besides_talked(measured.sums)))
}

#[cfg(test)]
#[path = "definitions_tests.rs"]
mod tests;
