//! The two trees of migrations: run again they change nothing, and they describe the same things.

use std::collections::BTreeSet;

use bannerline::store::Db;

use super::Office;
use crate::support::{Backend, run};

both! {
    migrations_can_be_run_twice,
    the_page_about_the_tables_has_every_column,
}

const SQLITE: &str = "SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
    WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations'";
const MARIADB: &str = "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns \
    WHERE table_schema = DATABASE() AND table_name <> '_sqlx_migrations'";

async fn columns(office: &Office) -> BTreeSet<String> {
    let text = if matches!(office.desk.db, Db::MySql { .. }) { MARIADB } else { SQLITE };
    office.raw().await.texts(text).await.into_iter().collect()
}

async fn migrations_can_be_run_twice(backend: Backend) {
    let office = Office::open(backend).await;
    let session = office.waiting().await;
    let before = columns(&office).await;
    office.desk.db.migrate().await.expect("the second run changes nothing");
    // Another instance that starts later has a pool of its own.
    let other = Db::connect(&office.database.url).await.unwrap();
    other.migrate().await.expect("nor does another instance's");
    assert_eq!(columns(&office).await, before);
    assert_eq!(office.session(session).await.life.ticket, Some(1), "the rows stand");
    assert_eq!(office.raw().await.number("SELECT COUNT(*) FROM queues").await, 1, "nothing was inserted again");
}

/// One test on both at once: a table or column that only one of them has.
#[test]
fn both_databases_have_the_same_columns() {
    run(async {
        let sqlite = columns(&Office::open(Backend::Sqlite).await).await;
        let mariadb = columns(&Office::open(Backend::MariaDb).await).await;
        for needed in ["sessions.ticket", "events.token", "calls_readable.queue_seconds"] {
            assert!(sqlite.contains(needed), "{needed} was not looked at");
        }
        let different: Vec<_> = sqlite.symmetric_difference(&mariadb).collect();
        assert!(different.is_empty(), "only one database has {different:?}");
    });
}

/// The tables and columns of the diagram: between a table's name with its bracket and the next bracket a column a line, its kind
/// first.
fn columns_of_the_page() -> BTreeSet<String> {
    let (_, diagram) = include_str!("../../../docs/schema.md").split_once("erDiagram").expect("a diagram");
    let mut table = "";
    let mut columns = BTreeSet::new();
    for line in diagram.lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(" {") {
            table = name;
        } else if line == "}" {
            table = "";
        } else if let Some(column) = line.split_whitespace().nth(1).filter(|_| !table.is_empty()) {
            columns.insert(format!("{table}.{column}"));
        }
    }
    columns
}

async fn the_page_about_the_tables_has_every_column(backend: Backend) {
    let office = Office::open(backend).await;
    let kept: BTreeSet<String> = columns(&office).await;
    let tables: BTreeSet<String> = kept.into_iter().filter(|column| !column.starts_with("calls_readable.")).collect();
    assert_eq!(tables, columns_of_the_page());
}
