//! What every pooled connection is set to, whatever the server's own defaults are.

use std::collections::HashSet;

use bannerline::store::visits::{self, Broken};
use bannerline::store::{Db, StoreError};
use sqlx::{Executor, MySqlPool, SqlitePool};

use super::{commit, raw::Raw, visit};
use crate::support::Backend;
use crate::support::database::{Database, PrivateMariaDb};
use crate::support::server::Folder;

both! {
    a_text_that_does_not_fit_is_refused,
}

/// MariaDB alone has sessions with settings; on a server of its own, because its global defaults are made hostile.
#[test]
fn every_mariadb_connection_is_prepared() {
    crate::support::run(async {
        let folder = Folder::new();
        let server = PrivateMariaDb::start(&folder.0).await;
        make_hostile(&server).await;
        let database = Database::fresh_on(&server.url()).await;
        let db = Db::connect(&database.url).await.expect("the database answers");
        db.migrate().await.expect("the tables are made");
        let Db::MySql { write, read } = db else { panic!("a pool of MariaDB") };
        for (pool, may_write) in [(write, true), (read, false)] {
            check_every_connection(&pool, may_write).await;
        }
    });
}

async fn check_every_connection(pool: &MySqlPool, may_write: bool) {
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.expect("a connection"));
    }
    let mut seen = HashSet::new();
    for connection in &mut connections {
        let text = "SELECT CAST(CONNECTION_ID() AS SIGNED), @@tx_isolation, \
            CAST(@@innodb_lock_wait_timeout AS SIGNED), @@sql_mode";
        let row: (i64, String, i64, String) = sqlx::query_as(text).fetch_one(&mut **connection).await.unwrap();
        assert_eq!((row.1.as_str(), row.2), ("READ-COMMITTED", 3));
        for mode in ["STRICT_TRANS_TABLES", "ONLY_FULL_GROUP_BY"] {
            assert!(row.3.contains(mode), "{}", row.3);
        }
        seen.insert(row.0);
        let written = connection.execute("UPDATE ticket SET last = last + 1 WHERE id = 1").await;
        assert_eq!(written.is_ok(), may_write, "{written:?}");
    }
    assert_eq!(seen.len(), connections.len(), "all of the pool were asked");
}

async fn make_hostile(server: &PrivateMariaDb) {
    let mut root = Raw::connect(&server.url()).await;
    for setting in ["sql_mode = ''", "tx_isolation = 'SERIALIZABLE'", "innodb_lock_wait_timeout = 77"] {
        root.execute(&format!("SET GLOBAL {setting}")).await;
    }
}

/// SQLite alone has these settings: WAL, so that readers do not wait; FULL, so that a power cut loses nothing.
#[test]
fn every_sqlite_connection_is_prepared() {
    crate::support::run(async {
        let folder = Folder::new();
        let database = Database::fresh(Backend::Sqlite, &folder.0).await;
        let Db::Sqlite { write, read } = Db::connect(&database.url).await.expect("the file opens") else {
            panic!("a file of SQLite")
        };
        for (pool, size) in [(&write, 1), (&read, 4)] {
            assert_eq!(pool.options().get_max_connections(), size);
            check_pragmas(pool).await;
        }
    });
}

async fn check_pragmas(pool: &SqlitePool) {
    let mut all = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        all.push(pool.acquire().await.expect("a connection"));
    }
    for connection in &mut all {
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut **connection).await.unwrap();
        assert_eq!(mode, "wal");
        for (pragma, value) in [("PRAGMA synchronous", 2), ("PRAGMA busy_timeout", 5_000), ("PRAGMA foreign_keys", 1)] {
            let set: i64 = sqlx::query_scalar(pragma).fetch_one(&mut **connection).await.unwrap();
            assert_eq!(set, value, "{pragma}");
        }
    }
}

/// MariaDB must refuse instead of cutting a text short; SQLite has no lengths, so there it must stand in full.
async fn a_text_that_does_not_fit_is_refused(backend: Backend) {
    let office = super::Office::open(backend).await;
    let reason = "x".repeat(201);
    let mut visit = visit();
    visit.broken = Some(Broken { campaign: None, banner: None, reason });
    let mut tx = office.desk.db.begin().await.unwrap();
    let inserted = visits::insert(&mut tx, &visit).await;
    match backend {
        Backend::MariaDb => assert!(matches!(inserted, Err(StoreError::Other(_))), "{inserted:?}"),
        Backend::Sqlite => {
            inserted.unwrap();
            commit(&office.desk.db, tx).await.unwrap();
            let length = "SELECT LENGTH(broken_reason) FROM visits";
            assert_eq!(office.raw().await.number(length).await, 201);
        }
    }
}
