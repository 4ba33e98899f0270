//! After a conversation: what its representative says about it, and the activity in which they do so. Nobody is stuck in
//! that: it ends by *done*, by the next customer, by another choice, with the console, or when its time is up.

use super::campaigns::outcomes_of;
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::Seat;
use crate::domain::session::{Action, Life, State};
use crate::domain::wrap_up::{Said, WrapUp};
use crate::live::bus::Message;
use crate::store::activities::{self, Duty};
use crate::store::campaigns::{self, Campaign};
use crate::store::sessions::{self, Session};
use crate::store::wrap_ups::{self, Following, Overdue};
use crate::store::{Conn, Tx, transact, transfers, visit_rollups};

/// Who wraps a conversation up.
#[derive(Debug, Clone, Copy)]
pub struct Author {
    /// Who.
    pub user: RepId,
    /// Whether every session is theirs to speak of.
    pub administers: bool,
}

impl Author {
    /// The session, unless this is somebody who neither has it, nor had it last, nor answered it first, nor passed it on, nor
    /// administers.
    async fn session(self, mut conn: Conn<'_>, id: SessionId) -> Result<Session> {
        let session = sessions::find(conn.reborrow(), id).await?.ok_or(DeskError::NotFound)?;
        let life = &session.life;
        let own = self.administers || life.rep == Some(self.user) || life.answered_by == Some(self.user);
        if own || transfers::passed_on_by(conn, id, self.user).await? { Ok(session) } else { Err(DeskError::NotFound) }
    }
}

/// A conversation that is or can be wrapped up.
#[derive(Debug, Clone)]
pub struct Wrapping {
    /// Which.
    pub session: Session,
    /// What was said about it so far.
    pub said: WrapUp,
    /// The words there are for what came of it: the campaign's outcomes.
    pub dispositions: Vec<String>,
    /// Until when it is what its representative is doing, at most.
    pub until: Option<Timestamp>,
}

/// Whether there is something to say: a conversation has started, whatever became of it.
const fn was_answered(life: &Life) -> bool {
    life.started_at.is_some()
}

fn words_of(campaign: Option<Campaign>) -> Vec<String> {
    outcomes_of(campaign.and_then(|campaign| campaign.outcomes).as_deref())
}

impl Desk {
    /// Keeps what is said about a conversation; said again, the newer word counts. `done` ends the wrap-up, if that is
    /// what its representative is doing.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's, [`DeskError::NoConversation`], [`DeskError::Invalid`], or the store's.
    pub async fn wrap_up(&self, author: Author, id: SessionId, said: &Said, done: bool) -> Result<Wrapping> {
        let now = self.now();
        let mut reader = self.db.read().await?;
        // Whoever may say nothing about it neither waits for anybody, nor has anybody wait.
        author.session(reader.conn(), id).await?;
        drop(reader);
        let ended = transact!(&self.db, tx => {
            // What came of it counts for its visit; first, because that may have to wait for whoever writes roll-ups.
            visit_rollups::release_of(tx, id).await?;
            // What is typed and what is clicked at the same moment must not undo each other.
            sessions::lock(tx, id).await?;
            let session = author.session(tx.conn(), id).await?;
            if !was_answered(&session.life) {
                return Err(DeskError::NoConversation(Box::new(session)));
            }
            let before = wrap_ups::find(tx.conn(), id).await?.unwrap_or_default();
            let words = words_of(campaigns::find(tx.conn(), &session.campaign_id).await?);
            let after = before.with(said.clone(), &words).map_err(|wrong| DeskError::Invalid(wrong.to_string()))?;
            if after != before {
                wrap_ups::keep(tx, id, author.user, &after, now).await?;
            }
            // Whoever passed the customer on wraps up their own leg.
            for rep in [Some(author.user), session.life.rep.filter(|_| author.administers)].into_iter().flatten() {
                if done && wrap_ups::finish(tx, rep, id, now).await? {
                    return Ok(Some(rep));
                }
            }
            Ok::<_, DeskError>(None)
        })?;
        if let Some(rep) = ended {
            self.wrap_up_ended(rep);
        }
        self.wrapping(author, id).await
    }

    /// What was said about a session so far, and what there is to say.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's, or the store's.
    pub async fn wrapping(&self, author: Author, id: SessionId) -> Result<Wrapping> {
        let mut reader = self.db.read().await?;
        let session = author.session(reader.conn(), id).await?;
        let said = wrap_ups::find(reader.conn(), id).await?.unwrap_or_default();
        let dispositions = words_of(campaigns::find(reader.conn(), &session.campaign_id).await?);
        let mut until = None;
        for rep in [Some(author.user), session.life.rep].into_iter().flatten() {
            let duty = activities::of_rep(reader.conn(), rep).await?.filter(|duty| duty.wrapped_up() == Some(id));
            until = until.or(duty.and_then(|duty| duty.wrap_up_until));
        }
        Ok(Wrapping { session, said, dispositions, until })
    }

    /// The conversation that a representative wraps up now, if that is what they do.
    ///
    /// # Errors
    /// The store's.
    pub async fn present_wrap_up(&self, rep: RepId, duty: &Duty) -> Result<Option<Wrapping>> {
        let Some(id) = duty.wrapped_up() else { return Ok(None) };
        match self.wrapping(Author { user: rep, administers: true }, id).await {
            Ok(wrapping) => Ok(Some(Wrapping { until: duty.wrap_up_until, ..wrapping })),
            Err(DeskError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends the wrap-ups whose time is up. Each is guarded by the row it changes: whichever instance does it, it is done
    /// once.
    pub(super) async fn end_overdue_wrap_ups(&self) -> Result<()> {
        let now = self.now();
        let mut reader = self.db.read().await?;
        let overdue = wrap_ups::overdue(reader.conn(), now).await?;
        drop(reader);
        for one in overdue {
            // One that cannot be ended must not keep the others waiting.
            if let Err(error) = self.end_overdue_wrap_up(one, now).await {
                tracing::error!(rep = %one.rep, %error, "a wrap-up was passed by: it goes on");
            }
        }
        Ok(())
    }

    async fn end_overdue_wrap_up(&self, overdue: Overdue, now: Timestamp) -> Result<()> {
        // However late somebody looks, it ended when its time was up.
        let at = if overdue.until.millis() > 0 { overdue.until } else { now };
        let ended = transact!(&self.db, tx => wrap_ups::run_out(tx, overdue, at).await)?;
        if ended {
            self.wrap_up_ended(overdue.rep);
        }
        Ok(())
    }

    /// After the commit: the console is told, and somebody may ring.
    fn wrap_up_ended(&self, rep: RepId) {
        self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
        self.ringing.look();
    }
}

/// The wrap-up that follows when a session leaves its representative, and was their last: of a conversation that has
/// ended, or whose customer was passed on, where the queue has it. Its time begins at `from`.
pub(super) async fn after(tx: &mut Tx, left: &Session, by: &Action, from: Timestamp) -> Result<Option<Following>> {
    let talked = matches!(left.life.state, State::Talking | State::Held);
    let done = matches!(by, Action::End { .. } | Action::Transfer { .. } | Action::HandOver { .. });
    let Some(queue) = left.life.queue.filter(|_| talked && done) else { return Ok(None) };
    let seconds = wrap_ups::seconds_of(tx.conn(), queue).await?;
    let until = from.plus_millis(seconds * 1_000);
    Ok((seconds > 0).then_some(Following { session: left.id, until }))
}
