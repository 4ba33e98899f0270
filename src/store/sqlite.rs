//! What is SQLite's alone: its pools and the few texts that differ.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{ACQUIRE_TIMEOUT, Db, Durability, Result, StoreError};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Takes tickets and answers the last of them.
pub(super) const TAKE_TICKETS: &str = "UPDATE ticket SET last = last + ? WHERE id = 1 RETURNING last";

/// What an INSERT into the roll-ups does where a row is there: it adds.
pub(super) const ADD_TO_ROLLUPS: &str = " ON CONFLICT (campaign_id, grain, dimension, value, start_at, banner_id, kind) DO UPDATE SET \
    answered = answered + excluded.answered, \
    not_answered = not_answered + excluded.not_answered, \
    answered_wait_ms = answered_wait_ms + excluded.answered_wait_ms, \
    not_answered_wait_ms = not_answered_wait_ms + excluded.not_answered_wait_ms, \
    talk_ms = talk_ms + excluded.talk_ms, \
    in_time = in_time + excluded.in_time, \
    gone = gone + excluded.gone, \
    gone_early = gone_early + excluded.gone_early, \
    missed = missed + excluded.missed, \
    failed = failed + excluded.failed, \
    qualified = qualified + excluded.qualified, \
    handled_ms = handled_ms + excluded.handled_ms, \
    acw_ms = acw_ms + excluded.acw_ms, \
    requeued = requeued + excluded.requeued, \
    requeue_ms = requeue_ms + excluded.requeue_ms, \
    dropped_after_answer = dropped_after_answer + excluded.dropped_after_answer, \
    longest_wait_ms = MAX(longest_wait_ms, excluded.longest_wait_ms)";

/// The same of those of visits.
pub(super) const ADD_TO_VISIT_ROLLUPS: &str = " ON CONFLICT (campaign_id, grain, tests, part, start_at, banner_id, step, reason) DO UPDATE SET \
    visits = visits + excluded.visits, waited_ms = waited_ms + excluded.waited_ms";

const READERS: u32 = 4;

pub(super) async fn connect(url: &str, durability: Durability) -> Result<Db> {
    let synchronous = match durability {
        // What was acknowledged survives a power cut, not only a crash of the process.
        Durability::Full => SqliteSynchronous::Full,
        // Nothing is waited for but checkpoints. With a write-ahead log the file is never broken by it.
        Durability::Process => SqliteSynchronous::Normal,
    };
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    make_folder_of(options.get_filename())?;
    // A file does not hang up: nobody asks it for a sign of life before each use.
    let pool = |size| {
        SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false)
    };
    let write = pool(1).connect_with(options.clone()).await?;
    let read = pool(READERS).connect_with(options).await?;
    Ok(Db::Sqlite { write, read })
}

fn make_folder_of(file: &Path) -> Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Folder(folder.to_owned(), error))
        }
        _ => Ok(()),
    }
}
