//! A connection of the test's own, with the database's own settings, to see what others really committed.

use std::str::FromStr;

use bannerline::store::Conn;
use sqlx::mysql::{MySqlConnectOptions, MySqlRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, FromRow, MySqlConnection, SqliteConnection};

pub enum Raw {
    Sqlite(SqliteConnection),
    MySql(MySqlConnection),
}

/// Runs one body on whichever driver this is.
macro_rules! either {
    ($raw:expr, $c:ident => $body:expr) => {
        match $raw {
            Raw::Sqlite($c) => $body.expect("the raw statement runs"),
            Raw::MySql($c) => $body.expect("the raw statement runs"),
        }
    };
}

impl Raw {
    pub async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).unwrap().disable_statement_logging();
            Self::Sqlite(options.connect().await.expect("the file opens"))
        } else {
            let options = MySqlConnectOptions::from_str(url).unwrap().disable_statement_logging();
            Self::MySql(options.connect().await.expect("the MariaDB answers"))
        }
    }

    pub const fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::MySql(c) => Conn::MySql(c),
        }
    }

    pub async fn execute(&mut self, sql: &str) {
        either!(self, c => sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(c).await.map(|_| ()));
    }

    pub async fn rows<T>(&mut self, sql: &str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, MySqlRow> + Send + Unpin,
    {
        either!(self, c => sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_all(c).await)
    }

    /// The one number that `sql` selects.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let rows: Vec<(i64,)> = self.rows(sql).await;
        rows[0].0
    }

    /// The one text of each row.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<(String,)> = self.rows(sql).await;
        rows.into_iter().map(|row| row.0).collect()
    }

    /// One view of every table, until the connection is dropped.
    pub async fn freeze(&mut self) {
        let text = match self {
            // The first read fixes what a deferred transaction sees.
            Self::Sqlite(_) => "BEGIN; SELECT COUNT(*) FROM sessions",
            Self::MySql(_) => {
                "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT"
            }
        };
        self.execute(text).await;
    }
}
