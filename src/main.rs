//! The program: reads what is asked for, and hands over.

use std::process::ExitCode;

use bannerline::cli::Cli;
use bannerline::commands;
use clap::Parser;
use mimalloc::MiMalloc;

/// A waiting customer's stream keeps a few large buffers that are hardly written to: this allocator leaves what is not
/// written with the system, without huge pages, which would be resident as a whole.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match commands::run(Cli::parse().into_command()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bannerline: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
