//! The statements of `sql/figures`, as they stand: in MariaDB's own client, and with the same names bound on SQLite. Each gives the
//! numbers that the product tells, whatever is asked.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use bannerline::clock::Timestamp;
use bannerline::domain::funnel::{Funnel, Stopped};
use bannerline::domain::ids::DIRECT;
use bannerline::domain::reps::{self, RepCalls, RepMeasured, RepTime};
use bannerline::domain::scope::Scope;
use bannerline::figures::questions::{Asked, Division, Group, MOST_ONE_BY_ONE, answer};
use bannerline::store::figures::{self, Period};
use bannerline::store::text::{Statement, Value as Bound, Values};
use bannerline::store::{Conn, Db};
use chrono::DateTime;
use chrono_tz::Tz;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::sqlite::{SqliteColumn, SqliteRow};
use sqlx::{Column, Row, ValueRef};

use crate::questions::SEVEN;
use crate::store::raw::Raw;
use crate::store::reps::random_days;
use crate::support::past::{self, BEGINNING, DAY, DAYS};
use crate::support::{Backend, Person, Server, eventually, seconds};

both! {
    every_statement_tells_what_the_product_tells,
}

/// They differ in nothing but case, two of them.
const CAMPAIGNS: [&str; 3] = ["5", "Z-9", "z-9"];
const SESSIONS: usize = 1_600;

/// What is asked by hand.
#[derive(Clone, Copy, Debug, Default)]
struct Question {
    campaign: Option<&'static str>,
    banner: Option<&'static str>,
    from: Option<i64>,
    to: Option<i64>,
    tests: bool,
}

impl Question {
    fn period(self) -> Period {
        let (from, to) = (self.from.unwrap_or(0), self.to.unwrap_or(i64::MAX));
        Period { from: Timestamp(from), to: Timestamp(to), tests: self.tests }
    }

    /// The rest of the address that asks a program's interface for the same.
    fn query(self) -> String {
        let instant = |at: i64| DateTime::from_timestamp_millis(at).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let bound = |name, at: Option<i64>| at.map(|at| format!("&{name}={}", instant(at))).unwrap_or_default();
        let tests = if self.tests { "include" } else { "exclude" };
        format!("?tests={tests}{}{}", bound("from", self.from), bound("to", self.to))
    }

    /// The same about one campaign, as the interface has it.
    fn address(self, route: &str, campaign: &str) -> String {
        let banner = self.banner.map(|banner| format!("/{banner}")).unwrap_or_default();
        format!("/{route}/{campaign}{banner}{}", self.query())
    }

    /// The campaigns that the interface is asked for, one by one.
    fn campaigns(self) -> Vec<&'static str> {
        self.campaign.map_or(CAMPAIGNS.to_vec(), |campaign| vec![campaign])
    }
}

/// A row as a client shows it, by column.
type Shown = BTreeMap<String, String>;

/// Whoever has a client of the database.
struct Hand<'s> {
    backend: Backend,
    url: &'s str,
}

