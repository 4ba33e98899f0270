//! The one path of every change of a session, a group of joins apart: within a transaction, and without a desk.

use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::session::{Action, Step};
use crate::store::sessions::{self, Change, Session};
use crate::store::{Tx, reps};

/// Sessions before and after.
pub(super) type Changes = Vec<(Session, Session)>;

/// Writes one action on a session within a transaction. The session as it is afterwards.
pub(super) async fn keep(tx: &mut Tx, session: &Session, action: &Action, at: Timestamp) -> Result<Session> {
    let step = session.life.apply(action, at).map_err(|refused| DeskError::refused(session, refused))?;
    let Step::Changed(next) = step else { return Ok(session.clone()) };
    sessions::save(tx, &Change { session, next: &next, action, at }).await?;
    let rang = if session.life.ringing > 0 && next.ringing == 0 {
        Desk::hush(tx, session, action, at).await?
    } else {
        Vec::new()
    };
    if let Some(rep) = session.life.rep
        && session.life.is_with_rep()
        && !next.is_with_rep()
    {
        reps::release_caller(tx, rep, at).await?;
    }
    Ok(Session { life: *next, rang, ..session.clone() })
}
