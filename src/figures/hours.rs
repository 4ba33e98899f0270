//! Calls by the hour of the week in which they entered, for a plot: of days from what is kept of when in the day they entered, where
//! `groupBy=hourOfWeek` reads every quarter for all of its figures.

use chrono_tz::Tz;

use super::questions::Asked;
use crate::clock::Timestamp;
use crate::domain::figures::{Sums, Tally};
use crate::domain::histogram::Histogram;
use crate::domain::intervals::{HOURS_A_WEEK, hour_of_week, hours_of_day};
use crate::domain::reading::Reading;
use crate::domain::rollup::Measure;
use crate::store::questions::{self, Cell, Found, Question};
use crate::store::terms::Campaigns;
use crate::store::{Db, Result};

/// Calls of an hour of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// All of them.
    pub total: i64,
    /// Those that were answered.
    pub answered: i64,
}

/// By the hour of the week, from Monday's first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours(pub [Calls; HOURS_A_WEEK]);

impl Hours {
    fn add(&mut self, hour: u32, total: i64, answered: i64) {
        if let Some(calls) = usize::try_from(hour).ok().and_then(|hour| self.0.get_mut(hour)) {
            calls.total += total;
            calls.answered += answered;
        }
    }

    fn add_sums(&mut self, zone: Tz, at: Timestamp, sums: &Sums) {
        self.add(hour_of_week(zone, at), Tally::from(*sums).total, sums.counts.answered);
    }

    fn add_day(&mut self, zone: Tz, day: Timestamp, measure: Measure, entries: &Histogram) {
        let hours = hours_of_day(zone, day);
        for (quarter, calls) in entries.buckets() {
            let answered = if measure == Measure::AnsweredEntry { calls } else { 0 };
            if let Some(hour) = usize::try_from(quarter).ok().and_then(|quarter| hours.get(quarter)) {
                self.add(*hour, calls, answered);
            }
        }
    }
}

/// The calls of a question by the hour of the week; how it is divided says nothing here.
///
/// # Errors
/// The store's.
pub async fn hours(db: &Db, asked: &Asked) -> Result<Hours> {
    let Asked { period, zone, .. } = *asked;
    let mut reader = db.read().await?;
    let question = Question {
        campaigns: Campaigns::of(reader.conn(), asked.campaign.as_ref(), asked.scope).await?,
        banner: asked.banner.clone(),
        period,
        filters: asked.filters.clone(),
        cell: Cell::None,
        by_start: true,
        by_banner: false,
        one_by_one: false,
        reading: Reading::hours(period.from, period.to, asked.kept()),
    };
    let mut told = Hours([Calls::default(); HOURS_A_WEEK]);
    questions::ask(reader.conn(), &question, |found| match found {
        Found::Session(part) | Found::Sessions(part) | Found::Rollups(_, part) => {
            told.add_sums(zone, part.at, &part.sums);
        }
        Found::Histogram(measure, entries, part) => told.add_day(zone, part.at, measure, &entries),
    })
    .await?;
    Ok(told)
}
