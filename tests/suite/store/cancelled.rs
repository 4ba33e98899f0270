//! A request whose client goes away is dropped in the middle of whatever it awaits, `begin()` too. The driver then
//! leaves the connection inside a transaction that nobody will end, and what the next user of that connection writes
//! is acknowledged and never committed (150 of 240 writes when it was measured).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use bannerline::store::{Db, StoreError, Tx};
use sqlx::pool::PoolConnection;
use sqlx::{MySql, MySqlPool};
use tokio::task::JoinSet;

use super::{Office, commit, poll_once, raw::Raw, visit};
use crate::support::{Backend, seconds, time_passes};

both! {
    cancelled_begins_lose_no_acknowledged_write,
}

const CANCELLED: usize = 10_000;
const LANES: usize = 6;

/// What a begin came to that somebody might not wait for.
type Begun = Option<Result<Tx, StoreError>>;

/// Begins, and goes away after so many polls.
async fn begin_for_polls(db: &Db, polls: usize) -> Begun {
    let mut begin = std::pin::pin!(db.begin());
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match begin.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Begins, and goes away after so many turns of the scheduler: between two polls, whatever has arrived meanwhile.
async fn begin_for_turns(db: &Db, turns: usize) -> Begun {
    let mut begin = std::pin::pin!(db.begin());
    for _ in 0..=turns {
        if let Some(result) = poll_once(begin.as_mut()).await {
            return Some(result);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// Begins, and goes away after a moment.
async fn begin_for_a_moment(db: &Db, micros: u64) -> Begun {
    tokio::time::timeout(Duration::from_micros(micros), db.begin()).await.ok()
}

/// Cancels begins until enough were; what was begun after all is dropped without a commit.
async fn cancel(db: Db, cancelled: Arc<AtomicUsize>) {
    while cancelled.load(Ordering::Relaxed) < CANCELLED {
        let begun = match rand::random_range(0..10) {
            0..=5 => begin_for_polls(&db, rand::random_range(0..6)).await,
            6..=8 => begin_for_turns(&db, rand::random_range(0..30)).await,
            _ => begin_for_a_moment(&db, rand::random_range(0..1_500)).await,
        };
        match begun {
            None => {
                cancelled.fetch_add(1, Ordering::Relaxed);
            }
            Some(begun) => drop(begun.expect("a begin that is waited for succeeds")),
        }
        if rand::random_range(0..4) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// One statement on a pooled connection, committed by itself.
async fn land_at_once(connection: &mut PoolConnection<MySql>) {
    let text = "INSERT INTO visits (id, campaign_id, banner_id, class, landed_at) VALUES (?, '5', '3', 'page', 0)";
    sqlx::query(text).bind(visit().id).execute(&mut **connection).await.expect("the landing is kept");
}

/// Writes until the cancelling is over: how many writes were acknowledged.
async fn write(db: Db, cancelled: Arc<AtomicUsize>) -> i64 {
    let mut acknowledged = 0;
    while cancelled.load(Ordering::Relaxed) < CANCELLED {
        let mut tx = db.begin().await.expect("a begin that is waited for succeeds");
        bannerline::store::visits::insert(&mut tx, &visit()).await.expect("the landing is written");
        commit(&db, tx).await.expect("the landing is committed");
        acknowledged += 1;
        if let Db::MySql { write, .. } = &db {
            land_at_once(&mut write.acquire().await.expect("a connection")).await;
            acknowledged += 1;
        }
        tokio::task::yield_now().await;
    }
    acknowledged
}

/// Takes every connection of the pool at once, asks each whether it is inside a transaction, and writes with each:
/// how many were, and how many writes were acknowledged.
async fn use_every_connection(pool: &MySqlPool) -> (usize, i64) {
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.expect("a connection"));
    }
    let mut open = 0;
    for connection in &mut connections {
        let question = sqlx::query_scalar("SELECT CAST(@@in_transaction AS SIGNED)");
        let inside: i64 = question.fetch_one(&mut **connection).await.unwrap();
        open += usize::from(inside != 0);
        land_at_once(connection).await;
    }
    (open, i64::try_from(connections.len()).unwrap())
}

/// How many of our transactions the server knows of, once those that are just being rolled back are over.
async fn left_open(raw: &mut Raw) -> usize {
    let deadline = Instant::now() + seconds(3);
    loop {
        let open = usize::try_from(raw.number(OURS_OPEN).await).unwrap();
        if open == 0 || Instant::now() > deadline {
            return open;
        }
        time_passes(Duration::from_millis(50)).await;
    }
}

const OURS_OPEN: &str = "SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p \
    ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE()";

async fn cancelled_begins_lose_no_acknowledged_write(backend: Backend) {
    let office = Office::open(backend).await;
    let db = office.desk.db.clone();
    let mut raw = office.raw().await;
    let cancelled = Arc::new(AtomicUsize::new(0));
    let (mut cancellers, mut writers) = (JoinSet::new(), JoinSet::new());
    for _ in 0..LANES {
        cancellers.spawn(cancel(db.clone(), Arc::clone(&cancelled)));
    }
    for _ in 0..2 {
        writers.spawn(write(db.clone(), Arc::clone(&cancelled)));
    }
    cancellers.join_all().await;
    let mut acknowledged: i64 = writers.join_all().await.into_iter().sum();
    assert!(acknowledged > 20, "only {acknowledged} writes among {CANCELLED} cancelled begins show little");

    let mut open = 0;
    if let Db::MySql { write, .. } = &db {
        let (inside, written) = use_every_connection(write).await;
        open = inside;
        acknowledged += written;
        open += left_open(&mut raw).await;
    }
    let tx = db.begin().await.expect("the next begin succeeds");
    commit(&db, tx).await.expect("and commits");
    let kept = count(&mut raw).await;
    // Before any complaint: a connection inside a transaction would keep the test's database from being dropped.
    db.close().await;
    assert_eq!((open, acknowledged - kept), (0, 0), "transactions left open, acknowledged writes lost");
}

async fn count(raw: &mut Raw) -> i64 {
    raw.number("SELECT COUNT(*) FROM visits").await
}
