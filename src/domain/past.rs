//! A session that was over before it came here, and the life that it has here.

use serde::{Deserialize, Serialize};

use super::ids::RepId;
use super::session::{Life, Outcome, State};
use crate::clock::Timestamp;

/// The life of a session that was over before it came here. Kept with its event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    /// The queue it was in.
    pub queue: i64,
    /// The installation-wide ticket that it was given here.
    pub ticket: i64,
    /// First queue entry.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The first who answered, if known here.
    pub answered_by: Option<RepId>,
    /// That representative's name, as it was then.
    pub representative_name: Option<String>,
    /// Milliseconds waited after the first queue entry was left.
    pub requeue_ms: i64,
    /// Whether it was answered, and over while the customer was not connected.
    pub dropped: bool,
}

impl Life {
    /// The life of a session before its first event, which `imported` is the only one to be.
    #[must_use]
    pub fn unborn() -> Self {
        Self { last_event: 0, ..Self::new() }
    }

    /// The life of a session that was over before it came here.
    #[must_use]
    pub fn imported(past: &Past) -> Self {
        let mut life = Self::unborn();
        life.last_event += 1;
        life.import(past);
        life
    }

    /// All that happened elsewhere, at once. Nobody has it now, and nobody had it here.
    pub(super) fn import(&mut self, past: &Past) {
        self.join(past.queue, 0, past.ticket, past.queued_at);
        let connected = past.started_at.filter(|_| !past.dropped);
        self.customer_joined_at = connected;
        self.rep_joined_at = connected;
        self.started_at = past.started_at;
        self.answered_by = past.answered_by;
        self.representative_name.clone_from(&past.representative_name);
        self.requeue_ms = past.requeue_ms;
        self.outcome = Some(past.outcome);
        self.state = State::Ended;
        self.epoch += 1;
        self.ended_at = Some(past.ended_at);
    }
}
