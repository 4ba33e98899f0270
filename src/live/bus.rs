//! What instances tell each other. On one instance it is a function call; with `REDIS_URL` it is Redis pub/sub too.
//!
//! Everything said here is a hint: without Redis, or while it is away, instances find out by asking the database.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{self, Receiver, Sender};
use uuid::Uuid;

use super::hub::{Hint, Hub};
use crate::clock::Clock;
use crate::domain::presence::Seat;

/// What instances tell each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Message {
    /// What this seat sees changed.
    Changed {
        /// Whose.
        seat: Seat,
    },
    /// The line moved.
    Queue,
    /// A page answered a heartbeat of a stream that another instance holds.
    Alive {
        /// Whose.
        seat: Seat,
    },
    /// A signal from the other party.
    Signal {
        /// For whom.
        seat: Seat,
        /// What is said.
        text: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: Uuid,
    message: Message,
}

const CHANNEL: &str = "bannerline";
/// Hints that may wait while Redis is away; later ones are dropped.
const BACKLOG: usize = 1_024;
const RECONNECT: Duration = Duration::from_secs(1);

/// The way to everybody who listens, here and on other instances.
pub struct Bus {
    hub: Arc<Hub>,
    clock: Arc<dyn Clock>,
    instance: Uuid,
    elsewhere: Option<Sender<String>>,
}

impl Bus {
    /// A bus that reaches this instance only.
    pub fn local(hub: Arc<Hub>, clock: Arc<dyn Clock>, instance: Uuid) -> Arc<Self> {
        Arc::new(Self { hub, clock, instance, elsewhere: None })
    }

    /// A bus that reaches every instance on the same Redis. It connects, and reconnects, by itself.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn redis(
        url: &str,
        hub: Arc<Hub>,
        clock: Arc<dyn Clock>,
        instance: Uuid,
    ) -> Result<Arc<Self>, redis::RedisError> {
        let client = redis::Client::open(url)?;
        let (elsewhere, outgoing) = mpsc::channel(BACKLOG);
        let bus = Arc::new(Self { hub, clock, instance, elsewhere: Some(elsewhere) });
        tokio::spawn(publish(client.clone(), outgoing));
        tokio::spawn(subscribe(client, Arc::clone(&bus)));
        Ok(bus)
    }

    /// Tells whom it concerns.
    pub fn tell(&self, message: Message) {
        if let Some(elsewhere) = &self.elsewhere {
            let envelope = Envelope { from: self.instance, message: message.clone() };
            if let Ok(text) = serde_json::to_string(&envelope) {
                let _ = elsewhere.try_send(text);
            }
        }
        self.deliver(message);
    }

    fn deliver(&self, message: Message) {
        match message {
            Message::Changed { seat } => {
                self.hub.tell(seat, Hint::Changed);
            }
            Message::Queue => self.hub.tell_reps(),
            Message::Alive { seat } => {
                self.hub.alive(seat, self.clock.now());
            }
            Message::Signal { seat, text } => self.hub.signal(seat, text.into(), self.clock.now()),
        }
    }
}

async fn publish(client: redis::Client, mut outgoing: Receiver<String>) {
    let mut connection = None;
    while let Some(text) = outgoing.recv().await {
        if connection.is_none() {
            connection = client.get_multiplexed_async_connection().await.ok();
        }
        let Some(open) = &mut connection else { continue };
        let sent: redis::RedisResult<()> = redis::cmd("PUBLISH").arg(CHANNEL).arg(text).query_async(open).await;
        if sent.is_err() {
            connection = None;
        }
    }
}

async fn subscribe(client: redis::Client, bus: Arc<Bus>) {
    loop {
        if let Err(error) = listen(&client, &bus).await {
            tracing::warn!(%error, "Redis is away: instances find out by asking the database");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen(client: &redis::Client, bus: &Bus) -> redis::RedisResult<()> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(CHANNEL).await?;
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        let text: String = message.get_payload()?;
        match serde_json::from_str::<Envelope>(&text) {
            Ok(envelope) if envelope.from != bus.instance => bus.deliver(envelope.message),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "unreadable message on the bus"),
        }
    }
    Ok(())
}