impl Hand<'_> {
    /// The rows of a statement of `sql/figures`.
    async fn asks(&self, file: &str, question: Question) -> Vec<Shown> {
        match self.backend {
            Backend::MariaDb => self.in_the_client(file, question),
            Backend::Sqlite => self.with_names_bound(file, question).await,
        }
    }

    /// As the README says, in a mode that MySQL has by default.
    fn in_the_client(&self, file: &str, question: Question) -> Vec<Shown> {
        let text = |word: Option<&str>| word.map_or("NULL".to_owned(), |word| format!("'{word}'"));
        let number = |at: Option<i64>| at.map_or("NULL".to_owned(), |at| at.to_string());
        let Question { campaign, banner, from, to, tests } = question;
        let input = format!(
            "{}\nSET @campaign = {};\nSET @banner = {};\nSET @from = {};\nSET @to = {};\nSET @tests = {};\n{}",
            figures_text("parameters.sql"),
            text(campaign),
            text(banner),
            number(from),
            number(to),
            i64::from(tests),
            figures_text(file),
        );
        let output = self.client(&input);
        let mut lines = output.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        let names = lines.next().unwrap_or_default();
        lines
            .map(|values| {
                assert_eq!(values.len(), names.len(), "{values:?}");
                names.iter().cloned().zip(values).collect()
            })
            .collect()
    }

    fn client(&self, input: &str) -> String {
        let url = reqwest::Url::parse(self.url).unwrap();
        let mut command = Command::new("mariadb");
        command.args(["--no-defaults", "--batch", "--protocol=tcp", "--user", url.username()]);
        command.args(["--init-command", "SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES'"]);
        command.args(["--host", url.host_str().unwrap(), "--port", &url.port().unwrap_or(3306).to_string()]);
        command.arg(url.path().trim_start_matches('/')).env("MYSQL_PWD", url.password().unwrap_or_default());
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the client of MariaDB is there: mariadb-client, which mariadb-server brings");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}\n{input}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn with_names_bound(&self, file: &str, question: Question) -> Vec<Shown> {
        let text = figures_text(file);
        let or_null = |at: Option<i64>| at.map_or(Bound::Text(None), Bound::Number);
        let values = Values::default()
            .with("campaign", Bound::Text(question.campaign))
            .with("banner", Bound::Text(question.banner))
            .with("from", or_null(question.from))
            .with("to", or_null(question.to))
            .with("tests", question.tests);
        let statement = Statement::of(&text, &values);
        let mut raw = Raw::connect(self.url).await;
        let Conn::Sqlite(conn) = raw.conn() else { panic!("it is SQLite") };
        let rows = statement.query().unwrap().fetch_all(conn).await.unwrap();
        let shown = |row: &SqliteRow, place: usize| {
            let value = row.try_get_raw(place).unwrap();
            match value.type_info().to_string().as_str() {
                _ if value.is_null() => "NULL".to_owned(),
                "INTEGER" => row.get_unchecked::<i64, _>(place).to_string(),
                "REAL" => row.get_unchecked::<f64, _>(place).to_string(),
                _ => row.get_unchecked(place),
            }
        };
        let row = |row: &SqliteRow| {
            let columns: &[SqliteColumn] = Row::columns(row);
            columns.iter().map(|column| (column.name().to_owned(), shown(row, column.ordinal()))).collect()
        };
        rows.iter().map(row).collect()
    }
}

fn figures_text(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/figures/");
    std::fs::read_to_string(format!("{folder}{file}")).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A number that is shown; nothing where it is null.
#[track_caller]
fn number(row: &Shown, column: &str) -> Option<f64> {
    let shown = row.get(column).unwrap_or_else(|| panic!("no column {column} in {row:?}"));
    (shown != "NULL").then(|| shown.parse().unwrap_or_else(|_| panic!("{column} is {shown}")))
}

#[track_caller]
fn whole(row: &Shown, column: &str) -> i64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

/// Both are the same number, or both are null.
#[track_caller]
fn is_told(row: &Shown, column: &str, told: &Value, context: &str) {
    let shown = number(row, column);
    assert!(told.is_null() || told.is_number(), "{column}: {told}, {context}");
    match (shown, told.as_f64()) {
        (Some(shown), Some(told)) => {
            assert!((shown - told).abs() <= 1e-12 * told.abs(), "{column}: {shown}, told {told}, {context}");
        }
        (shown, told) => assert_eq!(shown, told, "{column}, {context}"),
    }
}

/// As an answer is read by whoever asked for it.
fn as_sent(answer: &impl Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(answer).unwrap()).unwrap()
}

fn many(into: &str, values: &[String]) -> Vec<String> {
    values.chunks(400).map(|some| format!("INSERT INTO {into} VALUES {}", some.join(", "))).collect()
}

