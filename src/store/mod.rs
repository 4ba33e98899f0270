//! All SQL, on two databases with one text. No HTTP, no decisions.
//!
//! [`Db`] holds the pools, [`Conn`] is one connection to read with, [`Tx`] one transaction. `on!` expands a body
//! once per driver, so that each query is written once.

pub mod accounts;
pub mod activities;
pub mod archive;
pub mod audit;
pub mod calls;
pub mod campaigns;
pub mod clients;
pub mod consultations;
pub mod deals;
mod error;
pub mod events;
pub mod figures;
pub mod floor;
pub mod funnel;
pub mod idempotency;
pub mod installation;
pub mod leases;
pub mod line;
mod mysql;
pub mod offers;
pub mod people;
pub mod presence;
pub mod questions;
pub mod queues;
pub mod ratings;
pub mod recount;
pub mod rep_figures;
pub mod reports;
pub mod reps;
pub mod rollups;
pub mod sessions;
pub mod shares;
mod sqlite;
pub mod terms;
pub mod text;
pub mod today;
pub mod tokens;
mod transact;
pub mod transfers;
mod types;
pub mod visit_rollups;
pub mod visitors;
pub mod visits;
pub mod wrap_ups;

use std::time::Duration;

use sqlx::{MySql, MySqlConnection, MySqlPool, Sqlite, SqliteConnection, SqlitePool, Transaction};

use crate::clock::SystemClock;

pub use error::StoreError;
pub(crate) use transact::transact;
pub use transact::{AsStoreError, Attempts, Proof};

/// Runs one body on whichever driver a [`Conn`] holds: `on!(conn, c => sqlx::query(…).execute(c).await?.rows_affected())`.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($c) => $body,
            $crate::store::Conn::MySql($c) => $body,
        }
    };
}
pub(crate) use on;

/// What a store function returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// How long a request waits for a free connection before it is told to come back.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The database: a pool to write with, and one to read with, which never waits for a writer.
#[derive(Debug, Clone)]
pub enum Db {
    /// The embedded default.
    Sqlite {
        /// One connection, because SQLite has one writer.
        write: SqlitePool,
        /// A few readers.
        read: SqlitePool,
    },
    /// MySQL, MariaDB or a cluster of them.
    MySql {
        /// For transactions.
        write: MySqlPool,
        /// For single questions; nothing can be written through it.
        read: MySqlPool,
    },
}

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut, too.
    Full,
    /// The end of the process. A power cut may take the last commits, and leaves the others. MySQL's server decides for
    /// itself.
    Process,
}

/// A connection borrowed for one statement.
#[derive(Debug)]
pub enum Conn<'c> {
    /// SQLite's.
    Sqlite(&'c mut SqliteConnection),
    /// MySQL's.
    MySql(&'c mut MySqlConnection),
}

impl Conn<'_> {
    /// The same connection, for one statement of several.
    pub fn reborrow(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::MySql(c) => Conn::MySql(c),
        }
    }
}

/// A pooled connection to read with.
#[derive(Debug)]
pub enum Reader {
    /// SQLite's.
    Sqlite(sqlx::pool::PoolConnection<Sqlite>),
    /// MySQL's.
    MySql(sqlx::pool::PoolConnection<MySql>),
}

impl Reader {
    /// The connection, for one statement.
    pub fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::MySql(c) => Conn::MySql(c),
        }
    }
}

/// An open transaction. Dropped without a commit, it is rolled back.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    proof: Option<Proof>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    MySql(Transaction<'static, MySql>),
}

impl Tx {
    /// The connection, for one statement.
    pub fn conn(&mut self) -> Conn<'_> {
        match &mut self.inner {
            Inner::Sqlite(c) => Conn::Sqlite(c),
            Inner::MySql(c) => Conn::MySql(c),
        }
    }

    /// Remembers what to look for when the answer to COMMIT is lost.
    pub fn prove_by(&mut self, proof: Proof) {
        self.proof = Some(proof);
    }

    async fn commit(self) -> std::result::Result<(), sqlx::Error> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::MySql(tx) => tx.commit().await,
        }
    }
}

