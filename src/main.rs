//! The program: reads what is asked for, and hands over.

use std::process::ExitCode;

use bannerline::cli::Cli;
use bannerline::commands;
use clap::Parser;
use mimalloc::MiMalloc;

/// Thousands of open streams hold buffers that are hardly written to. With those of one size side by side, pages that nobody
/// touches cost nothing, and a busy instance has more to give to its customers.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match commands::run(Cli::parse().into_command()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bannerline: {error}");
            ExitCode::FAILURE
        }
    }
}
