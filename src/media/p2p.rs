//! Browser to browser: the pages connect to each other, and all they need from us is where to ask for a way.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use super::turn;
use crate::clock::Timestamp;
use crate::config::{MediaSettings, Secret};

/// What `RTCPeerConnection` is given, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct P2p {
    /// Servers to ask for a way; empty when none is configured, which is enough inside one network.
    pub ice_servers: Vec<IceServer>,
    /// Which ways may be used; `all`.
    pub ice_transport_policy: &'static str,
    /// Seconds until fresh credentials should be fetched.
    pub ttl: u32,
}

/// STUN or TURN servers with one credential.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IceServer {
    /// `stun:`, `turn:` or `turns:` addresses.
    pub urls: Vec<String>,
    /// Only for TURN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Only for TURN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl fmt::Debug for IceServer {
    /// Without the credential: whoever has it can send through the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// The access of one party of session `id`, from `now` on.
pub(super) fn access(settings: &MediaSettings, id: &str, now: Timestamp) -> P2p {
    let mut ice_servers = Vec::new();
    if !settings.stun_urls.is_empty() {
        ice_servers.push(IceServer { urls: settings.stun_urls.clone(), username: None, credential: None });
    }
    if let Some(secret) = settings.turn_secret.as_ref().map(Secret::expose)
        && !settings.turn_urls.is_empty()
    {
        let expires = now.unix_seconds() + i64::from(settings.turn_ttl);
        let (username, credential) = turn::credentials(secret, id, expires);
        ice_servers.push(IceServer {
            urls: settings.turn_urls.clone(),
            username: Some(username),
            credential: Some(credential),
        });
    }
    P2p { ice_servers, ice_transport_policy: "all", ttl: settings.turn_ttl }
}
