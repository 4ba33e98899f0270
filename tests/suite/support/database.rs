//! Where a server under test keeps its data: a file, or a fresh database on the MariaDB that `tests/run` started.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlConnection};
use uuid::Uuid;

/// The two databases everything must hold on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    MariaDb,
}

/// One database, gone when dropped.
#[derive(Debug)]
pub struct Database {
    /// What the server gets as `DATABASE_URL`.
    pub url: String,
    /// The MariaDB that holds it and its name there; a file needs no cleaning beyond its folder's.
    dropped_on: Option<(String, String)>,
}

impl Database {
    /// A fresh, empty one.
    pub async fn fresh(backend: Backend, folder: &Path) -> Self {
        match backend {
            Backend::Sqlite => {
                let file = folder.join("bannerline.db");
                Self { url: format!("sqlite://{}", file.display()), dropped_on: None }
            }
            Backend::MariaDb => {
                let mut database = Self::fresh_on(&shared_mariadb()).await;
                database.dropped_on = Some((shared_mariadb(), database.name().to_owned()));
                database
            }
        }
    }

    /// Somebody else's.
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), dropped_on: None }
    }

    /// A fresh one on the MariaDB at `root`, which goes away with that server.
    pub async fn fresh_on(root: &str) -> Self {
        let name = format!("bannerline_{}", Uuid::new_v4().simple());
        // No character set on purpose: the installation's own default must not matter.
        execute(root, format!("CREATE DATABASE {name}")).await.expect("the test's database is made");
        let (server, _) = root.rsplit_once('/').expect("an address with a database");
        Self { url: format!("{server}/{name}"), dropped_on: None }
    }

    /// Runs a statement that no route runs, past the server.
    pub async fn write(&self, sql: &str) {
        if self.url.starts_with("sqlite:") {
            let options: sqlx::sqlite::SqliteConnectOptions = self.url.parse().expect("an address");
            let mut connection = options.disable_statement_logging().connect().await.expect("the file opens");
            connection.execute(AssertSqlSafe(sql.to_owned())).await.expect("the statement runs");
            connection.close().await.expect("the file closes");
        } else {
            execute(&self.url, sql.to_owned()).await.expect("the statement runs");
        }
    }

    fn name(&self) -> &str {
        self.url.rsplit_once('/').expect("an address with a database").1
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((root, name)) = self.dropped_on.take() else { return };
        // A runtime may not be entered twice on one thread, so the cleaning has a thread of its own.
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|it| it.block_on(execute(&root, format!("DROP DATABASE IF EXISTS {name}"))))
        });
        if cleaning.join().is_err() {
            eprintln!("a test database was left behind");
        }
    }
}

/// A MariaDB of one test, to be hurt without hurting the others. Killed when dropped.
pub struct PrivateMariaDb {
    folder: PathBuf,
    process: Option<Child>,
}

impl PrivateMariaDb {
    /// Starts it and waits until it answers.
    pub async fn start(folder: &Path) -> Self {
        let mut this = Self { folder: folder.join("mariadb"), process: None };
        this.start_again().await;
        this
    }

    /// Starts it (again), on the same port and data.
    pub async fn start_again(&mut self) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/mariadb");
        let child = Command::new(script).arg(&self.folder).stdout(Stdio::null()).spawn();
        self.process = Some(child.expect("tests/support/mariadb starts"));
        let started = Instant::now();
        while !self.answers().await {
            assert!(started.elapsed() < super::seconds(60), "the private MariaDB does not answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The address of its administration database.
    pub fn url(&self) -> String {
        std::fs::read_to_string(self.folder.join("url")).map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    /// Ends it without a chance to write anything more.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.process.take() {
            child.kill().expect("the private MariaDB is killed");
            child.wait().expect("the private MariaDB is reaped");
        }
    }

    /// Stops it in its tracks (`STOP`), or lets it go on (`CONT`): to a client it hangs instead of refusing.
    pub fn signal(&self, name: &str) {
        super::server::signal(self.process.as_ref().expect("it runs").id(), name);
    }

    async fn answers(&self) -> bool {
        let url = self.url();
        !url.is_empty() && execute(&url, "SELECT 1".to_owned()).await.is_ok()
    }
}

impl Drop for PrivateMariaDb {
    fn drop(&mut self) {
        self.kill();
    }
}

fn shared_mariadb() -> String {
    std::env::var("BANNERLINE_TEST_MYSQL").expect(
        "BANNERLINE_TEST_MYSQL is not set: run tests/run, or start tests/support/mariadb FOLDER and export the address \
         in FOLDER/url",
    )
}

async fn execute(url: &str, sql: String) -> sqlx::Result<()> {
    let options: sqlx::mysql::MySqlConnectOptions = url.parse()?;
    let mut connection: MySqlConnection = options.disable_statement_logging().connect().await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await
}
