//! What representatives' figures mean, and how they follow from sums. docs/figures.md has the same sentences.

use super::definitions::{Figure, Figures, Unknown};
use super::figures::ratio;

/// What a representative did with the calls that are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct RepCalls {
    /// Conversations, whoever answered first, of calls that are over.
    pub legs: i64,
    /// Milliseconds of them.
    pub handled_ms: i64,
    /// Milliseconds of wrap-ups.
    pub acw_ms: i64,
    /// Wrap-ups that go on.
    pub wrapping: i64,
    /// Offers that were accepted.
    pub accepted: i64,
    /// Offers that were rejected.
    pub rejected: i64,
    /// Offers that nobody answered in time.
    pub missed: i64,
    /// Offers that were taken back, or whose customer left.
    pub taken_back: i64,
    /// Offers that ring.
    pub ringing: i64,
    /// Calls that this representative was the first to answer.
    pub answered: i64,
    /// Those of them that are not over.
    pub talking: i64,
    /// Those of them that were rated.
    pub rated: i64,
    /// Their stars, added up.
    pub stars: i64,
}

/// What the time of a representative went into, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct RepTime {
    /// With a caller, or in a wrap-up.
    pub busy_ms: i64,
    /// Available, and nothing rang.
    pub idle_ms: i64,
    /// In at least one conversation.
    pub in_legs_ms: i64,
    /// In each conversation, added up.
    pub leg_ms: i64,
}

/// What a representative's figures are told from.
#[derive(Debug, Clone, Copy)]
pub struct RepMeasured {
    /// The calls.
    pub calls: Result<RepCalls, Unknown>,
    /// The time.
    pub time: Result<RepTime, Unknown>,
}

