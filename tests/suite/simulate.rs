//! A made-up history: what the theory of queues says of it, and what is promised of every history.

use std::collections::BTreeMap;
use std::sync::Arc;

use bannerline::app;
use bannerline::clock::{Clock, Timestamp};
use bannerline::domain::ids::SessionId;
use bannerline::simulation::dice::{Span, real};
use bannerline::simulation::intensity::Week;
use bannerline::simulation::world::{Banner, Campaign, Customers, Rep, Service, Shift, World};
use bannerline::simulation::{self, Period, SimulatedClock};
use bannerline::store::{Db, Durability, events, sessions};
use serde_json::Value;

use crate::rolling::all_is_rolled;
use crate::store::raw::Raw;
use crate::support::database::Database;
use crate::support::queueing::{Expected, Model};
use crate::support::server::{ADMIN_PASSWORD, Folder};
use crate::support::{Backend, Person, Server, eventually, run, scale, seconds};

both! {
    waits_are_those_of_erlang_c,
    waits_and_losses_are_those_of_erlang_a,
    a_history_keeps_every_promise_and_is_the_same_again,
}

/// Monday, 2026-01-05T00:00:00Z.
const MONDAY: Timestamp = Timestamp(1_767_571_200_000);
const HOUR: i64 = 3_600_000;
/// How many claim, and how long a talk is in the mean.
const SERVERS: u32 = 3;
const TALK_SECONDS: f64 = 300.0;
/// Batches of each history; one more comes before them, until it does not matter any more that nobody was there at first.
const BATCHES: i64 = 12;

/// A history of a load, and where its figures are.
struct Load {
    campaign: String,
    model: Model,
    batch_hours: i64,
    /// The batches that count.
    period: Period,
}

impl Load {
    /// So much work in a second as the representatives do, `load` times; about so many calls.
    fn plan(number: usize, load: f64, leaving: f64, calls: f64, after: Timestamp) -> Self {
        let services = 1.0 / TALK_SECONDS;
        let arrivals = load * f64::from(SERVERS) * services;
        let mut batch_hours = 1;
        while real(BATCHES * batch_hours * 3_600) * arrivals < calls {
            batch_hours += 1;
        }
        let from = after.plus_millis((24 + batch_hours) * HOUR);
        let period = Period { from, until: from.plus_millis(BATCHES * batch_hours * HOUR) };
        let model = Model { servers: SERVERS, arrivals, services, leaving };
        Self { campaign: format!("load-{number}"), model, batch_hours, period }
    }

    fn world(&self, patience: Span) -> World {
        let banner = Banner {
            id: "b".to_owned(),
            name: None,
            visits_per_day: self.model.arrivals * 86_400.0,
            appeal: 1.0,
            in_apps: 0.0,
        };
        let rep = |number| Rep {
            username: format!("rep-{number}"),
            name: format!("Rep {number}"),
            skills: &[],
            shift: Shift::Always,
        };
        World {
            campaigns: vec![Campaign {
                id: self.campaign.clone(),
                name: None,
                headline: None,
                colour: None,
                outcomes: &[],
                queue: None,
                banners: vec![banner],
                begins: 0.0,
            }],
            queues: Vec::new(),
            reps: (1..=SERVERS).map(rep).collect(),
            week: Week::Even,
            customers: Customers::Plain { patience, talk: Span::Exponential(300_000) },
            service: Service::Claims,
        }
    }

    /// What the product tells of each batch: the sums of waits, and how many waited, left, and were decided.
    async fn told(&self, reader: &Person) -> Vec<[f64; 4]> {
        let Self { campaign, period: Period { from, until }, .. } = self;
        let address = format!("/getAverageMetrics/{campaign}?from={from}&to={until}&interval=hour");
        let averages = reader.api.get(&address).await.expect(200);
        let hours = averages["Intervals"].as_array().expect("intervals");
        assert_eq!(hours.len(), usize::try_from(BATCHES * self.batch_hours).unwrap(), "{averages}");
        let mut batches = vec![[0.0; 4]; usize::try_from(BATCHES).unwrap()];
        let mut total = 0;
        for (number, hour) in hours.iter().enumerate() {
            let batch = &mut batches[number / usize::try_from(self.batch_hours).unwrap()];
            let count = |name: &str| hour[name].as_f64().unwrap();
            let decided = count("AnsweredCalls") + count("NotAnsweredCalls");
            batch[0] += hour["AvgQueueTime"].as_f64().unwrap_or(0.0) * decided;
            batch[2] += count("NotAnsweredCalls");
            batch[3] += decided;
            total += usize::try_from(hour["TotalOfCalls"].as_u64().unwrap()).unwrap();
        }
        // Who found somebody free began to talk in the millisecond in which they joined.
        let rows = reader.api.get(&format!("/getFullMetrics/{campaign}?from={from}&to={until}")).await.expect(200);
        let rows = rows.as_array().expect("rows");
        assert_eq!(rows.len(), total, "averages and rows are of the same calls");
        for row in rows {
            let entry = Timestamp::parse_rfc3339(row["QueueEntryTime"].as_str().unwrap()).unwrap();
            let batch = entry.since(*from) / (self.batch_hours * HOUR);
            let waited = row["ConversationStartTime"] != row["QueueEntryTime"];
            batches[usize::try_from(batch).unwrap()][1] += f64::from(u8::from(waited));
        }
        batches
    }
}

