//! What each command of the command line does.

/// Prints a line of several. One that cannot be printed is told where errors are.
macro_rules! say {
    ($($text:tt)*) => {
        if let Err(error) = $crate::commands::print(&format!($($text)*)) {
            eprintln!("bannerline: {error}");
        }
    };
}

mod archive;
mod campaigns;
mod clients;
mod figures;
mod floor;
mod queues;
mod report;
mod simulate;
mod visitors;

use std::fmt::Write as _;
use std::io::Write as _;
use std::str::FromStr;
use std::time::Duration;

use indicatif::ProgressBar;
use rocket::tokio::runtime::Builder;

use crate::app::{self, StartError};
use crate::cli::{self, Command, ConfigCommand, Health, RoleArg, TokenCommand, UserCommand};
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl};
use crate::desk::DeskError;
use crate::desk::accounts::{self, Person};
use crate::desk::audit::Actor;
use crate::desk::people;
use crate::domain::people::{Capacity, Role, Username};
use crate::simulation::SimulationError;
use crate::store::{Db, StoreError, tokens};
use crate::telemetry;
use crate::web::openapi;

/// Why a command failed, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// Logging.
    #[error(transparent)]
    Telemetry(#[from] telemetry::TelemetryError),
    /// The start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The use case.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A report.
    #[error(transparent)]
    Report(#[from] crate::figures::delivery::DeliveryError),
    /// What was typed.
    #[error("{0}")]
    Input(String),
    /// The runtime.
    #[error("the runtime could not start: {0}")]
    Runtime(#[from] std::io::Error),
    /// Health.
    #[error("not ready: {0}")]
    NotReady(String),
    /// A simulation.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// Figures.
    #[error("{0} roll-ups are not what a recount gives. To make them again: bannerline figures rebuild")]
    Differs(usize),
    /// Lines of a file.
    #[error("{0} lines were not brought in, as said above; the others are in")]
    Refused(usize),
}

impl CommandError {
    /// What the program ends with.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 3,
            _ => 1,
        }
    }
}

type Result<T> = std::result::Result<T, CommandError>;

/// Runs a command to its end.
///
/// # Errors
/// Why it failed, in one line.
pub fn run(command: Command) -> Result<()> {
    if command == Command::Openapi {
        return print(&openapi::document());
    }
    // Before any thread: it puts `.env` into the environment.
    let config = Config::load()?;
    match command {
        Command::Config(ConfigCommand::Check) => {
            config.reports.check_folder()?;
            say!("The settings are good.");
        }
        Command::Config(ConfigCommand::Show) => config.show().iter().for_each(|line| say!("{line}")),
        Command::Serve => {
            config.reports.check_folder()?;
            let _writer = telemetry::init_logging(&config)?;
            runtime()?.block_on(app::serve(config))?;
        }
        Command::Health(health) => runtime()?.block_on(check_health(&config, health))?,
        Command::Migrate => {
            let progress = ProgressBar::new_spinner().with_message("bringing the database up to date");
            progress.enable_steady_tick(Duration::from_millis(100));
            runtime()?.block_on(app::open_database(&config))?;
            progress.finish_and_clear();
            say!("The database is up to date.");
        }
        Command::User(command) => {
            let makes_one = matches!(command, UserCommand::Add { .. });
            let command = with_password(command)?;
            runtime()?.block_on(async {
                let db =
                    if makes_one { app::open_database(&config).await? } else { existing_database(&config).await? };
                user(&db, command).await
            })?;
        }
        Command::Campaign(command) => runtime()?.block_on(campaigns::campaign(&config, command))?,
        Command::Client(command) => runtime()?.block_on(clients::client(&config, command))?,
        Command::Banner(command) => runtime()?.block_on(campaigns::banner(&config, command))?,
        Command::Queue(command) => runtime()?.block_on(queues::queue(&config, command))?,
        Command::Floor(wanted) => runtime()?.block_on(floor::floor(&config, wanted))?,
        Command::Session(command) => runtime()?.block_on(floor::session(&config, command))?,
        Command::Rep(command) => runtime()?.block_on(floor::rep(&config, command))?,
        Command::Visitor(command) => runtime()?.block_on(visitors::visitor(&config, command))?,
        Command::Report(wanted) => runtime()?.block_on(report::report(&config, wanted))?,
        Command::Figures(command) => runtime()?.block_on(figures::figures(&config, command))?,
        Command::Simulate(wanted) => one_thread()?.block_on(simulate::simulate(&config, wanted))?,
        Command::Demo(wanted) => {
            let _writer = telemetry::init_logging(&config)?;
            simulate::demo(config, wanted)?;
        }
        Command::Token(command) => {
            runtime()?.block_on(async { token(&existing_database(&config).await?, command).await })?;
        }
        Command::Openapi => {}
    }
    Ok(())
}

