//! What can go wrong below, sorted by what to do about it.

use std::path::PathBuf;

use sqlx::mysql::MySqlDatabaseError;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or not written to now. Nothing happened; try again later.
    #[error("the database is away: {0}")]
    Unavailable(sqlx::Error),
    /// The transaction lost against another one. Nothing happened; try again at once.
    #[error("lost against another transaction: {0}")]
    Conflict(sqlx::Error),
    /// The connection was lost in the middle: it may have happened or not.
    #[error("connection lost: {0}")]
    Lost(sqlx::Error),
    /// A row with the same key is there already.
    #[error("already there: {0}")]
    Duplicate(sqlx::Error),
    /// Another writer changed the row since it was read. Read again.
    #[error("the row changed meanwhile")]
    Stale,
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The folder of the database file could not be made.
    #[error("cannot make the folder {0}: {1}")]
    Folder(PathBuf, std::io::Error),
    /// A kept event or action cannot be read.
    #[error("cannot read what was kept: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Anything else: a mistake of ours.
    #[error("the database refused: {0}")]
    Other(sqlx::Error),
}

/// MySQL: deadlock, lock wait timeout, record changed since last read (also a lost certification on a cluster).
const CONFLICTS: [u16; 3] = [1213, 1205, 1020];
/// MySQL: server gone, connection lost, error at COMMIT.
const LOST: [u16; 3] = [2006, 2013, 1180];
/// MySQL: too many connections, shutdown in progress, read-only server, cluster node not ready, connection killed.
const AWAY: [u16; 7] = [1040, 1053, 1290, 1836, 1047, 1203, 1927];

impl StoreError {
    /// Whether the same transaction may simply be run again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Stale)
    }

    /// A failure before anything was asked: a connection lost then changed nothing.
    pub(super) fn at_the_start(error: sqlx::Error) -> Self {
        match Self::from(error) {
            Self::Lost(error) => Self::Unavailable(error),
            other => other,
        }
    }

    /// The same failure, for somebody who can only try again later.
    pub(super) fn unavailable(self) -> Self {
        match self {
            Self::Lost(error) | Self::Conflict(error) => Self::Unavailable(error),
            other => other,
        }
    }

    /// The label of this failure in logs and counters.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::Conflict(_) => "conflict",
            Self::Lost(_) => "lost",
            Self::Duplicate(_) => "duplicate",
            Self::Stale => "stale",
            Self::Migration(_) | Self::Folder(..) | Self::Unreadable(_) | Self::Other(_) => "other",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Unavailable(error),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                Self::Lost(error)
            }
            sqlx::Error::Database(database) => {
                if database.is_unique_violation() {
                    return Self::Duplicate(error);
                }
                match number_of(&**database) {
                    Code::MySql(number) if CONFLICTS.contains(&number) => Self::Conflict(error),
                    Code::MySql(number) if LOST.contains(&number) => Self::Lost(error),
                    Code::MySql(number) if AWAY.contains(&number) => Self::Unavailable(error),
                    // SQLITE_BUSY and SQLITE_LOCKED: the command line is writing beside the server.
                    Code::Sqlite(5 | 6) => Self::Conflict(error),
                    // SQLITE_READONLY, IOERR, FULL, CANTOPEN.
                    Code::Sqlite(8 | 10 | 13 | 14) => Self::Unavailable(error),
                    _ => Self::Other(error),
                }
            }
            _ => Self::Other(error),
        }
    }
}

enum Code {
    MySql(u16),
    Sqlite(i32),
    Unknown,
}

fn number_of(error: &dyn sqlx::error::DatabaseError) -> Code {
    if let Some(mysql) = error.try_downcast_ref::<MySqlDatabaseError>() {
        return Code::MySql(mysql.number());
    }
    // SQLite's extended codes carry the primary one in their low byte.
    let code = error.code().and_then(|code| code.parse::<i32>().ok());
    code.map_or(Code::Unknown, |code| Code::Sqlite(code & 0xff))
}
