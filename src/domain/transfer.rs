//! Passing a customer on: where they were before, and which colleague can be asked.

use std::collections::BTreeSet;

use super::activity::Activity;
use super::ids::RepId;
use super::session::Action;
use super::vocabulary::words;

/// The most characters of a note.
pub const MAX_NOTE_CHARS: usize = 500;

words! {
    /// Why a colleague cannot be asked to take a customer.
    Unfit {
        /// It is who asks.
        Oneself = "oneself",
        /// They had the customer before: passing on in a circle helps nobody.
        HadBefore = "hadBefore",
        /// Locked out, or takes no calls any more.
        TakesNoCalls = "takesNoCalls",
        /// Not there.
        Offline = "offline",
        /// The console is not open.
        NoConsole = "noConsole",
        /// On a break.
        Break = "break",
        /// Let an offer ring, and has not come back.
        Missed = "missed",
        /// Finishes a call.
        WrapUp = "wrapUp",
        /// Has as many callers as they take now.
        Busy = "busy",
    }
}

impl Unfit {
    /// What follows the colleague's name in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Oneself => "has this customer already",
            Self::HadBefore => "had this customer before",
            Self::TakesNoCalls => "takes no calls",
            Self::Offline => "is offline",
            Self::NoConsole => "has no console open",
            Self::Break => "is on a break",
            Self::Missed => "did not answer the last offer",
            Self::WrapUp => "is finishing a call",
            Self::Busy => "has as many callers as they take now",
        }
    }
}

/// A colleague who may be asked, as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether they may take calls at all.
    pub takes_calls: bool,
    /// What they are doing.
    pub activity: Activity,
    /// What follows their present call.
    pub next: Option<Activity>,
    /// Whether the console is open.
    pub is_present: bool,
    /// Callers and offers fewer than their capacity.
    pub has_room: bool,
}

impl Standing {
    /// Why they cannot be asked now, if so. The same that an offer of a queue asks for, skills apart: a person chose them.
    #[must_use]
    pub fn unfit(self) -> Option<Unfit> {
        if !self.takes_calls {
            return Some(Unfit::TakesNoCalls);
        }
        match self.activity {
            Activity::Offline => Some(Unfit::Offline),
            _ if !self.is_present => Some(Unfit::NoConsole),
            Activity::Break => Some(Unfit::Break),
            Activity::Missed => Some(Unfit::Missed),
            Activity::WrapUp => Some(Unfit::WrapUp),
            Activity::OnCall if self.next != Some(Activity::Available) => Some(Unfit::Busy),
            Activity::Available | Activity::OnCall => (!self.has_room).then_some(Unfit::Busy),
        }
    }
}

/// Where a customer was before, as the log tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Legs {
    /// The queues, for ever.
    pub queues: BTreeSet<i64>,
    /// The representatives, since the customer was last taken back to the queue: whoever vanished may be asked again.
    pub reps: BTreeSet<RepId>,
}

impl Legs {
    /// Reads them from everything that happened, in order.
    #[must_use]
    pub fn of(log: impl IntoIterator<Item = Action>) -> Self {
        let mut legs = Self::default();
        for action in log {
            match action {
                Action::Join { queue, .. } | Action::Transfer { queue, .. } => drop(legs.queues.insert(queue)),
                Action::Offer { rep } | Action::Pick { rep, .. } | Action::HandOver { rep } => {
                    legs.reps.insert(rep);
                }
                Action::Requeue { .. } => legs.reps.clear(),
                _ => {}
            }
        }
        legs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::Requeue;

    const READY: Standing =
        Standing { takes_calls: true, activity: Activity::Available, next: None, is_present: true, has_room: true };

    #[test]
    fn whoever_may_be_rung_can_be_asked_and_everybody_else_has_a_reason() {
        let on_call = Standing { activity: Activity::OnCall, next: Some(Activity::Available), ..READY };
        let cases = [
            (READY, None),
            (on_call, None),
            (Standing { has_room: false, ..on_call }, Some(Unfit::Busy)),
            (Standing { next: Some(Activity::Break), ..on_call }, Some(Unfit::Busy)),
            (Standing { has_room: false, ..READY }, Some(Unfit::Busy)),
            (Standing { takes_calls: false, ..READY }, Some(Unfit::TakesNoCalls)),
            (Standing { is_present: false, ..READY }, Some(Unfit::NoConsole)),
            (Standing { activity: Activity::Offline, is_present: false, ..READY }, Some(Unfit::Offline)),
            (Standing { activity: Activity::Break, ..READY }, Some(Unfit::Break)),
            (Standing { activity: Activity::Missed, ..READY }, Some(Unfit::Missed)),
            (Standing { activity: Activity::WrapUp, ..READY }, Some(Unfit::WrapUp)),
        ];
        for (standing, unfit) in cases {
            assert_eq!(standing.unfit(), unfit, "{standing:?}");
        }
    }

    #[test]
    fn legs_are_told_by_the_log_and_who_vanished_may_be_asked_again() {
        let rep = |number| RepId::from(uuid::Uuid::from_u128(number));
        let log = vec![
            Action::Join { queue: 1, rank: 0, ticket: 9 },
            Action::Offer { rep: rep(1) },
            Action::Transfer { from: 1, queue: 2, rank: 0, rep: rep(1) },
            Action::Offer { rep: rep(2) },
            Action::Ask { rep: rep(3) },
            Action::HandOver { rep: rep(3) },
        ];
        let legs = Legs::of(log.clone());
        assert_eq!(legs, Legs { queues: [1, 2].into(), reps: [rep(1), rep(2), rep(3)].into() });
        let back = [log, vec![Action::Requeue { why: Requeue::RepGone }, Action::Offer { rep: rep(4) }]].concat();
        assert_eq!(Legs::of(back), Legs { queues: [1, 2].into(), reps: [rep(4)].into() });
    }
}