/// The ratio of two sums over batches, and its standard error.
fn ratio(batches: &[[f64; 4]], which: usize) -> (f64, f64) {
    let sum = |of: usize| batches.iter().map(|batch| batch[of]).sum::<f64>();
    let (estimate, count) = (sum(which) / sum(3), real(BATCHES));
    let mean = sum(3) / count;
    let squares: f64 = batches.iter().map(|batch| (batch[which] - estimate * batch[3]).powi(2)).sum();
    (estimate, (squares / (count * (count - 1.0))).sqrt() / mean)
}

/// Simulates each load with the desk of the product, and compares what its server tells with the theory: within three
/// standard errors of batch means.
async fn judged_by_theory(backend: Backend, loads: [f64; 3], patience_seconds: Option<i64>) {
    let folder = Folder::new();
    let database = Database::fresh(backend, &folder.0).await;
    let db = Db::connect_with(&database.url, Durability::Process).await.expect("the database answers");
    db.migrate().await.expect("the schema is made");
    let clock = Arc::new(SimulatedClock::new(MONDAY));
    let desk = app::desk_with(db.clone(), clock.clone()).await.expect("a desk");
    desk.enter().await.expect("the desk enters");
    let (leaving, patience) = match patience_seconds {
        None => (0.0, Span::Forever),
        Some(mean) => (1.0 / real(mean), Span::Exponential(1_000 * mean)),
    };
    let mut histories = Vec::new();
    for (number, load) in loads.into_iter().enumerate() {
        let planned = Load::plan(number, load, leaving, CALLS * real(i64::try_from(scale()).unwrap()), clock.now());
        let Period { from, until } = planned.period;
        // The batch before them, and an hour in which those are served who came in the last one.
        let all = Period { from: from.plus_millis(-planned.batch_hours * HOUR), until: until.plus_millis(HOUR) };
        let world = planned.world(patience);
        simulation::run(&desk, &clock, &world, 1 + number as u64, all, |_| {}).await.expect("it happens");
        histories.push(planned);
    }
    db.close().await;
    let server = Server::with(backend, &[("DATABASE_URL", &database.url)]).await;
    let reader = server.person("mara", "marketer").await;
    let mut wrong = Vec::new();
    for history in &histories {
        let Expected { wait_share, mean_wait, leave_share } = history.model.expected();
        let batches = history.told(&reader).await;
        for (what, which, theory) in
            [("mean wait", 0, mean_wait), ("share waiting", 1, wait_share), ("share leaving", 2, leave_share)]
        {
            let (found, error) = ratio(&batches, which);
            let distance = (found - theory).abs();
            let line = format!("{}: {what} {found:.4} ± {error:.4}, theory {theory:.4}", history.campaign);
            eprintln!("{line}");
            if patience_seconds.is_none() && which == 2 {
                assert!(found.abs() < f64::EPSILON, "{line}");
            } else if distance > 3.0 * error || error > theory / 3.0 {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    first_come_first_served(&server).await;
}

/// Calls of each load.
const CALLS: f64 = 450.0;

async fn waits_are_those_of_erlang_c(backend: Backend) {
    judged_by_theory(backend, [0.4, 0.55, 0.7], None).await;
}

async fn waits_and_losses_are_those_of_erlang_a(backend: Backend) {
    judged_by_theory(backend, [0.7, 1.0, 1.4], Some(240)).await;
}

/// In each queue, whoever has the smaller ticket was claimed, or rang first, no later. Who was passed on has been in two.
async fn first_come_first_served(server: &Server) {
    let mut raw = Raw::connect(server.database_url()).await;
    let first: Vec<(i64, i64)> = raw
        .rows(
            "SELECT s.queue_id, CAST(MIN(e.at) AS SIGNED) FROM sessions s JOIN events e ON e.session_id = s.id \
             WHERE e.name IN ('ring', 'offer') \
             AND NOT EXISTS (SELECT 1 FROM events t WHERE t.session_id = s.id AND t.name = 'transfer') GROUP BY s.id, s.queue_id, s.ticket ORDER BY s.queue_id, s.ticket",
        )
        .await;
    assert!(first.len() > 100, "{} were served", first.len());
    assert!(first.is_sorted(), "somebody was overtaken");
}

/// A program without a server yet, on a fresh database.
async fn house(backend: Backend) -> (Server, Database) {
    let folder = Folder::new();
    let database = Database::fresh(backend, &folder.0).await;
    let settings = [("DATABASE_URL", database.url.as_str()), ("BANNERLINE_ADMIN_PASSWORD", ADMIN_PASSWORD)];
    let server = Server::bare(folder, &settings);
    (server, database)
}

const SIMULATE: [&str; 7] = ["simulate", "--days", "2", "--seed", "5", "--until", "2026-11-20"];

fn simulate(server: &Server, more: &[&str]) -> (bool, String) {
    let output = server.cli(&[&SIMULATE, more].concat(), "");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

/// Everything that is told of a history, without ids.
async fn figures(server: &Server) -> BTreeMap<String, Value> {
    let admin = Person::logs_in(server, "admin", ADMIN_PASSWORD).await;
    let mut told = BTreeMap::new();
    for campaign in ["1001", "1002", "1003", "1004", "direct"] {
        for question in ["getAverageMetrics", "getFunnel", "getFullMetrics"] {
            let address = format!("/{question}/{campaign}");
            let mut answer = admin.api.get(&address).await.expect(200);
            for row in answer.as_array_mut().into_iter().flatten() {
                row.as_object_mut().unwrap().remove("Sessionid");
            }
            told.insert(address, answer);
        }
    }
    told
}

async fn a_history_keeps_every_promise_and_is_the_same_again(backend: Backend) {
    let (mut server, database) = house(backend).await;
    let (mut again, _same) = house(Backend::Sqlite).await;
    for server in [&server, &again] {
        let (done, said) = simulate(server, &[]);
        assert!(done && said.contains("were made up, from 2026-11-18T00:00:00.000Z to 2026-11-20"), "{said}");
    }
    let (done, said) = simulate(&server, &[]);
    assert!(!done && said.contains("has sessions already") && said.contains("--into-existing"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    server.launch().await;
    again.launch().await;
    let told = figures(&server).await;
    assert_eq!(told, figures(&again).await, "the same seed is the same history, on another database, too");
    let average = &told["/getAverageMetrics/1001"];
    assert!(
        average["AnsweredCalls"].as_i64() > Some(20) && average["NotAnsweredCalls"].as_i64() > Some(0),
        "{average}"
    );
    assert!(average["Figures"]["AfterCallWork"]["Value"].as_f64() > Some(5.0), "{average}");
    let mut raw = Raw::connect(&database.url).await;
    for (what, least) in [
        ("visits WHERE class = 'bot'", 5),
        ("visits WHERE broken_reason IS NOT NULL", 2),
        ("visits WHERE obstacle IS NOT NULL", 10),
        ("sessions WHERE outcome = 'abandoned'", 3),
        ("sessions WHERE outcome = 'cancelled'", 3),
        ("events WHERE name = 'transfer'", 2),
        ("ratings", 20),
        ("wrap_ups", 20),
        ("offers WHERE state = 'rejected' OR state = 'timedOut'", 2),
    ] {
        let found = raw.number(&format!("SELECT COUNT(*) FROM {what}")).await;
        assert!(found >= least, "{found} {what}");
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM sessions WHERE state NOT IN ('ended', 'created')").await, 0);
    assert_eq!(raw.number("SELECT COUNT(*) FROM reps WHERE activity <> 'offline' OR callers > 0").await, 0);

    let said = simulate(&server, &["--into-existing"]);
    assert!(!said.0 && said.1.contains("a server runs on this database"), "{}", said.1);
    let server = Server::with(backend, &[("DATABASE_URL", &database.url)]).await;
    all_is_rolled(&server).await;
    first_come_first_served(&server).await;
    every_log_tells_its_row(&database).await;
}

async fn every_log_tells_its_row(database: &Database) {
    let mut raw = Raw::connect(&database.url).await;
    for id in raw.texts("SELECT LOWER(HEX(id)) FROM sessions").await {
        let id: SessionId = id.parse().expect("an id");
        let row = sessions::find(raw.conn(), id).await.unwrap().expect("it is there");
        let log = events::of_session(raw.conn(), id).await.unwrap();
        assert_eq!(events::replay(&log).unwrap().as_ref(), Some(&row.life), "{id}: {log:?}");
    }
}

/// What somebody set stays as it is: calls of their campaign have no outcomes that are not theirs.
#[test]
fn a_campaign_that_is_set_keeps_its_own_outcomes() {
    run(async {
        let (server, database) = house(Backend::Sqlite).await;
        for arguments in [&["migrate"][..], &["campaign", "set", "1002", "--name", "Own", "--outcome", "Booked"]] {
            assert!(server.cli(arguments, "").status.success(), "{arguments:?}");
        }
        let (done, said) = simulate(&server, &[]);
        assert!(done, "{said}");
        let mut raw = Raw::connect(&database.url).await;
        let wrapped_up = "FROM wrap_ups w JOIN sessions s ON s.id = w.session_id WHERE w.disposition";
        let of = |campaign| format!("SELECT COUNT(*) {wrapped_up} IS NOT NULL AND s.campaign_id = '{campaign}'");
        assert_eq!(raw.number(&of("1002")).await, 0);
        assert!(raw.number(&of("1001")).await > 0, "others have theirs");
        let talked = "SELECT COUNT(*) FROM sessions WHERE campaign_id = '1002' AND started_at IS NOT NULL";
        assert!(raw.number(talked).await > 10, "of whom most have an outcome elsewhere");
    });
}

#[test]
fn what_is_typed_wrong_is_told_in_one_line_and_makes_nothing() {
    run(async {
        let (server, _database) = house(Backend::Sqlite).await;
        for (arguments, reason) in
            [(&["simulate", "--until", "tomorrow"][..], "RFC 3339"), (&["simulate", "--until", "2999-01-01"], "future")]
        {
            let output = server.cli(arguments, "");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && said.contains(reason) && said.lines().count() == 1, "{said}");
        }
        for short in [["simulate", "--days", "0"], ["simulate", "--reps", "0"], ["demo", "--days", "731"]] {
            assert!(!server.cli(&short, "").status.success(), "{short:?}");
        }
    });
}

#[test]
fn a_demonstration_comes_up_and_leaves_nothing() {
    run(async {
        let (mut server, _database) = house(Backend::Sqlite).await;
        server.launches_as(&["demo", "--days", "2", "--seed", "3"]).await;
        let folder = eventually("it says where it is", seconds(5), async || {
            let said = server.stdout();
            let (_, rest) = said.split_once("It is in ")?;
            Some(rest.split_once(", until")?.0.to_owned())
        })
        .await;
        assert!(std::path::Path::new(&folder).join("bannerline.db").is_file(), "{folder}");
        assert!(server.stdout().contains("/dashboard"), "{}", server.stdout());
        server.nobody().get("/healthz").await.expect_status(200);
        let admin = Person::logs_in(&server, "admin", ADMIN_PASSWORD).await;
        let average = admin.api.get("/getAverageMetrics/1001").await.expect(200);
        // On a weekend some twenty are to be expected.
        assert!(average["TotalOfCalls"].as_i64() > Some(7), "{average}");
        let dashboard = admin.api.get("/dashboard").await;
        dashboard.expect_status(200);
        assert!(dashboard.body.contains("Spring sale") && dashboard.body.contains("Skyscraper"));
        server.signal("TERM");
        assert_eq!(server.ends(seconds(15)).await.code(), Some(0));
        assert!(!std::path::Path::new(&folder).exists(), "{folder} is left behind");
    });
}

/// Asked to stop while it is still making things up, it leaves nothing either.
#[test]
fn a_demonstration_that_is_stopped_early_leaves_nothing() {
    run(async {
        let (mut server, _database) = house(Backend::Sqlite).await;
        server.port = 1_024 + u16::try_from(std::process::id() % 20_000).unwrap();
        server.spawns_as(&["demo", "--days", "700"]);
        let folder = eventually("it has begun", seconds(20), async || {
            let said = server.stdout();
            let folder = said.split_once("It is in ")?.1.split_once(", until")?.0.to_owned();
            std::path::Path::new(&folder).join("bannerline.db").is_file().then_some(folder)
        })
        .await;
        server.signal("TERM");
        assert_eq!(server.ends(seconds(15)).await.code(), Some(0));
        assert!(!std::path::Path::new(&folder).exists(), "{folder} is left behind");
    });
}