/// What landed, which of the sessions came from it, and what came of those.
fn visits(rng: &mut StdRng) -> Vec<String> {
    let (mut landings, mut wrap_ups) = (Vec::new(), Vec::new());
    let maybe = |there: bool, text: String| if there { text } else { "NULL".to_owned() };
    for number in 0..900 {
        let at = BEGINNING + rng.random_range(0..DAYS * DAY);
        // The click of a broken link is a direct visit.
        let broken = rng.random_bool(0.1);
        let campaign = if broken { DIRECT } else { CAMPAIGNS[rng.random_range(0..3)] };
        let banner = if broken { DIRECT } else { past::BANNERS[rng.random_range(0..4)] };
        let class = ["page", "page", "page", "page", "test", "bot", "reload"][rng.random_range(0..7)];
        let steps = rng.random_range(0..4);
        let obstacle = ["nobodyThere", "permissionDenied", "unknown"][rng.random_range(0..3)];
        let reason = maybe(broken, format!("'{}'", ["missing", "Missing", "macro"][rng.random_range(0..3)]));
        landings.push(format!(
            "(X'{number:032X}', '{campaign}', '{banner}', '{class}', {at}, {}, {}, {}, {}, {reason}, {})",
            maybe(steps > 0, at.to_string()),
            maybe(steps > 1, at.to_string()),
            maybe(steps > 2, at.to_string()),
            maybe(rng.random_bool(0.3), format!("'{obstacle}'")),
            maybe(broken, format!("'raw{}'", rng.random_range(0..4))),
        ));
        if number % 3 == 0 {
            let disposition = ["'Sold'", "'sold'", "NULL"][rng.random_range(0..3)];
            wrap_ups.push(format!("(X'{number:032X}', X'{}', {disposition}, 0)", past::REPS[0]));
        }
    }
    let into = "visits (id, campaign_id, banner_id, class, landed_at, confirmed_at, form_at, devices_at, obstacle, \
        broken_reason, broken_campaign)";
    let mut statements = many(into, &landings);
    statements.extend(many("wrap_ups (session_id, user_id, disposition, at)", &wrap_ups));
    // Of the first visits no session, of those in the middle one, of the last two.
    statements.push("UPDATE sessions SET visit_id = id WHERE ticket > 300 AND ticket <= 900".to_owned());
    let again: Vec<String> = (600..900).map(|number| format!("WHEN {} THEN X'{number:032X}'", number + 500)).collect();
    let again = again.join(" ");
    statements
        .push(format!("UPDATE sessions SET visit_id = CASE ticket {again} END WHERE ticket >= 1100 AND ticket < 1400"));
    statements
}

/// Calls, visits and representatives' days at random; all that is over is rolled.
async fn much_has_happened(server: &Server) {
    let mut rng = StdRng::seed_from_u64(15);
    let sources = past::sources();
    let of_small = |text: &String| text.contains("'Z-9'").then(|| text.replace("'Z-9'", "'z-9'"));
    let mut statements: Vec<String> = sources.iter().filter_map(of_small).chain(sources.clone()).collect();
    // What rings goes on while it is asked about: the server would end it.
    statements.extend(random_days(&mut rng, SESSIONS).iter().map(|text| text.replace("'pending'", "'canceled'")));
    statements.extend(past::statements(&past::random(0, 1_200)));
    let small = past::statements(&past::random(1_200, SESSIONS - 1_200));
    statements.extend(small.iter().map(|text| text.replace("'Z-9'", "'z-9'")));
    statements.extend(visits(&mut rng));
    for statement in statements {
        server.write(&statement).await;
    }
    let mut raw = Raw::connect(server.database_url()).await;
    eventually("the calls that are over are rolled", seconds(30), async || {
        let left = raw.number("SELECT COUNT(*) FROM sessions WHERE rolled = 0 AND ended_at IS NOT NULL").await;
        (left == 0).then_some(())
    })
    .await;
}

/// What the product tells of a campaign, or of all, which no route does.
async fn averages(marketer: &Person, db: &Db, question: Question, division: (&str, Division)) -> Value {
    if let Some(campaign) = question.campaign {
        let address = question.address("getAverageMetrics", campaign) + division.0;
        return marketer.api.get(&address).await.expect(200);
    }
    let asked = Asked {
        scope: Scope::Everything,
        campaign: None,
        banner: question.banner.map(|banner| banner.parse().unwrap()),
        period: question.period(),
        zone: Tz::UTC,
        division: division.1,
        filters: Vec::new(),
        within_ms: None,
        most_one_by_one: MOST_ONE_BY_ONE,
    };
    as_sent(&answer(db, &asked).await.unwrap())
}

