//! Whose figures somebody may read.

use super::ids::ClientId;
use super::people::Role;

/// What somebody who reads figures may see of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every campaign, and the links that are broken.
    Everything,
    /// The campaigns of a client. A broken link is no campaign's, so none of them.
    Client(ClientId),
}

impl Scope {
    /// Only marketers are bound to a client.
    #[must_use]
    pub const fn of(role: Role, client: Option<ClientId>) -> Self {
        match (role, client) {
            (Role::Marketer, Some(client)) => Self::Client(client),
            _ => Self::Everything,
        }
    }
}
