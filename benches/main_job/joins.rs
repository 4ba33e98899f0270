//! Durable joins over HTTP, against the most that the same database does with one row at a time.

use std::sync::Arc;
use std::time::Instant;

use sqlx::{Connection as _, Executor, MySqlConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::http::{Connection, Customer};
use super::idle::as_f64;
use super::server::Server;
use super::{Bar, Figure, scale};

const LANES: usize = 64;
const ROUNDS: usize = 3;

/// Joins by 64 connections, beside single-row autocommitted INSERTs, and beside what a join keeps, without HTTP and without
/// groups; both by 64 raw connections, turn by turn.
pub async fn against_raw(mariadb: &str) -> Vec<Figure> {
    let server = Arc::new(Server::on_mariadb(mariadb).await);
    let each = 150 * scale();
    let mut database = MySqlConnection::connect(&server.database).await.expect("the database");
    let table = "CREATE TABLE bench_entries (id BIGINT AUTO_INCREMENT PRIMARY KEY, session BINARY(16) NOT NULL UNIQUE, \
                 queue_id BIGINT NOT NULL, state VARCHAR(20) NOT NULL, at BIGINT NOT NULL) ENGINE = InnoDB";
    database.execute(table).await.expect("a table");

    let (mut joins, mut inserts, mut same) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        joins.push(join_round(&server, each).await);
        inserts.push(insert_round(&server.database, each).await);
        same.push(same_round(&server, each).await);
    }
    let rate = |rounds: &[f64]| as_f64((LANES * each) as u64 * ROUNDS as u64) / rounds.iter().sum::<f64>();
    let (joins, inserts, same) = (rate(&joins), rate(&inserts), rate(&same));
    vec![
        Figure {
            name: "joins / raw INSERTs",
            measured: format!("{joins:.0}/s over HTTP, {inserts:.0}/s raw, 64 connections"),
            value: joins / inserts,
            bar: Bar::AtLeast(0.9),
        },
        Figure {
            name: "joins / the same SQL, one by one",
            measured: format!("{same:.0}/s raw, 64 connections"),
            value: joins / same,
            bar: Bar::None,
        },
    ]
}

/// A connection, and its customers, whose sessions are requested.
type Lane = (Connection, Vec<Customer>);

async fn requested(server: &Server, each: usize) -> Vec<Lane> {
    let mut making = JoinSet::new();
    for _ in 0..LANES {
        let port = server.port;
        making.spawn(async move {
            let mut connection = Connection::open(port).await;
            let mut customers = Vec::with_capacity(each);
            for _ in 0..each {
                customers.push(Customer::new(&mut connection).await);
            }
            (connection, customers)
        });
    }
    making.join_all().await
}

/// Seconds that 64 connections take to join `each` customers; their sessions are made before the clock starts.
pub async fn join_round(server: &Server, each: usize) -> f64 {
    let lanes = requested(server, each).await;
    let started = Instant::now();
    let mut joining = JoinSet::new();
    for (mut connection, customers) in lanes {
        joining.spawn(async move {
            for customer in customers {
                let body = format!(r#"{{"sessionId":"{}"}}"#, customer.session);
                connection.expect(201, "POST", "/help/queue", &customer.token, &body).await;
            }
        });
    }
    joining.join_all().await;
    started.elapsed().as_secs_f64()
}

/// Seconds that 64 raw connections take for `each` INSERT of one row, committed one by one.
async fn insert_round(url: &str, each: usize) -> f64 {
    let mut lanes = Vec::with_capacity(LANES);
    for _ in 0..LANES {
        lanes.push(MySqlConnection::connect(url).await.expect("a connection"));
    }
    let started = Instant::now();
    let mut inserting = JoinSet::new();
    for mut connection in lanes {
        inserting.spawn(async move {
            for _ in 0..each {
                sqlx::query("INSERT INTO bench_entries (session, queue_id, state, at) VALUES (?, 1, 'waiting', ?)")
                    .bind(Uuid::new_v4())
                    .bind(1_795_226_595_000_i64)
                    .execute(&mut connection)
                    .await
                    .expect("a row");
            }
        });
    }
    inserting.join_all().await;
    started.elapsed().as_secs_f64()
}

/// Seconds that 64 raw connections take to join `each` customers, in a transaction each.
async fn same_round(server: &Server, each: usize) -> f64 {
    let mut lanes = Vec::with_capacity(LANES);
    for (_, customers) in requested(server, each).await {
        let mut connection = MySqlConnection::connect(&server.database).await.expect("a connection");
        connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await.expect("an isolation");
        let sessions = customers.iter().map(|customer| customer.session.parse().expect("an id"));
        lanes.push((connection, sessions.collect::<Vec<Uuid>>()));
    }
    let started = Instant::now();
    let mut joining = JoinSet::new();
    for (mut connection, sessions) in lanes {
        joining.spawn(async move {
            for session in sessions {
                join(&mut connection, session).await.expect("a join");
            }
        });
    }
    joining.join_all().await;
    started.elapsed().as_secs_f64()
}

/// What a join keeps, statement by statement.
async fn join(connection: &mut MySqlConnection, session: Uuid) -> sqlx::Result<()> {
    let at = 1_795_226_595_000_i64;
    let mut tx = connection.begin().await?;
    let take = "UPDATE ticket SET last = LAST_INSERT_ID(last + 1) WHERE id = 1";
    let ticket = sqlx::query(take).execute(&mut *tx).await?.last_insert_id();
    let enter = "UPDATE sessions SET state = 'waiting', queue_id = for_queue, queue_rank = for_rank, queued_at = ?, \
                 waiting_since = ?, last_event = last_event + 1, ticket = ? WHERE state = 'created' AND id = ?";
    let entered = sqlx::query(enter).bind(at).bind(at).bind(ticket).bind(session).execute(&mut *tx).await?;
    assert_eq!(entered.rows_affected(), 1, "the guard holds");
    let log = "INSERT INTO events (session_id, number, at, name, epoch, token, data) VALUES (?, 2, ?, 'join', 0, ?, ?)";
    let log = sqlx::query(log).bind(session).bind(at).bind(Uuid::new_v4());
    log.bind(format!(r#"{{"action":"join","queue":1,"rank":0,"ticket":{ticket}}}"#)).execute(&mut *tx).await?;
    tx.commit().await
}