/// Prints a text; whoever reads only its beginning, such as `head`, has seen enough.
fn print(text: &str) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The database for a command that makes no sense on an empty one: a file that is not there is not made.
async fn existing_database(config: &Config) -> Result<Db> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        let path = path.display();
        return Err(CommandError::Input(format!("there is no database {path}: DATABASE_URL names it")));
    }
    Ok(app::open_database(config).await?)
}

fn runtime() -> Result<rocket::tokio::runtime::Runtime> {
    Ok(Builder::new_multi_thread().enable_all().thread_name("bannerline").build()?)
}

/// For what happens one after the other: nobody waits until another thread has woken up.
fn one_thread() -> Result<rocket::tokio::runtime::Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// The command, and the password that goes with it: asked for before the database is opened.
fn with_password(command: UserCommand) -> Result<(UserCommand, String)> {
    let password = match &command {
        UserCommand::Add { username, .. } | UserCommand::Password { username } => {
            let typed = cli::read_new_password(username).map_err(|error| CommandError::Input(error.to_string()))?;
            typed.into_inner()
        }
        _ => String::new(),
    };
    Ok((command, password))
}

fn username(text: &str) -> Result<Username> {
    text.parse().map_err(|error: crate::domain::people::NotAUsername| CommandError::Input(error.to_string()))
}

const fn role(role: RoleArg) -> Role {
    match role {
        RoleArg::Rep => Role::Rep,
        RoleArg::Marketer => Role::Marketer,
        RoleArg::Supervisor => Role::Supervisor,
        RoleArg::Admin => Role::Admin,
    }
}

fn known<T>(result: std::result::Result<T, DeskError>, what: &str, name: &str) -> Result<T> {
    match result {
        Err(DeskError::NotFound) => Err(CommandError::Input(format!("there is no {what} {name}"))),
        other => Ok(other?),
    }
}

fn input(what: &str, error: impl std::fmt::Display) -> CommandError {
    CommandError::Input(format!("{what} {error}"))
}

/// What was typed, if anything was.
fn read<T: FromStr<Err: std::fmt::Display>>(what: &str, typed: Option<&str>) -> Result<Option<T>> {
    typed.map(str::parse).transpose().map_err(|error| input(what, error))
}

/// What was typed, if anything was; an empty text takes the old one away.
#[expect(clippy::option_option, reason = "what was not typed is not what was typed as nothing")]
fn text<T: FromStr<Err: std::fmt::Display>>(what: &str, typed: Option<&str>) -> Result<Option<Option<T>>> {
    match typed {
        Some(typed) if typed.trim().is_empty() => Ok(Some(None)),
        typed => Ok(read(what, typed)?.map(Some)),
    }
}

/// Words that were typed one by one; `None` when there were none, and none of them when one is empty.
fn words<T: FromStr<Err: std::fmt::Display>, L: FromIterator<T>>(what: &str, typed: &[String]) -> Result<Option<L>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let given = typed.iter().filter(|word| !word.trim().is_empty());
    given.map(|word| word.parse()).collect::<std::result::Result<L, _>>().map(Some).map_err(|error| input(what, error))
}

/// A person in one line.
fn line_of(known: &people::Known) -> String {
    let person = &known.person;
    let mut line = format!("{:<10} {:<24} {}", person.role.as_str(), person.username, person.display_name);
    if person.role.takes_calls() {
        let _ = write!(line, "   callers {}", person.capacity.unwrap_or(1));
        if !known.skills.is_empty() {
            let _ = write!(line, "   skills {}", known.skills.join(", "));
        }
    }
    if let Some(client) = &person.client {
        let _ = write!(line, "   client {client}");
    }
    if let Some(at) = person.disabled_at {
        let _ = write!(line, "   disabled {at}");
    }
    line
}

