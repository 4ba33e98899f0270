//! The program under test: started from the built binary, with its own folder, port and data; ended by its id.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use uuid::Uuid;

use super::database::{Backend, Database};
use super::http::Caller;
use super::people::Person;
use super::{eventually, seconds};

/// What `BANNERLINE_ADMIN_PASSWORD` is in every test.
pub const ADMIN_PASSWORD: &str = "the-admin-password-of-the-tests";

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_bannerline");

/// One running server.
pub struct Server {
    pub folder: Folder,
    pub port: u16,
    settings: Vec<(String, String)>,
    process: Option<Child>,
    client: reqwest::Client,
    /// Kept only to be dropped last, after the process that uses it.
    database: Option<Database>,
}

impl Server {
    /// A server on a fresh database, ready.
    pub async fn start(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }

    /// The same with settings of its own; they may name a database that is there already.
    pub async fn with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let database = match settings.iter().find(|(name, _)| *name == "DATABASE_URL") {
            Some((_, url)) => Database::at(url),
            None => Database::fresh(backend, &folder.0).await,
        };
        let mut all = vec![
            ("DATABASE_URL", database.url.as_str()),
            ("BANNERLINE_ADMIN_PASSWORD", ADMIN_PASSWORD),
            ("ROCKET_ADDRESS", "127.0.0.1"),
        ];
        all.extend(settings);
        let mut server = Self::bare(folder, &all);
        server.database = Some(database);
        server.launch().await;
        server
    }

    /// A server with exactly these settings and a port, not started.
    pub fn bare(folder: Folder, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        // Through no proxy, following nothing: a test sees what the server says.
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let client = client.expect("an HTTP client");
        Self { folder, port: 0, settings, process: None, client, database: None }
    }

    /// Starts on a free port, or again on the one it had, and waits until it is ready.
    pub async fn launch(&mut self) {
        self.launches_as(&[]).await;
    }

    /// The same, with these arguments.
    pub async fn launches_as(&mut self, arguments: &[&str]) {
        for _ in 0..5 {
            if self.port == 0 {
                self.port = free_port();
            }
            self.spawns_as(arguments);
            if self.becomes_ready().await {
                return;
            }
            assert!(self.log().to_lowercase().contains("in use"), "the server ended at its start:\n{}", self.log());
            self.port = 0;
        }
        panic!("no free port after five tries:\n{}", self.log());
    }

    /// Starts the process without waiting for anything.
    pub fn spawn(&mut self) {
        self.spawns_as(&[]);
    }

    /// The same, with these arguments.
    pub fn spawns_as(&mut self, arguments: &[&str]) {
        let log =
            |name: &str| File::options().create(true).append(true).open(self.folder.0.join(name)).expect("a log file");
        let child = self.command(arguments).stdin(Stdio::null()).stdout(log("stdout")).stderr(log("stderr")).spawn();
        self.process = Some(child.expect("the program starts"));
    }

    /// Runs a subcommand beside the server, with the same settings and `input` on standard input.
    pub fn cli(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program starts");
        // A command that reads nothing closes its end first; that is no failure.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    /// The address of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The address of the database, for a connection of the test's own.
    pub fn database_url(&self) -> &str {
        &self.database.as_ref().expect("a database of its own").url
    }

    /// Somebody without any credential.
    pub fn nobody(&self) -> Caller {
        Caller::new(self.client.clone(), self.url(""), None)
    }

    /// Somebody with this token.
    pub fn bearer(&self, token: &str) -> Caller {
        Caller::new(self.client.clone(), self.url(""), Some(token.to_owned()))
    }

    /// A new representative, logged in.
    pub async fn rep(&self, name: &str) -> Person {
        self.person(name, "rep").await
    }

    /// A new person of this role, logged in.
    pub async fn person(&self, name: &str, role: &str) -> Person {
        let password = format!("the password of {name}");
        if let Some(database) = &self.database {
            database.write(&user(name, role, &password)).await;
        } else {
            let added = self.cli(&["user", "add", name, "--role", role], &format!("{password}\n"));
            assert!(added.status.success(), "user add {name}: {}", String::from_utf8_lossy(&added.stderr));
        }
        Person::logs_in(self, name, &password).await
    }

    /// The administrator of the first start, with a hash that costs less from here on.
    pub async fn admin(&self) -> Person {
        if let Some(database) = &self.database {
            let hash = weak_hash(ADMIN_PASSWORD);
            database.write(&format!("UPDATE users SET password_hash = '{hash}' WHERE username_folded = 'admin'")).await;
        }
        Person::logs_in(self, "admin", ADMIN_PASSWORD).await
    }

    /// A representative who may have several callers at a time.
    pub async fn rep_for(&self, name: &str, callers: u32) -> Person {
        let rep = self.rep(name).await;
        let database = self.database.as_ref().expect("a database of the test's");
        let of_name = format!("(SELECT id FROM users WHERE username = '{name}')");
        database.write(&format!("UPDATE reps SET capacity = {callers} WHERE user_id = {of_name}")).await;
        rep
    }

    /// A metrics token, made on the command line beside the running server.
    pub fn api_token(&self, name: &str) -> String {
        let made = self.cli(&["token", "add", name], "");
        let text = String::from_utf8_lossy(&made.stdout).into_owned();
        assert!(made.status.success(), "token add {name}: {text}{}", String::from_utf8_lossy(&made.stderr));
        let token = text.split_whitespace().find(|word| word.starts_with("blm_"));
        token.unwrap_or_else(|| panic!("no token in {text}")).to_owned()
    }

    /// Sets how the queue works, which no route does yet.
    pub async fn sets_queue(&self, settings: &str) {
        self.write(&format!("UPDATE queues SET {settings} WHERE id = 1")).await;
    }

    /// Runs a statement on the server's database.
    pub async fn write(&self, sql: &str) {
        self.database.as_ref().expect("a database of the test's").write(sql).await;
    }

    /// Everything the server wrote.
    pub fn log(&self) -> String {
        let read = |name| std::fs::read_to_string(self.folder.0.join(name)).unwrap_or_default();
        format!("{}{}", read("stdout"), read("stderr"))
    }

    /// What the server printed for people.
    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("stdout")).unwrap_or_default()
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill_9(&mut self) {
        if let Some(mut child) = self.process.take() {
            child.kill().expect("the server is killed");
            child.wait().expect("the server is reaped");
        }
    }

    /// Sends the process a signal by name: `TERM` asks it to stop, `KILL` ends it at once.
    pub fn signal(&self, name: &str) {
        signal(self.process.as_ref().expect("it runs").id(), name);
    }

    /// The number of the process.
    pub fn process(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// Waits for the process to end by itself.
    pub async fn ends(&mut self, within: Duration) -> ExitStatus {
        let mut child = self.process.take().expect("it runs");
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("the process is asked") {
                return status;
            }
            if started.elapsed() >= within {
                self.process = Some(child);
                panic!("the server still runs after {within:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A subcommand with the server's settings, not started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        // Nothing of the developer's environment, so that a test is the same everywhere.
        command.env_clear().envs(std::env::vars().filter(|(name, _)| ["PATH", "TMPDIR", "LANG"].contains(&&**name)));
        command.envs(self.settings.iter().cloned()).env("ROCKET_PORT", self.port.to_string());
        command.current_dir(&self.folder.0).args(arguments);
        command
    }

    /// True when it answers, false when it ended instead.
    async fn becomes_ready(&mut self) -> bool {
        let readyz = self.url("/readyz");
        let (client, process) = (&self.client, self.process.as_mut().expect("started"));
        eventually("the server is ready", seconds(60), async || {
            if process.try_wait().expect("the process is asked").is_some() {
                return Some(false);
            }
            let answer = client.get(&readyz).timeout(seconds(5)).send().await.ok()?;
            (answer.status() == 200).then_some(true)
        })
        .await
    }
}

/// A hash that is right and costs little: the product's takes a processor longer than most tests do, and there are a thousand people.
fn weak_hash(password: &str) -> String {
    let weak = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None).expect("parameters");
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak).hash_password(password.as_bytes());
    hash.expect("a hash").to_string()
}

