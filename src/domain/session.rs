//! The life of a session: its states, and the one table of what may happen in each.
//!
//! ```text
//! created → waiting → offered → talking ⇄ held          every live state may → ended
//!               ↑________|          |                   (same ticket)
//!               ↑___________________|                   (same ticket, first start kept)
//!                         ↑_________| handed over       (to another representative, same call)
//! ```
//!
//! On hold, the representative may talk with a colleague first ([`Life::consulted`]), who has nothing of the session but
//! that until it is handed over.
//!
//! [`Life::apply`] is the only place that knows which action is legal in which state. The store writes what it
//! returns, and the event log replays through it to the current row.

pub use super::action::Action;
use super::ids::RepId;
use super::vocabulary::words;
use crate::clock::Timestamp;

words! {
    /// Where a session stands.
    State {
        /// Requested, not in the queue yet.
        Created = "created",
        /// In the queue.
        Waiting = "waiting",
        /// Given to a representative; the conversation has not started.
        Offered = "offered",
        /// In conversation.
        Talking = "talking",
        /// In conversation, on hold.
        Held = "held",
        /// Over.
        Ended = "ended",
    }
}

impl State {
    /// How it stands, in words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Created => "the customer has not joined the queue",
            Self::Waiting => "the customer waits in the queue",
            Self::Offered => "the conversation has not started",
            Self::Talking => "the conversation goes on",
            Self::Held => "the customer is on hold",
            Self::Ended => "the session has ended",
        }
    }
}

words! {
    /// How a session ended.
    Outcome {
        /// A conversation had started.
        Answered = "answered",
        /// The customer pressed leave or end before one started.
        Cancelled = "cancelled",
        /// The customer disappeared before one started.
        Abandoned = "abandoned",
        /// A representative, an administrator or a limit ended it before one started.
        Missed = "missed",
        /// Media never connected.
        Failed = "failed",
        /// The customer left a message or a wish to be called back.
        Message = "message",
    }
}

words! {
    /// What a session is for; only calls are counted.
    Kind {
        /// A customer's call.
        Call = "call",
        /// A conversation that calls a customer back.
        Callback = "callback",
        /// A trial by somebody who is signed in as staff.
        Test = "test",
    }
}

words! {
    /// One of the two sides of a conversation.
    Party {
        /// The person who clicked.
        Customer = "customer",
        /// The person who takes the call.
        Representative = "representative",
    }
}

words! {
    /// Who or what ended a session.
    Ender {
        /// The customer pressed leave or end.
        Customer = "customer",
        /// The customer's page went away and did not come back.
        CustomerGone = "customerGone",
        /// The representative pressed end.
        Representative = "representative",
        /// An administrator.
        Admin = "admin",
        /// A limit of time.
        Limit = "limit",
        /// Media never connected.
        Media = "media",
    }
}

words! {
    /// Why a customer is in the queue again.
    Requeue {
        /// The representative's page went away and did not come back.
        RepGone = "repGone",
        /// The claimed customer's page stayed silent.
        CustomerSilent = "customerSilent",
        /// A supervisor took the customer back.
        TakenBack = "takenBack",
        /// The representative was locked out, or does not take calls any more.
        RepOut = "repOut",
        /// The representative passed the customer on to another queue. Told of a transfer, never kept with a requeue.
        PassedOn = "passedOn",
    }
}

/// An action that its session's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: that cannot be done now", .0.sentence())]
pub struct Refused(pub State);

/// What an action came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The life after it; one event is to be kept.
    Changed(Box<Life>),
    /// It had already happened: nothing to keep.
    Unchanged,
}

/// What a join makes known, as it is kept: 0 until then, so that the row does not grow when it is written.
#[derive(Debug, Clone, Copy, sqlx::Type)]
#[sqlx(transparent)]
pub struct ZeroUntilKnown(i64);

impl ZeroUntilKnown {
    /// How a number is kept.
    #[must_use]
    pub fn number(known: Option<i64>) -> Self {
        Self(known.unwrap_or(0))
    }

    /// How an instant is kept.
    #[must_use]
    pub fn instant(known: Option<Timestamp>) -> Self {
        Self(known.map_or(0, Timestamp::millis))
    }
}

impl From<ZeroUntilKnown> for Option<i64> {
    fn from(kept: ZeroUntilKnown) -> Self {
        Some(kept.0).filter(|number| *number != 0)
    }
}

impl From<ZeroUntilKnown> for Option<Timestamp> {
    fn from(kept: ZeroUntilKnown) -> Self {
        Option::<i64>::from(kept).map(Timestamp)
    }
}

