//! How long a customer will probably wait: from what the last hour's contacts took, or not at all.

use std::collections::HashMap;

use super::ids::RepId;
use crate::clock::Timestamp;

/// What is looked back on.
pub const WINDOW_MILLIS: i64 = 3_600_000;
/// Fewer conversations than this in the window are no basis for a number.
const FEWEST_ANSWERS: usize = 5;

/// One customer in a representative's hands.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Contact {
    /// Whose.
    pub rep_id: RepId,
    /// The queue it came from.
    pub queue_id: i64,
    /// When it was offered to them.
    pub offered_at: Timestamp,
    /// When the conversation started.
    pub started_at: Option<Timestamp>,
    /// When it ended; `None` while it goes on.
    pub ended_at: Option<Timestamp>,
}

/// Milliseconds of representatives' time that one answered contact took in the last hour: the wall clock with at
/// least one customer, added over the representatives, by the conversations that started. `None` when too few did.
/// What a representative did for a customer who went back to the queue is not known here, and left out on both sides.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an hour has few milliseconds")]
pub fn millis_per_contact(contacts: &[Contact], now: Timestamp) -> Option<f64> {
    let begin = now.plus_millis(-WINDOW_MILLIS);
    let answers = contacts.iter().filter(|contact| contact.started_at >= Some(begin.max(contact.offered_at))).count();
    if answers < FEWEST_ANSWERS {
        return None;
    }
    let mut spans: HashMap<RepId, Vec<(Timestamp, Timestamp)>> = HashMap::new();
    for contact in contacts {
        let (from, until) = (contact.offered_at.max(begin), contact.ended_at.unwrap_or(now).min(now));
        if from < until {
            spans.entry(contact.rep_id).or_default().push((from, until));
        }
    }
    let busy: i64 = spans.into_values().map(covered_millis).sum();
    Some(busy as f64 / answers as f64)
}

/// How much time a representative's spans cover; two customers at once count once.
fn covered_millis(mut spans: Vec<(Timestamp, Timestamp)>) -> i64 {
    spans.sort_unstable();
    let mut covered = 0;
    let mut reached = Timestamp(i64::MIN);
    for (from, until) in spans {
        covered += until.since(from.max(reached)).max(0);
        reached = reached.max(until);
    }
    covered
}

/// Who serves a queue now, and how fast.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outlook {
    /// Representatives whose console is open, each divided by the number of queues they serve.
    pub serving: f64,
    /// Those of them who could take a customer at once.
    pub free: usize,
    /// What one contact takes; `None` when it is not known.
    pub millis_per_contact: Option<f64>,
}

impl Outlook {
    /// Seconds that whoever stands at this position, from 1, will probably wait. `None` when it cannot be honest.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no line is that long")]
    pub fn wait_seconds(&self, position: usize) -> Option<f64> {
        if position <= self.free {
            return Some(0.0);
        }
        let millis = position as f64 * self.millis_per_contact?;
        (self.serving > 0.0).then(|| (millis / self.serving).round() / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(10 * WINDOW_MILLIS);

    fn ago(seconds: i64) -> Timestamp {
        NOW.plus_millis(-seconds * 1_000)
    }

    fn contact(rep_id: RepId, offered: i64, ended: Option<i64>) -> Contact {
        Contact {
            rep_id,
            queue_id: 1,
            offered_at: ago(offered),
            started_at: Some(ago(offered)),
            ended_at: ended.map(ago),
        }
    }

    fn reps() -> (RepId, RepId) {
        (RepId::new(NOW), RepId::new(NOW))
    }

    #[test]
    fn fewer_than_five_answers_give_no_pace() {
        let (rita, _) = reps();
        let four: Vec<_> = (1..=4).map(|n| contact(rita, 100 * n, Some(100 * n - 60))).collect();
        assert_eq!(millis_per_contact(&four, NOW), None);
        let mut five = four;
        five.push(contact(rita, 3_601, Some(3_000)));
        assert_eq!(millis_per_contact(&five, NOW), None, "the fifth started before the hour");
        five.push(contact(rita, 500, Some(440)));
        // Five of a minute each, and ten minutes of the one before.
        assert_eq!(millis_per_contact(&five, NOW), Some(f64::from((5 * 60 + 600) * 1_000) / 5.0));
    }

    #[test]
    fn two_customers_at_once_count_once_and_two_representatives_twice() {
        let (rita, rosa) = reps();
        let contacts = [
            contact(rita, 600, Some(300)),
            contact(rita, 500, Some(400)),
            contact(rita, 350, Some(200)),
            contact(rosa, 600, Some(300)),
            contact(rosa, 100, None),
        ];
        let busy = f64::from((400 + 300 + 100) * 1_000);
        assert_eq!(millis_per_contact(&contacts, NOW), Some(busy / 5.0));
    }

    #[test]
    fn who_was_never_answered_kept_the_representative_busy_all_the_same() {
        let (rita, _) = reps();
        let mut contacts: Vec<_> = (1..=5).map(|n| contact(rita, 100 * n, Some(100 * n - 50))).collect();
        contacts.push(Contact { started_at: None, ..contact(rita, 50, Some(40)) });
        assert_eq!(millis_per_contact(&contacts, NOW), Some(f64::from((5 * 50 + 10) * 1_000) / 5.0));
    }

    #[test]
    fn the_wait_is_nothing_the_formula_or_unknown() {
        let known = Outlook { serving: 4.0, free: 0, millis_per_contact: Some(120_000.0) };
        assert_eq!(known.wait_seconds(1), Some(30.0));
        assert_eq!(known.wait_seconds(10), Some(300.0));
        assert_eq!(Outlook { serving: 0.5, ..known }.wait_seconds(1), Some(240.0), "one who serves two queues");
        assert_eq!(Outlook { free: 2, ..known }.wait_seconds(2), Some(0.0), "somebody is free for the first two");
        assert_eq!(Outlook { free: 2, ..known }.wait_seconds(3), Some(90.0));
        assert_eq!(Outlook { serving: 0.0, ..known }.wait_seconds(1), None, "nobody is there");
        assert_eq!(Outlook { millis_per_contact: None, ..known }.wait_seconds(1), None, "too little is known");
    }
}
