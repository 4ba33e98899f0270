//! Requests as a program sends them, and answers that say what was asked when they are not what a test expects.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::events::Stream;

/// Longer than anything may take; a request that hangs is a failure with a name.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who sends requests, with one credential or none.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    base: String,
    bearer: Option<String>,
}

impl Caller {
    pub fn new(client: Client, base: String, bearer: Option<String>) -> Self {
        Self { client, base, bearer }
    }

    /// The credential, where there is one.
    pub fn token(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// A request to be refined with headers and a body, then [sent](Self::send).
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends it; a connection that breaks is an `Err` with the reason.
    pub async fn try_send(&self, request: RequestBuilder) -> Result<Answer, String> {
        let request = request.timeout(PATIENCE).build().expect("a well-formed request");
        let what = format!("{} {}", request.method(), request.url());
        let sent = Instant::now();
        let broken = |error: reqwest::Error| format!("{what}: {error:?}");
        let response = self.client.execute(request).await.map_err(broken)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.map_err(broken)?;
        Ok(Answer { what, status, headers, body, sent, answered: Instant::now() })
    }

    /// Sends it, and there is an answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap_or_else(|broken| panic!("{broken}"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("PUT", path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("PATCH", path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    /// Opens an event stream.
    pub async fn events(&self, path: &str) -> Stream {
        self.events_after(path, None).await
    }

    /// Opens an event stream again, naming the last event seen.
    pub async fn events_after(&self, path: &str, last: Option<i64>) -> Stream {
        let mut request = self.request("GET", path).header("Accept", "text/event-stream");
        if let Some(id) = last {
            request = request.header("Last-Event-ID", id);
        }
        Stream::open(request).await
    }
}

/// One answer, and when it was asked for and complete.
#[derive(Debug)]
pub struct Answer {
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    pub sent: Instant,
    pub answered: Instant,
}

impl Answer {
    /// The body, when the status is this one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.what, self.body);
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Any body, with this status.
    #[track_caller]
    pub fn expect_status(&self, status: u16) {
        assert_eq!(self.status, status, "{} answered {}", self.what, self.body);
    }

    /// A refusal with this status: always `application/problem+json` with its four members.
    #[track_caller]
    pub fn refused(&self, status: u16) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.what);
        assert_eq!(problem["status"], status, "{}: {problem}", self.what);
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "{}: no {member} in {problem}", self.what);
        }
        problem
    }

    /// A refusal where several are right.
    #[track_caller]
    pub fn refused_one_of(&self, statuses: &[u16]) {
        assert!(statuses.contains(&self.status), "{} answered {} {}", self.what, self.status, self.body);
        self.refused(self.status);
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header of text"))
    }

    pub fn took(&self) -> Duration {
        self.answered - self.sent
    }
}

/// The instant a promised field holds: RFC 3339 in UTC with milliseconds, nothing else.
#[track_caller]
pub fn instant(value: &Value) -> chrono::DateTime<chrono::Utc> {
    let text = value.as_str().unwrap_or_else(|| panic!("not an instant: {value}"));
    assert!(text.len() == 24 && text.ends_with('Z') && text.as_bytes()[19] == b'.', "not with milliseconds: {text}");
    chrono::DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_utc()
}

/// A promised text.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).into() } else { format!("%{byte:02X}") })
        .collect()
}

/// A request with these fields, as a browser posts a form.
pub fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
    request.header("Content-Type", "application/x-www-form-urlencoded").body(pairs.join("&"))
}
