//! Claims by 32 representatives over HTTP, against the same transaction without HTTP.
//!
//! Both sides go in rounds: 32 claim at once, which is timed; then all are set free, which is not.

use std::time::Instant;

use sqlx::{Connection as _, Executor, MySqlConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::http::{Connection, Customer, text};
use super::idle::as_f64;
use super::server::Server;
use super::{Bar, Figure, scale};

const REPS: usize = 32;
/// Customers who wait before the first claim, so that the line is long on both sides.
const LINE: usize = 3_000;

pub async fn against_sql(mariadb: &str) -> Figure {
    let server = Server::on_mariadb(mariadb).await;
    let rounds = 20 * scale();
    fill_the_line(&server, LINE + 4 * rounds * REPS).await;
    let mut over_http = HttpSide::open(&server).await;
    let mut raw = RawSide::open(&server.database).await;
    let (mut http_time, mut raw_time) = (0.0, 0.0);
    // Turn by turn, so that what disturbs the machine disturbs both.
    for _ in 0..rounds {
        http_time += over_http.round().await;
        raw_time += raw.round().await;
    }
    let claims = as_f64((rounds * REPS) as u64);
    let (http_rate, raw_rate) = (claims / http_time, claims / raw_time);
    Figure {
        name: "claims / the same SQL",
        measured: format!("{http_rate:.0}/s over HTTP, {raw_rate:.0}/s raw, 32 representatives"),
        value: http_rate / raw_rate,
        bar: Bar::AtLeast(0.7),
    }
}

/// Lets so many customers wait.
pub async fn fill_the_line(server: &Server, customers: usize) {
    let mut filling = JoinSet::new();
    for lane in 0..32 {
        let (port, share) = (server.port, customers / 32 + usize::from(lane < customers % 32));
        filling.spawn(async move {
            let mut connection = Connection::open(port).await;
            for _ in 0..share {
                let customer = Customer::new(&mut connection).await;
                customer.join(&mut connection).await;
            }
        });
    }
    filling.join_all().await;
}

/// Runs one task per lane at once; returns the lanes and the seconds it took.
async fn together<L, F>(lanes: Vec<L>, work: impl Fn(L) -> F) -> (Vec<L>, f64)
where
    L: Send + 'static,
    F: Future<Output = L> + Send + 'static,
{
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for lane in lanes {
        tasks.spawn(work(lane));
    }
    let lanes = tasks.join_all().await;
    (lanes, started.elapsed().as_secs_f64())
}

/// A representative over HTTP: a connection, a token, the session claimed.
type Lane = (Connection, String, String);

struct HttpSide(Vec<Lane>);

impl HttpSide {
    async fn open(server: &Server) -> Self {
        let mut lanes = Vec::new();
        for token in server.reps(REPS).await {
            lanes.push((Connection::open(server.port).await, token, String::new()));
        }
        Self(lanes)
    }

    async fn round(&mut self) -> f64 {
        let (claimed, seconds) = together(std::mem::take(&mut self.0), |(mut connection, token, _): Lane| async move {
            let claim = connection.json(200, "DELETE", "/help/queue", &token, "").await;
            (connection, token, text(&claim, "sessionId"))
        })
        .await;
        let (freed, _) = together(claimed, |(mut connection, token, session): Lane| async move {
            connection.expect(200, "POST", &format!("/help/session/{session}/end"), &token, "{}").await;
            (connection, token, session)
        })
        .await;
        self.0 = freed;
        seconds
    }
}

/// The same transaction by 32 raw connections, on the same tables: each has a user id and the session claimed.
type RawLane = (MySqlConnection, Uuid, Uuid);

pub struct RawSide(Vec<RawLane>);

impl RawSide {
    pub async fn open(url: &str) -> Self {
        let mut lanes = Vec::new();
        for _ in 0..REPS {
            let mut connection = MySqlConnection::connect(url).await.expect("a connection");
            connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await.expect("an isolation");
            let id = Uuid::new_v4();
            let insert = "INSERT INTO reps (user_id, capacity, callers) VALUES (?, 1, 0)";
            sqlx::query(insert).bind(id).execute(&mut connection).await.expect("a representative");
            lanes.push((connection, id, Uuid::nil()));
        }
        Self(lanes)
    }

    /// The seconds that 32 claims at once take.
    pub async fn round(&mut self) -> f64 {
        let (claimed, seconds) =
            together(std::mem::take(&mut self.0), |(mut connection, rep, _): RawLane| async move {
                let session = claim(&mut connection, rep).await.expect("a claim");
                (connection, rep, session)
            })
            .await;
        let (freed, _) = together(claimed, |(mut connection, rep, session): RawLane| async move {
            free(&mut connection, rep, session).await.expect("set free");
            (connection, rep, session)
        })
        .await;
        self.0 = freed;
        seconds
    }
}

/// The claim of ARCHITECTURE.md, statement by statement.
async fn claim(connection: &mut MySqlConnection, rep: Uuid) -> sqlx::Result<Uuid> {
    let mut tx = connection.begin().await?;
    sqlx::query("UPDATE queues SET version = version + 1 WHERE id = 1").execute(&mut *tx).await?;
    let head = "SELECT id, epoch, last_event FROM sessions WHERE state = 'waiting' AND queue_id = 1 \
                AND (closed_at IS NULL OR closed_at > ?) ORDER BY queue_rank, ticket LIMIT 1";
    let (session, epoch, event): (Uuid, i64, i64) = sqlx::query_as(head).bind(0_i64).fetch_one(&mut *tx).await?;
    let offer = "UPDATE sessions SET state = 'offered', rep_id = ?, epoch = epoch + 1, last_event = last_event + 1, \
                 offered_at = ? WHERE id = ? AND state = 'waiting'";
    let offered = sqlx::query(offer).bind(rep).bind(1_i64).bind(session).execute(&mut *tx).await?;
    let take = "UPDATE reps SET callers = callers + 1 WHERE user_id = ? AND callers < capacity";
    let taken = sqlx::query(take).bind(rep).execute(&mut *tx).await?;
    assert_eq!((offered.rows_affected(), taken.rows_affected()), (1, 1), "the guards hold");
    let log =
        "INSERT INTO events (session_id, number, at, name, epoch, token, data) VALUES (?, ?, ?, 'offer', ?, ?, ?)";
    let log = sqlx::query(log).bind(session).bind(event + 1).bind(1_i64).bind(epoch + 1).bind(Uuid::new_v4());
    log.bind(format!(r#"{{"action":"offer","rep":"{}"}}"#, rep.simple())).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(session)
}

/// Sets a representative free again, outside the measurement.
async fn free(connection: &mut MySqlConnection, rep: Uuid, session: Uuid) -> sqlx::Result<()> {
    let end = "UPDATE sessions SET state = 'ended', outcome = 'missed', ended_at = 1 WHERE id = ?";
    sqlx::query(end).bind(session).execute(&mut *connection).await?;
    let free = "UPDATE reps SET callers = callers - 1 WHERE user_id = ?";
    sqlx::query(free).bind(rep).execute(&mut *connection).await?;
    Ok(())
}
