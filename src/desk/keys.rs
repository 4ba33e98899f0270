//! What is derived from the installation's key: tokens that need not be stored, and checks of what comes back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::ids::{QueueId, SessionId};
use crate::store::tokens::TokenHash;

/// What a customer's token begins with.
pub const CUSTOMER_PREFIX: &str = "blc_";
/// What a login's token begins with.
pub const LOGIN_PREFIX: &str = "bll_";
/// What an API token begins with.
pub const API_PREFIX: &str = "blm_";
/// What the token of a shared report begins with.
pub const SHARE_PREFIX: &str = "bls_";

/// The installation's key, 256 bits, made at the first start and kept in the database.
#[derive(Clone)]
pub struct Keys {
    keyed: Hmac<Sha256>,
}

impl Keys {
    /// Keys derived from `secret`.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC pads its key to one block of the hash.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secret);
        Self { keyed: Hmac::new(&block.into()) }
    }

    /// The token that a customer proves a session with: it names the session, so no lookup is needed to check it.
    #[must_use]
    pub fn customer_token(&self, session: SessionId) -> String {
        let mac = self.mac("customer", session.uuid().as_bytes()).finalize().into_bytes();
        format!("{CUSTOMER_PREFIX}{session}{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// The session that a customer's token proves.
    #[must_use]
    pub fn session_of(&self, token: &str) -> Option<SessionId> {
        let (id, mac) = token.strip_prefix(CUSTOMER_PREFIX)?.split_at_checked(32)?;
        let session: SessionId = id.parse().ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        // Compared in constant time.
        self.mac("customer", session.uuid().as_bytes()).verify_slice(&mac).ok()?;
        Some(session)
    }

    /// A session's place in the queue: derived, so that a group of joins need not be read back.
    #[must_use]
    pub fn queue_id(&self, session: SessionId) -> QueueId {
        let mac = self.mac("queue", session.uuid().as_bytes()).finalize().into_bytes();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        QueueId::from(Uuid::from_bytes(bytes))
    }

    /// The token that cookie-borne writes of this login must carry.
    #[must_use]
    pub fn csrf_token(&self, login: &TokenHash) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("csrf", login).finalize().into_bytes())
    }

    /// Whether `token` is the login's CSRF token.
    #[must_use]
    pub fn csrf_matches(&self, login: &TokenHash, token: &str) -> bool {
        URL_SAFE_NO_PAD.decode(token).is_ok_and(|mac| self.mac("csrf", login).verify_slice(&mac).is_ok())
    }

    fn mac(&self, purpose: &str, data: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(purpose.as_bytes());
        mac.update(b":");
        mac.update(data);
        mac
    }
}

/// A new random token with this prefix: 256 bits.
#[must_use]
pub fn random_token(prefix: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a token. It is random, so a plain hash is enough.
#[must_use]
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_customer_token_proves_its_session_and_no_other() {
        let (keys, others) = (Keys::new([1; 32]), Keys::new([2; 32]));
        let session = SessionId::new(Timestamp(1));
        let token = keys.customer_token(session);
        assert_eq!(keys.session_of(&token), Some(session));
        assert_eq!(others.session_of(&token), None);
        let other = SessionId::new(Timestamp(1)).to_string();
        let forged = token.replace(&session.to_string(), &other);
        assert_eq!(keys.session_of(&forged), None);
        for broken in ["", "blc_", "blc_é", &token[..40], "bll_x"] {
            assert_eq!(keys.session_of(broken), None, "{broken}");
        }
    }

    #[test]
    fn csrf_tokens_belong_to_one_login() {
        let keys = Keys::new([1; 32]);
        let token = keys.csrf_token(&[7; 32]);
        assert!(keys.csrf_matches(&[7; 32], &token));
        assert!(!keys.csrf_matches(&[8; 32], &token));
        assert!(!keys.csrf_matches(&[7; 32], ""));
    }

    #[test]
    fn random_tokens_differ() {
        assert_ne!(random_token(LOGIN_PREFIX), random_token(LOGIN_PREFIX));
    }
}
