//! `Idempotency-Key`: a request that is sent again has one effect and one answer.

use rocket::request::{FromRequest, Outcome, Request};

use super::error::{Problem, fail};

/// The longest key, in bytes.
const MAX_BYTES: usize = 255;

/// The key that came with a request, if any.
pub struct IdempotencyKey(pub Option<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IdempotencyKey {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.headers().get_one("Idempotency-Key") {
            None => Outcome::Success(Self(None)),
            Some(key) if (1..=MAX_BYTES).contains(&key.len()) => Outcome::Success(Self(Some(key.to_owned()))),
            Some(_) => {
                fail(request, Problem::bad_request(format!("Idempotency-Key must be 1 to {MAX_BYTES} characters.")))
            }
        }
    }
}
