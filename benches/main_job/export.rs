//! The rows behind the figures, all of a campaign's: against the database's own client, which selects the same columns.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, Executor, MySqlConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::figures::roll;
use super::idle::{as_f64, resident_mebibytes};
use super::server::Server;
use super::{Bar, Figure, scale};

/// Campaigns, one of which is asked for: its rows lie among others.
const CAMPAIGNS: u64 = 4;
const ROUNDS: usize = 3;
const COLUMNS: &str = "campaign_id, banner_id, queued_at, started_at, ended_at, address, user_agent, country, \
    representative_name, LOWER(HEX(id))";
const AGENT: &str = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36";

/// How many rows are exported (`BANNERLINE_BENCH_EXPORT`).
fn rows() -> u64 {
    let asked = std::env::var("BANNERLINE_BENCH_EXPORT");
    asked.map_or(100_000 * scale() as u64, |text| text.parse().expect("BANNERLINE_BENCH_EXPORT is a number"))
}

async fn have_happened(database: &mut MySqlConnection, sessions: u64) {
    for first in (1..=sessions).step_by(50_000) {
        let last = sessions.min(first + 49_999);
        let entry = "(1767225600000 + seq * 3153 + seq * 7919 % 1000)";
        let answered = "seq % 5 <> 0";
        let insert = format!(
            "INSERT INTO sessions (id, queue_entry, campaign_id, banner_id, kind, audio_only, created_at, state, outcome, epoch, \
             last_event, queue_id, ticket, queued_at, waiting_since, started_at, ended_at, country, device, address, user_agent, \
             representative_name) \
             SELECT UNHEX(LPAD(HEX(1767225600000 + seq * 3153), 12, '0') || LPAD(HEX(seq), 20, '0')), UNHEX(MD5(seq)), \
             CONCAT('c', seq % {CAMPAIGNS}), CONCAT('b', seq DIV {CAMPAIGNS} % 5), 'call', 0, {entry}, 'ended', \
             IF({answered}, 'answered', 'abandoned'), 3, 6, 1, seq, {entry}, {entry}, \
             IF({answered}, {entry} + seq * 31 % 40000, NULL), {entry} + 40000 + seq * 17 % 600000, \
             ELT(1 + seq % 4, 'DE', 'NZ', 'AT', 'CH'), ELT(1 + seq % 3, 'phone', 'computer', 'tablet'), \
             CONCAT('203.0.113.', seq % 256), '{AGENT}', IF({answered}, CONCAT('Representative ', seq % 20), NULL) \
             FROM seq_{first}_to_{last}"
        );
        database.execute(AssertSqlSafe(insert)).await.expect("sessions of the past");
    }
}

/// One export: seconds to its end and to its first byte, and how many bytes it had.
async fn export(server: &Server, token: &str, format: &str, more: &str) -> (f64, f64, u64) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await.expect("the server listens");
    let request = format!(
        "GET /getFullMetrics/c1?format={format} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n{more}\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let (mut buffer, mut bytes, mut first) = (vec![0; 256 * 1024], 0, None);
    loop {
        let read = stream.read(&mut buffer).await.expect("the answer comes");
        if read == 0 {
            return (started.elapsed().as_secs_f64(), first.expect("an answer"), bytes);
        }
        if first.is_none() {
            assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..read]));
            first = Some(started.elapsed().as_secs_f64());
        }
        bytes += read as u64;
    }
}

/// Seconds that the database's own client takes.
async fn by_client(url: &str) -> f64 {
    let place = url.strip_prefix("mysql://tests:tests@127.0.0.1:").expect("the address of a private MariaDB");
    let (port, name) = place.split_once('/').expect("an address with a database");
    let select = format!(
        "SELECT {COLUMNS} FROM sessions WHERE campaign_id = 'c1' AND queued_at > 0 AND kind = 'call' ORDER BY queued_at, ticket"
    );
    let mut client = Command::new("mariadb");
    client.args(["--no-defaults", "--quick", "--batch", "--host=127.0.0.1", "--user=tests", "--password=tests"]);
    client.args([format!("--port={port}"), format!("--execute={select}"), name.to_owned()]);
    // Read as the export is: by somebody who does nothing with it.
    let started = Instant::now();
    let mut client = client.stdout(Stdio::piped()).spawn().expect("the client starts");
    let (mut out, mut buffer, mut bytes) = (client.stdout.take().expect("a pipe"), vec![0; 256 * 1024], 0);
    loop {
        let read = out.read(&mut buffer).await.expect("rows");
        if read == 0 {
            break;
        }
        bytes += read;
    }
    assert!(client.wait().await.expect("the client ends").success() && bytes > 0, "the client selects");
    started.elapsed().as_secs_f64()
}

/// The most memory that the server has until it is told to stop looking.
fn watch(process: u32) -> (Arc<AtomicBool>, tokio::task::JoinHandle<f64>) {
    let looking = Arc::new(AtomicBool::new(true));
    let watching = Arc::clone(&looking);
    let most = tokio::spawn(async move {
        let mut most = 0_f64;
        while watching.load(Ordering::Relaxed) {
            most = most.max(resident_mebibytes(process));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        most
    });
    (looking, most)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// All rows of a campaign, against the database's own client, turn by turn.
pub async fn whole(mariadb: &str) -> Vec<Figure> {
    let server = Server::on_mariadb(mariadb).await;
    let token = server.admin().await;
    let mut database = MySqlConnection::connect(&server.database).await.expect("the database");
    roll(&mut database, false).await;
    let rows = rows();
    have_happened(&mut database, rows * CAMPAIGNS).await;
    // What is read for the first time comes from the disk, for whoever is first.
    by_client(&server.database).await;
    let before = resident_mebibytes(server.process.id());
    let (looking, most) = watch(server.process.id());
    let (mut clients, mut exports, mut firsts, mut size) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        clients.push(by_client(&server.database).await);
        let (took, first, bytes) = export(&server, &token, "json", "").await;
        exports.push(took);
        firsts.push(first);
        size = bytes;
    }
    looking.store(false, Ordering::Relaxed);
    let grown = most.await.expect("somebody looked") - before;
    let (client, took) = (median(clients), median(exports));
    let mut figures = vec![
        Figure {
            name: "export / the database's client",
            measured: format!("{took:.2} s and {client:.2} s, {rows} rows, {:.0} MB", as_f64(size) / 1e6),
            value: took / client,
            bar: Bar::AtMost(1.5),
        },
        Figure {
            name: "memory grown by it, MiB",
            measured: format!("from {before:.0}"),
            value: grown,
            bar: Bar::AtMost(32.0),
        },
        Figure {
            name: "its first byte, ms",
            measured: format!("median of {ROUNDS}"),
            value: median(firsts) * 1_000.0,
            bar: Bar::AtMost(100.0),
        },
    ];
    for (name, format, more) in [
        ("as CSV / the client", "csv", ""),
        ("as NDJSON / the client", "ndjson", ""),
        ("compressed / the client", "json", "Accept-Encoding: gzip\r\n"),
    ] {
        let (took, _, bytes) = export(&server, &token, format, more).await;
        let measured = format!("{took:.2} s, {:.0} MB", as_f64(bytes) / 1e6);
        figures.push(Figure { name, measured, value: took / client, bar: Bar::None });
    }
    figures
}
