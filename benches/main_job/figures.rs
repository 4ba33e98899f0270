//! Figures over a long past: how fast it is rolled up, what that costs whoever joins meanwhile, and what a question costs.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use sqlx::{AssertSqlSafe, Connection as _, Executor, MySqlConnection};

use super::http::Connection;
use super::idle::as_f64;
use super::joins::join_round;
use super::server::Server;
use super::{Bar, Figure, scale};

/// 2026-01-01T00:00:00Z: the calls begin.
const BEGINNING: u64 = 1_767_225_600_000;
/// Milliseconds between two of them: ten million a year. Fewer calls are a shorter past, not a sparser one, because what
/// they cost depends on how many of them share a quarter of an hour.
const APART: u64 = 365 * 86_400_000 / 10_000_000;
/// Campaigns, and banners of each.
const CAMPAIGNS: u64 = 10;
const BANNERS: u64 = 5;

/// Lets these sessions have happened: in ten campaigns, four of five answered.
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

/// Waits until everything is rolled; the seconds since the first group was.
async fn all_is_rolled(database: &mut MySqlConnection) -> f64 {
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

/// What one of a hundred questions about a campaign exceeds, in milliseconds.
async fn p99(server: &Server, token: &str, questions: usize) -> f64 {
    let mut connection = Connection::open(server.port).await;
    let mut took = Histogram::<u64>::new(3).expect("a histogram");
    for _ in 0..questions {
        let started = Instant::now();
        connection.expect(200, "GET", "/getAverageMetrics/c1", token, "").await;
        took.record(u64::try_from(started.elapsed().as_micros()).expect("short")).expect("in range");
    }
    as_f64(took.value_at_quantile(0.99)) / 1_000.0
}

/// `/getAverageMetrics` with a long past against a short one, and against the plain count of the same rows.
pub async fn averages(mariadb: &str) -> Vec<Figure> {
    let server = Server::on_mariadb(mariadb).await;
    let token = server.admin().await;
    let mut database = MySqlConnection::connect(&server.database).await.expect("the database");
    let (few, many) = (10_000, 200_000 * scale() as u64);
    have_happened(&mut database, 1, few + 1).await;
    all_is_rolled(&mut database).await;
    p99(&server, &token, 200).await;
    let short = p99(&server, &token, 1_000).await;
    have_happened(&mut database, few + 1, many + 1).await;
    all_is_rolled(&mut database).await;
    p99(&server, &token, 200).await;
    let long = p99(&server, &token, 1_000).await;
    let plain = plain_count(&mut database).await;
    vec![
        Figure {
            name: "average, long past / short",
            measured: format!("p99 {long:.2} ms of {many} sessions, {short:.2} ms of {few}"),
            value: long / short,
            bar: Bar::AtMost(1.3),
        },
        Figure {
            name: "plain count / average",
            measured: format!("{plain:.1} ms the median count of {} rows", many / CAMPAIGNS),
            value: plain / long,
            bar: if many >= 10_000_000 { Bar::AtLeast(100.0) } else { Bar::None },
        },
    ]
}

/// Milliseconds of the aggregate over the rows themselves, the median of five.
async fn plain_count(database: &mut MySqlConnection) -> f64 {
    let text = "SELECT COUNT(*), COUNT(started_at), CAST(SUM(COALESCE(started_at, ended_at) - queued_at) AS SIGNED), \
        CAST(SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END) AS SIGNED) \
        FROM sessions WHERE campaign_id = 'c1' AND queued_at > 0 AND kind = 'call'";
    let mut took = Vec::new();
    for _ in 0..5 {
        let started = Instant::now();
        let _: (i64, i64, i64, i64) = sqlx::query_as(text).fetch_one(&mut *database).await.expect("the count");
        took.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    took[2]
}
