//! What the product costs when nothing happens: its size, its start, its memory, and how soon it stirs.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::net::TcpStream;

use super::http::{Connection, Customer, Events};
use super::server::{PROGRAM, Server};
use super::{Bar, Figure, scale};

pub fn binary_size() -> Figure {
    let bytes = std::fs::metadata(PROGRAM).expect("the binary").len();
    let megabytes = as_f64(bytes) / 1e6;
    Figure { name: "release binary, MB", measured: format!("{bytes} bytes"), value: megabytes, bar: Bar::AtMost(30.0) }
}

/// From the start of the process to the first page it answers, on a database that is already there.
pub async fn cold_start() -> Figure {
    let mut server = Server::on_sqlite().await;
    let mut times = Vec::new();
    for _ in 0..11 {
        let started = Instant::now();
        server.again();
        while TcpStream::connect(("127.0.0.1", server.port)).await.is_err() {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        Connection::open(server.port).await.expect(200, "GET", "/", "", "").await;
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    Figure {
        name: "cold start to first answer, ms",
        measured: format!("median of 11; {:.0} to {:.0}", times[0], times[10]),
        value: times[5],
        bar: Bar::AtMost(150.0),
    }
}

/// Resident memory ten seconds after the start.
pub async fn resident_memory() -> Figure {
    let server = Server::on_sqlite().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    Figure {
        name: "idle resident memory, MiB",
        measured: "SQLite, 10 s after the start".to_owned(),
        value: resident_mebibytes(server.process.id()),
        bar: Bar::AtMost(40.0),
    }
}

/// The resident memory of a process.
pub fn resident_mebibytes(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes / 1024.0
}

/// From the sending of a join to the event on the console of a representative who waits.
pub async fn join_to_event(mariadb: &str) -> Figure {
    let server = Server::on_mariadb(mariadb).await;
    let rep = server.reps(1).await.remove(0);
    let page = uuid::Uuid::new_v4();
    let mut events = Events::open(server.port, &format!("/rep/events?page={page}"), &rep).await;
    events.until("event:").await;
    let name = "join to the console's event, ms p99";
    join_to_word(name, server.port, &mut events, str::to_owned, r#""waiting":0"#).await
}

/// From the sending of a join to what a console is told of it: the text that `told` makes of the place's id. Each customer
/// leaves again, and `quiet` is what the console is told then.
pub async fn join_to_word(
    name: &'static str,
    port: u16,
    events: &mut Events,
    told: impl Fn(&str) -> String,
    quiet: &str,
) -> Figure {
    let mut connection = Connection::open(port).await;
    let mut latencies = Histogram::<u64>::new(3).expect("a histogram");
    for _ in 0..200 * scale() {
        let customer = Customer::new(&mut connection).await;
        // Idle: a console is told of a crowd four times a second, of a single customer at once.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let sent = Instant::now();
        let queue = customer.join(&mut connection).await;
        events.until(&told(&queue)).await;
        latencies.record(u64::try_from(sent.elapsed().as_micros()).expect("a short time")).expect("within range");
        connection.expect(204, "DELETE", &format!("/help/queue/{queue}"), &customer.token, "").await;
        events.until(quiet).await;
    }
    let at = |quantile| as_f64(latencies.value_at_quantile(quantile)) / 1_000.0;
    Figure {
        name,
        measured: format!("p50 {:.1}, max {:.1}", at(0.5), at(1.0)),
        value: at(0.99),
        bar: Bar::AtMost(50.0),
    }
}

/// Numbers of a benchmark are far below the point where an `f64` rounds them.
#[allow(clippy::cast_precision_loss)]
pub fn as_f64(number: u64) -> f64 {
    number as f64
}
