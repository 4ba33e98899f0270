//! The main job, measured: every figure beside the reference it is judged by, taken in the same run on the same
//! machine and the same MariaDB. `benches/run` starts what is needed; numbers alone, without their ratio, mean little.

// A benchmark that meets something unexpected has no result; the place is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Names of products are no code.
#![allow(clippy::doc_markdown)]

mod claims;
mod crowd;
mod export;
mod http;
mod idle;
mod joins;
mod offers;
mod past;
mod questions;
mod roller;
mod server;

use std::process::ExitCode;

/// One line of the result.
struct Figure {
    name: &'static str,
    /// What was measured, for people.
    measured: String,
    /// The number that the bar is about.
    value: f64,
    bar: Bar,
}

/// What a figure must reach.
#[derive(Clone, Copy)]
enum Bar {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing: it is for comparison.
    None,
}

impl Figure {
    fn reached(&self) -> bool {
        match self.bar {
            Bar::AtLeast(bar) => self.value >= bar,
            Bar::AtMost(bar) => self.value <= bar,
            Bar::None => true,
        }
    }

    /// Prints the line; says whether the bar was reached.
    fn print(&self) -> bool {
        let (sign, bar) = match self.bar {
            Bar::AtLeast(bar) => ("≥", bar),
            Bar::AtMost(bar) => ("≤", bar),
            Bar::None => {
                println!("{:<34} {:>8.2}  {:<17} {}", self.name, self.value, "", self.measured);
                return true;
            }
        };
        let verdict = if self.reached() { "reached" } else { "MISSED" };
        println!("{:<34} {:>8.2}  {sign} {bar:<6} {verdict:<8} {}", self.name, self.value, self.measured);
        self.reached()
    }
}

/// How many times more than usual is done (`BANNERLINE_BENCH_SCALE`).
fn scale() -> usize {
    std::env::var("BANNERLINE_BENCH_SCALE").map_or(1, |text| text.parse().expect("BANNERLINE_BENCH_SCALE is a number"))
}

#[tokio::main]
async fn main() -> ExitCode {
    let mariadb = std::env::var("BANNERLINE_BENCH_MYSQL")
        .expect("BANNERLINE_BENCH_MYSQL is not set: run benches/run, which starts a private MariaDB");
    // `benches/run joins claims` measures only those.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |word: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == word);
    println!("{:<34} {:>8}  bar", "", "value");
    let mut all_reached = true;
    let words = [
        "binary", "start", "memory", "event", "offer", "joins", "claims", "offers", "crowd", "roller", "beside",
        "figures", "sqlite",
    ];
    for word in words.into_iter().filter(|word| is_wanted(word)) {
        let figures = match word {
            "binary" => vec![idle::binary_size()],
            "start" => vec![idle::cold_start().await],
            "memory" => vec![idle::resident_memory().await],
            "event" => vec![idle::join_to_event(&mariadb).await],
            "offer" => vec![offers::join_to_offer(&mariadb).await],
            "joins" => joins::against_raw(&mariadb).await,
            "claims" => vec![claims::against_sql(&mariadb).await],
            "offers" => vec![offers::a_second(&mariadb).await],
            "roller" => vec![roller::rolling(&mariadb).await],
            "beside" => vec![roller::joins_while_it_rolls(&mariadb).await],
            "figures" => questions::over_a_long_past(&mariadb).await,
            "sqlite" => questions::on_sqlite().await,
            _ => crowd::on_one_instance(&mariadb).await,
        };
        // Each is shown as soon as it is known: together they take minutes.
        for figure in figures {
            all_reached &= figure.print();
        }
    }
    if all_reached { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
