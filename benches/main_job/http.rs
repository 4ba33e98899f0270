//! A client that costs little: one connection kept open, HTTP/1.1 by hand. On a machine that also runs the server and
//! the database, a comfortable client would be a large part of what is measured.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One kept-open connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        Self { stream, buffer: Vec::with_capacity(8_192) }
    }

    /// Sends a request and waits for the whole answer; a `body` makes it JSON.
    pub async fn ask(&mut self, method: &str, path: &str, token: &str, body: &str) -> (u16, &[u8]) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.expect("the request is sent");
        self.buffer.clear();
        let head = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await;
        };
        let text = std::str::from_utf8(&self.buffer[..head]).expect("a head of text").to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let length: usize = length.unwrap_or(0);
        while self.buffer.len() < head + length {
            self.more().await;
        }
        (status, &self.buffer[head..head + length])
    }

    /// The same, when there is but one right answer.
    pub async fn expect(&mut self, status: u16, method: &str, path: &str, token: &str, body: &str) -> &[u8] {
        let (got, body) = self.ask(method, path, token, body).await;
        assert_eq!(got, status, "{method} {path}: {}", String::from_utf8_lossy(body));
        body
    }

    /// The same, with the answer read as JSON.
    pub async fn json(&mut self, status: u16, method: &str, path: &str, token: &str, body: &str) -> Value {
        let body = self.expect(status, method, path, token, body).await;
        serde_json::from_slice(body).expect("JSON")
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the answer comes");
        assert!(read > 0, "the server closed the connection: {}", String::from_utf8_lossy(&self.buffer));
    }
}

/// An event stream, read as it comes.
pub struct Events {
    connection: Connection,
    /// The body so far, out of its chunks: a chunk may end anywhere, in the middle of an id too.
    body: Vec<u8>,
}

impl Events {
    pub async fn open(port: u16, path: &str, token: &str) -> Self {
        let mut connection = Connection::open(port).await;
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n");
        connection.stream.write_all(request.as_bytes()).await.expect("the request is sent");
        let head = loop {
            if let Some(at) = find(&connection.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            connection.more().await;
        };
        connection.buffer.drain(..head);
        Self { connection, body: Vec::new() }
    }

    /// Reads on until this text has come by, and forgets everything up to it.
    pub async fn until(&mut self, text: &str) {
        loop {
            while let Some(chunk) = next_chunk(&mut self.connection.buffer) {
                self.body.extend(chunk);
            }
            if let Some(at) = find(&self.body, text.as_bytes()) {
                self.body.drain(..at + text.len());
                return;
            }
            self.connection.more().await;
        }
    }
}

impl Events {
    /// Reads on until this text has come by; what stands between it and the next quotation mark.
    pub async fn value_after(&mut self, text: &str) -> String {
        self.until(text).await;
        loop {
            if let Some(end) = self.body.iter().position(|byte| *byte == b'"') {
                return String::from_utf8_lossy(&self.body[..end]).into_owned();
            }
            self.connection.more().await;
            while let Some(chunk) = next_chunk(&mut self.connection.buffer) {
                self.body.extend(chunk);
            }
        }
    }
}

/// Takes one whole chunk (its size in hexadecimal, its bytes) off the front.
fn next_chunk(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let size_ends = find(buffer, b"\r\n")?;
    let size = std::str::from_utf8(&buffer[..size_ends]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
    let start = size_ends + 2;
    let end = start + size.expect("the size of a chunk");
    if buffer.len() < end + 2 {
        return None;
    }
    let chunk = buffer[start..end].to_vec();
    buffer.drain(..end + 2);
    Some(chunk)
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

/// A customer with a session.
pub struct Customer {
    pub session: String,
    pub token: String,
}

impl Customer {
    pub async fn new(connection: &mut Connection) -> Self {
        let body = r#"{"campaignId":"bench","bannerId":"1"}"#;
        let made = connection.json(201, "POST", "/help/session", "", body).await;
        Self { session: text(&made, "sessionId"), token: text(&made, "token") }
    }

    /// Joins the queue; returns the entry's id.
    pub async fn join(&self, connection: &mut Connection) -> String {
        let body = format!(r#"{{"sessionId":"{}"}}"#, self.session);
        text(&connection.json(201, "POST", "/help/queue", &self.token, &body).await, "queueId")
    }
}

/// A text in an answer.
pub fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer}")).to_owned()
}