/// A figure's name, unit and sentence.
struct Definition(&'static str, &'static str, &'static str);

const HANDLED: Definition = Definition(
    "Handled",
    "conversations",
    "Conversations of the representative with customers, whoever answered first, of calls that are over.",
);
const HANDLE_TIME: Definition = Definition(
    "AverageHandleTime",
    "seconds",
    "Mean time of these conversations, talk and hold, with the representative's wrap-ups of the same calls.",
);
const AFTER_CALL_WORK: Definition =
    Definition("AfterCallWork", "seconds", "Mean time of the representative's wrap-ups, over these conversations.");
const OFFERS_MISSED: Definition = Definition(
    "OffersMissed",
    "percent",
    "Offers of these calls that rang at the representative until nobody could answer them any more, of those that were accepted, \
     rejected or missed.",
);
const RATING: Definition = Definition(
    "Rating",
    "stars",
    "Mean stars of the calls that the representative was the first to answer and that were rated.",
);
const OCCUPANCY: Definition = Definition(
    "Occupancy",
    "percent",
    "Time with at least one caller or in a wrap-up, of that time and the time available in which nothing rang; of the \
     representative's whole work in the period, whatever the campaign, as far as activities are over. Numerator and denominator \
     are milliseconds.",
);
const CONCURRENCY: Definition = Definition(
    "MeanConcurrency",
    "conversations",
    "How many conversations the representative had at once, on hold or not, while there was one; of the whole work in the period, \
     as far as calls are over. Numerator and denominator are milliseconds.",
);

/// Each figure by its name.
#[must_use]
pub fn figures(measured: &RepMeasured) -> Figures {
    let mut told = Figures::new();
    let mut tell = |Definition(name, unit, sentence): Definition, known: Result<Told, Unknown>| {
        let Told { value, numerator, denominator, left_out } = known.unwrap_or_else(Told::unknown);
        let figure = Figure {
            value,
            unit,
            numerator,
            denominator,
            left_out: left_out.into_iter().filter(|(_, count)| *count > 0).collect(),
            definition: Some(sentence),
            approximate: None,
        };
        told.insert(name, figure);
    };
    let RepMeasured { calls, time } = *measured;
    tell(HANDLED, calls.map(|calls| Told::count(calls.legs, vec![("Talking", calls.talking)])));
    tell(
        HANDLE_TIME,
        calls.map(|calls| Told::mean(calls.handled_ms + calls.acw_ms, 1_000, calls.legs, with_wrap_ups(&calls))),
    );
    tell(AFTER_CALL_WORK, calls.map(|calls| Told::mean(calls.acw_ms, 1_000, calls.legs, with_wrap_ups(&calls))));
    tell(
        OFFERS_MISSED,
        calls.map(|calls| {
            let decided = calls.accepted + calls.rejected + calls.missed;
            Told::percent(calls.missed, decided, vec![("TakenBack", calls.taken_back), ("Ringing", calls.ringing)])
        }),
    );
    tell(
        RATING,
        calls.map(|calls| Told::mean(calls.stars, 1, calls.rated, vec![("NotRated", calls.answered - calls.rated)])),
    );
    tell(OCCUPANCY, time.map(|time| Told::percent(time.busy_ms, time.busy_ms + time.idle_ms, Vec::new())));
    tell(CONCURRENCY, time.map(|time| Told::mean(time.leg_ms, 1, time.in_legs_ms, Vec::new())));
    told
}

fn with_wrap_ups(calls: &RepCalls) -> Vec<(&'static str, i64)> {
    vec![("Talking", calls.talking), ("WrapUpsUnderWay", calls.wrapping)]
}

/// A figure before it is told.
struct Told {
    value: Option<f64>,
    numerator: Option<f64>,
    denominator: Option<i64>,
    left_out: Vec<(&'static str, i64)>,
}

impl Told {
    fn unknown(why: Unknown) -> Self {
        Self { value: None, numerator: None, denominator: None, left_out: vec![(why.as_str(), 1)] }
    }

    fn count(count: i64, left_out: Vec<(&'static str, i64)>) -> Self {
        Self { value: ratio(count, 1), numerator: ratio(count, 1), denominator: None, left_out }
    }

    fn percent(numerator: i64, denominator: i64, left_out: Vec<(&'static str, i64)>) -> Self {
        let value = ratio(numerator.saturating_mul(100), denominator);
        Self { value, numerator: ratio(numerator, 1), denominator: Some(denominator), left_out }
    }

    /// Of sums that are so many times the unit.
    fn mean(sum: i64, times: i64, denominator: i64, left_out: Vec<(&'static str, i64)>) -> Self {
        let value = ratio(sum, denominator.saturating_mul(times));
        Self { value, numerator: ratio(sum, times), denominator: Some(denominator), left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_follows_from_its_sums() {
        let calls = RepCalls {
            legs: 4,
            handled_ms: 100_000,
            acw_ms: 20_000,
            wrapping: 1,
            accepted: 2,
            rejected: 1,
            missed: 1,
            taken_back: 3,
            answered: 5,
            rated: 2,
            stars: 9,
            ..RepCalls::default()
        };
        let time = RepTime { busy_ms: 3_000, idle_ms: 1_000, in_legs_ms: 2_000, leg_ms: 3_000 };
        let told = figures(&RepMeasured { calls: Ok(calls), time: Ok(time) });
        for (name, value) in [
            ("Handled", 4.0),
            ("AverageHandleTime", 30.0),
            ("AfterCallWork", 5.0),
            ("OffersMissed", 25.0),
            ("Rating", 4.5),
            ("Occupancy", 75.0),
            ("MeanConcurrency", 1.5),
        ] {
            assert_eq!(told[name].value, Some(value), "{name}");
        }
        assert_eq!(told["OffersMissed"].left_out.get("TakenBack"), Some(&3));
        assert_eq!(told["Rating"].left_out.get("NotRated"), Some(&3));
        let unknown = figures(&RepMeasured { calls: Err(Unknown::NotKept), time: Ok(RepTime::default()) });
        assert_eq!((unknown["Handled"].value, unknown["Occupancy"].value), (None, None));
        assert_eq!(unknown["Rating"].left_out.get("NotKeptForThisQuestion"), Some(&1));
    }

    #[test]
    fn the_page_about_figures_has_every_definition() {
        let page = include_str!("../../docs/figures.md").split_whitespace().collect::<Vec<_>>().join(" ");
        for (name, figure) in figures(&RepMeasured { calls: Ok(RepCalls::default()), time: Ok(RepTime::default()) }) {
            let row = format!("`{name}` | {} | {} |", figure.unit, figure.definition.unwrap());
            assert!(page.contains(&row), "docs/figures.md lacks: | {row}");
        }
    }
}
