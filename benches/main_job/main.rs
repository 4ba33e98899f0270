//! The main job, measured: every figure beside the reference it is judged by, taken in the same run on the same
//! machine and the same MariaDB. `benches/run` starts what is needed; numbers alone, without their ratio, mean little.

// A benchmark that meets something unexpected has no result; the place is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Names of products are no code.
#![allow(clippy::doc_markdown)]

mod claims;
mod http;
mod idle;
mod joins;
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
}

impl Figure {
    fn reached(&self) -> bool {
        match self.bar {
            Bar::AtLeast(bar) => self.value >= bar,
            Bar::AtMost(bar) => self.value <= bar,
        }
    }

    fn print(&self) {
        let (sign, bar) = match self.bar {
            Bar::AtLeast(bar) => ("≥", bar),
            Bar::AtMost(bar) => ("≤", bar),
        };
        let verdict = if self.reached() { "reached" } else { "MISSED" };
        println!("{:<34} {:>8.2}  {sign} {bar:<6} {verdict:<8} {}", self.name, self.value, self.measured);
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
    let mut figures = vec![idle::binary_size(), idle::cold_start().await];
    figures.push(idle::resident_memory().await);
    figures.push(idle::join_to_event(&mariadb).await);
    figures.push(joins::against_inserts(&mariadb).await);
    figures.push(claims::against_sql(&mariadb).await);
    println!("\n{:<34} {:>8}  bar", "", "value");
    for figure in &figures {
        figure.print();
    }
    if figures.iter().all(Figure::reached) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