/// What `bannerline user add` writes, but for the hash of the password.
fn user(name: &str, role: &str, password: &str) -> String {
    let (hash, id) = (weak_hash(password), Uuid::now_v7().simple());
    let (kept, supervises) = if role == "supervisor" { ("marketer", 1) } else { (role, 0) };
    let (folded, now) = (name.to_lowercase(), chrono::Utc::now().timestamp_millis());
    let users = format!(
        "INSERT INTO users (id, username, username_folded, display_name, password_hash, role, supervises, created_at) \
         VALUES (X'{id}', '{name}', '{folded}', '{name}', '{hash}', '{kept}', {supervises}, {now})"
    );
    if kept == "marketer" { users } else { format!("{users}; INSERT INTO reps (user_id) VALUES (X'{id}')") }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.process.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("--- the server's last lines ---");
            for line in lines.iter().skip(lines.len().saturating_sub(80)) {
                eprintln!("{line}");
            }
        }
    }
}

/// A folder of one test, gone when dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().simple().to_string());
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends a signal by name to one process.
pub fn signal(process: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status();
    assert!(status.expect("kill runs").success(), "the signal {name} is sent");
}

/// A port below the range that the system gives to clients, so that a restart finds it free again.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Two runs beside each other begin at different places.
    let start = u16::try_from(std::process::id() % 8_000).expect("below 8,000");
    for _ in 0..8_000 {
        let port = 10_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 8_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 10,000 and 18,000");
}
