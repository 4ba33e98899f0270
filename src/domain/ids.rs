//! Identifiers that are parsed once, at the door, and trusted everywhere behind it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;

/// The longest campaign or banner id, in bytes.
pub const MAX_ID_LENGTH: usize = 100;
/// Campaign and banner of a visit that no banner sent.
pub const DIRECT: &str = "direct";

/// Why a campaign or banner id was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "lowercase")]
pub enum IdProblem {
    /// The other id of the pair was given, this one was not.
    #[error("is missing")]
    Missing,
    /// Empty, longer than 100 characters, or not visible ASCII.
    #[error("must be 1 to 100 visible ASCII characters")]
    Malformed,
    /// The ad server sent its placeholder instead of a value.
    #[error("is an ad server's macro that was not expanded")]
    Macro,
}

impl IdProblem {
    /// The word kept in the database and shown to programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Macro => "macro",
        }
    }
}

/// Placeholders of the common ad servers: `{campaignid}`, `{{ad.id}}`, `${X}`, `%7Bid%7D`, `__CID__`, `%%ID%%`, `%ecid!`, `[id]`.
fn is_unexpanded_macro(text: &str) -> bool {
    let wrapped = |open: &str, close: &str| {
        text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close)
    };
    let holds = |open: &str, close: &str| text.find(open).is_some_and(|at| text[at..].contains(close));
    let lower = text.to_ascii_lowercase();
    holds("{", "}")
        || lower.find("%7b").is_some_and(|at| lower[at..].contains("%7d"))
        || wrapped("__", "__")
        || wrapped("%%", "%%")
        || wrapped("%e", "!")
        || wrapped("[", "]")
}

fn check_id(text: &str) -> Result<(), IdProblem> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > MAX_ID_LENGTH || !visible {
        Err(IdProblem::Malformed)
    } else if is_unexpanded_macro(text) {
        Err(IdProblem::Macro)
    } else {
        Ok(())
    }
}

/// A campaign or banner id as the ad server writes it: 1–100 visible ASCII characters, compared byte for byte.
macro_rules! ad_server_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(try_from = "String", into = "String")]
        #[sqlx(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id of visits that no banner sent.
            #[must_use]
            pub fn direct() -> Self {
                Self(DIRECT.to_owned())
            }

            /// The id as the ad server wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdProblem;

            fn from_str(text: &str) -> Result<Self, IdProblem> {
                check_id(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdProblem;

            fn try_from(text: String) -> Result<Self, IdProblem> {
                check_id(&text).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

ad_server_id!(
    /// A campaign of the ad server.
    CampaignId
);
ad_server_id!(
    /// A banner of a campaign.
    BannerId
);

/// Text that is not one of our ids: 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 hexadecimal digits")]
pub struct NotAnId;

/// An id of ours: 128 bits, shown as 32 hexadecimal digits, kept as 16 bytes.
///
/// The first 48 bits are the time of creation, so that rows are appended to their table instead of
/// scattered over it; 74 bits are random. What guards a session is its token, not its id.
macro_rules! own_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(try_from = "String", into = "String")]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, ordered by `now`.
            #[must_use]
            pub fn new(now: Timestamp) -> Self {
                Self::derived(now, &rand::random())
            }

            /// The id that these bits make at this time: the same for the same.
            #[must_use]
            pub fn derived(at: Timestamp, bits: &[u8; 10]) -> Self {
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, bits).into_uuid())
            }

            /// Not greater than any id that was made at this time or later.
            #[must_use]
            pub fn earliest(at: Timestamp) -> Self {
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                Self(Uuid::from_u128(u128::from(millis) << 80))
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let plain = text.len() == 32 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
                let uuid = plain.then(|| Uuid::try_parse(text).ok()).flatten();
                uuid.map(Self).ok_or(NotAnId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.simple().fmt(f)
            }
        }
    };
}

own_id!(
    /// One click that reached the landing page.
    VisitId
);
own_id!(
    /// A browser that has asked for a conversation.
    VisitorId
);
own_id!(
    /// One customer's request for a conversation, from the request to its outcome.
    SessionId
);
own_id!(
    /// A session's place in the queue. It is made with the session and told when it joins.
    QueueId
);
own_id!(
    /// A customer ringing at one representative.
    OfferId
);
own_id!(
    /// One change of what a representative is doing.
    RepActivityId
);
own_id!(
    /// A person who signs in.
    UserId
);
own_id!(
    /// Somebody for whom an agency works.
    ClientId
);
own_id!(
    /// An entry of the audit log.
    AuditId
);
own_id!(
    /// A report that is shared by a link.
    ShareId
);
own_id!(
    /// A filter of the dashboard that has a name.
    ViewId
);

/// A representative is a user who takes calls.
pub type RepId = UserId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_ad_servers_are_kept_as_written() {
        for text in ["5", "120210000000000000001", "a", "A_b-c.d~e/f?g", "a__b__c", &"x".repeat(100)] {
            assert_eq!(text.parse::<CampaignId>().map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn ids_that_are_not_visible_ascii_are_malformed() {
        for text in ["", " ", "a b", "é", "\u{7f}", "a\n", &"x".repeat(101)] {
            assert_eq!(text.parse::<BannerId>(), Err(IdProblem::Malformed), "{text:?}");
        }
    }

    #[test]
    fn unexpanded_macros_are_told_apart() {
        for text in [
            "{campaignid}",
            "%7Bcampaignid%7D",
            "%7bx%7d",
            "__CID__",
            "{{ad.id}}",
            "[CAMPAIGN_ID]",
            "b-{bannerid}",
            "${X}",
            "%%ID%%",
            "%ecid!",
        ] {
            assert_eq!(text.parse::<BannerId>(), Err(IdProblem::Macro), "{text:?}");
        }
    }

    #[test]
    fn own_ids_are_ordered_by_time_and_survive_text() {
        let early = SessionId::new(Timestamp(1_000));
        let late = SessionId::new(Timestamp(2_000));
        assert!(early < late);
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!("0".repeat(31).parse::<SessionId>(), Err(NotAnId));
        assert_eq!("A".repeat(32).parse::<SessionId>(), Err(NotAnId));
    }
}
