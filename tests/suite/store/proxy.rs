//! A wire between the pool and MariaDB that can be cut in the middle of a COMMIT, or altogether for a while.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of the next COMMIT that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It reaches the server; the answer does not come back.
    Answer,
    /// It never reaches the server, which notices.
    Request,
    /// The client is cut off first; the COMMIT was on its way and arrives a moment later.
    Late,
}

#[derive(Default)]
struct Plan {
    cuts: Mutex<VecDeque<Cut>>,
    made: AtomicUsize,
    /// Nothing passes, and whoever connects is turned away.
    parted: watch::Sender<bool>,
}

pub struct Proxy {
    port: u16,
    plan: Arc<Plan>,
}

impl Proxy {
    /// Stands before the server of this address.
    pub async fn before(url: &str) -> Self {
        let host = url.split(['@', '/']).nth(3).expect("mysql://user@host:port/database").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Plan::default());
        let shared = Arc::clone(&plan);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (host, plan) = (host.clone(), Arc::clone(&shared));
                // A relay that fails was cut, or its client went away: the pool sees it as it would in life.
                tokio::spawn(async move {
                    let mut parted = plan.parted.subscribe();
                    tokio::select! {
                        biased;
                        _ = parted.wait_for(|parted| *parted) => Ok(()),
                        ended = async { relay(client, TcpStream::connect(host).await?, &plan).await } => ended,
                    }
                });
            }
        });
        Self { port, plan }
    }

    /// The same database, through here.
    pub fn url(&self, url: &str) -> String {
        let (who, place) = url.rsplit_once('@').expect("an address with a user");
        let (_, database) = place.split_once('/').expect("an address with a database");
        // A wire that is read must not be encrypted.
        format!("{who}@127.0.0.1:{}/{database}?ssl-mode=DISABLED", self.port)
    }

    /// From now on the database cannot be reached through here.
    pub fn part(&self) {
        self.plan.parted.send_replace(true);
    }

    /// It can be reached again.
    pub fn mend(&self) {
        self.plan.parted.send_replace(false);
    }

    /// The COMMITs that pass next are cut like this.
    pub fn plan(&self, cuts: &[Cut]) {
        self.plan.cuts.lock().unwrap().extend(cuts);
    }

    /// How many of the planned cuts have not been made; they are taken back.
    pub fn left(&self) -> usize {
        self.plan.cuts.lock().unwrap().drain(..).count()
    }

    /// How many cuts were made.
    pub fn made(&self) -> usize {
        self.plan.made.load(Ordering::SeqCst)
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, plan: &Plan) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut pending = Vec::new();
    loop {
        tokio::select! {
            count = client.read(&mut asked) => {
                let count = count?;
                if count == 0 {
                    return Ok(());
                }
                pending.extend_from_slice(&asked[..count]);
                while let Some(packet) = take_packet(&mut pending) {
                    let cut = if is_commit(&packet) { plan.cuts.lock().unwrap().pop_front() } else { None };
                    if let Some(cut) = cut {
                        plan.made.fetch_add(1, Ordering::SeqCst);
                        return cut_off(cut, client, server, &packet).await;
                    }
                    server.write_all(&packet).await?;
                }
            }
            count = server.read(&mut answered) => {
                let count = count?;
                if count == 0 {
                    return Ok(());
                }
                client.write_all(&answered[..count]).await?;
            }
        }
    }
}

/// A packet of MySQL's protocol: three bytes of length, one of sequence, the payload.
fn take_packet(pending: &mut Vec<u8>) -> Option<Vec<u8>> {
    let head = pending.first_chunk::<4>()?;
    let length = 4 + usize::from(head[0]) + (usize::from(head[1]) << 8) + (usize::from(head[2]) << 16);
    (pending.len() >= length).then(|| pending.drain(..length).collect())
}

/// COM_QUERY with the text COMMIT.
fn is_commit(packet: &[u8]) -> bool {
    packet[4..].split_first().is_some_and(|(command, text)| *command == 3 && text.eq_ignore_ascii_case(b"COMMIT"))
}

async fn cut_off(cut: Cut, client: TcpStream, mut server: TcpStream, commit: &[u8]) -> io::Result<()> {
    // Dropped with this set, a socket is reset instead of closed.
    client.set_zero_linger()?;
    if cut == Cut::Answer {
        server.write_all(commit).await?;
    }
    drop(client);
    if cut == Cut::Request {
        return Ok(());
    }
    if cut == Cut::Late {
        // The moment by which it is late: the client must have begun to look it up.
        tokio::time::sleep(Duration::from_millis(rand::random_range(5..60))).await;
        server.write_all(commit).await?;
    }
    // Leaving before the server answered might undo what is being committed.
    server.read(&mut [0; 64]).await.map(|_| ())
}
