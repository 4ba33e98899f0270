//! A representative's own figures of the day.

use super::{Desk, Result};
use crate::clock::Timestamp;
use crate::domain::activity::Activity;
use crate::domain::day::time_in_each;
use crate::domain::ids::RepId;
use crate::store::today::{self, Answered, Rated};

/// What a representative has done since a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// Until when it is told.
    pub at: Timestamp,
    /// The calls that they answered.
    pub answered: Answered,
    /// What their customers thought of those.
    pub rated: Rated,
    /// The offers that rang in vain.
    pub missed: i64,
    /// Milliseconds in each activity.
    pub activities: Vec<(Activity, i64)>,
}

impl Desk {
    /// What a representative has done since then.
    ///
    /// # Errors
    /// The store's.
    pub async fn today(&self, rep: RepId, since: Timestamp) -> Result<Today> {
        let at = self.now();
        let mut reader = self.db.read().await?;
        let answered = today::answered(reader.conn(), rep, since).await?;
        let rated = today::rated(reader.conn(), rep, since).await?;
        let missed = today::missed(reader.conn(), rep, since).await?;
        let spells = today::spells(reader.conn(), rep, since).await?;
        Ok(Today { at, answered, rated, missed, activities: time_in_each(&spells, since, at) })
    }
}
