//! The program: reads what is asked for, and hands over.

use std::process::ExitCode;

use bannerline::cli::Cli;
use bannerline::commands;
use clap::Parser;

fn main() -> ExitCode {
    match commands::run(Cli::parse().into_command()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bannerline: {error}");
            ExitCode::FAILURE
        }
    }
}
