//! `bannerline report`: what can be asked for.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

/// `bannerline report`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct ReportArgs {
    /// Of a day; without --daily and --weekly as the settings say, or of a day
    #[arg(long, conflicts_with = "weekly")]
    pub daily: bool,
    /// Of a week, from Monday to Monday
    #[arg(long)]
    pub weekly: bool,
    /// The day, or a day of the week; by default the latest that is over
    #[arg(long, value_name = "DATE")]
    pub day: Option<NaiveDate>,
    /// The folder to write to; by default the present one, unless the report is sent
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,
    /// Send it once by the webhook of the settings
    #[arg(long)]
    pub send: bool,
}