/// Everything about a session that changes by events, and by nothing else.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Life {
    /// Where it stands.
    pub state: State,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The fence: grows when the session changes hands or ends; an older one has no effect.
    pub epoch: i64,
    /// The number of its last event, and so its version.
    pub last_event: i64,
    /// The queue it is or was in.
    #[sqlx(rename = "queue_id", try_from = "ZeroUntilKnown")]
    pub queue: Option<i64>,
    /// Its priority there, smaller is sooner.
    #[sqlx(rename = "queue_rank")]
    pub rank: i64,
    /// Its installation-wide ticket, kept for life.
    #[sqlx(try_from = "ZeroUntilKnown")]
    pub ticket: Option<i64>,
    /// Who has it, or had it last.
    #[sqlx(rename = "rep_id")]
    pub rep: Option<RepId>,
    /// First queue entry.
    #[sqlx(try_from = "ZeroUntilKnown")]
    pub queued_at: Option<Timestamp>,
    /// Latest queue entry.
    #[sqlx(try_from = "ZeroUntilKnown")]
    pub waiting_since: Option<Timestamp>,
    /// Latest claim.
    pub offered_at: Option<Timestamp>,
    /// When it was last passed over.
    pub passed_at: Option<Timestamp>,
    /// When the customer's media was connected, in the present leg.
    pub customer_joined_at: Option<Timestamp>,
    /// When the representative's media was connected, in the present leg.
    pub rep_joined_at: Option<Timestamp>,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
    /// The first representative who answered.
    pub answered_by: Option<RepId>,
    /// That representative's name, as it was then.
    pub representative_name: Option<String>,
    /// Milliseconds waited after the first queue entry was left.
    pub requeue_ms: i64,
    /// At how many representatives it began to ring, while it does; 0 otherwise.
    pub ringing: i64,
    /// The colleague with whom its representative talks about it, while the customer is on hold.
    pub consulted: Option<RepId>,
}

