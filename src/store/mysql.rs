//! What is MySQL's alone: its pool and the few texts that differ.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{Connection, Executor, MySqlConnection};

use super::{ACQUIRE_TIMEOUT, Db, Result};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/mysql");

pub(super) const NOW_MILLIS: &str = "SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)";

/// Takes tickets; the last of them comes back as the statement's "last insert id".
pub(super) const TAKE_TICKETS: &str = "UPDATE ticket SET last = LAST_INSERT_ID(last + ?) WHERE id = 1";

/// What an INSERT into the roll-ups does where a row is there: it adds.
pub(super) const ADD_TO_ROLLUPS: &str = " ON DUPLICATE KEY UPDATE \
    answered = answered + VALUES(answered), \
    not_answered = not_answered + VALUES(not_answered), \
    answered_wait_ms = answered_wait_ms + VALUES(answered_wait_ms), \
    not_answered_wait_ms = not_answered_wait_ms + VALUES(not_answered_wait_ms), \
    talk_ms = talk_ms + VALUES(talk_ms), \
    in_time = in_time + VALUES(in_time), \
    gone = gone + VALUES(gone), \
    gone_early = gone_early + VALUES(gone_early), \
    missed = missed + VALUES(missed), \
    failed = failed + VALUES(failed), \
    qualified = qualified + VALUES(qualified), \
    handled_ms = handled_ms + VALUES(handled_ms), \
    acw_ms = acw_ms + VALUES(acw_ms), \
    requeued = requeued + VALUES(requeued), \
    requeue_ms = requeue_ms + VALUES(requeue_ms), \
    dropped_after_answer = dropped_after_answer + VALUES(dropped_after_answer), \
    longest_wait_ms = GREATEST(longest_wait_ms, VALUES(longest_wait_ms))";

/// The same of those of visits.
pub(super) const ADD_TO_VISIT_ROLLUPS: &str =
    " ON DUPLICATE KEY UPDATE visits = visits + VALUES(visits), waited_ms = waited_ms + VALUES(waited_ms)";

/// Enough for every core of the database to be busy; more only wait for each other's locks.
const WRITERS: u32 = 16;
const READERS: u32 = 16;
/// A connection that was used more recently is taken for alive without asking.
const ASK_AFTER: Duration = Duration::from_secs(1);

pub(super) async fn connect(url: &str) -> Result<Db> {
    let options = MySqlConnectOptions::from_str(url)?;
    let write = pool(WRITERS)
        .after_connect(|conn, _| Box::pin(prepare_session(conn)))
        // A begin() that is cancelled leaves its transaction open, and what the next user of the connection then
        // "commits" is not committed. A ROLLBACK before each use ends such a leftover. Sent along with the BEGIN it
        // would save a round trip, but a begin() that is cancelled then loses writes again: a test shows it.
        .before_acquire(|conn, _| {
            Box::pin(async move {
                conn.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
        .connect_with(options.clone())
        .await?;
    // Nothing is begun here, so there is nothing to roll back: each question costs one round trip instead of two.
    let read = pool(READERS)
        .after_connect(|conn, _| {
            Box::pin(async move {
                prepare_session(conn).await?;
                conn.execute("SET SESSION TRANSACTION READ ONLY").await?;
                Ok(())
            })
        })
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for > ASK_AFTER {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await?;
    Ok(Db::MySql { write, read })
}

/// Both ask the server themselves before a connection is used.
fn pool(size: u32) -> MySqlPoolOptions {
    MySqlPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_mins(5))
        .test_before_acquire(false)
}

/// READ COMMITTED, because under REPEATABLE READ claims of the same queue deadlock; a short wait for locks, because a
/// person is waiting; strict, because a text that does not fit must be an error; groups in full, because MySQL asks for it by
/// itself and MariaDB does not: what runs on one shall run on both.
async fn prepare_session(conn: &mut MySqlConnection) -> std::result::Result<(), sqlx::Error> {
    conn.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
    conn.execute("SET SESSION innodb_lock_wait_timeout = 3").await?;
    conn.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY')").await?;
    Ok(())
}
