//! What every handler works with.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::futures::future::BoxFuture;
use rocket::request::Request;

use super::error::{ApiResult, Problem};
use super::limits::Limits;
use super::pages::Pages;
use crate::client::country::Countries;
use crate::config::Config;
use crate::desk::Desk;
use crate::figures::turns::Turns;
use crate::media::Media;

/// What every handler works with.
pub struct House {
    /// The use cases.
    pub desk: Arc<Desk>,
    /// The settings.
    pub config: Config,
    /// The turns of questions about figures.
    pub figures: Turns,
    /// How parties see each other.
    pub media: Media,
    /// The country of an address.
    pub countries: Countries,
    /// The templates.
    pub pages: Arc<Pages>,
    /// How often each network asks.
    pub limits: Limits,
    /// Set when the server begins to stop.
    pub stopping: AtomicBool,
}

/// The longest a request waits for the database, in all.
const DEADLINE: Duration = Duration::from_millis(4_500);

impl House {
    /// The house that this request came to.
    ///
    /// # Errors
    /// 500 when it was not built by `app`.
    pub fn of<'r>(request: &'r Request<'_>) -> ApiResult<&'r Self> {
        let house = request.rocket().state::<Arc<Self>>();
        house.map(AsRef::as_ref).ok_or_else(|| Problem::new(rocket::http::Status::InternalServerError, "Not built."))
    }

    /// Whether the server is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Waits for an answer, but not for ever: a database that hangs is a 503 within five seconds. Boxed, so that the compiler proves only
/// once of each answer that it can be sent between threads.
///
/// # Errors
/// 503 when the time is over, or the answer's own.
pub fn in_time<'a, T, E: Into<Problem>>(
    answer: impl Future<Output = Result<T, E>> + Send + 'a,
) -> BoxFuture<'a, ApiResult<T>> {
    Box::pin(async move {
        match tokio::time::timeout(DEADLINE, answer).await {
            Ok(result) => result.map_err(Into::into),
            Err(_) => Err(Problem::away("The database does not answer: try again in a moment.")),
        }
    })
}
