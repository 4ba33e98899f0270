//! `bannerline session import` and `export`: what can be asked for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// RFC 4180, with a line that names the columns
    Csv,
    /// A JSON object on each line
    Ndjson,
}

/// `bannerline session import`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct Import {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How it is written; by default as its name ends, or as it begins
    #[arg(long, value_enum)]
    pub format: Option<FileFormat>,
    /// Leave out columns that are not known, instead of refusing them
    #[arg(long)]
    pub ignore_unknown: bool,
    /// Write every line that could not be used, with the reason, into this file
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// `bannerline session export`
#[derive(Debug, PartialEq, Eq, Args)]
pub struct Export {
    /// Of this campaign only
    #[arg(long, value_name = "ID")]
    pub campaign: Option<String>,
    /// Of this banner only
    #[arg(long, value_name = "ID")]
    pub banner: Option<String>,
    /// Who entered the queue from then on: a date (UTC), or an instant such as 2026-11-21T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Who entered the queue before then
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Test calls too
    #[arg(long)]
    pub tests: bool,
    /// How it is written
    #[arg(long, value_enum, default_value = "csv")]
    pub format: FileFormat,
    /// Where to; standard output if not given
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
