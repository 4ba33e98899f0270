//! What questions about figures cost over a long past: an average, the dashboard, all rows of a campaign.

use std::time::Instant;

use hdrhistogram::Histogram;
use sqlx::{Connection as _, MySqlConnection};

use super::export;
use super::http::Connection;
use super::idle::as_f64;
use super::past::{self, BANNERS, CAMPAIGNS};
use super::roller::{all_is_rolled, roll};
use super::server::Server;
use super::{Bar, Figure, scale};

/// Of so many calls the short past is.
const FEW: u64 = 10_000;
/// So many there are from which on the bars are meant.
const MANY: u64 = 10_000_000;
/// An average of all time, and of the year.
const AVERAGE: &str = "/getAverageMetrics/c1";
const OF_THE_YEAR: &str = "/getAverageMetrics/c1?from=2025-01-01&to=2026-01-01";
const BY_DAY: &str = "/getAverageMetrics/c1?from=2025-01-01&to=2026-01-01&interval=day";
/// A whole view: tiles, all plots, the tables.
const DASHBOARD: &str = "/dashboard?campaign=c1&from=2025-01-01&to=2025-12-31&interval=day";

/// How many calls there are (`BANNERLINE_BENCH_SESSIONS`).
fn sessions() -> u64 {
    let asked = std::env::var("BANNERLINE_BENCH_SESSIONS");
    asked.map_or(200_000 * scale() as u64, |text| text.parse().expect("BANNERLINE_BENCH_SESSIONS is a number"))
}

/// How long so many questions took, one after the other, in microseconds.
async fn asked(server: &Server, token: &str, path: &str, questions: usize) -> Histogram<u64> {
    let mut connection = Connection::open(server.port).await;
    let mut took = Histogram::<u64>::new(3).expect("a histogram");
    for _ in 0..questions {
        let started = Instant::now();
        connection.expect(200, "GET", path, token, "").await;
        took.record(u64::try_from(started.elapsed().as_micros()).expect("short")).expect("in range");
    }
    took
}

/// Milliseconds that so large a share of them took at most.
fn millis(took: &Histogram<u64>, share: f64) -> f64 {
    as_f64(took.value_at_quantile(share)) / 1_000.0
}

/// The 99th of a hundred averages, once everything is warm: in the quietest of three rounds, because the database has written pages
/// and thrown away old rows for a while when the questions begin.
async fn p99(server: &Server, token: &str) -> f64 {
    asked(server, token, AVERAGE, 200).await;
    let mut quietest = f64::INFINITY;
    for _ in 0..3 {
        quietest = quietest.min(millis(&asked(server, token, AVERAGE, 1_000).await, 0.99));
    }
    quietest
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

/// The rate of an import, and how fast what came in is rolled.
fn brought_in(name: &'static str, rows: u64, seconds: f64, at_least: f64) -> Figure {
    Figure {
        name,
        measured: format!("{rows} in {seconds:.0} s, {CAMPAIGNS} campaigns of {BANNERS} banners"),
        value: as_f64(rows) / seconds,
        bar: if rows >= MANY / 2 { Bar::AtLeast(at_least) } else { Bar::None },
    }
}

/// A view of the dashboard, against an average of the same year.
async fn views(server: &Server, token: &str) -> Vec<Figure> {
    let median = async |path, questions| {
        asked(server, token, path, 3).await;
        millis(&asked(server, token, path, questions).await, 0.5)
    };
    let (view, year) = (median(DASHBOARD, 20).await, median(OF_THE_YEAR, 100).await);
    let (all, by_day) = (median(AVERAGE, 100).await, median(BY_DAY, 20).await);
    let measured = format!("medians: {view:.1} ms, {year:.1} of the year, {all:.1} of all time, {by_day:.1} by day");
    vec![
        Figure { name: "dashboard of a year / its average", measured, value: view / year, bar: Bar::AtMost(10.0) },
        Figure {
            name: "dashboard of a year / of all time",
            measured: String::new(),
            value: view / all,
            bar: Bar::None,
        },
    ]
}

/// Imports a short past and a long one into MariaDB, and asks about both.
pub async fn over_a_long_past(mariadb: &str) -> Vec<Figure> {
    let (server, many) = (Server::on_mariadb(mariadb).await, sessions());
    let token = server.admin().await;
    server.reps(20).await;
    let mut database = MySqlConnection::connect(&server.database).await.expect("the database");
    past::import(&server, 1, FEW + 1);
    all_is_rolled(&mut database).await;
    let short = p99(&server, &token).await;
    roll(&mut database, false).await;
    let importing = past::import(&server, FEW + 1, many + 1);
    roll(&mut database, true).await;
    let rolling = all_is_rolled(&mut database).await;
    let long = p99(&server, &token).await;
    let plain = plain_count(&mut database).await;
    let mut figures = vec![
        // Ten million in a quarter of an hour.
        brought_in("sessions imported, 1/s", many - FEW, importing, as_f64(MANY) / 900.0),
        brought_in("of them rolled, 1/s", many - FEW, rolling, 20_000.0),
        Figure {
            name: "average, long past / short",
            measured: format!("p99 {long:.2} ms of {many} sessions, {short:.2} ms of {FEW}"),
            value: long / short,
            bar: Bar::AtMost(1.3),
        },
        Figure {
            name: "plain count / average",
            measured: format!("{plain:.1} ms the median count of {} rows", many / CAMPAIGNS),
            value: plain / long,
            bar: if many >= MANY { Bar::AtLeast(100.0) } else { Bar::None },
        },
    ];
    figures.extend(views(&server, &token).await);
    figures.extend(export::of_campaign(&server, &token, many / CAMPAIGNS).await);
    figures
}

/// The same on SQLite, with a tenth of the calls, for comparison.
pub async fn on_sqlite() -> Vec<Figure> {
    let (server, many) = (Server::on_sqlite().await, sessions() / 10);
    let token = server.admin().await;
    server.reps(20).await;
    let importing = past::import(&server, 1, many + 1);
    let average = asked(&server, &token, AVERAGE, 200).await;
    let mut figures = vec![
        Figure { bar: Bar::None, ..brought_in("SQLite: imported, 1/s", many, importing, 0.0) },
        Figure {
            name: "SQLite: an average, ms p99",
            measured: format!("while they are rolled; median {:.2}", millis(&average, 0.5)),
            value: millis(&average, 0.99),
            bar: Bar::None,
        },
    ];
    figures.extend(views(&server, &token).await.into_iter().map(|figure| Figure { bar: Bar::None, ..figure }));
    figures
}
