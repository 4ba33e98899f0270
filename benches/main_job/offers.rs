//! Offers: two hundred representatives who accept whoever rings, while five thousand wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, Executor, MySqlConnection};
use tokio::task::JoinSet;

use super::claims::{RawSide, fill_the_line};
use super::http::{Connection, Events};
use super::idle::{as_f64, join_to_word};
use super::server::Server;
use super::{Bar, Figure};

const REPS: usize = 200;
const LINE: usize = 5_000;
const MEASURED: Duration = Duration::from_secs(10);
/// Rounds of 32 claims by the bare statements.
const RAW_ROUNDS: usize = 20;

/// How many accepted offers a second, beside the statements of a claim without anything around them.
pub async fn a_second(mariadb: &str) -> Figure {
    let server = Server::on_mariadb(mariadb).await;
    let tokens = server.reps(REPS).await;
    // What is left of the line afterwards is for the bare statements.
    fill_the_line(&server, 4 * LINE).await;
    let (over, accepted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut reps = JoinSet::new();
    for token in tokens {
        let rep = Rep::available(server.port, token).await;
        reps.spawn(rep.accepts_whoever_rings(Arc::clone(&over), Arc::clone(&accepted)));
    }
    // Everybody has had a call by now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, started) = (accepted.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(MEASURED).await;
    let rate = as_f64(accepted.load(Ordering::Relaxed) - before) / started.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    reps.abort_all();
    let waiting = waiting(&server.database).await;
    let mut raw = RawSide::open(&server.database).await;
    let mut seconds = 0.0;
    for _ in 0..RAW_ROUNDS {
        seconds += raw.round().await;
    }
    let raw_rate = as_f64(32 * RAW_ROUNDS as u64) / seconds;
    Figure {
        name: "accepted offers / bare claims",
        measured: format!("{rate:.0}/s by {REPS} who accept and end, {raw_rate:.0}/s bare; {waiting} still waited"),
        value: rate / raw_rate,
        bar: Bar::None,
    }
}

/// From the sending of a join to the offer on the console of the one who is rung.
pub async fn join_to_offer(mariadb: &str) -> Figure {
    let server = Server::on_mariadb(mariadb).await;
    let token = server.reps(1).await.remove(0);
    let mut rep = Rep::available(server.port, token).await;
    let name = "join to the offer's event, ms p99";
    join_to_word(name, server.port, &mut rep.events, |_| OFFER.to_owned(), r#""offers":[]"#).await
}

/// What stands before the id of an offer on a console.
const OFFER: &str = r#""offers":[{"offerId":""#;

struct Rep {
    connection: Connection,
    events: Events,
    token: String,
}

impl Rep {
    async fn available(port: u16, token: String) -> Self {
        let mut connection = Connection::open(port).await;
        let events = Events::open(port, &format!("/rep/events?page={}", uuid::Uuid::new_v4()), &token).await;
        connection.expect(200, "POST", "/rep/activity", &token, r#"{"activity":"available"}"#).await;
        Self { connection, events, token }
    }

    async fn accepts_whoever_rings(mut self, over: Arc<AtomicBool>, accepted: Arc<AtomicU64>) {
        let mut last = String::new();
        while !over.load(Ordering::Relaxed) {
            let offer = self.events.value_after(OFFER).await;
            // Told twice of the same one, it is accepted once.
            if offer == last {
                continue;
            }
            let path = format!("/rep/offers/{offer}/accept");
            let (status, body) = self.connection.ask("POST", &path, &self.token, "{}").await;
            last = offer;
            if status != 200 {
                continue;
            }
            let claim: serde_json::Value = serde_json::from_slice(body).expect("JSON");
            let path = format!("/help/session/{}/end", super::http::text(&claim, "sessionId"));
            self.connection.expect(200, "POST", &path, &self.token, "{}").await;
            accepted.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// How many wait. Whoever rings nobody any more is set free for the bare statements.
async fn waiting(url: &str) -> i64 {
    let mut connection = MySqlConnection::connect(url).await.expect("the database");
    connection.execute("UPDATE queues SET mode = 'pull'").await.expect("a setting");
    let count = "SELECT COUNT(*) FROM sessions WHERE state = 'waiting'";
    sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("a count")
}
