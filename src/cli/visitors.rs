//! `bannerline visitor …`: what can be asked for.

use clap::Subcommand;

/// `bannerline visitor …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum VisitorCommand {
    /// List who is blocked: their requests wait behind everybody else
    Blocked,
    /// Lift a block. What the visitor asks for from now on waits like everybody's
    Unblock {
        /// The visitor's id
        #[arg(value_name = "ID")]
        id: String,
        /// Why; kept in the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}