impl Db {
    /// Connects to the database that `url` names, `sqlite://path` or `mysql://…`. The file of SQLite is made when missing.
    ///
    /// # Errors
    /// When the address cannot be read or the database does not answer.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, Durability::Full).await
    }

    /// The same, for commits that survive no more than they need to.
    ///
    /// # Errors
    /// As [`Db::connect`].
    pub async fn connect_with(url: &str, durability: Durability) -> Result<Self> {
        if url.starts_with("sqlite:") { sqlite::connect(url, durability).await } else { mysql::connect(url).await }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails or the database does not answer.
    pub async fn migrate(&self) -> Result<()> {
        match self {
            Self::Sqlite { write, .. } => sqlite::MIGRATIONS.run(write).await?,
            Self::MySql { write, .. } => mysql::MIGRATIONS.run(write).await?,
        }
        Ok(())
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// When none is free in time or the database does not answer.
    pub async fn read(&self) -> Result<Reader> {
        // On the heap, here and below: a pool's future has 5 KB, and the request around it is moved several times.
        Ok(match self {
            Self::Sqlite { read, .. } => {
                Reader::Sqlite(Box::pin(read.acquire()).await.map_err(StoreError::at_the_start)?)
            }
            Self::MySql { read, .. } => {
                Reader::MySql(Box::pin(read.acquire()).await.map_err(StoreError::at_the_start)?)
            }
        })
    }

    /// How many connections there are to read with.
    #[must_use]
    pub fn readers(&self) -> u32 {
        match self {
            Self::Sqlite { read, .. } => read.options().get_max_connections(),
            Self::MySql { read, .. } => read.options().get_max_connections(),
        }
    }

    /// Opens a transaction. Prefer `transact!`, which retries and resolves lost commits.
    ///
    /// # Errors
    /// When no connection is free in time or the database does not answer.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match self {
            // IMMEDIATE: a deferred transaction that turns into a writer fails instead of waiting.
            Self::Sqlite { write, .. } => {
                let begin = Box::pin(write.begin_with("BEGIN IMMEDIATE"));
                Inner::Sqlite(begin.await.map_err(StoreError::at_the_start)?)
            }
            Self::MySql { write, .. } => Inner::MySql(Box::pin(write.begin()).await.map_err(StoreError::at_the_start)?),
        };
        Ok(Tx { inner, proof: None })
    }

    /// Opens a transaction for whoever must still wait for their turn, where that holds nobody up: SQLite has but one
    /// connection to write with, and whoever has the turn may need it.
    ///
    /// # Errors
    /// When no connection is free in time or the database does not answer.
    pub async fn begin_ahead(&self) -> Result<Option<Tx>> {
        match self {
            Self::Sqlite { .. } => Ok(None),
            Self::MySql { .. } => self.begin().await.map(Some),
        }
    }

    /// How far the database's clock is ahead of this machine's, in milliseconds. SQLite has no clock of its own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clock_offset_millis(&self) -> Result<i64> {
        let Self::MySql { read, .. } = self else { return Ok(0) };
        let before = SystemClock::machine_now();
        let database: i64 = sqlx::query_scalar(mysql::NOW_MILLIS).fetch_one(read).await?;
        let halfway = before.plus_millis(SystemClock::machine_now().since(before) / 2);
        Ok(database - halfway.millis())
    }

    /// Writes and rolls back: true readiness, not just a connection.
    ///
    /// # Errors
    /// When the database cannot be written to.
    pub async fn check_writable(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        on!(tx.conn(), c => sqlx::query("UPDATE ticket SET last = last + 1 WHERE id = 1").execute(c).await?.rows_affected());
        match tx.inner {
            Inner::Sqlite(tx) => tx.rollback().await?,
            Inner::MySql(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// Closes every connection, after the statements under way.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                write.close().await;
                read.close().await;
            }
            Self::MySql { write, read } => {
                write.close().await;
                read.close().await;
            }
        }
    }
}
