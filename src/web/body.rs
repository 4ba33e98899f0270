//! Bodies: read with a limit and a deadline, then parsed; whatever is wrong gets one clear sentence.

use std::time::Duration;

use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::{RawStr, Status};
use rocket::request::Request;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use tokio::io::AsyncReadExt;

use super::error::Problem;
use super::urlencoded;

/// The most bytes of a body, signals apart.
const MAX_BYTES: usize = 16 * 1_024;
/// The most bytes of a signal.
pub const MAX_SIGNAL_BYTES: usize = 64 * 1_024;
/// The most bytes of a body that is too large that are read all the same.
const DRAINED: usize = 4 * 1_024 * 1_024;
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
        let is_form = request.content_type().is_some_and(|kind| kind.is_form());
        match read(data, LIMIT).await.and_then(|bytes| parse(bytes, is_form)) {
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
    match tokio::time::timeout(DEADLINE, read_or_drain(data, limit)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(Problem::new(Status::PayloadTooLarge, format!("The body is larger than {limit} bytes."))),
        Ok(Err(_)) => Err(Problem::bad_request("The body broke off.")),
        Err(_) => Err(Problem::new(Status::RequestTimeout, "The body did not arrive in time.")),
    }
}

/// The body; `None` when it is larger than `limit`. What is too much is read and thrown away, up to a bound: a client
/// that is cut off while it still sends would never see the answer.
async fn read_or_drain(data: Data<'_>, limit: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut stream = data.open(DRAINED.bytes());
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    (&mut stream).take(most + 1).read_to_end(&mut bytes).await?;
    if bytes.len() <= limit {
        return Ok(Some(bytes));
    }
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(None)
}

fn parse<T: DeserializeOwned, const LIMIT: usize>(bytes: Vec<u8>, is_form: bool) -> Result<Json<T, LIMIT>, Problem> {
    // Some programs call everything a form; what begins like JSON is JSON.
    let is_json = !is_form || bytes.trim_ascii_start().starts_with(b"{");
    let value = if is_json { from_json(&bytes) } else { from_form(&bytes) };
    let value = value
        .and_then(serde_json::from_value)
        .map_err(|error| Problem::bad_request(format!("The body is not the JSON that belongs here: {error}.")))?;
    Ok(Json { value, bytes })
}

fn from_json(bytes: &[u8]) -> serde_json::Result<Value> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    // Read as an object first: a list would pass for one with its fields in order.
    serde_json::from_slice::<Map<String, Value>>(bytes).map(Value::Object)
}

/// The fields of a browser's form, each as text.
fn from_form(bytes: &[u8]) -> serde_json::Result<Value> {
    let text = std::str::from_utf8(bytes).map_err(serde::de::Error::custom)?;
    let fields = urlencoded::pairs(RawStr::new(text)).into_iter();
    Ok(fields.map(|(name, value)| (name, Value::from(value))).collect::<Map<_, _>>().into())
}

/// A field that can be taken away: `None` when it was not sent, `Some(None)` when it is null.
///
/// # Errors
/// When it is anything else than its type.
#[expect(clippy::option_option, reason = "what was not sent is not what was sent as null")]
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A switch: `true` or `false`, or what a form's check box sends.
///
/// # Errors
/// When it is anything else.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(on) => Ok(Some(on)),
        Value::String(text) if text == "on" || text == "true" => Ok(Some(true)),
        Value::String(text) if text.is_empty() || text == "false" => Ok(Some(false)),
        other => Err(serde::de::Error::custom(format!("{other} is neither true nor false"))),
    }
}
