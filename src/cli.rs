//! The command line: what can be asked for, and how a password is asked for.

mod archive;
mod floor;
mod queues;
mod report;
mod simulate;
mod visitors;

use std::io::{self, BufRead, IsTerminal, stdin};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Secret;

pub use archive::{Export, FileFormat, Import};
pub use floor::{Floor, RepCommand, SessionCommand};
pub use queues::{QueueArgs, QueueCommand};
pub use report::ReportArgs;
pub use simulate::{CALLS_PER_DAY, Demo, History, REPS, Simulate};
pub use visitors::VisitorCommand;

/// Turns an ad click into a live conversation and tells the marketer which banner earned it.
#[derive(Debug, Parser)]
#[command(name = "bannerline", version, propagate_version = true)]
pub struct Cli {
    /// What to do; without it the server is started.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// The command that was asked for, `serve` by default.
    #[must_use]
    pub fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve)
    }
}

/// What Bannerline can be asked to do.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Start the server (also done when no command is given)
    Serve,
    /// Bring the database up to date and stop
    Migrate,
    /// People who log in
    #[command(subcommand)]
    User(UserCommand),
    /// Clients, for whom campaigns run and who see no others
    #[command(subcommand)]
    Client(ClientCommand),
    /// Campaigns, and what their pages say
    #[command(subcommand)]
    Campaign(CampaignCommand),
    /// Banners of campaigns
    #[command(subcommand)]
    Banner(BannerCommand),
    /// Queues, and how their customers come to representatives
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Show who waits, who talks with whom, and what representatives are doing
    Floor(Floor),
    /// Customers' sessions: show one, end it, take it back; import those of the past, export them
    #[command(subcommand)]
    Session(SessionCommand),
    /// Representatives at work
    #[command(subcommand)]
    Rep(RepCommand),
    /// Visitors who are blocked
    #[command(subcommand)]
    Visitor(VisitorCommand),
    /// The roll-ups that figures are added up from
    #[command(subcommand)]
    Figures(FiguresCommand),
    /// Write the report of a day or a week, or send it
    Report(ReportArgs),
    /// Make up a history: visitors, calls and figures to look at, in a database without sessions
    Simulate(Simulate),
    /// Start a server with two made-up months on a database of its own, which is gone when it stops
    Demo(Demo),
    /// Tokens for programs that fetch metrics
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print the OpenAPI description of the HTTP interface
    Openapi,
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask a running server whether it is ready; exit code 0 if it is
    Health(Health),
}

/// `bannerline user …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum UserCommand {
    /// Add somebody; the password is asked for, or is the first line of standard input
    Add {
        /// The name to log in with
        #[arg(value_name = "NAME", value_parser = name)]
        username: String,
        /// What this person may do
        #[arg(long, value_enum)]
        role: RoleArg,
        /// The name that customers and colleagues see; the login name if not given
        #[arg(long, value_name = "TEXT", value_parser = name)]
        display_name: Option<String>,
        /// The client whose campaigns alone a marketer sees
        #[arg(long, value_name = "NAME")]
        client: Option<String>,
    },
    /// Change what somebody may do; what is not given stays as it is
    Set {
        /// The name to log in with
        #[arg(value_name = "NAME")]
        username: String,
        /// What this person may do
        #[arg(long, value_enum)]
        role: Option<RoleArg>,
        /// How many callers at a time, 1 to 5
        #[arg(long, value_name = "NUMBER")]
        capacity: Option<i64>,
        /// All that this person knows, one word each; an empty one takes them all away
        #[arg(long = "skill", value_name = "WORD")]
        skills: Vec<String>,
        /// The name that customers and colleagues see
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
        /// The client whose campaigns alone a marketer sees; an empty text: everybody's
        #[arg(long, value_name = "NAME")]
        client: Option<String>,
    },
    /// List everybody
    List,
    /// Lock somebody out and end their logins; their calls stay in the figures
    Disable {
        /// The name to log in with
        #[arg(value_name = "NAME")]
        username: String,
    },
    /// Let somebody in again who was disabled
    Enable {
        /// The name to log in with
        #[arg(value_name = "NAME")]
        username: String,
    },
    /// Set a new password, asked for or the first line of standard input, and end the logins made with the old one
    Password {
        /// The name to log in with
        #[arg(value_name = "NAME")]
        username: String,
    },
}

/// `bannerline client …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum ClientCommand {
    /// Add a client
    Add {
        /// What you call it
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List the clients, and how many campaigns each has
    List,
}