async fn user(db: &Db, (command, password): (UserCommand, String)) -> Result<()> {
    let (now, by) = (app::clock_of(db).await?.now(), Actor::command_line());
    match command {
        UserCommand::Add { username: name, role: as_role, display_name, client } => {
            let client = text("the client", client.as_deref())?.flatten();
            let person = Person { username: username(&name)?, display_name, role: role(as_role), client };
            accounts::add_user(db, person, password, &by, now).await?;
            say!("{name} can log in now.");
        }
        UserCommand::Set { username: name, role: as_role, capacity, skills, display_name, client } => {
            let change = people::Change {
                display_name: read("the display name", display_name.as_deref())?,
                role: as_role.map(role),
                capacity: capacity.map(Capacity::try_from).transpose().map_err(|error| input("the capacity", error))?,
                skills: words("a skill", &skills)?,
                client: text("the client", client.as_deref())?,
                ..people::Change::default()
            };
            let known = known(people::change(db, &username(&name)?, change, &by, now).await, "user", &name)?;
            say!("{}", line_of(&known));
        }
        UserCommand::List => people::all(db).await?.iter().for_each(|known| say!("{}", line_of(known))),
        UserCommand::Disable { username: name } => {
            known(accounts::disable_user(db, &username(&name)?, &by, now).await, "user", &name)?;
            say!("{name} cannot log in any more.");
        }
        UserCommand::Enable { username: name } => {
            known(accounts::enable_user(db, &username(&name)?, &by, now).await, "user", &name)?;
            say!("{name} can log in again.");
        }
        UserCommand::Password { username: name } => {
            let user = known(accounts::set_password(db, &username(&name)?, password, &by, now).await, "user", &name)?;
            say!("{name} has a new password, and is logged out everywhere.");
            if user.person.disabled_at.is_some() {
                say!("{name} is still disabled: bannerline user enable {name}");
            }
        }
    }
    Ok(())
}

async fn token(db: &Db, command: TokenCommand) -> Result<()> {
    let (now, by) = (app::clock_of(db).await?.now(), Actor::command_line());
    match command {
        // Alone on its line, so that a script can read it.
        TokenCommand::Add { name } => say!("{}", accounts::add_api_token(db, &name, &by, now).await?),
        TokenCommand::List => {
            let mut reader = db.read().await?;
            for token in tokens::all_api_tokens(reader.conn()).await? {
                let used = token.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
                let revoked = token.revoked_at.map_or_else(String::new, |at| format!("   revoked {at}"));
                say!("{:<24} made {}   {used}{revoked}", token.name, token.created_at);
            }
        }
        TokenCommand::Revoke { name } => {
            known(accounts::revoke_api_token(db, &name, &by, now).await, "token", &name)?;
            say!("{name} is worthless now.");
        }
    }
    Ok(())
}

/// Where the settings start the server.
fn own_address(config: &Config) -> String {
    let rocket = rocket::Config::from(config.rocket_figment());
    let scheme = if rocket.tls_enabled() { "https" } else { "http" };
    format!("{scheme}://{}", std::net::SocketAddr::new(rocket.address, rocket.port))
}

/// Asks a running server whether it is ready.
async fn check_health(config: &Config, health: Health) -> Result<()> {
    let base = health.url.unwrap_or_else(|| own_address(config));
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build();
    let client = client.map_err(|error| CommandError::NotReady(error.to_string()))?;
    let answer = client.get(format!("{}/readyz", base.trim_end_matches('/'))).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => {
            say!("ready");
            Ok(())
        }
        Ok(answer) => Err(CommandError::NotReady(answer.status().to_string())),
        Err(error) if error.is_connect() => Err(CommandError::NotReady(format!("{base} cannot be reached"))),
        Err(error) => Err(CommandError::NotReady(error.without_url().to_string())),
    }
}
