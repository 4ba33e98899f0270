//! Ten thousand customers whose pages are open on one instance: memory, a word to all of them, and what a dequeue costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use super::http::{Connection, Customer, text};
use super::idle::{as_f64, resident_mebibytes};
use super::server::Server;
use super::{Bar, Figure};

const FEW: usize = 1_000;
const MANY: usize = 10_000;
/// Connections that let customers in.
const DOORS: usize = 16;
/// Dequeues a second.
const RATE: u64 = 20;
/// For how many seconds the cost of dequeues is measured.
const MEASURED_SECONDS: u64 = 15;

/// The end of an answer that came in pieces.
const LAST_FRAME: &[u8] = b"\r\n0\r\n\r\n";
/// As many bytes as the last event of a page has, with its frames and more.
const LAST_WORDS: usize = 128;

/// Everybody whose page is open; each page says when it was told that the server stops.
struct Crowd {
    server: Arc<Server>,
    told: (UnboundedSender<Instant>, UnboundedReceiver<Instant>),
    rep: Connection,
    token: String,
}

pub async fn on_one_instance(mariadb: &str) -> Vec<Figure> {
    let server = Arc::new(Server::on_mariadb(mariadb).await);
    let token = server.reps(1).await.remove(0);
    let rep = Connection::open(server.port).await;
    let mut crowd = Crowd { server, told: mpsc::unbounded_channel(), rep, token };
    crowd.grows(FEW).await;
    let few = crowd.cost_of_a_dequeue().await;
    // As many more as are served meanwhile, before and now.
    crowd.grows(MANY - FEW + 2 * usize::try_from(RATE * MEASURED_SECONDS).expect("a small number")).await;
    let many = crowd.cost_of_a_dequeue().await;
    let memory = resident_mebibytes(crowd.server.process.id());
    let told = crowd.hears_of_the_stop().await;
    vec![
        Figure {
            name: "10,000 open streams, MiB",
            measured: "resident memory of the instance".to_owned(),
            value: memory,
            bar: Bar::AtMost(500.0),
        },
        Figure {
            name: "a dequeue, 10,000 / 1,000 waiting",
            measured: format!("{many:.2} ms / {few:.2} ms of processor each, {RATE} a second"),
            value: many / few,
            bar: Bar::AtMost(2.0),
        },
        told,
    ]
}

impl Crowd {
    /// So many more customers wait, with their pages open.
    async fn grows(&mut self, count: usize) {
        let mut doors = JoinSet::new();
        for door in 0..DOORS {
            let share = count / DOORS + usize::from(door < count % DOORS);
            let (port, told) = (self.server.port, self.told.0.clone());
            doors.spawn(async move {
                let mut connection = Connection::open(port).await;
                for _ in 0..share {
                    let customer = Customer::new(&mut connection).await;
                    customer.join(&mut connection).await;
                    opens_page(port, &customer, told.clone()).await;
                }
            });
        }
        doors.join_all().await;
        // What the joins have stirred up is told first.
        tokio::time::sleep(Duration::from_secs(5)).await;
    }

    /// Milliseconds of the instance's processor time that a claim and its end cost, with all that is told of it.
    async fn cost_of_a_dequeue(&mut self) -> f64 {
        let dequeues = RATE * MEASURED_SECONDS;
        let before = processor_millis(self.server.process.id());
        let mut turns = tokio::time::interval(Duration::from_millis(1_000 / RATE));
        for _ in 0..dequeues {
            turns.tick().await;
            let claim = self.rep.json(200, "DELETE", "/help/queue", &self.token, "").await;
            let path = format!("/help/session/{}/end", text(&claim, "sessionId"));
            self.rep.expect(200, "POST", &path, &self.token, "{}").await;
        }
        (processor_millis(self.server.process.id()) - before) / as_f64(dequeues)
    }

    /// From the word to stop to the event on every page that is open.
    async fn hears_of_the_stop(mut self) -> Figure {
        while self.told.1.try_recv().is_ok() {}
        drop(self.told.0);
        let mut latencies = Histogram::<u64>::new(3).expect("a histogram");
        let said = Instant::now();
        self.server.signal("TERM");
        while let Ok(Some(told)) = tokio::time::timeout(Duration::from_secs(30), self.told.1.recv()).await {
            let micros = u64::try_from(told.duration_since(said).as_micros()).expect("a short time");
            latencies.record(micros).expect("within range");
        }
        let at = |quantile| as_f64(latencies.value_at_quantile(quantile)) / 1_000_000.0;
        Figure {
            name: "a word to all of them, s p99",
            measured: format!("{} pages told; p50 {:.2}, max {:.2}", latencies.len(), at(0.5), at(1.0)),
            // Who was not told was not told in time.
            value: if latencies.len() < MANY as u64 { f64::INFINITY } else { at(0.99) },
            bar: Bar::AtMost(1.0),
        }
    }
}

/// Opens a customer's stream, and reads it until it says that the server stops.
async fn opens_page(port: u16, customer: &Customer, told: UnboundedSender<Instant>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
    let Customer { session, token } = customer;
    let request = format!(
        "GET /help/session/{session}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut buffer = Vec::with_capacity(4_096);
    while !contains(&buffer, b"event:") {
        assert!(stream.read_buf(&mut buffer).await.expect("the stream opens") > 0, "the stream is closed at once");
    }
    tokio::spawn(async move {
        loop {
            if buffer.ends_with(LAST_FRAME) {
                // A customer who was served hears another last word.
                if without_frames(&buffer).contains("event:reconnect") {
                    let _ = told.send(Instant::now());
                }
                return;
            }
            let kept = buffer.len().saturating_sub(LAST_WORDS);
            buffer.drain(..kept);
            match stream.read_buf(&mut buffer).await {
                Ok(read) if read > 0 => {}
                _ => return,
            }
        }
    });
}

/// The text before the last frame, without the frames in it. Seen from the end a length stands between any two pieces.
fn without_frames(framed: &[u8]) -> String {
    let text = String::from_utf8_lossy(framed.strip_suffix(LAST_FRAME).unwrap_or(framed));
    let mut pieces: Vec<&str> = text.rsplit("\r\n").step_by(2).collect();
    pieces.reverse();
    pieces.concat()
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// Milliseconds that a process has used of all processors.
fn processor_millis(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("the process");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    // After the name: state is the first, user and system time the 12th and 13th, in hundredths of a second.
    let times = fields.split_whitespace().skip(11).take(2);
    times.map(|ticks| as_f64(ticks.parse().expect("a number"))).sum::<f64>() * 10.0
}