/// `bannerline campaign …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of it, when the program starts")]
pub enum CampaignCommand {
    /// List the campaigns that have a name, and those that were seen without one
    List,
    /// Name a campaign and say what its page says; what is not given stays, an empty text takes it away
    Set {
        /// The id in the ad server; one that was never seen is made
        #[arg(value_name = "ID")]
        id: String,
        /// What you call it
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// The headline of its page
        #[arg(long, value_name = "TEXT")]
        headline: Option<String>,
        /// The text of its page
        #[arg(long, value_name = "TEXT")]
        intro: Option<String>,
        /// The colour of its page, as in #0a5f4f
        #[arg(long, value_name = "#RRGGBB")]
        colour: Option<String>,
        /// What its page asks: none, short or full
        #[arg(long, value_name = "WORD")]
        form: Option<String>,
        /// What can come of a call, one each; an empty one takes them all away
        #[arg(long = "outcome", value_name = "TEXT")]
        outcomes: Vec<String>,
        /// From how many seconds on a conversation counts as qualified; an empty text: 60
        #[arg(long, value_name = "SECONDS")]
        qualified: Option<String>,
        /// The client whose it is
        #[arg(long, value_name = "NAME")]
        client: Option<String>,
        /// The queue that its customers come to; several are for them to choose from; an empty one: the default queue
        #[arg(long = "queue", value_name = "NAME")]
        queues: Vec<String>,
    },
    /// Print the links to paste into the ad server
    Links {
        /// The id in the ad server
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// `bannerline banner …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum BannerCommand {
    /// Name a banner, or lead it to queues of its own; what is not given stays, an empty text takes it away
    Set {
        /// The campaign's id in the ad server
        #[arg(value_name = "CAMPAIGN")]
        campaign: String,
        /// The banner's id in the ad server; one that was never seen is made
        #[arg(value_name = "ID")]
        id: String,
        /// What you call it
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// The queue that its customers come to; several are for them to choose from; an empty one: as the campaign's
        #[arg(long = "queue", value_name = "NAME")]
        queues: Vec<String>,
    },
}

/// `bannerline figures …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum FiguresCommand {
    /// Compare every roll-up with a recount of its sessions; exit code 0 if all of them agree
    Verify,
    /// Make every roll-up again from its sessions; servers go on meanwhile
    Rebuild,
}

/// `bannerline token …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum TokenCommand {
    /// Make a token that reads metrics and print it, once
    Add {
        /// What it is for
        #[arg(value_name = "NAME", value_parser = name)]
        name: String,
    },
    /// List the tokens, without what is secret in them
    List,
    /// Make a token worthless
    Revoke {
        /// What it is for
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `bannerline config …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Check the settings without starting anything
    Check,
    /// Print every setting and where it comes from; secrets are masked
    Show,
}

/// `bannerline health`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct Health {
    /// Where the server is; by default where the settings would start it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Takes calls
    Rep,
    /// Reads the figures
    Marketer,
    /// Sees and steers the live floor, and reads the figures
    Supervisor,
    /// May do everything
    Admin,
}

/// The longest name, in characters.
const NAME_CHARS: usize = 80;

/// A name as it is stored: not empty, not endless, without blanks at its ends and without control characters.
fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(String::from("a name must not be empty"));
    }
    if text.chars().count() > NAME_CHARS || text.chars().any(char::is_control) {
        return Err(format!("a name has at most {NAME_CHARS} characters, and no control characters"));
    }
    Ok(text.to_owned())
}

/// Why no password was read.
#[derive(Debug, thiserror::Error)]
pub enum PasswordInputError {
    /// Nothing was typed, or standard input is empty.
    #[error("no password was given")]
    Empty,
    /// The two entries differ.
    #[error("the two passwords differ")]
    Differ,
    /// The terminal or standard input cannot be read.
    #[error("the password cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// A new password: typed twice without being shown if standard input is a terminal, else its first line.
///
/// # Errors
/// When there is none, or the two differ.
pub fn read_new_password(username: &str) -> Result<Secret<String>, PasswordInputError> {
    if !stdin().is_terminal() {
        return first_line(stdin().lock());
    }
    let first = rpassword::prompt_password(format!("Password for {username}: "))?;
    let second = rpassword::prompt_password("Once more: ")?;
    match first {
        first if first.is_empty() => Err(PasswordInputError::Empty),
        first if first != second => Err(PasswordInputError::Differ),
        first => Ok(Secret::new(first)),
    }
}

/// The first line, without its end; blanks in it belong to the password.
fn first_line(mut input: impl BufRead) -> Result<Secret<String>, PasswordInputError> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(PasswordInputError::Empty);
    }
    Ok(Secret::new(password.to_owned()))
}

#[cfg(test)]
mod tests;
