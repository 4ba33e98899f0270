//! Visitors: what their representative is told of them, and blocking: a conversation ends, and whatever the same browser
//! asks for next waits behind everybody else, until the block ends or a supervisor lifts it.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::call::Caller;
use super::floor::LISTED;
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::{RepId, SessionId, VisitorId};
use crate::domain::session::{Action, Ender};
use crate::domain::visitor::BLOCK_MILLIS;
use crate::domain::words::Reason;
use crate::store::sessions::{self, Session};
use crate::store::visitors::{self, Block, Blocked, Earlier};
use crate::store::{Tx, transact};

/// A session of before 0010.
const NOBODY_KNOWN: &str = "It is not known which browser asked for this conversation, so it cannot be blocked.";

/// A visitor who was blocked.
#[derive(Debug, Clone)]
pub struct BlockedVisitor {
    /// The session, as it ended.
    pub session: Session,
    /// Until when.
    pub until: Timestamp,
}

/// A representative who blocks: who they are, in the log too, and why.
#[derive(Debug)]
pub struct Blocker<'b> {
    /// Who.
    pub rep: RepId,
    /// The name that the customer sees.
    pub name: &'b str,
    /// Who, in the log.
    pub by: &'b Actor,
    /// Why.
    pub reason: Option<&'b Reason>,
}

impl Desk {
    /// What the visitor of a session asked for before, the latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn earlier_calls(&self, session: &Session) -> Result<Vec<Earlier>> {
        let mut reader = self.db.read().await?;
        Ok(visitors::earlier(reader.conn(), session).await?)
    }

    /// Whether a visitor is blocked now.
    pub(super) async fn is_blocked(&self, visitor: Option<VisitorId>) -> Result<bool> {
        let Some(visitor) = visitor else { return Ok(false) };
        let mut reader = self.db.read().await?;
        Ok(visitors::block_of(reader.conn(), visitor, self.now()).await?.is_some())
    }

    /// The representative ends a session, if it has not ended, and blocks its visitor. Again: the same answer, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's, [`DeskError::Stale`], [`DeskError::Contradiction`] when nobody knows whose
    /// session it is, or the store's.
    pub async fn end_and_block(&self, who: &Blocker<'_>, id: SessionId, epoch: Option<i64>) -> Result<BlockedVisitor> {
        let now = self.now();
        let caller = Caller::Rep(who.rep, who.name.to_owned());
        let (before, after, until) = transact!(&self.db, tx => {
            sessions::lock(tx, id).await?;
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            caller.check_end(&before, epoch)?;
            let visitor = before.visitor_id.ok_or_else(|| DeskError::Contradiction(NOBODY_KNOWN.to_owned()))?;
            let after = self.keep(tx, &before, &Action::End { by: Ender::Representative }, now).await?;
            let until = block(tx, visitor, id, who, now).await?;
            Ok::<_, DeskError>((before, after, until))
        })?;
        self.announce(&before, &after);
        Ok(BlockedVisitor { session: after, until })
    }

    /// Who is blocked now, the latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn blocked_visitors(&self) -> Result<Vec<Blocked>> {
        let mut reader = self.db.read().await?;
        Ok(visitors::blocked(reader.conn(), self.now(), LISTED).await?)
    }

    /// Lifts the block of a visitor: what they ask for from now on waits like everybody's. False when there is none.
    ///
    /// # Errors
    /// The store's.
    pub async fn lift_block(&self, visitor: VisitorId, reason: &Reason, by: &Actor) -> Result<bool> {
        let now = self.now();
        transact!(&self.db, tx => {
            let lifted = visitors::lift(tx, visitor, now).await?;
            if lifted {
                let mut detail = Detail::new();
                detail.insert("reason".to_owned(), json!(reason.as_str()));
                audit::note(tx, by, "visitor.unblock", &visitor.to_string(), &detail, now).await?;
            }
            Ok::<_, DeskError>(lifted)
        })
    }
}

/// Until when a visitor is blocked for this session: once for each session, whatever is asked how often.
async fn block(
    tx: &mut Tx,
    visitor: VisitorId,
    session: SessionId,
    who: &Blocker<'_>,
    now: Timestamp,
) -> Result<Timestamp> {
    let present = visitors::block_of(tx.conn(), visitor, now).await?;
    if let Some(block) = present.filter(|block| block.session_id == session) {
        return Ok(block.ends_at);
    }
    let reason = who.reason.map(|reason| reason.as_str().to_owned());
    let ends_at = now.plus_millis(BLOCK_MILLIS);
    let mut detail = Detail::new();
    detail.insert("session".to_owned(), json!(session.to_string()));
    detail.insert("until".to_owned(), json!(ends_at));
    detail.extend(reason.as_ref().map(|reason| ("reason".to_owned(), json!(reason))));
    let block = Block { visitor_id: visitor, session_id: session, user_id: who.rep, reason, at: now, ends_at };
    visitors::block(tx, &block).await?;
    audit::note(tx, who.by, "visitor.block", &visitor.to_string(), &detail, now).await?;
    Ok(ends_at)
}
