//! `bannerline floor`, `session …` and `rep …`: what can be asked for. Sessions as files stand in `archive.rs`.

use clap::{Args, Subcommand};

use super::archive::{Export, Import};

/// `bannerline floor`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct Floor {
    /// As JSON, as GET /floor/api tells it
    #[arg(long)]
    pub json: bool,
}

/// `bannerline session …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum SessionCommand {
    /// Show a session, and all that ever happened to it
    Show {
        /// The session's id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// End a session, whatever its state. Running servers tell both parties within seconds
    End {
        /// The session's id
        #[arg(value_name = "ID")]
        id: String,
        /// Why; kept in the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take a customer back from a representative, to the queue, with the place they had
    Requeue {
        /// The session's id
        #[arg(value_name = "ID")]
        id: String,
        /// Why; kept in the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Bring in sessions of the past from a file, each once, beside running servers; exit code 3 if some lines could not be used
    Import(Import),
    /// Write the sessions that are over, for spreadsheets and for another installation's import
    Export(Export),
}

/// `bannerline rep …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum RepCommand {
    /// Set a representative offline; during a call, for after it
    Offline {
        /// The name to log in with
        #[arg(value_name = "NAME")]
        username: String,
        /// Why; kept in the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}
