//! What every test stands on: a server of its own, people who call it, and conditions awaited with a deadline.

pub mod browser;
mod camera;
pub mod database;
pub mod events;
pub mod history;
pub mod http;
pub mod media;
pub mod past;
pub mod people;
pub mod queueing;
pub mod server;

use std::time::{Duration, Instant};

pub use database::Backend;
pub use http::{Answer, Caller};
pub use people::{Customer, Person, conversation};
pub use server::Server;

/// Makes one test per backend of each function named: `mod name { fn sqlite, fn mariadb }`.
macro_rules! both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::support::run(super::$name(crate::support::Backend::Sqlite));
            }
            #[test]
            fn mariadb() {
                crate::support::run(super::$name(crate::support::Backend::MariaDb));
            }
        }
    )+};
}

/// Runs a test's body on a runtime of its own; the body itself stays on this thread, so that a panic is seen by `Drop`.
pub fn run(body: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(body);
}

/// How many times larger than usual the numbers of storms are (`BANNERLINE_TEST_SCALE`, set by `tests/long`).
pub fn scale() -> usize {
    std::env::var("BANNERLINE_TEST_SCALE")
        .map_or(1, |text| text.parse().expect("BANNERLINE_TEST_SCALE is a whole number"))
}

/// Seconds as a duration: tests speak of nothing else.
pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Asks until there is an answer; panics with `what` when the deadline passes.
pub async fn eventually<T>(what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < within, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Lets `span` pass, where the passing of time itself is what the test is about (a grace, a lease).
pub async fn time_passes(span: Duration) {
    tokio::time::sleep(span).await;
}

/// Waits until running servers have surely noticed what was set: they read it every half second, and promise a second.
pub async fn noticed() {
    time_passes(seconds(2)).await;
}
