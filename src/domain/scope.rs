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
    /// The client to whose campaigns it is narrowed.
    #[must_use]
    pub const fn client(self) -> Option<ClientId> {
        match self {
            Self::Everything => None,
            Self::Client(client) => Some(client),
        }
    }

    /// Only marketers are bound to a client.
    #[must_use]
    pub const fn of(role: Role, client: Option<ClientId>) -> Self {
        match (role, client) {
            (Role::Marketer, Some(client)) => Self::Client(client),
            _ => Self::Everything,
        }
    }
}
