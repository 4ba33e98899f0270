//! Where a customer stands in line.

use serde::{Deserialize, Serialize};

/// A waiting session's place: priority, then ticket. Places of one queue are served in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::FromRow)]
pub struct Place {
    /// Priority, smaller is sooner.
    pub queue_rank: i64,
    /// Ticket.
    pub ticket: i64,
}
