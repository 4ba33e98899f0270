//! Event streams read as a program reads them; dropping one closes the connection, like a page that vanishes.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::seconds;

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: String,
    pub id: Option<i64>,
    pub data: Value,
    pub at: Instant,
}

/// An open (or refused) event stream.
pub struct Stream {
    pub status: u16,
    /// Everything that came so far, in order.
    pub seen: Vec<Event>,
    /// The offers `rings` has answered with.
    rung: Vec<Value>,
    incoming: UnboundedReceiver<Event>,
    reader: JoinHandle<()>,
}

impl Stream {
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the stream's answer");
        let status = response.status().as_u16();
        let (outgoing, incoming) = unbounded_channel();
        let reader = tokio::spawn(read(response, outgoing));
        Self { status, seen: Vec::new(), rung: Vec::new(), incoming, reader }
    }

    /// The next event of this name, within 10 s.
    pub async fn next(&mut self, name: &str) -> Event {
        self.until(seconds(10), name, |_| true).await
    }

    /// The next event of this name that is like this; the ones before it are kept in `seen`.
    pub async fn until(&mut self, within: Duration, name: &str, like: impl Fn(&Value) -> bool) -> Event {
        let waiting = async {
            while let Some(event) = self.incoming.recv().await {
                self.seen.push(event.clone());
                if event.name == name && like(&event.data) {
                    return Some(event);
                }
            }
            None
        };
        match tokio::time::timeout(within, waiting).await {
            Ok(Some(event)) => event,
            Ok(None) => panic!("the stream ended without the `{name}` awaited; it brought {:#?}", self.seen),
            Err(elapsed) => {
                panic!("no such `{name}` within {within:?} ({elapsed}); the stream brought {:#?}", self.seen)
            }
        }
    }

    /// The next offer that rings at this console, each once: a console is told of it again as long as it rings.
    pub async fn rings(&mut self) -> Value {
        let last = self.seen.iter().rfind(|event| event.name == "state").map(|event| event.data.clone());
        let mut state = last.unwrap_or_default();
        loop {
            let offers = state["offers"].as_array().into_iter().flatten();
            if let Some(offer) = offers.into_iter().find(|offer| !self.rung.contains(&offer["offerId"])) {
                self.rung.push(offer["offerId"].clone());
                return offer.clone();
            }
            state = self.next("state").await.data;
        }
    }

    /// The same for this customer.
    pub async fn rings_for(&mut self, session: &str) -> Value {
        loop {
            let offer = self.rings().await;
            if offer["customer"]["sessionId"] == session {
                return offer;
            }
        }
    }

    /// Waits until the server closes it.
    pub async fn closed(&mut self, within: Duration) {
        let draining = async {
            while let Some(event) = self.incoming.recv().await {
                self.seen.push(event);
            }
        };
        assert!(tokio::time::timeout(within, draining).await.is_ok(), "still open after {within:?}");
    }

    /// Takes what already arrived, without waiting.
    pub fn take_arrived(&mut self) -> &[Event] {
        while let Ok(event) = self.incoming.try_recv() {
            self.seen.push(event);
        }
        &self.seen
    }

    /// Whether it ended: the server cuts off whoever reads too slowly, or the connection broke.
    pub fn is_over(&self) -> bool {
        self.reader.is_finished()
    }

    /// How many events of this name came so far.
    pub fn count(&mut self, name: &str) -> usize {
        self.take_arrived().iter().filter(|event| event.name == name).count()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Splits the body into events, as the living standard says; ends with the body.
async fn read(mut response: reqwest::Response, outgoing: UnboundedSender<Event>) {
    let mut rest = Vec::new();
    let (mut name, mut id, mut data) = (String::new(), None, Vec::new());
    while let Ok(Some(chunk)) = response.chunk().await {
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let line = String::from_utf8(line).expect("event streams are UTF-8");
            let line = line.trim_end_matches(['\r', '\n']);
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut name),
                "id" => id = Some(value.parse().unwrap_or_else(|_| panic!("an event id that is no number: {value}"))),
                "data" => data.push(value.to_owned()),
                // Comments, `retry`, and the empty line that ends an event.
                _ => {}
            }
            if line.is_empty() && !data.is_empty() {
                let text = data.join("\n");
                let data_value =
                    serde_json::from_str(&text).unwrap_or_else(|_| panic!("an event that is no JSON: {text}"));
                data.clear();
                let event =
                    Event { name: std::mem::take(&mut name), id: id.take(), data: data_value, at: Instant::now() };
                if outgoing.send(event).is_err() {
                    return;
                }
            }
        }
    }
}
