//! `bannerline simulate` and `bannerline demo`: what can be asked for.

use clap::{Args, value_parser};

/// `bannerline simulate`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct Simulate {
    /// What is made up, and from which chance
    #[command(flatten)]
    pub history: History,
    /// Calls on a day, in the mean
    #[arg(long, value_name = "NUMBER", default_value_t = CALLS_PER_DAY, value_parser = value_parser!(u32).range(1..=5_000))]
    pub calls_per_day: u32,
    /// Representatives, in shifts
    #[arg(long, value_name = "NUMBER", default_value_t = REPS, value_parser = value_parser!(u32).range(1..=50))]
    pub reps: u32,
    /// The end of the period: RFC 3339, or a date, which is its midnight in UTC; now if not given
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Also into a database that has sessions already
    #[arg(long)]
    pub into_existing: bool,
}

/// `bannerline demo`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct Demo {
    /// What is made up, and from which chance
    #[command(flatten)]
    pub history: History,
}

/// How much is made up, and from which chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct History {
    /// How many days
    #[arg(long, value_name = "NUMBER", default_value_t = 60, value_parser = value_parser!(u32).range(1..=730))]
    pub days: u32,
    /// The same number gives the same history
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// Calls on a day, unless another number is asked for.
pub const CALLS_PER_DAY: u32 = 100;
/// Representatives, unless another number is asked for.
pub const REPS: u32 = 9;
