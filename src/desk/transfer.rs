//! Passing a customer on: to another queue, or to a colleague, who is asked by an offer while the customer is on hold.
//!
//! A question is an offer of a session that is held, as a ringing one is of a session that waits: whatever ends it (an
//! answer, the deadline, the customer who leaves, the representative who turns back) goes the way of every offer.

use super::call::Caller;
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::offer::OfferState;
use crate::domain::people::Username;
use crate::domain::session::{Action, State};
use crate::domain::transfer::{Legs, Unfit};
use crate::domain::visitor;
use crate::store::queues::Queue;
use crate::store::sessions::{self, Session};
use crate::store::transfers::{self, Colleague, New, Transfer};
use crate::store::{Conn, StoreError, events, offers, transact};

/// How many colleagues are listed.
const LISTED: i64 = 200;

/// Where a customer can be passed on to.
#[derive(Debug)]
pub struct Destinations {
    /// Every other queue: why not, and how many serve it now.
    pub queues: Vec<QueueChoice>,
    /// The colleagues whose console is open, each with why they cannot be asked now.
    pub reps: Vec<(Colleague, Option<Unfit>)>,
}

/// A queue that a customer can be passed on to.
#[derive(Debug)]
pub struct QueueChoice {
    /// Which.
    pub queue: Queue,
    /// The customer was in it: a circle.
    pub was_there: bool,
    /// How many consoles that are open serve it.
    pub served_by: usize,
}

/// How a session was passed on, as one representative is told of it.
#[derive(Debug, Default)]
pub struct Passing {
    /// What this representative asked a colleague last, while the customer is on hold.
    pub asked: Option<Transfer>,
    /// Who passed the customer on to this representative.
    pub from: Option<Transfer>,
    /// With whom this representative talks about the customer.
    pub with: Option<Consultation>,
}

/// A consultation, as one of the two is told of it.
#[derive(Debug)]
pub struct Consultation {
    /// The other's name.
    pub name: String,
    /// Since when they talk.
    pub since: Timestamp,
}

impl Consultation {
    fn of(question: Transfer, rep: RepId) -> Option<Self> {
        let since = question.decided_at?;
        match (question.from_rep == rep, question.to_rep == Some(rep)) {
            (true, _) => Some(Self { name: question.to_name?, since }),
            (_, true) => Some(Self { name: question.from_name, since }),
            _ => None,
        }
    }
}

/// What a colleague is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The name the colleague signs in with.
    pub colleague: &'q str,
    /// What they are told.
    pub note: Option<&'q str>,
    /// Whether the two are to talk first.
    pub warm: bool,
}

impl Desk {
    /// Passes a customer on to another queue, where they wait with their ticket. Again: the same, once. With it, how many
    /// serve that queue now.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`] without a conversation, [`DeskError::Invalid`]
    /// for a queue that there is not, [`DeskError::Contradiction`] for one where the customer was, or the store's.
    pub async fn pass_to_queue(
        &self,
        caller: &Caller,
        id: SessionId,
        epoch: Option<i64>,
        queue: &str,
        note: Option<&str>,
    ) -> Result<(Session, usize)> {
        let (now, plan, rep) = (self.now(), self.plan(), rep_of(caller)?);
        let queue = plan.named(queue);
        let (before, after) = transact!(&self.db, tx => {
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            if is_passed_on(tx.conn(), &before, queue, rep).await? {
                return Ok((before.clone(), before));
            }
            check(caller, &before, epoch)?;
            let queue = queue.ok_or_else(no_such_queue)?;
            if legs_of(tx.conn(), &before).await?.queues.contains(&queue.id) {
                let sentence = format!("The customer was in the queue {} already.", queue.name);
                return Err(DeskError::Contradiction(sentence));
            }
            let from = before.life.queue.unwrap_or(before.for_queue);
            // Whoever was blocked stays behind everybody else.
            let blocked = visitor::is_behind(before.for_rank);
            let rank = if blocked { visitor::behind(queue.queue_rank) } else { queue.queue_rank };
            let action = Action::Transfer { from, queue: queue.id, rank, rep };
            let after = self.keep(tx, &before, &action, now).await?;
            let number = after.life.last_event;
            let to_queue = Some(queue.id);
            let new = New { session: id, number, from: rep, to_rep: None, to_queue, note, warm: false, at: now };
            transfers::insert(tx, &new).await?;
            Ok::<_, DeskError>((before, after))
        })?;
        self.announce(&before, &after);
        let queue = queue.ok_or_else(no_such_queue)?;
        let served_by = self.serving(queue.id).await?;
        Ok((after, served_by))
    }