impl Life {
    /// The life of a session that was just requested. Its first event is number 1.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Created,
            outcome: None,
            epoch: 1,
            last_event: 1,
            queue: None,
            rank: 0,
            ticket: None,
            rep: None,
            queued_at: None,
            waiting_since: None,
            offered_at: None,
            passed_at: None,
            customer_joined_at: None,
            rep_joined_at: None,
            started_at: None,
            ended_at: None,
            answered_by: None,
            representative_name: None,
            requeue_ms: 0,
            ringing: 0,
            consulted: None,
        }
    }

    /// Whether somebody has it now.
    #[must_use]
    pub const fn is_with_rep(&self) -> bool {
        matches!(self.state, State::Offered | State::Talking | State::Held)
    }

    /// Whether a colleague can be asked: nobody is, and nobody is talked with.
    const fn is_undecided(&self) -> bool {
        self.ringing == 0 && self.consulted.is_none()
    }

    /// Everybody of whose room it takes a place: who has it, and the colleague who is talked with.
    pub fn occupies(&self) -> impl Iterator<Item = RepId> {
        self.rep.filter(|_| self.is_with_rep()).into_iter().chain(self.consulted)
    }

    /// Whether it has been back in the queue.
    #[must_use]
    pub fn is_requeued(&self) -> bool {
        self.waiting_since > self.queued_at
    }

    /// What `action` at `at` makes of this life. Stamps never run backwards: entry ≤ start ≤ end.
    ///
    /// # Errors
    /// When the state does not allow the action.
    pub fn apply(&self, action: &Action, at: Timestamp) -> Result<Step, Refused> {
        let at = self.clamp(at);
        let mut next = self.clone();
        next.last_event += 1;
        match (action, self.state) {
            (Action::Join { queue, rank, ticket }, State::Created) => next.join(*queue, *rank, *ticket, at),
            (Action::Offer { rep } | Action::Pick { rep, .. }, State::Waiting) => next.offer(*rep, at),
            (Action::Ring { offers }, State::Waiting) if self.ringing == 0 => next.ringing = *offers,
            (Action::Unring, State::Waiting | State::Held) if self.ringing > 0 => next.ringing = 0,
            (Action::PassOver, State::Waiting) => next.passed_at = Some(at),
            (Action::Joined { party, rep_name }, State::Offered) => {
                if !next.join_media(*party, rep_name, at) {
                    return Ok(Step::Unchanged);
                }
            }
            (Action::Requeue { .. }, State::Offered | State::Talking | State::Held) => next.requeue(at),
            (Action::Hold, State::Talking) => next.state = State::Held,
            (Action::Resume, State::Held) => next.resume(),
            (Action::Transfer { queue, rank, .. }, State::Talking | State::Held) => next.transfer(*queue, *rank, at),
            (Action::Ask { .. }, State::Talking | State::Held) if self.is_undecided() => next.ask(),
            (Action::Consult { rep }, State::Held) if self.ringing > 0 => next.consult(*rep),
            (Action::Part, State::Held) if self.consulted.is_some() => next.consulted = None,
            (Action::HandOver { rep }, State::Held) if self.consulted.is_none_or(|one| one == *rep) => {
                next.hand_over(*rep, at);
            }
            (Action::End { by }, state) if state != State::Ended => next.end(*by, at),
            (Action::Imported(past), State::Created) => next.import(past),
            (Action::Join { .. } | Action::Ring { .. } | Action::Unring, State::Waiting)
            | (Action::Joined { .. }, State::Talking | State::Held)
            | (Action::Hold | Action::Unring | Action::Part, State::Held)
            | (Action::Resume, State::Talking)
            | (Action::End { .. }, State::Ended) => return Ok(Step::Unchanged),
            (Action::Ask { .. }, State::Held) if self.ringing > 0 => return Ok(Step::Unchanged),
            (_, state) => return Err(Refused(state)),
        }
        Ok(Step::Changed(Box::new(next)))
    }

    fn clamp(&self, at: Timestamp) -> Timestamp {
        let latest = self.started_at.max(self.queued_at);
        latest.map_or(at, |latest| latest.max(at))
    }

    pub(super) fn join(&mut self, queue: i64, rank: i64, ticket: i64, at: Timestamp) {
        self.state = State::Waiting;
        self.queue = Some(queue);
        self.rank = rank;
        self.ticket = Some(ticket);
        self.queued_at = Some(at);
        self.waiting_since = Some(at);
    }

    fn offer(&mut self, rep: RepId, at: Timestamp) {
        if self.is_requeued() {
            self.requeue_ms += self.waiting_since.map_or(0, |since| at.since(since).max(0));
        }
        self.hand_over(rep, at);
    }

    /// Somebody has the customer from now on: a new leg of the same call.
    fn hand_over(&mut self, rep: RepId, at: Timestamp) {
        self.state = State::Offered;
        self.ringing = 0;
        self.consulted = None;
        self.epoch += 1;
        self.rep = Some(rep);
        self.offered_at = Some(at);
        self.customer_joined_at = None;
        self.rep_joined_at = None;
    }

    /// Whoever is spoken with again rings nowhere else, and nobody else is spoken with.
    fn resume(&mut self) {
        self.state = State::Talking;
        self.ringing = 0;
        self.consulted = None;
    }

    /// The customer is on hold while a colleague is asked.
    const fn ask(&mut self) {
        self.state = State::Held;
        self.ringing = 1;
    }

    /// The representative has the customer still: no new leg.
    fn consult(&mut self, colleague: RepId) {
        self.ringing = 0;
        self.consulted = Some(colleague);
    }

    fn transfer(&mut self, queue: i64, rank: i64, at: Timestamp) {
        self.requeue(at);
        self.queue = Some(queue);
        self.rank = rank;
    }

    /// False when that side had joined already.
    fn join_media(&mut self, party: Party, rep_name: &str, at: Timestamp) -> bool {
        let (own, other) = match party {
            Party::Customer => (&mut self.customer_joined_at, self.rep_joined_at),
            Party::Representative => (&mut self.rep_joined_at, self.customer_joined_at),
        };
        if own.is_some() {
            return false;
        }
        *own = Some(at);
        if other.is_some() {
            self.state = State::Talking;
            if self.started_at.is_none() {
                self.started_at = Some(at);
                self.answered_by = self.rep;
                self.representative_name = Some(rep_name.to_owned());
            }
        }
        true
    }

    fn requeue(&mut self, at: Timestamp) {
        self.state = State::Waiting;
        self.ringing = 0;
        self.consulted = None;
        self.epoch += 1;
        self.rep = None;
        self.waiting_since = Some(at);
        self.customer_joined_at = None;
        self.rep_joined_at = None;
    }

    fn end(&mut self, by: Ender, at: Timestamp) {
        if self.state == State::Waiting && self.is_requeued() {
            self.requeue_ms += self.waiting_since.map_or(0, |since| at.since(since).max(0));
        }
        self.ringing = 0;
        self.consulted = None;
        self.outcome = Some(self.outcome_of(by));
        self.state = State::Ended;
        self.epoch += 1;
        self.ended_at = Some(at);
    }

    const fn outcome_of(&self, by: Ender) -> Outcome {
        if self.started_at.is_some() {
            return Outcome::Answered;
        }
        match by {
            Ender::Customer => Outcome::Cancelled,
            Ender::CustomerGone => Outcome::Abandoned,
            Ender::Representative | Ender::Admin | Ender::Limit => Outcome::Missed,
            Ender::Media => Outcome::Failed,
        }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
