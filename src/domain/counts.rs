//! What one ended session adds to the roll-ups.

use super::ids::{BannerId, CampaignId, RepId, SessionId};
use super::session::{Kind, Outcome};
use crate::clock::Timestamp;

/// What of an ended session the roll-ups are made of. None of it changes once it has ended and was wrapped up.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ended {
    /// The session.
    pub id: SessionId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Its banner.
    pub banner_id: BannerId,
    /// Whether it is a call or a trial.
    pub kind: Kind,
    /// First queue entry; 0 when it never joined.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Timestamp,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The customer's country.
    pub country: Option<String>,
    /// The customer's kind of device.
    pub device: Option<String>,
    /// The first who answered.
    pub answered_by: Option<RepId>,
    /// Its last queue.
    pub queue_id: i64,
    /// The service level's T, as it was for this call.
    pub answer_within_ms: i64,
    /// A shorter wait than this does not count as abandoned.
    pub gone_early_ms: i64,
    /// From which duration on it counts as qualified.
    pub qualified_ms: i64,
    /// Milliseconds waited after the first queue entry was left.
    pub requeue_ms: i64,
    /// Whether both parties were connected when it ended, in its last leg.
    pub connected: bool,
    /// Milliseconds with a representative, over all legs.
    pub handled_ms: i64,
    /// Milliseconds of its wrap-ups.
    pub acw_ms: i64,
}

/// Counts and sums of ended sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// With a conversation start.
    pub answered: i64,
    /// Without one.
    pub not_answered: i64,
    /// Milliseconds from entry to start, over the answered.
    pub answered_wait_ms: i64,
    /// Milliseconds from entry to end, over the others.
    pub not_answered_wait_ms: i64,
    /// Milliseconds from start to end.
    pub talk_ms: i64,
    /// Answered within the service level's T.
    pub in_time: i64,
    /// Abandoned or cancelled.
    pub gone: i64,
    /// Of those, after so short a wait that it does not count as abandoned.
    pub gone_early: i64,
    /// Missed.
    pub missed: i64,
    /// Failed.
    pub failed: i64,
    /// Answered, and so long that they count as qualified.
    pub qualified: i64,
    /// Milliseconds with a representative, on hold or not, over all legs.
    pub handled_ms: i64,
    /// Milliseconds of wrap-ups.
    pub acw_ms: i64,
    /// Back in the queue for a while.
    pub requeued: i64,
    /// Milliseconds there.
    pub requeue_ms: i64,
    /// Answered, and over while the customer waited again.
    pub dropped_after_answer: i64,
    /// The longest wait of any, in milliseconds: a maximum.
    pub longest_wait_ms: i64,
}

impl Counts {
    /// What one session adds.
    #[must_use]
    pub fn of(session: &Ended) -> Self {
        let requeued =
            Self { requeued: i64::from(session.requeue_ms > 0), requeue_ms: session.requeue_ms, ..Self::default() };
        let Some(started_at) = session.started_at else {
            let wait = session.ended_at.since(session.queued_at);
            let gone = i64::from(matches!(session.outcome, Some(Outcome::Abandoned | Outcome::Cancelled)));
            return Self {
                not_answered: 1,
                not_answered_wait_ms: wait,
                gone,
                gone_early: if wait < session.gone_early_ms { gone } else { 0 },
                missed: i64::from(session.outcome == Some(Outcome::Missed)),
                failed: i64::from(session.outcome == Some(Outcome::Failed)),
                longest_wait_ms: wait,
                ..requeued
            };
        };
        let (wait, talk) = (started_at.since(session.queued_at), session.ended_at.since(started_at));
        Self {
            answered: 1,
            answered_wait_ms: wait,
            talk_ms: talk,
            in_time: i64::from(wait <= session.answer_within_ms),
            qualified: i64::from(talk >= session.qualified_ms),
            handled_ms: session.handled_ms,
            acw_ms: session.acw_ms,
            dropped_after_answer: i64::from(!session.connected),
            longest_wait_ms: wait,
            ..requeued
        }
    }

    /// All of them, in the order of the columns.
    #[must_use]
    pub const fn columns(&self) -> [i64; 17] {
        [
            self.answered,
            self.not_answered,
            self.answered_wait_ms,
            self.not_answered_wait_ms,
            self.talk_ms,
            self.in_time,
            self.gone,
            self.gone_early,
            self.missed,
            self.failed,
            self.qualified,
            self.handled_ms,
            self.acw_ms,
            self.requeued,
            self.requeue_ms,
            self.dropped_after_answer,
            self.longest_wait_ms,
        ]
    }

    /// Without those of another, which must be among them. What is left of the longest wait cannot be known, and stays.
    #[must_use]
    pub const fn without(self, other: &Self) -> Self {
        Self {
            answered: self.answered - other.answered,
            not_answered: self.not_answered - other.not_answered,
            answered_wait_ms: self.answered_wait_ms - other.answered_wait_ms,
            not_answered_wait_ms: self.not_answered_wait_ms - other.not_answered_wait_ms,
            talk_ms: self.talk_ms - other.talk_ms,
            in_time: self.in_time - other.in_time,
            gone: self.gone - other.gone,
            gone_early: self.gone_early - other.gone_early,
            missed: self.missed - other.missed,
            failed: self.failed - other.failed,
            qualified: self.qualified - other.qualified,
            handled_ms: self.handled_ms - other.handled_ms,
            acw_ms: self.acw_ms - other.acw_ms,
            requeued: self.requeued - other.requeued,
            requeue_ms: self.requeue_ms - other.requeue_ms,
            dropped_after_answer: self.dropped_after_answer - other.dropped_after_answer,
            longest_wait_ms: self.longest_wait_ms,
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.answered += other.answered;
        self.not_answered += other.not_answered;
        self.answered_wait_ms += other.answered_wait_ms;
        self.not_answered_wait_ms += other.not_answered_wait_ms;
        self.talk_ms += other.talk_ms;
        self.in_time += other.in_time;
        self.gone += other.gone;
        self.gone_early += other.gone_early;
        self.missed += other.missed;
        self.failed += other.failed;
        self.qualified += other.qualified;
        self.handled_ms += other.handled_ms;
        self.acw_ms += other.acw_ms;
        self.requeued += other.requeued;
        self.requeue_ms += other.requeue_ms;
        self.dropped_after_answer += other.dropped_after_answer;
        self.longest_wait_ms = self.longest_wait_ms.max(other.longest_wait_ms);
    }
}