    /// Asks a colleague to take a customer, who is on hold meanwhile, or to talk about them first. Again: the same, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`] without a conversation, [`DeskError::Invalid`]
    /// for somebody who is not there, [`DeskError::Contradiction`] with why they cannot be asked, or the store's.
    pub async fn ask_colleague(
        &self,
        caller: &Caller,
        id: SessionId,
        epoch: Option<i64>,
        question: &Question<'_>,
    ) -> Result<Session> {
        let (rep, unknown) = (rep_of(caller)?, || DeskError::Invalid("There is nobody of this name.".to_owned()));
        // Whose session it is comes before what was said of it: a name that nobody can have is nobody's.
        let name = question.colleague.parse().map(|name: Username| name.folded()).unwrap_or_default();
        let (before, after) = transact!(&self.db, tx => {
            let now = self.now();
            // Offers are made and settled under their session's lock: what is read from here on stays so.
            sessions::lock(tx, id).await?;
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            check(caller, &before, epoch)?;
            let colleague = transfers::colleague(tx.conn(), &name).await?.ok_or_else(unknown)?;
            if is_asked(tx.conn(), &before, colleague.id, question.warm).await? {
                return Ok((before.clone(), before));
            }
            let legs = legs_of(tx.conn(), &before).await?;
            if let Some(unfit) = unfit(&colleague, rep, &legs) {
                return Err(DeskError::Contradiction(format!("{} {}.", colleague.display_name, unfit.sentence())));
            }
            // One that an older version settled rings on by the row alone.
            let silent = if before.life.ringing > 0 { self.keep(tx, &before, &Action::Unring, now).await? } else { before };
            let mut after = self.keep(tx, &silent, &Action::Ask { rep: colleague.id }, now).await?;
            after.rang = vec![colleague.id];
            let deadline = now.plus_millis(self.plan().settings_for(&silent).offer_seconds * 1_000);
            if !offers::insert(tx, id, colleague.id, now, deadline).await? {
                return Err(StoreError::Stale.into());
            }
            let (number, to_rep) = (after.life.last_event, Some(colleague.id));
            let Question { note, warm, .. } = *question;
            let new = New { session: id, number, from: rep, to_rep, to_queue: None, note, warm, at: now };
            transfers::insert(tx, &new).await?;
            Ok((silent, after))
        })?;
        self.announce(&before, &after);
        Ok(after)
    }

    /// The representative does not ask any more, or one of the two who talk about the customer leaves; the customer stays on
    /// hold. Again: the same, once, for who has the customer.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::NotNow`] without a conversation, or the store's.
    pub async fn cancel_transfer(&self, caller: &Caller, id: SessionId) -> Result<Session> {
        let rep = rep_of(caller)?;
        let (before, after) = transact!(&self.db, tx => {
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            let consulted = before.life.consulted;
            if consulted.is_none() || consulted != Some(rep) {
                check(caller, &before, None)?;
            }
            let action = if consulted.is_some() { Action::Part } else { Action::Unring };
            let nothing = before.life.state == State::Talking;
            let after = if nothing { before.clone() } else { self.keep(tx, &before, &action, self.now()).await? };
            Ok::<_, DeskError>((before, after))
        })?;
        self.announce(&before, &after);
        Ok(after)
    }

    /// Where a representative can pass a customer on to.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's, or the store's.
    pub async fn destinations(&self, caller: &Caller, id: SessionId) -> Result<Destinations> {
        let (session, rep) = (self.session_for(caller, id).await?, rep_of(caller)?);
        let plan = self.plan();
        let mut reader = self.db.read().await?;
        let legs = legs_of(reader.conn(), &session).await?;
        let present = transfers::present(reader.conn(), LISTED).await?;
        drop(reader);
        let mut queues = Vec::new();
        for queue in plan.queues.iter().filter(|queue| Some(queue.id) != session.life.queue) {
            let (was_there, served_by) = (legs.queues.contains(&queue.id), self.serving(queue.id).await?);
            queues.push(QueueChoice { queue: queue.clone(), was_there, served_by });
        }
        let others = present.into_iter().filter(|colleague| colleague.id != rep);
        let reps = others.map(|colleague| {
            let unfit = unfit(&colleague, rep, &legs);
            (colleague, unfit)
        });
        Ok(Destinations { queues, reps: reps.collect() })
    }

