//! How a periodic job gets through a turn: page by page, past what is broken.

use std::collections::HashSet;

use super::{DeskError, Result};
use crate::domain::ids::SessionId;
use crate::store::StoreError;
use crate::store::presence::Found;

/// Sessions that are read in one page.
const PAGE: i64 = 200;

/// A search for sessions, page by page, until a page is not full. Those that were served are not found again; those that
/// were passed by are, so each page has room for all that were seen.
#[derive(Default)]
pub(super) struct Search {
    seen: HashSet<SessionId>,
    is_over: bool,
}

impl Search {
    /// How many the next page has room for; none when the search is over.
    pub(super) fn limit(&self) -> Option<i64> {
        (!self.is_over).then(|| PAGE + i64::try_from(self.seen.len()).unwrap_or(i64::MAX - PAGE))
    }

    /// Those of a page that are seen for the first time.
    pub(super) fn news(&mut self, page: Vec<Found>) -> Vec<Found> {
        self.is_over = self.limit().is_none_or(|limit| i64::try_from(page.len()).is_ok_and(|length| length < limit));
        let news: Vec<_> = page.into_iter().filter(|found| self.seen.insert(found.id)).collect();
        self.is_over |= news.is_empty();
        news
    }
}

/// What comes of one row, for the others: somebody else was faster, or the page came back, and there is nothing to do; a
/// row that cannot be read or changed is logged and passed by. Only a database that is away ends the turn.
pub(super) fn pass_by_bad<T>(session: SessionId, result: Result<T>) -> Result<()> {
    match result {
        Ok(_) | Err(DeskError::NotFound | DeskError::NotNow(_)) => Ok(()),
        Err(error) if is_away(&error) => Err(error),
        Err(error) => {
            tracing::error!(%session, %error, "a session was passed by: what should happen to it did not");
            Ok(())
        }
    }
}

/// A part of a turn that fails leaves the other parts alone, unless the database is away for them too.
pub(super) fn go_on(part: &'static str, result: Result<()>) -> Result<()> {
    match result {
        Err(error) if !is_away(&error) => {
            tracing::error!(part, %error, "a part of a periodic job failed; the others go on");
            Ok(())
        }
        result => result,
    }
}

const fn is_away(error: &DeskError) -> bool {
    matches!(error, DeskError::Away | DeskError::Store(StoreError::Unavailable(_) | StoreError::Lost(_)))
}
