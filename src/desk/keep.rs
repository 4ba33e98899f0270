//! The one path of every change of a session, a group of joins apart: within a transaction, and without a desk.

use super::{Desk, DeskError, Result, wrap_up};
use crate::clock::Timestamp;
use crate::domain::session::{Action, Ender, Step};
use crate::store::sessions::{self, Change, Session};
use crate::store::{Tx, reps};

/// Sessions before and after.
pub(super) type Changes = Vec<(Session, Session)>;

/// Writes one action on a session, which was at `at` and is known since `known_at`, within a transaction. The session as
/// it is afterwards.
pub(super) async fn keep(
    tx: &mut Tx,
    session: &Session,
    action: &Action,
    at: Timestamp,
    known_at: Timestamp,
) -> Result<Session> {
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
        && !(next.is_with_rep() && next.rep == Some(rep))
    {
        // Where a customer's page went, the time to wrap up begins when that is known.
        let gone = matches!(action, Action::End { by: Ender::CustomerGone });
        let wrap_up = wrap_up::after(tx, session, action, if gone { known_at } else { at }).await?;
        reps::release_caller(tx, rep, wrap_up, at).await?;
    }
    Ok(Session { life: *next, rang, ..session.clone() })
}
