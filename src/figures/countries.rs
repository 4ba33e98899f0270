//! Calls by the customer's country, for a plot: counts alone, where `groupBy=country` tells every figure.

use std::collections::BTreeMap;

use super::hours::Calls;
use super::questions::{Asked, Division, Group};
use crate::domain::figures::Tally;
use crate::domain::reading::{Reading, Shape};
use crate::domain::rollup::Dimension;
use crate::store::questions::{self, Cell, Found, Question};
use crate::store::terms::Campaigns;
use crate::store::{Db, Result};

/// The calls of a question by country; of an unknown one by the empty text. How it is divided says nothing here.
///
/// # Errors
/// The store's.
pub async fn countries(db: &Db, asked: &Asked) -> Result<BTreeMap<String, Calls>> {
    let asked = Asked { division: Division::Groups(Group::Country), ..asked.clone() };
    let mut reader = db.read().await?;
    let mut reading = Reading::of(asked.period.from, asked.period.to, Shape::Whole, asked.kept());
    reading.histograms.clear();
    let question = Question {
        campaigns: Campaigns::of(reader.conn(), asked.campaign.as_ref(), asked.scope).await?,
        banner: asked.banner,
        period: asked.period,
        filters: asked.filters,
        cell: Cell::Value(Dimension::Country),
        by_start: false,
        by_banner: false,
        one_by_one: false,
        reading,
    };
    let mut told: BTreeMap<String, Calls> = BTreeMap::new();
    questions::ask(reader.conn(), &question, |found| {
        if let Found::Sessions(part) | Found::Rollups(_, part) = found {
            let calls = told.entry(part.cell).or_default();
            calls.total += Tally::from(part.sums).total;
            calls.answered += part.sums.counts.answered;
        }
    })
    .await?;
    told.retain(|_, calls| calls.total > 0);
    Ok(told)
}