    /// How a session was passed on, for the representative who has it, or is asked to take it.
    ///
    /// # Errors
    /// The store's.
    pub async fn passing(&self, rep: RepId, session: &Session) -> Result<Passing> {
        let mut reader = self.db.read().await?;
        let all = transfers::of_session(reader.conn(), session.id).await?;
        let is_held = session.life.state == State::Held && session.life.rep == Some(rep);
        let asked = all.last().filter(|last| is_held && last.from_rep == rep && last.to_rep.is_some()).cloned();
        let consulted = session.life.consulted;
        // Who only talked about the customer was not given them.
        let given = |one: &Transfer| !one.warm || one.handed_at.is_some() || consulted == Some(rep);
        let of_question = |one: &Transfer| match one.state {
            Some(OfferState::Accepted) => given(one),
            state => state == Some(OfferState::Pending),
        };
        let reached = |one: &Transfer| one.to_queue.is_some() || (one.to_rep == Some(rep) && of_question(one));
        let talk = all.last().filter(|last| consulted.is_some() && last.to_rep == consulted).cloned();
        let with = talk.and_then(|last| Consultation::of(last, rep));
        let from = all.into_iter().rev().find(reached).filter(|one| one.from_rep != rep);
        Ok(Passing { asked, from, with })
    }
}

pub(super) fn rep_of(caller: &Caller) -> Result<RepId> {
    match caller {
        Caller::Rep(rep, _) => Ok(*rep),
        Caller::Customer(_) => Err(DeskError::NotFound),
    }
}

/// Refuses who does not have the session, or does not speak with the customer yet.
pub(super) fn check(caller: &Caller, session: &Session, epoch: Option<i64>) -> Result<()> {
    caller.check(session, epoch)?;
    match session.life.state {
        State::Talking | State::Held => Ok(()),
        _ => Err(DeskError::NotNow(Box::new(session.clone()))),
    }
}

fn no_such_queue() -> DeskError {
    DeskError::Invalid("There is no queue of this name.".to_owned())
}

/// Whether this very representative has just passed the customer on to that queue.
async fn is_passed_on(conn: Conn<'_>, session: &Session, queue: Option<&Queue>, rep: RepId) -> Result<bool> {
    let Some(queue) = queue.map(|queue| queue.id) else { return Ok(false) };
    if session.life.state != State::Waiting || session.life.queue != Some(queue) {
        return Ok(false);
    }
    let last = events::last(conn, session.id, "transfer").await?;
    Ok(matches!(last, Some(Action::Transfer { queue: to, rep: by, .. }) if to == queue && by == rep))
}

async fn legs_of(conn: Conn<'_>, session: &Session) -> Result<Legs> {
    let log = events::of_session(conn, session.id).await?;
    // A word of a newer version tells of no leg that this one knows.
    Ok(Legs::of(log.iter().filter_map(|event| serde_json::from_str(&event.data).ok())))
}

/// Whether this very question was asked already. Another one has to be over first.
async fn is_asked(mut conn: Conn<'_>, session: &Session, colleague: RepId, warm: bool) -> Result<bool> {
    let contradiction = |sentence: &str| Err(DeskError::Contradiction(sentence.to_owned()));
    if let Some(consulted) = session.life.consulted {
        let same = warm && consulted == colleague;
        return if same { Ok(true) } else { contradiction("You talk with a colleague already: end that first.") };
    }
    let ringing = offers::ringing_for(conn.reborrow(), session.id).await?;
    let Some(asked) = ringing.first() else { return Ok(false) };
    let same =
        asked.rep_id == colleague && transfers::is_warm(conn, session.id, colleague, asked.made_at).await? == warm;
    if same { Ok(true) } else { contradiction("Somebody else is asked already: cancel that first.") }
}

fn unfit(colleague: &Colleague, rep: RepId, legs: &Legs) -> Option<Unfit> {
    if colleague.id == rep {
        return Some(Unfit::Oneself);
    }
    colleague.standing().unfit().or_else(|| legs.reps.contains(&colleague.id).then_some(Unfit::HadBefore))
}

/// What accepting an offer does to its session: whoever waits is given, whoever is on hold is handed over.
pub(super) const fn acceptance(session: &Session, rep: RepId) -> Action {
    match session.life.state {
        State::Waiting => Action::Offer { rep },
        _ => Action::HandOver { rep },
    }
}
