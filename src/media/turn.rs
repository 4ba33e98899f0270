//! Credentials for a TURN server that shares a secret with us (coturn: `use-auth-secret`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The user name and the credential of `id`, good until `expires_unix`.
///
/// The server needs no list of users: the name carries its own end, and the credential is the name's HMAC-SHA1.
#[must_use]
pub fn credentials(secret: &str, id: &str, expires_unix: i64) -> (String, String) {
    let username = format!("{expires_unix}:{id}");
    // HMAC takes a key of any length, so the other arm is never reached; no credential is then the safe answer.
    let credential = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mac| STANDARD.encode(mac.chain_update(username.as_bytes()).finalize().into_bytes()),
    );
    (username, credential)
}

#[cfg(test)]
mod tests {
    use super::credentials;

    #[test]
    fn as_a_turn_server_computes_it() {
        let (username, credential) = credentials("north", "call42", 1_795_226_595);
        assert_eq!(username, "1795226595:call42");
        assert_eq!(credential, "utlQRtnhMFBzdCs4b5ZmdJ/x7L8=");
    }

    #[test]
    fn secret_id_and_end_all_count() {
        let of = |secret, id, end| credentials(secret, id, end).1;
        let one = of("north", "call42", 1_795_226_595);
        assert_ne!(one, of("south", "call42", 1_795_226_595));
        assert_ne!(one, of("north", "call43", 1_795_226_595));
        assert_ne!(one, of("north", "call42", 1_795_226_596));
    }
}
