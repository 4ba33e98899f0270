//! Who can be present, and how long an absence is forgiven.

use serde::{Deserialize, Serialize};

use super::ids::{RepId, SessionId};

/// Somebody who can have a stream open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "who", content = "id", rename_all = "camelCase")]
pub enum Seat {
    /// A representative's console.
    Rep(RepId),
    /// A customer's page.
    Customer(SessionId),
}

/// An absence as long as this ends a customer's session, or takes a representative's customers back to the queue.
pub const GRACE_MILLIS: i64 = 15_000;
/// A customer who is away this long is passed over, and a claimed one who is silent this long is taken back.
pub const PASSED_OVER_MILLIS: i64 = 5_000;
/// A page that answered a heartbeat once and is then silent for this long is gone since its last answer.
pub const SILENCE_MILLIS: i64 = 20_000;
/// A representative who claims without a stream has this long to start the conversation.
pub const UNHEARD_MILLIS: i64 = 25_000;
/// A representative's sign of life is noted at most this often.
pub const SEEN_EVERY_MILLIS: i64 = 5_000;
/// A session that was requested by a program without a stream has this long to join the queue.
pub const NEVER_JOINED_MILLIS: i64 = 30 * 60_000;
/// An instance that does not renew its lease for this long is dead.
pub const LEASE_MILLIS: i64 = 10_000;