async fn average(hand: &Hand<'_>, marketer: &Person, db: &Db, question: Question) -> f64 {
    let context = format!("{question:?}");
    let rows = hand.asks("average.sql", question).await;
    let told = averages(marketer, db, question, ("", Division::None)).await;
    assert_eq!(rows.len(), 1, "{context}");
    for name in SEVEN {
        is_told(&rows[0], name, &told[name], &context);
    }
    let figures = told["Figures"].as_object().expect("figures");
    let exact: Vec<_> = figures.iter().filter(|(_, figure)| figure["Approximate"].is_null()).collect();
    assert_eq!(exact.len() + SEVEN.len(), rows[0].len(), "each figure that is exact, and no other: {context}");
    for (name, figure) in exact {
        is_told(&rows[0], name, &figure["Value"], &context);
    }
    percentiles(hand, question, figures).await;
    told["TotalOfCalls"].as_f64().unwrap()
}

/// Those that are told are as far off as they say, at most.
async fn percentiles(hand: &Hand<'_>, question: Question, figures: &Map<String, Value>) {
    let rows = hand.asks("percentiles.sql", question).await;
    let about: Vec<_> = figures.iter().filter(|(_, figure)| figure["Approximate"].is_number()).collect();
    assert_eq!((rows.len(), rows[0].len()), (1, about.len()), "{question:?}");
    for (name, figure) in about {
        let is_unknown = !figure["LeftOut"]["NotKeptForThisQuestion"].is_null();
        match (number(&rows[0], name), figure["Value"].as_f64()) {
            (Some(_), None) => assert!(is_unknown, "{name}: {figure}, {question:?}"),
            (Some(shown), Some(told)) => {
                let most = figure["Approximate"].as_f64().unwrap() * shown + 1e-6;
                assert!((shown - told).abs() <= most, "{name}: {shown}, told {told}, {question:?}");
            }
            (shown, told) => assert_eq!(shown, told, "{name}, {question:?}"),
        }
    }
}

async fn by_day(hand: &Hand<'_>, marketer: &Person, question: Question) {
    let context = format!("{question:?}");
    let rows = hand.asks("by_day.sql", question).await;
    let Some(campaign) = question.campaign else {
        let total: i64 = rows.iter().map(|row| whole(row, "TotalOfCalls")).sum();
        let all = hand.asks("average.sql", question).await;
        return assert_eq!(total, whole(&all[0], "TotalOfCalls"), "{context}");
    };
    let days = Question {
        from: question.from.or(Some(BEGINNING - DAY)),
        to: question.to.or(Some(BEGINNING + 6 * DAY)),
        ..question
    };
    let address = days.address("getAverageMetrics", campaign) + "&interval=day";
    let told = marketer.api.get(&address).await.expect(200);
    let of_day = |day: &Value| {
        let from = DateTime::parse_from_rfc3339(day["From"].as_str().unwrap()).unwrap().timestamp_millis();
        (from - from % DAY, day.clone())
    };
    let mut told: BTreeMap<i64, Value> = told["Intervals"].as_array().unwrap().iter().map(of_day).collect();
    for row in &rows {
        let start = whole(row, "StartAt");
        let day = told.remove(&start).unwrap_or_else(|| panic!("no day {start}: {context}"));
        for name in SEVEN {
            is_told(row, name, &day[name], &context);
        }
        let called = DateTime::from_timestamp_millis(start).unwrap().date_naive().to_string();
        assert_eq!(row.get("Day"), (hand.backend == Backend::MariaDb).then_some(&called), "{context}");
    }
    assert!(told.values().all(|day| day["TotalOfCalls"] == 0), "{context}");
}

