//! Roll-ups of visits: how far landings came, added up by day and of all time. Pure arithmetic; `store/visit_rollups.rs` keeps the
//! rows.

use std::collections::BTreeMap;

use super::funnel::Stopped;
use super::ids::CampaignId;
use super::rollup::{EVERY_BANNER, Grain};
use super::vocabulary::words;
use crate::clock::Timestamp;

words! {
    /// Which rows belong together: a question reads one of these.
    Part {
        /// The campaign as a whole, by step and reason.
        Campaign = "campaign",
        /// Each banner, by step and reason.
        Banner = "banner",
        /// How many visits of each banner count.
        Visits = "visits",
    }
}

/// Which row: the columns of the key, in their order, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct VisitKey {
    /// The campaign.
    pub campaign_id: String,
    /// Milliseconds of its grain.
    pub grain: i64,
    /// 1 with those of the staff, 0 without.
    pub tests: i64,
    /// A [`Part`].
    pub part: String,
    /// When it begins.
    pub start_at: i64,
    /// The banner; empty for the campaign as a whole.
    pub banner_id: String,
    /// The furthest step; 0 for what is left out.
    pub step: i64,
    /// Why it is that.
    pub reason: String,
}

/// What a row counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct VisitCounts {
    /// Visits.
    pub visits: i64,
    /// How long those waited together who were not answered.
    pub waited_ms: i64,
}

impl VisitCounts {
    fn add(&mut self, other: Self) {
        self.visits += other.visits;
        self.waited_ms += other.waited_ms;
    }
}

/// Rows, as they are or as they are to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitRollups(pub BTreeMap<VisitKey, VisitCounts>);

impl VisitRollups {
    /// The lengths of the rows that a visit is in.
    pub const GRAINS: [Grain; 2] = [Grain::All, Grain::Day];

    /// Adds what a campaign's landings of one day are said to be, with or without those of the staff, to rows of these grains.
    pub fn count(&mut self, campaign: &CampaignId, day: Timestamp, tests: bool, said: &[Stopped], grains: &[Grain]) {
        for stopped in said {
            let counts = VisitCounts { visits: stopped.visits, waited_ms: stopped.waited_ms };
            for grain in grains {
                let mut add = |part: Part, banner: &str, step: i64, reason: &str, counts: VisitCounts| {
                    let key = VisitKey {
                        campaign_id: campaign.to_string(),
                        grain: grain.millis(),
                        tests: i64::from(tests),
                        part: part.as_str().to_owned(),
                        start_at: grain.start_of(day).millis(),
                        banner_id: banner.to_owned(),
                        step,
                        reason: reason.to_owned(),
                    };
                    self.0.entry(key).or_default().add(counts);
                };
                add(Part::Campaign, EVERY_BANNER, stopped.step, &stopped.reason, counts);
                add(Part::Banner, &stopped.banner_id, stopped.step, &stopped.reason, counts);
                if stopped.step > 0 {
                    add(Part::Visits, &stopped.banner_id, 1, "", VisitCounts { waited_ms: 0, ..counts });
                }
            }
        }
    }

    /// The same, to be taken away.
    #[must_use]
    pub fn negated(mut self) -> Self {
        for counts in self.0.values_mut() {
            *counts = VisitCounts { visits: -counts.visits, waited_ms: -counts.waited_ms };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rollup::DAY_MILLIS;

    fn stopped(banner: &str, step: i64, reason: &str, visits: i64, waited_ms: i64) -> Stopped {
        Stopped { banner_id: banner.to_owned(), step, reason: reason.to_owned(), visits, waited_ms }
    }

    #[test]
    fn a_visit_is_in_the_rows_of_its_campaign_and_of_its_banner() {
        let said = [stopped("a", 4, "Left", 2, 700), stopped("b", 4, "Left", 1, 50), stopped("b", 0, "bot", 5, 0)];
        let mut rows = VisitRollups::default();
        rows.count(&"5".parse().unwrap(), Timestamp(3 * DAY_MILLIS), false, &said, &VisitRollups::GRAINS);
        let told: Vec<_> = rows
            .0
            .iter()
            .filter(|(key, _)| key.grain == DAY_MILLIS)
            .map(|(key, counts)| {
                assert_eq!((key.start_at, key.tests), (3 * DAY_MILLIS, 0));
                (&*key.part, &*key.banner_id, key.step, &*key.reason, counts.visits, counts.waited_ms)
            })
            .collect();
        let expected = [
            ("banner", "a", 4, "Left", 2, 700),
            ("banner", "b", 0, "bot", 5, 0),
            ("banner", "b", 4, "Left", 1, 50),
            ("campaign", "", 0, "bot", 5, 0),
            ("campaign", "", 4, "Left", 3, 750),
            ("visits", "a", 1, "", 2, 0),
            ("visits", "b", 1, "", 1, 0),
        ];
        assert_eq!(told, expected);
        assert_eq!(rows.0.len(), 2 * expected.len(), "the same of all time");
        assert!(rows.0.keys().filter(|key| key.grain == 0).all(|key| key.start_at == 0));
    }

    #[test]
    fn what_is_added_and_taken_away_again_is_nothing() {
        let (campaign, day) = ("5".parse().unwrap(), Timestamp(0));
        let said = [stopped("a", 4, "Left", 2, 700)];
        let mut rows = VisitRollups::default();
        rows.count(&campaign, day, true, &said, &VisitRollups::GRAINS);
        let mut sum = rows.clone().negated();
        sum.count(&campaign, day, true, &said, &VisitRollups::GRAINS);
        assert!(sum.0.values().all(|counts| *counts == VisitCounts::default()));
        assert_eq!(sum.0.len(), rows.0.len());
    }
}
