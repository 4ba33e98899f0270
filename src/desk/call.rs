//! What the two parties of a call do: connect, talk, signal, end.

use serde_json::{Map, Value};

use super::{Desk, DeskError, Result};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::{SEEN_EVERY_MILLIS, Seat};
use crate::domain::session::{Action, Ender, Party, State};
use crate::live::bus::Message;
use crate::store::presence as rows;
use crate::store::sessions::Session;
use crate::store::{reps, transact};

/// One of the two parties of a call, proven by its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The customer of this session.
    Customer(SessionId),
    /// A representative, and the name that the customer sees.
    Rep(RepId, String),
}

impl Caller {
    /// Which side this is.
    #[must_use]
    pub const fn party(&self) -> Party {
        match self {
            Self::Customer(_) => Party::Customer,
            Self::Rep(..) => Party::Representative,
        }
    }

    /// Where this party listens.
    #[must_use]
    pub const fn seat(&self) -> Seat {
        match self {
            Self::Customer(session) => Seat::Customer(*session),
            Self::Rep(rep, _) => Seat::Rep(*rep),
        }
    }

    /// Whether the session is this caller's: another's does not exist for them.
    fn check_party(&self, session: &Session) -> Result<()> {
        let own = match self {
            Self::Customer(id) => *id == session.id,
            Self::Rep(rep, _) => session.life.rep == Some(*rep),
        };
        if own { Ok(()) } else { Err(DeskError::NotFound) }
    }

    /// Refuses a caller whose session it is not, or who speaks of an epoch that is over.
    pub(super) fn check(&self, session: &Session, epoch: Option<i64>) -> Result<()> {
        let stale = epoch.is_some_and(|epoch| epoch != session.life.epoch);
        match self.check_party(session) {
            // A representative's stale tab may speak of a session that is another's by now: it is told so, and no more.
            Err(_) if stale && matches!(self, Self::Rep(..)) => Err(DeskError::Stale(None)),
            Ok(()) if stale => Err(DeskError::Stale(Some(Box::new(session.clone())))),
            checked => checked,
        }
    }

    /// The same for whoever ends it: what has ended has no epoch that could be over.
    pub(super) fn check_end(&self, session: &Session, epoch: Option<i64>) -> Result<()> {
        if session.life.state == State::Ended { self.check_party(session) } else { self.check(session, epoch) }
    }
}

impl Desk {
    /// The session, for one of its parties.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for anybody else, or the store's.
    pub async fn session_for(&self, caller: &Caller, id: SessionId) -> Result<Session> {
        let session = self.session(id).await?;
        caller.check_party(&session)?;
        self.heard(caller, &session).await?;
        Ok(session)
    }

    /// One side's media is connected; the second of the two starts the conversation. Who is in conversation with the
    /// same representative goes on hold in the same step.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`], or the store's.
    pub async fn joined(&self, caller: &Caller, id: SessionId, epoch: Option<i64>) -> Result<Session> {
        let rep_name = self.rep_name(caller, id).await?;
        let session = self
            .attend(id, |session| {
                caller.check(session, epoch)?;
                Ok(Action::Joined { party: caller.party(), rep_name: rep_name.clone() })
            })
            .await?;
        self.heard(caller, &session).await?;
        Ok(session)
    }

    /// The name of the representative who has the session: kept with the conversation that starts now.
    async fn rep_name(&self, caller: &Caller, id: SessionId) -> Result<String> {
        if let Caller::Rep(_, name) = caller {
            return Ok(name.clone());
        }
        let Some(rep) = self.session(id).await?.life.rep else { return Ok(String::new()) };
        let mut reader = self.db.read().await?;
        Ok(reps::find(reader.conn(), rep).await?.map(|rep| rep.name).unwrap_or_default())
    }

    /// Either party ends the session. Again: the same answer, and never back to the queue.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], or the store's.
    pub async fn end(&self, caller: &Caller, id: SessionId, epoch: Option<i64>, media_failed: bool) -> Result<Session> {
        let by = match caller {
            Caller::Customer(_) => Ender::Customer,
            Caller::Rep(..) => Ender::Representative,
        };
        self.act(id, self.now(), |session| {
            caller.check_end(session, epoch)?;
            // Only who was being connected can have failed to connect.
            let failed = media_failed && session.life.state == State::Offered;
            Ok(Action::End { by: if failed { Ender::Media } else { by } })
        })
        .await
    }

    /// Relays a message to the other party, and to nobody else.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`] when nobody has the session, or the store's.
    pub async fn signal(
        &self,
        caller: &Caller,
        id: SessionId,
        epoch: Option<i64>,
        mut message: Map<String, Value>,
    ) -> Result<()> {
        let session = self.session(id).await?;
        caller.check(&session, epoch)?;
        let Some(rep) = session.life.rep.filter(|_| session.life.is_with_rep()) else {
            return Err(DeskError::NotNow(Box::new(session)));
        };
        let seat = match caller {
            Caller::Customer(_) => Seat::Rep(rep),
            Caller::Rep(..) => Seat::Customer(id),
        };
        message.insert("from".to_owned(), caller.party().as_str().into());
        message.insert("sessionId".to_owned(), id.to_string().into());
        self.heard(caller, &session).await?;
        self.bus.tell(Message::Signal { seat, text: Value::Object(message).to_string() });
        Ok(())
    }

    /// Notes a sign of life of either party while somebody has the session. The first word of a claimed customer's
    /// page: from then on it is not silent. A representative's, every few seconds: one may work without a stream.
    pub(super) async fn heard(&self, caller: &Caller, session: &Session) -> Result<()> {
        if !session.life.is_with_rep() {
            return Ok(());
        }
        match caller {
            Caller::Customer(_) if session.heard_epoch < session.life.epoch => {
                rows::heard(&self.db, session.id, session.life.epoch).await?;
            }
            Caller::Rep(rep, _) => self.rep_seen(*rep).await?,
            Caller::Customer(_) => {}
        }
        Ok(())
    }

    /// Notes a sign of life of a representative.
    pub(super) async fn rep_seen(&self, rep: RepId) -> Result<()> {
        let now = self.now();
        let noted_before = now.plus_millis(-SEEN_EVERY_MILLIS);
        transact!(&self.db, tx => reps::seen(tx, rep, now, noted_before).await)?;
        Ok(())
    }
}
