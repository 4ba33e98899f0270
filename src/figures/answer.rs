//! What `/getAverageMetrics` answers.

use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::definitions::{Figure, Figures};
use crate::domain::figures::AverageMetrics;
use crate::domain::waits::Waits;
use crate::store::figures::Period;

/// The answer of `/getAverageMetrics`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// The first seven.
    #[serde(flatten)]
    pub seven: AverageMetrics,
    /// Grows when the meaning of a figure changes.
    pub definition_version: u32,
    /// What it is about.
    pub period: AnswerPeriod,
    /// Everything else, by name, each with its definition.
    #[schema(value_type = BTreeMap<String, Figure>)]
    pub figures: Figures,
    /// How long calls waited, for a plot; null where it is not known.
    pub waits: Option<Waits>,
    /// The intervals of the period, if they were asked for; those without calls too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervals: Option<Vec<IntervalFigures>>,
    /// The groups that have calls, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupFigures>>,
}

/// A period: of queue entry, or of landing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AnswerPeriod {
    /// The first instant in it; null: there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first instant after it; null: there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// Whose clocks say what a day is.
    pub tz: &'static str,
}

impl AnswerPeriod {
    pub(super) fn of(period: Period, zone: Tz) -> Self {
        let Period { from, to, .. } = period;
        Self {
            from: (from > Timestamp(0)).then_some(from),
            to: (to < Timestamp(i64::MAX)).then_some(to),
            tz: zone.name(),
        }
    }
}

/// The figures of an interval.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct IntervalFigures {
    /// Its first instant.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// The first seven.
    #[serde(flatten)]
    pub seven: AverageMetrics,
    /// Everything else, by name.
    #[schema(value_type = BTreeMap<String, Figure>)]
    pub figures: Figures,
}

/// The figures of a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupFigures {
    /// What its calls have in common: an id, a country's code, a word, or an hour of the week from 0, which is Monday's first.
    /// Empty where it is not known, or nobody answered.
    pub value: String,
    /// What it is called, where it has a name.
    pub name: Option<String>,
    /// What a representative did, whoever answered first, each figure with its definition; only of representatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, Figure>>)]
    pub rep: Option<Figures>,
    /// The first seven.
    #[serde(flatten)]
    pub seven: AverageMetrics,
    /// Everything else, by name.
    #[schema(value_type = BTreeMap<String, Figure>)]
    pub figures: Figures,
}
