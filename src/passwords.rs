//! Passwords: hashed with Argon2id, compared in equal time, made up when nobody has chosen one.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rand::seq::IndexedRandom;
use tokio::sync::Semaphore;

/// The longest password that is taken, in bytes: generous for a sentence, and no work for a flood.
pub const MAX_BYTES: usize = 1024;

/// Each hash takes 19 MiB and a core for a moment, so two at a time; the others wait their turn.
pub const AT_A_TIME: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(AT_A_TIME);

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It has no characters at all.
    #[error("the password is empty")]
    Empty,
    /// It is longer than [`MAX_BYTES`].
    #[error("the password is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The work was not done.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// The text that is stored for a password.
///
/// # Errors
/// When the password is empty or too long.
pub async fn hash(password: String) -> Result<String, PasswordError> {
    match password.len() {
        0 => Err(PasswordError::Empty),
        1..=MAX_BYTES => in_turn(move || hash_now(&password)).await?,
        _ => Err(PasswordError::TooLong),
    }
}

/// Whether a password is the one whose stored text is `stored`. A stored text that is broken takes as long as a wrong password.
pub async fn verify(password: &str, stored: &str) -> bool {
    let (password, stored) = (password.to_owned(), stored.to_owned());
    in_turn(move || verify_now(&password, &stored)).await.unwrap_or(false)
}

/// Does the work of [`verify`] for a user who does not exist, so that the answer's time does not tell.
pub async fn verify_dummy(password: &str) {
    let password = password.to_owned();
    // The outcome means nothing, and a failure would mean as little.
    let _ = in_turn(move || verify_now(&password, DUMMY)).await;
}

/// Sixteen characters that cannot be taken for one another on paper; about 93 bits.
#[must_use]
pub fn random() -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut rng = rand::rng();
    let letters = (0..16).filter_map(|_| LETTERS.choose(&mut rng));
    letters.map(|&letter| char::from(letter)).collect()
}

/// Runs on a thread for blocking work. The permit goes with it: a request that is given up must not free the memory's turn.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
    let permit = TURNS.acquire().await.map_err(|error| PasswordError::Failed(error.to_string()))?;
    tokio::task::spawn_blocking(move || {
        let _turn = permit;
        work()
    })
    .await
    .map_err(|error| PasswordError::Failed(error.to_string()))
}

fn hash_now(password: &str) -> Result<String, PasswordError> {
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| PasswordError::Failed(error.to_string()))
}

fn verify_now(password: &str, stored: &str) -> bool {
    let matches = |stored: &str| {
        PasswordHash::new(stored).map(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
    };
    if password.len() > MAX_BYTES {
        return false;
    }
    matches(stored).unwrap_or_else(|_| {
        let _ = matches(DUMMY);
        false
    })
}

/// The hash of a password that was thrown away. It is written down, not made at the start, so that the first unknown user
/// takes no longer than the second; its parameters must be those of every other hash, which a test checks.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$NVu6n7Ck4h5VO7PZn8o3KA$1Qx4d0TVYIFP4gUTLRBRTnwW/w3Hi5+oX5k+gjscuE4";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let stored = hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("correct horse", &stored).await);
        assert!(!verify("correct horse ", &stored).await);
        assert!(!verify("", &stored).await);
        assert_ne!(hash("correct horse".into()).await.unwrap(), stored, "each hash has its own salt");
    }

    #[tokio::test]
    async fn a_broken_stored_text_is_nobodys_password() {
        for stored in ["", "correct horse", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ", "$2b$12$abc"] {
            assert!(!verify("correct horse", stored).await, "{stored}");
        }
    }

    #[tokio::test]
    async fn empty_and_endless_passwords_are_refused() {
        assert!(matches!(hash(String::new()).await, Err(PasswordError::Empty)));
        assert!(matches!(hash("x".repeat(MAX_BYTES + 1)).await, Err(PasswordError::TooLong)));
        let longest = "x".repeat(MAX_BYTES);
        let stored = hash(longest.clone()).await.unwrap();
        assert!(verify(&longest, &stored).await);
        assert!(!verify(&format!("{longest}x"), &stored).await);
    }

    #[tokio::test]
    async fn an_unknown_user_takes_as_long_as_a_wrong_password() {
        let stored = hash("correct horse".into()).await.unwrap();
        let parameters = |text: &str| text.rsplitn(3, '$').nth(2).map(ToOwned::to_owned);
        assert_eq!(parameters(DUMMY), parameters(&stored), "the same work");
        assert!(PasswordHash::new(DUMMY).is_ok_and(|dummy| dummy.hash.is_some()), "and not refused before it");
        // By the clock only roughly: it shall not be a hundred times faster.
        let started = Instant::now();
        verify("wrong", &stored).await;
        let known = started.elapsed();
        for broken_or_unknown in [true, false] {
            let started = Instant::now();
            if broken_or_unknown {
                assert!(!verify("wrong", "broken").await);
            } else {
                verify_dummy("wrong").await;
            }
            assert!(started.elapsed() > known / 10, "{:?} against {known:?}", started.elapsed());
        }
    }

    #[tokio::test]
    async fn many_at_once_all_get_their_turn() {
        let stored = hash("correct horse".into()).await.unwrap();
        let tries: Vec<_> = (0..6)
            .map(|n| {
                let stored = stored.clone();
                tokio::spawn(async move { verify(if n % 2 == 0 { "correct horse" } else { "wrong" }, &stored).await })
            })
            .collect();
        for (n, attempt) in tries.into_iter().enumerate() {
            assert_eq!(attempt.await.unwrap(), n % 2 == 0);
        }
    }

    #[test]
    fn random_passwords_are_readable_and_differ() {
        let made: HashSet<_> = (0..200).map(|_| random()).collect();
        assert_eq!(made.len(), 200);
        for password in &made {
            assert_eq!(password.len(), 16);
            assert!(password.chars().all(|c| c.is_ascii_alphanumeric() && !"0O1lI".contains(c)), "{password}");
        }
    }
}
