//! What is MySQL's alone: its pool and the few texts that differ.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{Executor, MySqlConnection};

use super::{ACQUIRE_TIMEOUT, Db, Result};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/mysql");

pub(super) const NOW_MILLIS: &str = "SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)";

/// Enough for every core of the database to be busy; more only wait for each other's locks.
const CONNECTIONS: u32 = 32;

pub(super) async fn connect(url: &str) -> Result<Db> {
    let options = MySqlConnectOptions::from_str(url)?;
    let pool = MySqlPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_mins(5))
        // before_acquire already asks the server something.
        .test_before_acquire(false)
        .after_connect(|conn, _| Box::pin(prepare_session(conn)))
        // A begin() that is cancelled leaves its transaction open, and what the next user of the connection then
        // "commits" is not committed. A ROLLBACK before each use ends such a leftover.
        .before_acquire(|conn, _| {
            Box::pin(async move {
                conn.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
        .connect_with(options)
        .await?;
    Ok(Db::MySql(pool))
}

/// READ COMMITTED, because under REPEATABLE READ claims of the same queue deadlock; a short wait for locks, because a
/// person is waiting; strict, because a text that does not fit must be an error.
async fn prepare_session(conn: &mut MySqlConnection) -> std::result::Result<(), sqlx::Error> {
    conn.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
    conn.execute("SET SESSION innodb_lock_wait_timeout = 3").await?;
    conn.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')").await?;
    Ok(())
}
