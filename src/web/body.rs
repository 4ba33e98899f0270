//! Bodies: read with a limit and a deadline, then parsed; whatever is wrong gets one clear sentence.

use std::time::Duration;

use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::Status;
use rocket::request::Request;
use serde::de::DeserializeOwned;

use super::error::Problem;

/// The most bytes of a body, signals apart.
const MAX_BYTES: usize = 16 * 1_024;
/// The most bytes of a signal.
pub const MAX_SIGNAL_BYTES: usize = 64 * 1_024;
/// A body that takes longer than this to arrive is a slow client's.
const DEADLINE: Duration = Duration::from_secs(10);

/// A JSON body, with the bytes it came as. An empty one counts as `{}`.
pub struct Json<T, const LIMIT: usize = MAX_BYTES> {
    /// What it says.
    pub value: T,
    /// How it was written.
    pub bytes: Vec<u8>,
}

/// A signal's body.
pub type SignalJson<T> = Json<T, MAX_SIGNAL_BYTES>;

#[rocket::async_trait]
impl<'r, T: DeserializeOwned, const LIMIT: usize> FromData<'r> for Json<T, LIMIT> {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read(data, LIMIT).await.and_then(parse) {
            Ok(json) => Outcome::Success(json),
            Err(problem) => {
                let status = problem.status();
                request.local_cache(|| Some(problem));
                Outcome::Error((status, ()))
            }
        }
    }
}

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// 413 when it is larger, 408 when it does not arrive in time, 400 when it breaks off.
pub async fn read(data: Data<'_>, limit: usize) -> Result<Vec<u8>, Problem> {
    let reading = data.open(limit.bytes()).into_bytes();
    match tokio::time::timeout(DEADLINE, reading).await {
        Ok(Ok(bytes)) if bytes.is_complete() => Ok(bytes.into_inner()),
        Ok(Ok(_)) => Err(Problem::new(Status::PayloadTooLarge, format!("The body is larger than {limit} bytes."))),
        Ok(Err(_)) => Err(Problem::bad_request("The body broke off.")),
        Err(_) => Err(Problem::new(Status::RequestTimeout, "The body did not arrive in time.")),
    }
}

fn parse<T: DeserializeOwned, const LIMIT: usize>(bytes: Vec<u8>) -> Result<Json<T, LIMIT>, Problem> {
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let value = serde_json::from_slice(text)
        .map_err(|error| Problem::bad_request(format!("The body is not the JSON that belongs here: {error}.")))?;
    Ok(Json { value, bytes })
}
