//! What the server says about itself: log lines and Prometheus figures.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal, stderr};
use std::panic::{self, PanicHookInfo};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
};
use tracing::error;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_log::log::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Config, LogFormat, LogLevels};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter was refused.
    #[error("the log level cannot be used: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody has set up logging before.
    #[error("logging was set up twice: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Libraries that say too much at their own idea of "warning". Rocket warns about every stream that a browser closes,
/// which is every page that is left; its errors about a handler's panic are kept.
const QUIET: &str = "rocket=error,rocket::launch=off,hyper=error,rustls=error";

/// What Rocket says about single requests: it calls every address that is not there an error.
const ABOUT_REQUESTS: &str = ",rocket::server::_=off";

/// Rocket also warns, in the name of the module a route stands in, about every request that a guard refuses.
const GUARDED: &[&str] = &[
    "admin",
    "admin::audit",
    "admin::campaigns",
    "admin::people",
    "admin::queues",
    "assets",
    "auth",
    "consultation",
    "dashboard",
    "dashboard::kept",
    "dashboard::live",
    "dashboard::shared",
    "duty",
    "figures",
    "floor",
    "floor::actions",
    "full_metrics",
    "funnel",
    "help",
    "landing",
    "operations",
    "rating",
    "rep",
    "transfer",
    "today",
    "visitors",
    "wrap_up",
];

/// Starts logging to standard error, for the whole process; the lines of the `log` crate come along.
///
/// A separate thread writes, and lines are dropped while nobody drains the other end: a full pipe must not stop the
/// server. Keep the guard until the end of `main`, its drop writes the last lines.
///
/// # Errors
/// When logging was set up before.
pub fn init_logging(config: &Config) -> Result<WorkerGuard, TelemetryError> {
    let filter = filter(&config.log_level)?;
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(8_192).thread_name("log").finish(stderr());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match config.log {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).finish().try_init()?,
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    // Rocket writes half a dozen lines about each request; none is made up that nobody wants.
    if config.log_level.libraries().next().is_none() {
        tracing_log::log::set_max_level(LevelFilter::Warn);
    }
    panic::set_hook(Box::new(log_panic));
    Ok(guard)
}

/// A panic is a log line like any other. The default writes to standard error itself, and waits if nobody drains it.
fn log_panic(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    let place = info.location().map(ToString::to_string);
    error!(place, backtrace, "panic: {}", info.payload_as_str().unwrap_or("without a message"));
}

/// The level is for Bannerline itself; libraries stay at warnings unless they are called by name.
fn filter(levels: &LogLevels) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    let own = levels.own();
    let others = if matches!(own, "off" | "error") { own } else { "warn" };
    let quiet = if own == "off" { "" } else { QUIET };
    let mut text = format!("{others},bannerline={own},{quiet}");
    if own != "off" && !levels.libraries().any(|library| library.starts_with("rocket")) {
        text.push_str(ABOUT_REQUESTS);
    }
    for module in GUARDED {
        text.push_str(",bannerline::web::");
        text.push_str(module);
        text.push_str("::_=error");
    }
    for library in levels.libraries() {
        text.push(',');
        text.push_str(library);
    }
    EnvFilter::builder().parse(text)
}

/// Counters for Prometheus. All are made at the start, so a figure is 0 and not missing before its first event.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    /// `http_requests_total{method,route,status}`
    pub http_requests: IntCounterVec,
    /// `http_request_seconds{route}`: until the answer's head is ready, so a long stream does not spoil it.
    pub http_seconds: HistogramVec,
    /// `open_streams{party}`
    pub open_streams: IntGaugeVec,
    /// `queue_joins_total`
    pub queue_joins: IntCounter,
    /// `queue_claims_total{result}`
    pub queue_claims: IntCounterVec,
    /// `sessions_ended_total{outcome}`
    pub sessions_ended: IntCounterVec,
    /// `store_unavailable_total`
    pub store_unavailable: IntCounter,
    /// `join_batch_size`: how many customers shared one commit.
    pub join_batch: Histogram,
}

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const BATCH: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

