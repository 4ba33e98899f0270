//! What a representative is doing, and what they may choose to do.

use super::vocabulary::words;

words! {
    /// What a representative is doing.
    Activity {
        /// Not there.
        Offline = "offline",
        /// Offers may ring.
        Available = "available",
        /// There, and not to be rung.
        Break = "break",
        /// An offer rang and nobody answered.
        Missed = "missed",
        /// With at least one caller.
        OnCall = "onCall",
        /// Finishes the last call: until its deadline at most.
        WrapUp = "wrapUp",
    }
}

words! {
    /// Why an activity began.
    Cause {
        /// The representative chose it.
        Chosen = "chosen",
        /// The console's stream was gone for longer than the grace.
        Gone = "gone",
        /// An offer rang until its deadline.
        MissedOffer = "missedOffer",
        /// A customer was claimed, or an offer accepted.
        Call = "call",
        /// The last call was over.
        CallOver = "callOver",
        /// The wrap-up was said to be done.
        WrapUpDone = "wrapUpDone",
        /// The wrap-up's time was up.
        WrapUpOver = "wrapUpOver",
        /// A supervisor set it.
        Supervisor = "supervisor",
        /// The representative was locked out, or does not take calls any more.
        LockedOut = "lockedOut",
    }
}

words! {
    /// What a representative does after a call who was available before it.
    AfterCall {
        /// Offers ring again.
        Available = "available",
        /// A break, until they ask for the next.
        Next = "next",
    }
}

/// The most characters of a break's reason.
pub const MAX_REASON_CHARS: usize = 80;
/// The reason of the break between calls where each is asked for.
pub const AFTER_CALL: &str = "afterCall";
/// The reason of the break after a call during which an offer rang in vain.
pub const MISSED: &str = "missed";

/// An activity that may be chosen, with the reason of a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Offline, available or a break.
    pub activity: Activity,
    /// Why, of a break only.
    pub reason: Option<String>,
}

/// A choice that cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAChoice {
    /// Not one of the three.
    #[error("activity: choose offline, available or break")]
    Activity,
    /// The reason is too long.
    #[error("reason: at most 80 characters")]
    TooLong,
    /// Only breaks have reasons.
    #[error("reason: only a break has one")]
    Reason,
}

impl Choice {
    /// Reads a choice.
    ///
    /// # Errors
    /// When it is none that a representative may make.
    pub fn parse(activity: &str, reason: Option<&str>) -> Result<Self, NotAChoice> {
        let activity = match activity {
            "offline" => Activity::Offline,
            "available" => Activity::Available,
            "break" => Activity::Break,
            _ => return Err(NotAChoice::Activity),
        };
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if reason.is_some() && activity != Activity::Break {
            return Err(NotAChoice::Reason);
        }
        if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS) {
            return Err(NotAChoice::TooLong);
        }
        Ok(Self { activity, reason: reason.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_activities_may_be_chosen() {
        let choice = |activity, reason| Choice::parse(activity, reason);
        let made = |activity, reason: Option<&str>| Ok(Choice { activity, reason: reason.map(str::to_owned) });
        assert_eq!(choice("available", None), made(Activity::Available, None));
        assert_eq!(choice("offline", Some("  ")), made(Activity::Offline, None));
        assert_eq!(choice("break", Some(" lunch ")), made(Activity::Break, Some("lunch")));
        for word in ["onCall", "missed", "wrapUp", "", "Available"] {
            assert_eq!(choice(word, None), Err(NotAChoice::Activity), "{word}");
        }
        assert_eq!(choice("available", Some("lunch")), Err(NotAChoice::Reason));
        let eighty = "\u{1F366}".repeat(MAX_REASON_CHARS);
        assert_eq!(choice("break", Some(&eighty)), made(Activity::Break, Some(&eighty)));
        assert_eq!(choice("break", Some(&format!("{eighty}!"))), Err(NotAChoice::TooLong));
    }
}
