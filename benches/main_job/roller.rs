//! How fast sessions are rolled up, and what that costs whoever joins meanwhile.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, Executor, MySqlConnection};

use super::idle::as_f64;
use super::joins::join_round;
use super::past::{APART, BANNERS, BEGINNING, CAMPAIGNS};
use super::server::Server;
use super::{Bar, Figure, scale};

/// Lets these sessions have happened, faster than an import: in ten campaigns, four of five answered.
async fn have_happened(database: &mut MySqlConnection, from: u64, to: u64) {
    for first in (from..to).step_by(50_000) {
        let last = to.min(first + 50_000) - 1;
        let entry = format!("({BEGINNING} + seq * {APART} + seq * 7919 % 1000)");
        let answered = "seq % 5 <> 0";
        let insert = format!(
            "INSERT INTO sessions (id, queue_entry, campaign_id, banner_id, kind, audio_only, created_at, state, outcome, epoch, \
             last_event, queue_id, ticket, queued_at, waiting_since, started_at, ended_at, country, device, answered_by) \
             SELECT UNHEX(LPAD(HEX({BEGINNING} + seq * {APART}), 12, '0') || LPAD(HEX(seq), 20, '0')), UNHEX(MD5(seq)), \
             CONCAT('c', seq % {CAMPAIGNS}), CONCAT('b', seq DIV {CAMPAIGNS} % {BANNERS}), 'call', 0, {entry}, 'ended', \
             IF({answered}, 'answered', 'abandoned'), 3, 6, 1, seq, {entry}, {entry}, \
             IF({answered}, {entry} + seq * 31 % 40000, NULL), {entry} + 40000 + seq * 17 % 600000, \
             ELT(1 + seq % 4, 'DE', 'NZ', 'AT', 'CH'), ELT(1 + seq % 3, 'phone', 'computer', 'tablet'), \
             IF({answered}, UNHEX(LPAD(HEX(seq % 20), 32, '0')), NULL) FROM seq_{first}_to_{last}"
        );
        database.execute(AssertSqlSafe(insert)).await.expect("sessions of the past");
    }
}

/// Lets nobody roll, or everybody again.
pub async fn roll(database: &mut MySqlConnection, may_roll: bool) {
    let until = if may_roll { 0 } else { i64::MAX };
    let text = format!("UPDATE rolling SET holder = X'0000000000000000000000000000000A', held_until = {until}");
    database.execute(AssertSqlSafe(text)).await.expect("the lease");
}

async fn count(database: &mut MySqlConnection, rolled: u8) -> u64 {
    let text = format!("SELECT COUNT(*) FROM sessions WHERE rolled = {rolled} AND ended_at IS NOT NULL");
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(database).await.expect("a count");
    count.unsigned_abs()
}

/// Whether there is a session that has ended and is rolled, or is not. It costs next to nothing, other than to count them.
async fn is_any(database: &mut MySqlConnection, rolled: u8) -> bool {
    let text = format!("SELECT 1 FROM sessions WHERE rolled = {rolled} AND ended_at IS NOT NULL LIMIT 1");
    let any: Option<i64> = sqlx::query_scalar(AssertSqlSafe(text)).fetch_optional(database).await.expect("an answer");
    any.is_some()
}

/// Waits until everything is rolled; the seconds since the first group was, or since now where some were rolled before.
pub async fn all_is_rolled(database: &mut MySqlConnection) -> f64 {
    while !is_any(database, 1).await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let started = Instant::now();
    while is_any(database, 0).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    started.elapsed().as_secs_f64()
}

/// Sessions that are rolled in a second while nothing else happens.
pub async fn rolling(mariadb: &str) -> Figure {
    let server = Server::on_mariadb(mariadb).await;
    let mut database = MySqlConnection::connect(&server.database).await.expect("the database");
    let sessions = 100_000 * scale() as u64;
    roll(&mut database, false).await;
    have_happened(&mut database, 1, sessions + 1).await;
    roll(&mut database, true).await;
    let seconds = all_is_rolled(&mut database).await;
    Figure {
        name: "sessions rolled, 1/s",
        measured: format!("{sessions} in {seconds:.1} s, {CAMPAIGNS} campaigns of {BANNERS} banners"),
        value: as_f64(sessions) / seconds,
        bar: Bar::AtLeast(20_000.0),
    }
}

/// Rounds of joins, and sessions that wait to be rolled: more than the roller gets through beside them.
const ROUNDS: u64 = 4;
const BACKLOG: u64 = 200_000;

/// Joins while sessions are rolled and while they are not, turn by turn, so that what else the machine does meets both alike.
pub async fn joins_while_it_rolls(mariadb: &str) -> Figure {
    let server = Server::on_mariadb(mariadb).await;
    let mut database = MySqlConnection::connect(&server.database).await.expect("the database");
    roll(&mut database, false).await;
    have_happened(&mut database, 1, BACKLOG + 1).await;
    let each = 100 * scale();
    let (mut alone, mut beside, mut rolled) = (0.0, 0.0, 0);
    for _ in 0..ROUNDS {
        alone += join_round(&server, each).await;
        let already = count(&mut database, 1).await;
        roll(&mut database, true).await;
        beside += join_round(&server, each).await;
        roll(&mut database, false).await;
        rolled += count(&mut database, 1).await - already;
    }
    assert!(rolled > 0, "nothing was rolled beside the joins");
    Figure {
        name: "joins beside the roller / alone",
        measured: format!("{beside:.1} s and {alone:.1} s, {rolled} sessions rolled beside them"),
        value: beside / alone,
        bar: Bar::AtMost(1.05),
    }
}