impl Metrics {
    /// Makes and registers every figure.
    ///
    /// # Errors
    /// When a name or a label is not one that Prometheus takes, which a test rules out.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let made = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(made.clone()))?;
            Ok::<_, prometheus::Error>(made)
        };
        let counter = |name: &str, help: &str| {
            let made = IntCounter::new(name, help)?;
            registry.register(Box::new(made.clone()))?;
            Ok::<_, prometheus::Error>(made)
        };
        let http_requests = counters("http_requests_total", "Requests answered", &["method", "route", "status"])?;
        let queue_claims = counters("queue_claims_total", "Representatives who asked for a customer", &["result"])?;
        let sessions_ended = counters("sessions_ended_total", "Sessions that ended", &["outcome"])?;
        let queue_joins = counter("queue_joins_total", "Customers who joined the queue")?;
        let store_unavailable = counter("store_unavailable_total", "Requests refused for want of a database")?;

        let options = HistogramOpts::new("http_request_seconds", "Seconds until the head of the answer was ready");
        let http_seconds = HistogramVec::new(options.buckets(SECONDS.to_vec()), &["route"])?;
        registry.register(Box::new(http_seconds.clone()))?;
        let open_streams = IntGaugeVec::new(Opts::new("open_streams", "Event streams open now"), &["party"])?;
        registry.register(Box::new(open_streams.clone()))?;
        let options = HistogramOpts::new("join_batch_size", "Joins that shared one commit");
        let join_batch = Histogram::with_opts(options.buckets(BATCH.to_vec()))?;
        registry.register(Box::new(join_batch.clone()))?;

        Ok(Self {
            registry,
            http_requests,
            http_seconds,
            open_streams,
            queue_joins,
            queue_claims,
            sessions_ended,
            store_unavailable,
            join_batch,
        })
    }

    /// Everything in Prometheus's text format, version 0.0.4.
    ///
    /// # Errors
    /// When a figure cannot be written as text.
    pub fn render(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rendered_under_their_names() {
        let metrics = Metrics::new().unwrap();
        metrics.http_requests.with_label_values(&["GET", "/help/session/<id>", "200"]).inc();
        metrics.http_seconds.with_label_values(&["/"]).observe(0.003);
        metrics.open_streams.with_label_values(&["customer"]).inc();
        metrics.open_streams.with_label_values(&["customer"]).dec();
        metrics.queue_joins.inc_by(3);
        metrics.queue_claims.with_label_values(&["empty"]).inc();
        metrics.sessions_ended.with_label_values(&["answered"]).inc();
        metrics.join_batch.observe(3.0);
        let text = metrics.render().unwrap();
        for line in [
            "http_requests_total{method=\"GET\",route=\"/help/session/<id>\",status=\"200\"} 1",
            "http_request_seconds_bucket{route=\"/\",le=\"0.0025\"} 0",
            "http_request_seconds_bucket{route=\"/\",le=\"0.005\"} 1",
            "open_streams{party=\"customer\"} 0",
            "queue_joins_total 3",
            "queue_claims_total{result=\"empty\"} 1",
            "sessions_ended_total{outcome=\"answered\"} 1",
            "store_unavailable_total 0",
            "join_batch_size_bucket{le=\"2\"} 0",
            "join_batch_size_bucket{le=\"4\"} 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn two_apps_in_one_process_count_apart() {
        let (one, other) = (Metrics::new().unwrap(), Metrics::new().unwrap());
        one.queue_joins.inc();
        one.clone().queue_joins.inc();
        assert!(one.render().unwrap().contains("queue_joins_total 2"));
        assert!(other.render().unwrap().contains("queue_joins_total 0"));
    }

    /// What a filter lets through, by writing to a buffer.
    fn logged(levels: &str) -> Vec<&'static str> {
        use std::sync::{Arc, Mutex};
        use tracing::{debug, error, info, warn};

        #[derive(Clone, Default)]
        struct Buffer(Arc<Mutex<Vec<u8>>>);
        impl std::io::Write for Buffer {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let lines = tracing_subscriber::fmt()
            .with_env_filter(filter(&LogLevels::parse(levels).unwrap()).unwrap())
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(lines, || {
            debug!(target: "bannerline::desk", "[own-debug]");
            info!(target: "bannerline", "[own-info]");
            error!(target: "bannerline", "[own-error]");
            warn!(target: "rocket::server::_", "[dropped-stream]");
            error!(target: "rocket::server", "[panic]");
            warn!(target: "rocket::launch", "[launch]");
            info!(target: "sqlx::query", "[query]");
            warn!(target: "sqlx::query", "[slow-query]");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        let all = ["own-debug", "own-info", "own-error", "dropped-stream", "panic", "launch", "query", "slow-query"];
        all.into_iter().filter(|name| text.contains(&format!("[{name}]"))).collect()
    }

    #[test]
    fn libraries_are_quiet_unless_called_by_name() {
        assert_eq!(logged("info"), ["own-info", "own-error", "panic", "slow-query"]);
        assert_eq!(logged("debug"), ["own-debug", "own-info", "own-error", "panic", "slow-query"]);
        assert_eq!(logged("error"), ["own-error", "panic"]);
        assert!(logged("off").is_empty());
        assert!(logged("info,sqlx=info").contains(&"query"));
        assert!(logged("info,rocket=warn").contains(&"dropped-stream"));
        assert!(logged("off,sqlx=warn").contains(&"slow-query"));
    }
}