async fn by_banner(hand: &Hand<'_>, db: &Db, question: Question) {
    let context = format!("{question:?}");
    let rows = hand.asks("by_banner.sql", question).await;
    let ids = (question.campaign.map(|id| id.parse().unwrap()), question.banner.map(|id| id.parse().unwrap()));
    let mut reader = db.read().await.unwrap();
    let told = figures::by_banner(reader.conn(), ids.0.as_ref(), ids.1.as_ref(), question.period()).await.unwrap();
    assert_eq!(rows.len(), told.len(), "{context}");
    for (row, told) in rows.iter().zip(told) {
        let (tally, average) = (told.tally, bannerline::domain::figures::AverageMetrics::from(told.tally));
        assert_eq!(
            (row["campaign_id"].as_str(), row["banner_id"].as_str()),
            (told.campaign_id.as_str(), told.banner_id.as_str())
        );
        let counts = ["visits", "total", "answered", "not_answered", "queue_ms", "talked", "talk_ms"];
        let told =
            [told.visits, tally.total, tally.answered, tally.not_answered, tally.queue_ms, tally.talked, tally.talk_ms];
        assert_eq!(counts.map(|column| whole(row, column)), told, "{row:?}, {context}");
        for (name, mean) in serde_json::to_value(average).unwrap().as_object().unwrap() {
            if row.contains_key(name) {
                is_told(row, name, mean, &context);
            }
        }
    }
}

async fn funnel(hand: &Hand<'_>, marketer: &Person, question: Question) -> usize {
    let rows = hand.asks("funnel.sql", question).await;
    for campaign in question.campaigns() {
        let stopped = |row: &Shown| Stopped {
            banner_id: row["banner_id"].clone(),
            step: whole(row, "step"),
            reason: row["reason"].clone(),
            visits: whole(row, "visits"),
            waited_ms: whole(row, "waited_ms"),
        };
        let shown: Vec<_> = rows.iter().filter(|row| row["campaign_id"] == campaign).map(stopped).collect();
        let shown = as_sent(&Funnel::of(&shown, true));
        let told = marketer.api.get(&question.address("getFunnel", campaign)).await.expect(200);
        for name in ["Steps", "Outcomes", "LeftOut"] {
            assert_eq!(shown[name], told[name], "{campaign} of {question:?}");
        }
    }
    rows.len()
}

async fn full(hand: &Hand<'_>, marketer: &Person, question: Question) {
    let rows = hand.asks("full.sql", question).await;
    let mut seen = 0;
    for campaign in question.campaigns() {
        let told = marketer.api.get(&question.address("getFullMetrics", campaign)).await.expect(200);
        let told = told.as_array().unwrap();
        let shown: Vec<_> = rows.iter().filter(|row| row["CampaignId"] == campaign).collect();
        assert_eq!(shown.len(), told.len(), "{campaign} of {question:?}");
        seen += told.len();
        for (row, call) in shown.into_iter().zip(told) {
            for (name, value) in call.as_object().unwrap() {
                let text = value.as_str().unwrap_or("NULL");
                let instant = DateTime::parse_from_rfc3339(text).map(|at| at.timestamp_millis().to_string());
                assert_eq!(row[name], instant.unwrap_or_else(|_| text.to_owned()), "{name} of {call}, {question:?}");
            }
        }
    }
    assert_eq!(seen, rows.len(), "{question:?}");
}

async fn broken_links(hand: &Hand<'_>, db: &Db, question: Question) -> usize {
    let rows = hand.asks("broken_links.sql", question).await;
    let mut reader = db.read().await.unwrap();
    let told = figures::broken_links(reader.conn(), question.period()).await.unwrap();
    let mut shown: Vec<_> = rows
        .iter()
        .map(|row| (whole(row, "count"), whole(row, "last_at"), row["campaign_raw"].clone(), row["reason"].clone()))
        .collect();
    let mut told: Vec<_> = told
        .into_iter()
        .map(|link| (link.count, link.last_at.0, link.campaign_raw.unwrap_or("NULL".to_owned()), link.reason))
        .collect();
    shown.sort();
    told.sort();
    assert_eq!(shown, told, "{question:?}");
    shown.len()
}

