//! The one path of every change of a session, a group of joins apart: within a transaction, and without a desk.

use super::{Desk, DeskError, Result, wrap_up};
use crate::clock::Timestamp;
use crate::domain::ids::RepId;
use crate::domain::session::{Action, Ender, Life, Step};
use crate::store::sessions::{self, Change, Session};
use crate::store::{Tx, consultations, reps};

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
    if let Action::HandOver { rep } = action
        && session.life.consulted == Some(*rep)
    {
        consultations::hand_over(tx, session, *rep, at).await?;
    }
    for rep in released(&session.life, &next) {
        // Who was only consulted had no call. Where a customer's page went, the time to wrap up begins when that is known.
        let gone = matches!(action, Action::End { by: Ender::CustomerGone });
        let had_call = session.life.rep == Some(rep);
        let begins = if gone { known_at } else { at };
        let wrap_up = if had_call { wrap_up::after(tx, session, action, begins).await? } else { None };
        // The call was over when the customer's page went; the two who talked about them went on until it was known.
        reps::release_caller(tx, rep, wrap_up, if had_call { at } else { begins }).await?;
    }
    Ok(Session { life: *next, rang, ..session.clone() })
}

/// Who is not busy with it any more, in the order in which their rows are locked.
fn released(before: &Life, after: &Life) -> Vec<RepId> {
    let mut released: Vec<RepId> = before.occupies().filter(|rep| !after.occupies().any(|busy| busy == *rep)).collect();
    released.sort_unstable();
    released
}
