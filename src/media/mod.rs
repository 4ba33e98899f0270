//! How the two parties of a call see and hear each other: one file a provider, behind one small interface.

mod p2p;
pub mod turn;

use serde::Serialize;
use utoipa::ToSchema;

pub use p2p::{IceServer, P2p};

use crate::clock::Timestamp;
use crate::config::MediaSettings;

/// What a page needs to connect; `kind` tells it which way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum MediaAccess {
    /// Browser to browser.
    P2p(P2p),
}

/// Hands out access as configured.
#[derive(Debug, Clone, Default)]
pub struct Media(MediaSettings);

impl Media {
    /// Ready to hand out access.
    #[must_use]
    pub const fn new(settings: MediaSettings) -> Self {
        Self(settings)
    }

    /// Access for one party of session `id`. Credentials in it count from `now`; ask again for fresh ones.
    #[must_use]
    pub fn access(&self, id: &str, now: Timestamp) -> MediaAccess {
        MediaAccess::P2p(p2p::access(&self.0, id, now))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json(settings: MediaSettings) -> serde_json::Value {
        let now = Timestamp(1_795_222_995_999);
        serde_json::to_value(Media::new(settings).access("call42", now)).unwrap()
    }

    #[test]
    fn without_servers_it_still_says_how() {
        let wanted = json!({"kind": "p2p", "iceServers": [], "iceTransportPolicy": "all", "ttl": 3600});
        assert_eq!(json(MediaSettings::default()), wanted);
    }

    #[test]
    fn stun_and_turn() {
        let settings = MediaSettings {
            stun_urls: vec!["stun:s.example:3478".into()],
            turn_urls: vec!["turn:t.example?transport=udp".into(), "turns:t.example?transport=tcp".into()],
            turn_secret: Some(String::from("north").into()),
            turn_ttl: 3600,
        };
        assert_eq!(
            json(settings),
            json!({
                "kind": "p2p",
                "iceServers": [
                    {"urls": ["stun:s.example:3478"]},
                    {
                        "urls": ["turn:t.example?transport=udp", "turns:t.example?transport=tcp"],
                        "username": "1795226595:call42",
                        "credential": "utlQRtnhMFBzdCs4b5ZmdJ/x7L8=",
                    },
                ],
                "iceTransportPolicy": "all",
                "ttl": 3600,
            })
        );
    }

    #[test]
    fn the_credential_is_not_logged() {
        let settings = MediaSettings {
            turn_urls: vec!["turn:t.example".into()],
            turn_secret: Some(String::from("north").into()),
            ..MediaSettings::default()
        };
        let access = Media::new(settings.clone()).access("call42", Timestamp(1_795_222_995_000));
        let shown = format!("{access:?} {settings:?}");
        assert!(shown.contains("turn:t.example"), "{shown}");
        assert!(!shown.contains("utlQ") && !shown.contains("north"), "{shown}");
    }
}
