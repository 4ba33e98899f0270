//! What can happen to a session: the words of its log. What each comes to is decided in `session.rs`.

use serde::{Deserialize, Serialize};

use super::ids::RepId;
use super::past::Past;
use super::session::{Ender, Party, Requeue};

/// What can happen to a session. Kept with each event, so that the log can be replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase")]
pub enum Action {
    /// The customer enters the queue.
    Join {
        /// The queue.
        queue: i64,
        /// Priority in it, smaller is sooner.
        rank: i64,
        /// The installation-wide ticket.
        ticket: i64,
    },
    /// A representative claims the customer.
    Offer {
        /// Who.
        rep: RepId,
    },
    /// A representative picks the customer from their list.
    Pick {
        /// Who.
        rep: RepId,
        /// How many were there before whom the representative might have served: 0 in order.
        before: i64,
    },
    /// The customer rings at representatives who are available.
    Ring {
        /// At how many.
        offers: i64,
    },
    /// None of them took the customer, who waits on, or is on hold as before.
    Unring,
    /// The claim found the customer's page gone, and took the next one.
    PassOver,
    /// One side's media is connected.
    Joined {
        /// Which side.
        party: Party,
        /// The representative's name at that moment.
        #[serde(rename = "repName")]
        rep_name: String,
    },
    /// Back to the queue, with the same ticket.
    Requeue {
        /// Why.
        why: Requeue,
    },
    /// To another queue, with the same ticket.
    Transfer {
        /// Out of which queue.
        from: i64,
        /// The new one.
        queue: i64,
        /// Priority in it, smaller is sooner.
        rank: i64,
        /// Who passed the customer on.
        rep: RepId,
    },
    /// The representative asks a colleague to take the customer, who is on hold from then on.
    Ask {
        /// Whom.
        rep: RepId,
    },
    /// The colleague accepts, and talks with the representative first. The customer is on hold with the representative.
    Consult {
        /// Who.
        rep: RepId,
    },
    /// The two talk no more; the customer stays on hold with the representative.
    Part,
    /// The colleague has the customer now.
    HandOver {
        /// Who.
        rep: RepId,
    },
    /// The representative puts the customer on hold.
    Hold,
    /// The representative is back.
    Resume,
    /// It is over.
    End {
        /// By whom or what.
        by: Ender,
    },
    /// A session of the past was read from a file: the only event that it has.
    Imported(Box<Past>),
}

impl Action {
    /// The word kept with the event.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Join { .. } => "join",
            Self::Offer { .. } => "offer",
            Self::Pick { .. } => "pick",
            Self::Ring { .. } => "ring",
            Self::Unring => "unring",
            Self::PassOver => "passOver",
            Self::Joined { .. } => "joined",
            Self::Requeue { .. } => "requeue",
            Self::Transfer { .. } => "transfer",
            Self::Ask { .. } => "ask",
            Self::Consult { .. } => "consult",
            Self::Part => "part",
            Self::HandOver { .. } => "handOver",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::End { .. } => "end",
            Self::Imported(_) => "imported",
        }
    }
}
