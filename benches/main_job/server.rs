//! The release binary, started for one measurement.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor, MySqlConnection};
use tokio::net::TcpStream;

use super::http::{Connection, text};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_bannerline");
const PASSWORD: &str = "the-admin-password-of-the-benchmark";

pub struct Server {
    pub port: u16,
    pub process: Child,
    pub folder: PathBuf,
    pub database: String,
}

impl Server {
    /// Starts on a file of its own.
    pub async fn on_sqlite() -> Self {
        let folder = folder();
        let database = format!("sqlite://{}", folder.join("bannerline.db").display());
        Self::start(folder, database).await
    }

    /// Starts on a fresh database of this MariaDB.
    pub async fn on_mariadb(root: &str) -> Self {
        let name = format!("bench_{}", uuid::Uuid::new_v4().simple());
        let mut connection = MySqlConnection::connect(root).await.expect("the MariaDB answers");
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
        let (server, _) = root.rsplit_once('/').expect("an address with a database");
        Self::start(folder(), format!("{server}/{name}")).await
    }

    async fn start(folder: PathBuf, database: String) -> Self {
        let port = free_port();
        let process = spawn(&folder, &database, port);
        let server = Self { port, process, folder, database };
        server.ready().await;
        server
    }

    /// Starts again on the same data, without waiting.
    pub fn again(&mut self) {
        self.end();
        self.process = spawn(&self.folder, &self.database, self.port);
    }

    pub fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Sends the process a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} is sent");
    }

    /// Waits until it answers that it is ready.
    pub async fn ready(&self) {
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                let (status, _) = Connection::open(self.port).await.ask("GET", "/readyz", "", "").await;
                if status == 200 {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not become ready");
    }

    /// Logs the administrator in; returns the token.
    pub async fn admin(&self) -> String {
        let body = json!({"username": "admin", "password": PASSWORD}).to_string();
        text(&Connection::open(self.port).await.json(200, "POST", "/login", "", &body).await, "token")
    }

    /// Adds representatives and logs them in; returns their tokens.
    pub async fn reps(&self, count: usize) -> Vec<String> {
        let mut connection = Connection::open(self.port).await;
        let mut tokens = Vec::new();
        for number in 0..count {
            let name = format!("rep-{number}");
            let mut adding = command(&self.folder, &self.database, self.port);
            adding.args(["user", "add", &name, "--role", "rep"]).stdin(Stdio::piped()).stdout(Stdio::null());
            let mut adding = adding.spawn().expect("the program starts");
            std::io::Write::write_all(&mut adding.stdin.take().expect("a pipe"), PASSWORD.as_bytes())
                .expect("a password");
            assert!(adding.wait().expect("the program ends").success(), "user add");
            let body = json!({"username": name, "password": PASSWORD}).to_string();
            tokens.push(text(&connection.json(200, "POST", "/login", "", &body).await, "token"));
        }
        tokens
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The program with these settings, not started.
pub fn command(folder: &Path, database: &str, port: u16) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().envs(std::env::vars().filter(|(name, _)| ["PATH", "TMPDIR"].contains(&&**name)));
    command.env("DATABASE_URL", database).env("ROCKET_PORT", port.to_string()).env("ROCKET_PROFILE", "release");
    command.env("BANNERLINE_ADMIN_PASSWORD", PASSWORD).current_dir(folder);
    command
}

fn spawn(folder: &Path, database: &str, port: u16) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("a log file");
    let mut command = command(folder, database, port);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("the program starts")
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().simple().to_string());
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("a free port").port()
}
