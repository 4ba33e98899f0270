//! The rows behind the figures, all of a campaign's: against the database's own client, which selects the same columns.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::idle::{as_f64, resident_mebibytes};
use super::server::Server;
use super::{Bar, Figure};

const ROUNDS: usize = 3;
const COLUMNS: &str = "campaign_id, banner_id, queued_at, started_at, ended_at, address, user_agent, country, \
    representative_name, LOWER(HEX(id))";

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

/// All rows of the campaign c1, which lie among others, against the database's own client, turn by turn.
pub async fn of_campaign(server: &Server, token: &str, rows: u64) -> Vec<Figure> {
    // What is read for the first time comes from the disk, for whoever is first.
    by_client(&server.database).await;
    let before = resident_mebibytes(server.process.id());
    let (looking, most) = watch(server.process.id());
    let (mut clients, mut exports, mut firsts, mut size) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        clients.push(by_client(&server.database).await);
        let (took, first, bytes) = export(server, token, "json", "").await;
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
        let (took, _, bytes) = export(server, token, format, more).await;
        let measured = format!("{took:.2} s, {:.0} MB", as_f64(bytes) / 1e6);
        figures.push(Figure { name, measured, value: took / client, bar: Bar::None });
    }
    figures
}
