//! A representative's day: how much time went into each activity.

use super::activity::Activity;
use crate::clock::Timestamp;

/// An activity, from when it began to the beginning of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Spell {
    /// When it began.
    pub at: Timestamp,
    /// What it was.
    pub activity: Activity,
}

/// Milliseconds in each activity between `from` and `now`, in the order of [`Activity::ALL`]. The spells are in order;
/// what was before the first of them is not known, and counts for nothing.
#[must_use]
pub fn time_in_each(spells: &[Spell], from: Timestamp, now: Timestamp) -> Vec<(Activity, i64)> {
    let ends = spells.iter().skip(1).map(|next| next.at).chain([now]);
    let lasted: Vec<(Activity, i64)> = spells
        .iter()
        .zip(ends)
        .map(|(spell, end)| (spell.activity, end.min(now).since(spell.at.max(from)).max(0)))
        .collect();
    let total = |activity| lasted.iter().filter(|(of, _)| *of == activity).map(|(_, millis)| millis).sum();
    Activity::ALL.iter().map(|activity| (*activity, total(*activity))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(spells: &[(i64, Activity)], from: i64, now: i64) -> Vec<(Activity, i64)> {
        let spells: Vec<_> =
            spells.iter().map(|(at, activity)| Spell { at: Timestamp(*at), activity: *activity }).collect();
        let mut each = time_in_each(&spells, Timestamp(from), Timestamp(now));
        each.retain(|(_, millis)| *millis > 0);
        each
    }

    #[test]
    fn each_lasts_until_the_next_begins_within_the_day() {
        let spells = [
            (50, Activity::Available),
            (130, Activity::OnCall),
            (160, Activity::WrapUp),
            (160, Activity::Available),
            (200, Activity::OnCall),
        ];
        let expected = [(Activity::Available, 70), (Activity::OnCall, 80)];
        assert_eq!(told(&spells, 100, 250), expected, "what began yesterday counts from midnight");
        let sum: i64 = told(&spells, 100, 250).iter().map(|(_, millis)| millis).sum();
        assert_eq!(sum, 150, "and all of it is the whole day");
    }

    #[test]
    fn a_day_without_anything_is_empty() {
        assert_eq!(told(&[], 100, 250), []);
        assert_eq!(told(&[(50, Activity::Break)], 100, 250), [(Activity::Break, 150)]);
        assert_eq!(told(&[(300, Activity::Break)], 100, 250), [], "a clock that went back takes nothing away");
    }
}