async fn representatives(hand: &Hand<'_>, marketer: &Person, db: &Db, question: Question) -> usize {
    let of_rep = |rows: Vec<Shown>| -> BTreeMap<String, Shown> {
        rows.into_iter().map(|row| (row["rep"].clone(), row)).collect()
    };
    let calls = of_rep(hand.asks("reps_calls.sql", question).await);
    let time = of_rep(hand.asks("reps_time.sql", question).await);
    let told = averages(marketer, db, question, ("&groupBy=rep", Division::Groups(Group::Rep))).await;
    let groups = told["Groups"].as_array().unwrap();
    let mut seen = 0;
    for group in groups.iter().filter(|group| group["Value"] != "") {
        let rep = group["Value"].as_str().unwrap();
        let of = |column: &str| calls.get(rep).map_or(0, |row| whole(row, column));
        let calls = RepCalls {
            legs: of("legs"),
            handled_ms: of("handled_ms"),
            acw_ms: of("acw_ms"),
            wrapping: of("wrapping"),
            accepted: of("accepted"),
            rejected: of("rejected"),
            missed: of("missed"),
            taken_back: of("taken_back"),
            ringing: of("ringing"),
            answered: of("answered"),
            talking: of("talking"),
            rated: of("rated"),
            stars: of("stars"),
        };
        let of = |column: &str| time.get(rep).map_or(0, |row| whole(row, column));
        let time = RepTime {
            busy_ms: of("busy_ms"),
            idle_ms: of("idle_ms"),
            in_legs_ms: of("in_legs_ms"),
            leg_ms: of("leg_ms"),
        };
        let shown = as_sent(&reps::figures(&RepMeasured { calls: Ok(calls), time: Ok(time) }));
        for (name, figure) in shown.as_object().unwrap() {
            for part in ["Value", "Numerator", "Denominator", "LeftOut"] {
                assert_eq!(figure[part], group["Rep"][name][part], "{name} of {rep}, {question:?}");
            }
        }
        seen += 1;
    }
    seen
}

async fn every_statement_tells_what_the_product_tells(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    much_has_happened(&server).await;
    let db = Db::connect(server.database_url()).await.unwrap();
    let hand = Hand { backend, url: server.database_url() };
    let everything = Question::default();
    // From one call's entry to another's: the first is in it, the other is not.
    let all = past::Question { campaign: "5", banner: None, from: 0, to: i64::MAX, tests: true };
    let sessions = past::random(0, 1_200);
    let counted = sessions.iter().filter(|session| session.is_asked_for(&all));
    let mut entries: Vec<_> = counted.map(past::Past::queued_at).collect();
    entries.sort_unstable();
    let (first, last) = (entries[entries.len() / 3], entries[entries.len() / 2]);
    let odd = Question { from: Some(BEGINNING + DAY / 3 + 1), to: Some(BEGINNING + 4 * DAY - 7), ..everything };
    let mut calls = 0.0;
    let mut seen = [0; 3];
    for question in [
        everything,
        Question { campaign: Some("5"), ..everything },
        Question { campaign: Some("Z-9"), banner: Some("b"), ..odd },
        Question { campaign: Some("z-9"), banner: Some("B"), tests: true, ..everything },
        Question { campaign: Some("z-9"), to: None, ..odd },
        Question {
            campaign: Some("5"),
            banner: Some("3"),
            from: Some(BEGINNING + DAY),
            to: Some(BEGINNING + 3 * DAY),
            tests: true,
        },
        Question { campaign: Some("5"), from: Some(first), to: Some(last), tests: true, ..everything },
        Question { tests: true, ..odd },
        Question { banner: Some("B"), ..everything },
        Question { campaign: Some("5"), from: Some(BEGINNING + 9 * DAY), to: Some(BEGINNING + 10 * DAY), ..everything },
        Question { campaign: Some("none"), ..everything },
    ] {
        calls += average(&hand, &marketer, &db, question).await;
        by_day(&hand, &marketer, question).await;
        by_banner(&hand, &db, question).await;
        seen[0] += funnel(&hand, &marketer, question).await;
        full(&hand, &marketer, question).await;
        seen[1] += broken_links(&hand, &db, question).await;
        seen[2] += representatives(&hand, &marketer, &db, question).await;
    }
    assert!(calls > 3_000.0 && seen[0] > 300 && seen[1] > 40 && seen[2] > 15, "too little: {calls}, {seen:?}");
    db.close().await;
}
