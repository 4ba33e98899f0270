//! What each figure means, as arithmetic over counts and sums. The definitions are the contract's.

use serde::Serialize;

use super::counts::Counts;

/// Everything that is added up over the joined sessions of a question, whatever their state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Sums {
    /// Of those that have ended; of those that are talking too, what their wait says.
    #[sqlx(flatten)]
    pub counts: Counts,
    /// Neither answered nor ended.
    pub waiting: i64,
    /// Answered and not ended.
    pub talking: i64,
    /// Ended, and wrapped up now.
    pub wrapping: i64,
    /// The longest wait may be as long as this: of a day that was cut, it is not known on which side it was.
    #[sqlx(skip)]
    pub longest_at_most_ms: i64,
}

impl Sums {
    /// Without those of another, which must be among them.
    #[must_use]
    pub fn without(self, other: &Self) -> Self {
        let mut counts = self.counts.without(&other.counts);
        let mut at_most = self.longest_at_most_ms;
        if counts.answered + counts.not_answered == 0 {
            counts.longest_wait_ms = 0;
        } else if other.counts.longest_wait_ms >= counts.longest_wait_ms {
            at_most = at_most.max(counts.longest_wait_ms);
            counts.longest_wait_ms = 0;
        }
        Self {
            counts,
            waiting: self.waiting - other.waiting,
            talking: self.talking - other.talking,
            wrapping: self.wrapping - other.wrapping,
            longest_at_most_ms: at_most,
        }
    }

    /// The longest wait in milliseconds, if it is known.
    #[must_use]
    pub fn longest_wait_ms(&self) -> Option<i64> {
        Some(self.counts.longest_wait_ms).filter(|known| *known >= self.longest_at_most_ms)
    }

    /// Answered and over.
    #[must_use]
    pub const fn talked(&self) -> i64 {
        self.counts.answered - self.talking
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.waiting += other.waiting;
        self.talking += other.talking;
        self.wrapping += other.wrapping;
        self.longest_at_most_ms = self.longest_at_most_ms.max(other.longest_at_most_ms);
    }
}

impl From<Sums> for Tally {
    fn from(sums: Sums) -> Self {
        let Counts { answered, not_answered, answered_wait_ms, not_answered_wait_ms, talk_ms, .. } = sums.counts;
        Self {
            total: answered + not_answered + sums.waiting,
            answered,
            not_answered,
            queue_ms: answered_wait_ms + not_answered_wait_ms,
            talked: sums.talked(),
            talk_ms,
        }
    }
}

/// Counts and sums over the joined sessions of a campaign, banner and period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Tally {
    /// Sessions that joined the queue.
    pub total: i64,
    /// Of those, with a conversation start.
    pub answered: i64,
    /// Of those, ended without a conversation.
    pub not_answered: i64,
    /// Milliseconds in the queue, over all that left it.
    pub queue_ms: i64,
    /// Answered sessions that have ended.
    pub talked: i64,
    /// Milliseconds from first start to end, over those.
    pub talk_ms: i64,
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, one| Self {
            total: sum.total + one.total,
            answered: sum.answered + one.answered,
            not_answered: sum.not_answered + one.not_answered,
            queue_ms: sum.queue_ms + one.queue_ms,
            talked: sum.talked + one.talked,
            talk_ms: sum.talk_ms + one.talk_ms,
        })
    }
}

/// The answer of `/getAverageMetrics`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AverageMetrics {
    /// Sessions that joined the queue.
    pub total_of_calls: i64,
    /// Of those, with a conversation start.
    pub answered_calls: i64,
    /// Of those, ended without a conversation.
    pub not_answered_calls: i64,
    /// Of those, neither yet.
    pub waiting_calls: i64,
    /// 100 × answered / (answered + not answered), percent; null when nothing is decided.
    pub answering_rate: Option<f64>,
    /// Mean seconds from queue entry to conversation start, or to the end where there was none; null when none left the queue.
    pub avg_queue_time: Option<f64>,
    /// Mean seconds from first conversation start to end, over answered sessions that have ended; null when none.
    pub avg_call_duration: Option<f64>,
}

impl From<Tally> for AverageMetrics {
    fn from(tally: Tally) -> Self {
        let decided = tally.answered + tally.not_answered;
        Self {
            total_of_calls: tally.total,
            answered_calls: tally.answered,
            not_answered_calls: tally.not_answered,
            waiting_calls: tally.total - decided,
            answering_rate: ratio(100 * tally.answered, decided),
            avg_queue_time: mean_seconds(tally.queue_ms, decided),
            avg_call_duration: mean_seconds(tally.talk_ms, tally.talked),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and sums of milliseconds stay far below 2^53")]
pub(super) fn ratio(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

/// A mean of milliseconds, in seconds.
pub(super) fn mean_seconds(millis: i64, count: i64) -> Option<f64> {
    ratio(millis, count.saturating_mul(1_000))
}

/// Milliseconds as seconds, exact to the millisecond.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a wait stay far below 2^53")]
pub fn seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gives_zeros_and_nulls() {
        let metrics = AverageMetrics::from(Tally::default());
        assert_eq!(metrics.total_of_calls, 0);
        assert_eq!((metrics.answering_rate, metrics.avg_queue_time, metrics.avg_call_duration), (None, None, None));
    }

    #[test]
    fn the_seven_follow_from_counts_and_sums() {
        let tally = Tally { total: 5, answered: 3, not_answered: 1, queue_ms: 10_002, talked: 2, talk_ms: 61_001 };
        let metrics = AverageMetrics::from(tally);
        assert_eq!(metrics.waiting_calls, 1);
        assert_eq!(metrics.answering_rate, Some(75.0));
        assert_eq!(metrics.avg_queue_time, Some(2.5005));
        assert_eq!(metrics.avg_call_duration, Some(30.5005));
    }
}
