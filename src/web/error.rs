//! Errors as people and programs see them: RFC 9457 problem documents, and the only home of status codes for failures.

use std::io::Cursor;

use rocket::http::{ContentType, Header, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::duty::OfferView;
use super::view::SessionView;
use crate::desk::DeskError;
use crate::store::StoreError;

/// What went wrong, in one sentence, with the right status.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// A kind of problem; `about:blank` when the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// One clear sentence.
    pub detail: String,
    /// The session as it stands, where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Box<SessionView>>,
    /// The offer as it stands, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Box<OfferView>>,
    /// Seconds after which it may be tried again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// What a handler returns.
pub type ApiResult<T> = Result<T, Problem>;

impl Problem {
    /// A problem with this status and sentence.
    #[must_use]
    pub fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.reason_lossy().to_owned(),
            status: status.code,
            detail: detail.into(),
            session: None,
            offer: None,
            retry_after: None,
        }
    }

    /// 400 with this sentence.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Status::BadRequest, detail)
    }

    /// 401: nobody said who is asking.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(Status::Unauthorized, "Say who you are: send a token as Authorization: Bearer, or log in.")
    }

    /// 403 with this sentence.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Status::Forbidden, detail)
    }

    /// 404: no such thing, or somebody else's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Status::NotFound, "There is no such thing here.")
    }

    /// 503: try again in a moment.
    #[must_use]
    pub fn away(detail: impl Into<String>) -> Self {
        Self { retry_after: Some(2), ..Self::new(Status::ServiceUnavailable, detail) }
    }

    /// 409 with this sentence and the session as it stands.
    #[must_use]
    pub fn conflict(detail: impl Into<String>, session: Option<SessionView>) -> Self {
        Self { session: session.map(Box::new), ..Self::new(Status::Conflict, detail) }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::new(self.status)
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let sentence = match &error {
            // These name a field, which is written as it is.
            DeskError::Invalid(sentence) | DeskError::Contradiction(sentence) => sentence.clone(),
            error => capitalised(&error.to_string()),
        };
        match error {
            DeskError::NotFound => Self::not_found(),
            DeskError::NotNow(session) | DeskError::NotRateable(session) | DeskError::NoConversation(session) => {
                Self::conflict(sentence, Some(SessionView::bare(&session)))
            }
            DeskError::AtCapacity(session) | DeskError::Stale(session) => {
                Self::conflict(sentence, session.map(|session| SessionView::bare(&session)))
            }
            DeskError::OfferOver(offer) => {
                Self { offer: Some(Box::new((*offer).into())), ..Self::new(Status::Conflict, sentence) }
            }
            DeskError::Contradiction(_) => Self::new(Status::Conflict, sentence),
            DeskError::Invalid(_) => Self::bad_request(sentence),
            DeskError::KeyReused => Self::new(Status::UnprocessableEntity, sentence),
            DeskError::WrongPassword => Self::new(Status::Unauthorized, sentence),
            DeskError::TooManyFailures(minutes) => {
                Self { retry_after: u64::try_from(minutes * 60).ok(), ..Self::new(Status::TooManyRequests, sentence) }
            }
            DeskError::Away | DeskError::Stopping => Self::away(sentence),
            DeskError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Lost(_) | StoreError::Conflict(_) | StoreError::Stale => {
                tracing::warn!(%error, class = error.class(), "answered 503");
                Self::away("The database is away: try again in a moment.")
            }
            error => {
                tracing::error!(%error, class = error.class(), "answered 500");
                Self::new(Status::InternalServerError, "That is a mistake of ours; it has been logged.")
            }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(chars).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let body = serde_json::to_string(&self).map_err(|_| Status::InternalServerError)?;
        let mut response = Response::build();
        response
            .status(self.status())
            .header(ContentType::new("application", "problem+json"))
            .sized_body(body.len(), Cursor::new(body));
        self.add_headers(&mut response);
        response.ok()
    }
}

impl Problem {
    /// The headers that belong to it, in whatever form it is told.
    pub(super) fn add_headers(&self, response: &mut response::Builder<'_>) {
        if let Some(seconds) = self.retry_after {
            response.header(Header::new("Retry-After", seconds.to_string()));
        }
        if self.status == Status::Unauthorized.code {
            response.header(Header::new("WWW-Authenticate", "Bearer"));
        }
    }
}

/// Fails a guard with a problem: the catcher finds it with the request.
pub fn fail<T>(request: &Request<'_>, problem: Problem) -> rocket::request::Outcome<T, ()> {
    let status = problem.status();
    request.local_cache(|| Some(problem));
    rocket::request::Outcome::Error((status, ()))
}
