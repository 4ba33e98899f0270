//! `/getFullMetrics` as an export: three formats, pages, compression, and clients that stall or go away.

use std::collections::HashSet;
use std::io::Read;

use bannerline::clock::Timestamp;
use bannerline::domain::rollup::Dimension;
use bannerline::domain::scope::Scope;
use bannerline::store::calls::{self, Listed, Mark, Order, Sort, Which};
use bannerline::store::figures::Period;
use bannerline::store::terms::Campaigns;
use reqwest::Response;
use serde_json::{Map, Value, json};

use crate::figures::{COLUMNS, recomputed, same_figures};
use crate::store::raw::Raw;
use crate::support::http::Answer;
use crate::support::past;
use crate::support::{Backend, Caller, Customer, Person, Server, eventually, seconds};

both! {
    each_format_has_the_same_rows,
    what_is_asked_for_decides_over_what_is_accepted,
    files_have_names_that_are_only_names,
    pages_are_the_stream_while_customers_join,
    a_page_leads_to_the_next_with_all_that_was_asked_for,
    an_export_is_what_was_filtered,
    campaigns_follow_one_another,
    the_newest_come_first_when_they_are_asked_for,
    a_part_of_a_table_is_that_part_of_all_in_order,
    what_cannot_be_understood_is_refused,
    it_is_compressed_for_those_who_ask,
    who_stalls_holds_nothing_that_others_need,
    what_breaks_off_is_not_taken_for_whole,
    a_later_page_costs_what_the_first_does,
}

/// 2023-11-14T22:13:20Z: before everything that happens in a test.
const LONG_AGO: usize = 1_700_000_000_000;

/// What people are called, and what programs call themselves.
const NAMES: [&str; 22] = [
    "Ana",
    "Smith, John",
    "the \"boss\"",
    "\"",
    "two\r\nlines",
    "two\nlines",
    "a\rreturn",
    "🎈 Zoë 👩‍👩‍👧",
    "שלום, עולם",
    "=1+1",
    "+49 170 1234",
    "-5",
    "@SUM(A1:A9)",
    "\t=1",
    "\r=1",
    "=cmd|'/c calc'!A0, \"x\"",
    "back\\slash\\",
    "it's",
    "'=quoted",
    " blank ",
    "control\u{1}\u{7f}",
    "\u{2028}\u{feff}",
];

/// A text as both databases read it, whatever is in it.
fn quoted(text: &str) -> String {
    let digits: Vec<String> = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    format!("CAST(X'{}' AS CHAR)", digits.concat())
}

/// Sessions of the past in campaign 5: ten a millisecond, every seventh a test, every thirteenth never joined.
async fn have_happened(server: &Server, numbers: std::ops::Range<usize>, agent: impl Fn(usize) -> String) {
    let mut raw = Raw::connect(server.database_url()).await;
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(500) {
        let rows: Vec<String> = some.iter().map(|number| row(*number, &agent(*number))).collect();
        let statement = format!(
            "INSERT INTO sessions (id, queue_entry, campaign_id, banner_id, kind, audio_only, created_at, state, outcome, epoch, \
             last_event, queue_id, ticket, queued_at, waiting_since, started_at, ended_at, address, user_agent, country, \
             representative_name) VALUES {}",
            rows.join(", ")
        );
        raw.execute(&statement).await;
    }
}

fn row(number: usize, agent: &str) -> String {
    let banner = ["3", "4", "=b,\"1\""][number % 3];
    let kind = if number % 7 == 6 { "test" } else { "call" };
    let entry = if number % 13 == 12 { 0 } else { LONG_AGO + number / 10 };
    let ticket = if entry == 0 { 0 } else { number + 1 };
    let or_null = |is: bool, text: String| if is { text } else { "NULL".to_owned() };
    let answered = number.is_multiple_of(2) && entry > 0;
    let started = or_null(answered, (LONG_AGO + number / 10 + 1_234).to_string());
    let name = or_null(answered, quoted(NAMES[number / 2 % NAMES.len()]));
    let (address, country) =
        (or_null(!number.is_multiple_of(5), "'2001:db8::1'".into()), or_null(!number.is_multiple_of(4), "'NZ'".into()));
    let agent = or_null(!number.is_multiple_of(17), quoted(agent));
    let outcome = if answered { "answered" } else { "cancelled" };
    let ended = LONG_AGO + number / 10 + 60_000 + number;
    format!(
        "(X'{number:032X}', X'{number:032X}', '5', '{banner}', '{kind}', 0, {LONG_AGO}, 'ended', '{outcome}', 1, 1, 1, {ticket}, \
         {entry}, {entry}, {started}, {ended}, {address}, {agent}, {country}, {name})"
    )
}

fn any_name(number: usize) -> String {
    NAMES[number % NAMES.len()].to_owned()
}

/// What a field of CSV must hold.
fn in_csv(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let bare = text.trim_start_matches('\'');
    if bare.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn records(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let records = reader.records().map(|record| record.expect("a record of as many fields as the first"));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

fn lines(ndjson: &str) -> Vec<Value> {
    assert!(ndjson.is_empty() || ndjson.ends_with('\n'), "every line ends");
    ndjson.split_terminator('\n').map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The rows of CSV as objects, an empty field as null.
fn objects(records: &[Vec<String>]) -> Vec<Value> {
    let field = |field: &String| if field.is_empty() { Value::Null } else { json!(field) };
    let object = |record: &Vec<String>| -> Map<_, _> {
        COLUMNS.iter().zip(record).map(|(name, text)| ((*name).to_owned(), field(text))).collect()
    };
    records.iter().map(|record| Value::Object(object(record))).collect()
}

async fn gets(reader: &Person, path: &str) -> Answer {
    let answer = reader.api.get(path).await;
    answer.expect_status(200);
    answer
}

async fn each_format_has_the_same_rows(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for banner in ["3", "4"] {
        Customer::waits(&server, "5", banner).await;
    }
    have_happened(&server, 0..3_000, any_name).await;
    for (ids, query) in [
        ("5", ""),
        ("5/3", ""),
        ("5/%3Db,%221%22", "&tests=include"),
        ("5", "&to=2023-11-14T22:13:20.200Z&tests=include"),
        ("5/nothing", ""),
    ] {
        let average = gets(&marketer, &format!("/getAverageMetrics/{ids}?{query}")).await.json();
        let full = |format: &str| format!("/getFullMetrics/{ids}?format={format}{query}");
        let calls = gets(&marketer, &full("json")).await.json().as_array().expect("an array").clone();
        let ndjson = lines(&gets(&marketer, &full("ndjson")).await.body);
        let csv = records(&gets(&marketer, &full("csv")).await.body);
        assert_eq!(csv[0], COLUMNS, "{ids}");
        let csv = &csv[1..];
        for rows in [&calls, &ndjson, &objects(csv)] {
            assert_eq!(average["TotalOfCalls"], rows.len(), "{ids}{query}");
            same_figures(&average, &recomputed(rows));
        }
        assert_eq!(ndjson, calls, "{ids}{query}");
        for (record, call) in csv.iter().zip(&calls) {
            let expected: Vec<String> = COLUMNS.iter().map(|column| in_csv(&call[column])).collect();
            assert_eq!(*record, expected);
        }
    }
    let all = gets(&marketer, "/getFullMetrics/5?tests=include").await.json();
    let all = all.as_array().expect("an array");
    assert_eq!(all.len(), 2 + (0..3_000).filter(|number| number % 13 != 12).count());
    for column in ["UserAgent", "RepresentativeName"] {
        let seen: HashSet<&str> = all.iter().filter_map(|call| call[column].as_str()).collect();
        assert!(NAMES.iter().all(|name| seen.contains(name)), "{column}: {seen:?}");
    }
}

async fn what_is_asked_for_decides_over_what_is_accepted(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    have_happened(&server, 0..3, any_name).await;
    let (json, ndjson, csv) = ("application/json", "application/x-ndjson", "text/csv; charset=utf-8; header=present");
    for (path, accept, expected) in [
        ("/getFullMetrics/5", None, json),
        ("/getFullMetrics/5", Some("*/*"), json),
        ("/getFullMetrics/5", Some("text/html"), json),
        ("/getFullMetrics/5", Some("text/csv"), csv),
        ("/getFullMetrics/5/3", Some("application/x-ndjson, */*;q=0.1"), ndjson),
        ("/getFullMetrics/5/3", Some("text/csv;q=0"), json),
        ("/getFullMetrics/5?format=json", Some("text/csv"), json),
        ("/getFullMetrics/5?format=csv", Some("application/json"), csv),
        ("/getFullMetrics/5/3?format=ndjson", None, ndjson),
    ] {
        let request = marketer.api.request("GET", path);
        let request = match accept {
            Some(accept) => request.header("Accept", accept),
            None => request,
        };
        let answer = marketer.api.send(request).await;
        answer.expect_status(200);
        assert_eq!(answer.header("content-type"), Some(expected), "{path} {accept:?}");
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"), "{path} {accept:?}");
        assert_eq!(answer.header("content-disposition").is_some(), expected != json, "{path} {accept:?}");
    }
}

async fn files_have_names_that_are_only_names(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let long = "x".repeat(100);
    for (asked, expected) in [
        ("5?format=csv".to_owned(), "calls_5.csv".to_owned()),
        ("5/3?format=ndjson".to_owned(), "calls_5_3.ndjson".to_owned()),
        (
            "5?format=csv&from=2026-01-01T00:00:00Z&to=2026-02-01T10:30:00Z&tests=include".to_owned(),
            "calls_5_from-2026-01-01_to-2026-02-01T103000.000Z_with-tests.csv".to_owned(),
        ),
        (
            format!("5?format=csv&country=NZ&device=&rep={}&queue=1&from=2026-11-01&tz=Europe/Berlin", "0".repeat(32)),
            format!("calls_5_from-2026-10-31T230000.000Z_country-NZ_device-unknown_rep-{}_queue-1.csv", "0".repeat(32)),
        ),
        ("a%22b;c%5Cd/..%2F%25s*?format=csv".to_owned(), "calls_a-b-c-d_----s-.csv".to_owned()),
        (format!("{long}/{long}?format=csv"), format!("calls_{0}_{0}.csv", "x".repeat(60))),
    ] {
        let answer = gets(&marketer, &format!("/getFullMetrics/{asked}")).await;
        let expected = format!("attachment; filename=\"{expected}\"");
        assert_eq!(answer.header("content-disposition"), Some(expected.as_str()), "{asked}");
    }
}

/// The address of the next page, as the `Link` of this one says.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let address = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    Some(address.unwrap_or_else(|| panic!("not a link to the next page: {link}")).to_owned())
}

fn sessions_of(calls: &[Value]) -> Vec<String> {
    calls.iter().map(|call| call["Sessionid"].as_str().expect("an id").to_owned()).collect()
}

/// Every page from this one on.
async fn pages(reader: &Person, first: &str, rows: usize) -> Vec<String> {
    let (mut path, mut listed) = (first.to_owned(), Vec::new());
    loop {
        let answer = gets(reader, &path).await;
        let page = sessions_of(answer.json().as_array().expect("an array"));
        listed.extend_from_slice(&page);
        let Some(next) = next(&answer) else {
            assert!(page.len() <= rows, "{}", page.len());
            return listed;
        };
        // Looking for rows in all campaigns may end for its time.
        assert!(page.len() == rows || first.starts_with("/getFullMetrics?"), "a page with a next one is full");
        path = next;
    }
}

async fn pages_are_the_stream_while_customers_join(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    have_happened(&server, 0..500, any_name).await;
    let at_first = sessions_of(gets(&marketer, "/getFullMetrics/5").await.json().as_array().expect("an array"));
    let joining = async {
        for _ in 0..25 {
            Customer::waits(&server, "5", "3").await;
        }
    };
    let paging = async {
        let mut rounds = Vec::new();
        for rows in [7, 31, 500] {
            rounds.push(pages(&marketer, &format!("/getFullMetrics/5?limit={rows}"), rows).await);
        }
        rounds
    };
    let (rounds, ()) = tokio::join!(paging, joining);
    for listed in rounds {
        let once: HashSet<&String> = listed.iter().collect();
        assert_eq!(once.len(), listed.len(), "no session twice");
        assert!(listed.starts_with(&at_first), "all that were there, in their order");
    }
    let whole = sessions_of(gets(&marketer, "/getFullMetrics/5").await.json().as_array().expect("an array"));
    assert_eq!(whole.len(), at_first.len() + 25);
    for rows in [1, 10, 64, whole.len() - 1, whole.len(), whole.len() + 1, 10_000] {
        let listed = pages(&marketer, &format!("/getFullMetrics/5?limit={rows}"), rows).await;
        assert_eq!(listed, whole, "pages of {rows}");
    }
}

async fn a_page_leads_to_the_next_with_all_that_was_asked_for(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    have_happened(&server, 0..120, any_name).await;
    let path =
        "/getFullMetrics/5/3?tests=include&tz=Europe%2FBerlin&from=2023-11-14T22:13:20.001%2B00:00&limit=10&format=csv";
    let whole = gets(&marketer, &path.replace("limit=10&", "")).await;
    assert_eq!(next(&whole), None, "a stream has no next page");
    let (mut listed, mut path) = (records(&whole.body)[..1].to_vec(), path.to_owned());
    loop {
        let answer = gets(&marketer, &path).await;
        let page = records(&answer.body);
        assert_eq!(page[0], COLUMNS, "each page is whole");
        listed.extend_from_slice(&page[1..]);
        let Some(address) = next(&answer) else { break };
        for part in
            ["tests=include", "tz=Europe%2FBerlin", "from=2023-11-14T22:13:20.001%2B00:00", "limit=10", "format=csv"]
        {
            assert_eq!(address.matches(part).count(), 1, "{part} of {address}");
        }
        assert_eq!(address.matches("after=").count(), 1, "{address}");
        path = address;
    }
    assert!(listed.len() > 30, "several pages");
    assert_eq!(listed, records(&whole.body));
    // From a cursor on, all that is left in one stream.
    let first = gets(&marketer, "/getFullMetrics/5?limit=40").await;
    let rest = next(&first).expect("a next page").replace("limit=40&", "");
    let rest = gets(&marketer, &rest).await.json().as_array().expect("an array").clone();
    let all = gets(&marketer, "/getFullMetrics/5").await.json().as_array().expect("an array").clone();
    assert_eq!(rest, all[40..]);
}

async fn what_cannot_be_understood_is_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    have_happened(&server, 0..120, any_name).await;
    let link = next(&gets(&marketer, "/getFullMetrics/5?limit=10").await).expect("a next page");
    let cursor = link.split_once("after=").expect("a cursor").1;
    let shorter = &cursor[..cursor.len() - 1];
    for (query, word) in [
        ("format=xml", "json, ndjson or csv"),
        ("format=", "json, ndjson or csv"),
        ("format=CSV", "json, ndjson or csv"),
        ("limit=0", "1 to 10000"),
        ("limit=10001", "1 to 10000"),
        ("limit=-1", "1 to 10000"),
        ("limit=ten", "1 to 10000"),
        ("limit=", "1 to 10000"),
        ("limit=99999999999999999999", "1 to 10000"),
        ("order=newest", "-entry"),
        ("from=2026-11-31", "a date such as"),
        ("tz=Berlin", "Europe/Berlin"),
        ("country=Germany", "two letters"),
        ("device=fridge", "phone, tablet, computer, other"),
        ("rep=rita", "groupBy=rep"),
        ("queue=default", "groupBy=queue"),
        ("after=", "Link"),
        ("after=0", "Link"),
        ("after=%00%FF", "Link"),
        (&format!("after={shorter}"), "Link"),
        (&format!("after={cursor}A"), "Link"),
        (&format!("after=B{}", &cursor[1..]), "Link"),
        ("country=NZ&country=DE", "country is there more than once"),
        ("format=csv&format=json", "format is there more than once"),
        ("banner=3&banner=4", "banner is there more than once"),
    ] {
        for path in ["/getFullMetrics/5", "/getFullMetrics/5/3"] {
            let problem = marketer.api.get(&format!("{path}?{query}")).await.refused(400);
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(word)), "{query}: {problem}");
        }
    }
    // It is of campaign 5 as a whole, and of nothing else.
    marketer.api.get(&format!("/getFullMetrics/5?after={cursor}")).await.expect(200);
    for other in ["6?", "5/3?", "5/4?", "5?country=NZ&", "5?queue=1&", "5?device=&", "5?order=-entry&"] {
        marketer.api.get(&format!("/getFullMetrics/{other}after={cursor}")).await.refused(400);
    }
    for other in ["5?country=&", "5?country=NZ&order=-entry&", "5?device=phone&"] {
        let link = next(&gets(&marketer, &format!("/getFullMetrics/{other}tests=include&limit=2")).await);
        let Some(link) = link else { continue };
        let cursor = link.split_once("after=").expect("a cursor").1;
        marketer.api.get(&format!("/getFullMetrics/5?after={cursor}")).await.refused(400);
        marketer.api.get(&link).await.expect(200);
    }
    // Who may not ask is not told what is wrong with the question.
    server.nobody().get("/getFullMetrics/5?format=xml").await.refused(401);
}

/// The same reader with a client of its own, which undoes no compression by itself.
fn as_it_is(server: &Server, reader: &Person) -> Caller {
    let client = reqwest::Client::builder().no_proxy().gzip(false).build().expect("a client");
    Caller::new(client, server.url(""), reader.api.token().map(str::to_owned))
}

async fn asked(reader: &Caller, path: &str, encodings: &str) -> Response {
    let answer = reader.request("GET", path).header("Accept-Encoding", encodings).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer
}

async fn it_is_compressed_for_those_who_ask(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    have_happened(&server, 0..3_000, any_name).await;
    let reader = as_it_is(&server, &marketer);
    for path in ["/getFullMetrics/5", "/getFullMetrics/5/3?format=csv", "/getFullMetrics/5?format=ndjson&limit=900"] {
        let plain = asked(&reader, path, "identity").await;
        assert_eq!(plain.headers().get("content-encoding"), None, "{path}");
        let plain = plain.bytes().await.expect("a body");
        for (encodings, compressed) in
            [("gzip", true), ("br, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false), ("br", false), ("", false)]
        {
            let answer = asked(&reader, path, encodings).await;
            let said = answer.headers().get("content-encoding").map(|value| value.as_bytes().to_vec());
            assert_eq!(said.as_deref(), compressed.then_some(b"gzip".as_slice()), "{encodings}");
            assert_eq!(answer.headers()["vary"], "Accept, Accept-Encoding");
            let body = answer.bytes().await.expect("a body");
            if compressed {
                assert!(body.len() < plain.len() / 4, "{} of {}", body.len(), plain.len());
                let mut read = Vec::new();
                flate2::read::GzDecoder::new(&*body).read_to_end(&mut read).expect("gzip to its end");
                assert!(read == plain, "{path}, {encodings}");
            } else {
                assert!(body == plain, "{path}, {encodings}");
            }
        }
    }
}

/// Enough that no buffer between here and there has room for all of it.
const MUCH: usize = 12_000;
/// More than there are connections to any database.
const STALLED: usize = 20;

async fn much_has_happened(server: &Server) {
    have_happened(server, 0..MUCH, |number| format!("{}{number}", "a browser of many words, ".repeat(20))).await;
}

/// Connections of the server's process.
fn sockets(server: &Server) -> usize {
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.process())).expect("the process");
    let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

async fn who_stalls_holds_nothing_that_others_need(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    much_has_happened(&server).await;
    let mut stalled = Vec::new();
    for number in 0..STALLED {
        let path = format!("/getFullMetrics/5?format={}", ["json", "ndjson", "csv"][number % 3]);
        let mut answer = asked(&as_it_is(&server, &marketer), &path, "identity").await;
        assert!(answer.chunk().await.expect("bytes").is_some());
        stalled.push(answer);
    }
    // Others are served: a customer, a question, and another export to its end.
    Customer::waits(&server, "5", "3").await;
    let average = gets(&marketer, "/getAverageMetrics/5").await.json();
    let whole = gets(&marketer, "/getFullMetrics/5").await.json();
    assert_eq!(average["TotalOfCalls"], whole.as_array().expect("an array").len());
    let before = sockets(&server);
    drop(stalled);
    eventually("those who went away are forgotten", seconds(30), async || {
        (sockets(&server) + STALLED <= before).then_some(())
    })
    .await;
}

async fn what_breaks_off_is_not_taken_for_whole(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    much_has_happened(&server).await;
    let mut answers = Vec::new();
    for format in ["json", "ndjson", "csv"] {
        let mut answer = asked(&marketer.api, &format!("/getFullMetrics/5?format={format}"), "identity").await;
        let begun = answer.chunk().await.expect("bytes").expect("more than nothing").to_vec();
        answers.push((format, answer, begun));
    }
    let mut raw = Raw::connect(server.database_url()).await;
    raw.execute("ALTER TABLE sessions RENAME TO sessions_elsewhere").await;
    for (format, mut answer, mut body) in answers {
        while let Ok(Some(piece)) = answer.chunk().await {
            body.extend_from_slice(&piece);
        }
        let body = String::from_utf8(body).expect("text");
        match format {
            "json" => assert!(serde_json::from_str::<Value>(&body).is_err()),
            "ndjson" => {
                let (whole, last) = body.rsplit_once('\n').expect("lines");
                assert!(lines(&format!("{whole}\n")).len() > 100);
                assert!(serde_json::from_str::<Value>(last).is_err(), "{last}");
            }
            _ => {
                let mut reader = csv::ReaderBuilder::new().from_reader(body.as_bytes());
                assert!(reader.records().any(|record| record.is_err()), "a last record that is none");
            }
        }
    }
    assert!(server.log().contains("an export broke off"), "it is logged");
    raw.execute("ALTER TABLE sessions_elsewhere RENAME TO sessions").await;
}

/// Each filter, alone and with others, leaves as many rows as calls are counted, and their figures.
async fn an_export_is_what_was_filtered(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let mut raw = Raw::connect(server.database_url()).await;
    let sessions = past::random(0, 1_500);
    for statement in past::sources().iter().chain(&past::statements(&sessions)) {
        raw.execute(statement).await;
    }
    let (rep, day) = (past::REPS[0], "from=2026-11-17&to=2026-11-19&tz=Asia/Kolkata");
    for query in [
        "country=NZ".to_owned(),
        "country=nz&device=phone&tests=include".to_owned(),
        "country=".to_owned(),
        format!("rep={rep}"),
        "rep=&queue=2".to_owned(),
        format!("rep={rep}&queue=1&country=DE&device=computer"),
        day.to_owned(),
        format!("{day}&device=phone"),
        "device=tablet".to_owned(),
    ] {
        for ids in ["5", "5/b", "Z-9"] {
            let average = gets(&marketer, &format!("/getAverageMetrics/{ids}?{query}")).await.json();
            let calls = gets(&marketer, &format!("/getFullMetrics/{ids}?{query}")).await.json();
            let calls = calls.as_array().expect("an array");
            assert_eq!(average["TotalOfCalls"], calls.len(), "{ids}?{query}");
            same_figures(&average, &recomputed(calls));
            assert_eq!(calls.is_empty(), query == "device=tablet", "{ids}?{query}");
            for order in ["entry", "-entry"] {
                let listed =
                    pages(&marketer, &format!("/getFullMetrics/{ids}?{query}&limit=57&order={order}"), 57).await;
                let mut expected = sessions_of(calls);
                if order == "-entry" {
                    expected.reverse();
                }
                assert_eq!(listed, expected, "{ids}?{query}");
            }
        }
    }
}

/// Of all campaigns, each after the other: in every format, order and length of pages, whatever is filtered.
async fn campaigns_follow_one_another(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    assert_eq!(gets(&marketer, "/getFullMetrics").await.json(), json!([]), "there is no campaign yet");
    let mut raw = Raw::connect(server.database_url()).await;
    let sessions = past::random(0, 300);
    for statement in past::sources().iter().chain(&past::statements(&sessions)) {
        raw.execute(statement).await;
    }
    // Campaigns without a call stand before, between and behind those that have some.
    for campaign in ["1", "6", "zzz"] {
        server.nobody().get(&format!("/?campaignId={campaign}&bannerId=3")).await.expect_status(200);
    }
    for query in ["", "order=-entry", "country=NZ&tests=include", "from=2026-11-17&to=2026-11-18", "device=tablet"] {
        let mut expected = Vec::new();
        for campaign in past::CAMPAIGNS {
            let calls = gets(&marketer, &format!("/getFullMetrics/{campaign}?{query}")).await.json();
            expected.extend(calls.as_array().expect("an array").iter().cloned());
        }
        assert_eq!(expected.is_empty(), query == "device=tablet");
        assert_eq!(gets(&marketer, &format!("/getFullMetrics?{query}")).await.json(), json!(expected), "{query}");
        let ndjson = gets(&marketer, &format!("/getFullMetrics?{query}&format=ndjson")).await;
        assert_eq!(lines(&ndjson.body), expected, "{query}");
        let listed = sessions_of(&expected);
        for rows in [1, 10, listed.len().max(1), 10_000] {
            let first = format!("/getFullMetrics?{query}&limit={rows}");
            assert_eq!(pages(&marketer, &first, rows).await, listed, "{query}, pages of {rows}");
        }
    }
    let csv = gets(&marketer, "/getFullMetrics?format=csv&country=NZ").await;
    assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"calls_country-NZ.csv\""));
    assert_eq!(records(&csv.body)[0], COLUMNS, "one header, before all of them");
    assert_eq!(records(&csv.body).iter().filter(|record| record[0] == COLUMNS[0]).count(), 1);
    // What leads on in one list does so in no other.
    let all = gets(&marketer, "/getFullMetrics?limit=1").await;
    let after = next(&all).expect("more").split_once("after=").expect("a cursor").1.to_owned();
    marketer.api.get(&format!("/getFullMetrics/5?limit=1&after={after}")).await.refused(400);
}

async fn the_newest_come_first_when_they_are_asked_for(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    have_happened(&server, 0..600, any_name).await;
    let whole = sessions_of(gets(&marketer, "/getFullMetrics/5").await.json().as_array().expect("an array"));
    let reversed: Vec<String> = whole.iter().rev().cloned().collect();
    let newest = gets(&marketer, "/getFullMetrics/5?order=-entry").await.json();
    assert_eq!(sessions_of(newest.as_array().expect("an array")), reversed);
    // Who joins while they are turned over is on no later page, for they are newer than all of them.
    let joining = async {
        for _ in 0..10 {
            Customer::waits(&server, "5", "3").await;
        }
    };
    let (listed, ()) = tokio::join!(pages(&marketer, "/getFullMetrics/5?order=-entry&limit=37", 37), joining);
    assert!(listed.ends_with(&reversed), "all that were there, the newest first");
    assert!(listed.len() <= reversed.len() + 10);
}

/// What a call has in the column that a table is sorted by; nothing comes before everything.
fn sorted_by(call: &Listed, sort: Sort) -> (Option<i64>, Option<String>) {
    let number = |millis: Option<i64>| (millis, None);
    match sort {
        Sort::Entry => number(Some(call.queued_at.0)),
        Sort::Wait => number(call.started_at.or(call.ended_at).map(|left| left.0 - call.queued_at.0)),
        Sort::Duration => number(call.started_at.zip(call.ended_at).map(|(start, end)| end.0 - start.0)),
        Sort::Country => (None, call.country.clone()),
        Sort::Representative => (None, call.representative_name.clone()),
    }
}

async fn a_part_of_a_table_is_that_part_of_all_in_order(backend: Backend) {
    let server = Server::start(backend).await;
    let mut raw = Raw::connect(server.database_url()).await;
    let sessions = past::random(0, 900);
    for statement in past::sources().iter().chain(&past::statements(&sessions)) {
        raw.execute(statement).await;
    }
    raw.execute(
        "UPDATE sessions SET representative_name = CASE ticket % 3 WHEN 0 THEN 'Zoë' WHEN 1 THEN 'ana' ELSE 'Bo' END \
        WHERE started_at IS NOT NULL",
    )
    .await;
    let period = Period { from: Timestamp(past::BEGINNING + 1), to: Timestamp(i64::MAX), tests: false };
    for (campaign, banner, filters) in [
        (Some("5"), None, vec![]),
        (None, None, vec![]),
        (None, Some("b"), vec![(Dimension::Country, "NZ".to_owned())]),
        (Some("Z-9"), Some("300"), vec![(Dimension::Device, "phone".to_owned()), (Dimension::Queue, "2".to_owned())]),
    ] {
        let which = Which {
            campaign: campaign.map(|id| id.parse().unwrap()),
            banner: banner.map(|id| id.parse().unwrap()),
            period,
            filters: filters.clone(),
            scope: Scope::Everything,
        };
        let question = past::Question {
            campaign: campaign.unwrap_or(past::EVERY_CAMPAIGN),
            banner,
            from: period.from.0,
            to: period.to.0,
            tests: false,
        };
        let has = |session: &&past::Past| {
            filters.iter().all(|(dimension, value)| session.value(dimension.as_str()) == *value)
                && session.is_asked_for(&question)
        };
        let count = sessions.iter().filter(has).count();
        for (sort, descending) in Sort::ALL.into_iter().flat_map(|sort| [(sort, false), (sort, true)]) {
            let mut all = calls::page(raw.conn(), &which, (sort, descending), 0, 1_000).await.unwrap();
            assert_eq!(all.len(), count, "{which:?}");
            let mut parts = Vec::new();
            while let Ok(part) =
                calls::page(raw.conn(), &which, (sort, descending), i64::try_from(parts.len()).unwrap(), 41).await
                && !part.is_empty()
            {
                assert!(part.len() <= 41);
                parts.extend(part);
            }
            assert_eq!(parts, all, "{sort:?}, {descending}, {which:?}");
            if descending {
                all.reverse();
            }
            let keys: Vec<_> = all.iter().map(|call| (sorted_by(call, sort), call.id.to_string())).collect();
            let by_ticket = sort == Sort::Entry;
            assert!(
                keys.is_sorted_by(|one, other| one.0 < other.0 || one.0 == other.0 && (by_ticket || one.1 < other.1))
            );
            assert!(all.iter().all(|call| call.wait_ms == sorted_by(call, Sort::Wait).0));
            assert!(all.iter().all(|call| call.duration_ms == sorted_by(call, Sort::Duration).0));
        }
        // All of them in both orders, of all campaigns too.
        for order in [Order::OldestFirst, Order::NewestFirst] {
            let (mut mark, mut listed) = (Mark::start(order), Vec::new());
            loop {
                let (before, after) = (listed.len(), mark);
                let each = |call: &calls::Call<'_>| {
                    mark = Mark { entry: call.queued_at, ticket: call.ticket };
                    listed.push(call.id);
                };
                calls::after(raw.conn(), &which, order, after, 50, each).await.unwrap();
                if listed.len() == before {
                    break;
                }
            }
            let sorted = (Sort::Entry, order == Order::NewestFirst);
            let table = calls::page(raw.conn(), &which, sorted, 0, 1_000).await.unwrap();
            assert_eq!(listed, table.iter().map(|call| call.id).collect::<Vec<_>>(), "{order:?}, {which:?}");
        }
        let far = calls::page(raw.conn(), &which, (Sort::Entry, false), i64::MAX, -1).await.unwrap();
        assert!(far.is_empty(), "bounds that are none are bounds all the same");
    }
}

async fn a_later_page_costs_what_the_first_does(backend: Backend) {
    let server = Server::start(backend).await;
    have_happened(&server, 0..6_000, any_name).await;
    let mut raw = Raw::connect(server.database_url()).await;
    let which = Which {
        campaign: Some("5".parse().unwrap()),
        banner: None,
        period: Period { from: Timestamp(0), to: Timestamp(9_000_000_000_000), tests: false },
        filters: Vec::new(),
        scope: Scope::Everything,
    };
    let campaigns = Campaigns::of(raw.conn(), which.campaign.as_ref(), which.scope).await.unwrap();
    let places = [LONG_AGO + 100, LONG_AGO + 200, LONG_AGO + 500];
    for (entry, order) in
        places.into_iter().flat_map(|entry| [(entry, Order::OldestFirst), (entry, Order::NewestFirst)])
    {
        let mark = Mark { entry: Timestamp(i64::try_from(entry).unwrap()), ticket: 0 };
        match backend {
            Backend::Sqlite => {
                let page = calls::page_after(&which, &campaigns, order, mark, 10);
                let plan: Vec<(i64, i64, i64, String)> = raw.rows(&format!("EXPLAIN QUERY PLAN {}", page.text())).await;
                assert!(plan.len() == 1 && plan[0].3.contains("(campaign_id=? AND queued_at>? AND"), "{plan:?}");
            }
            Backend::MariaDb => {
                let looked_at = "SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM information_schema.SESSION_STATUS \
                    WHERE VARIABLE_NAME = 'HANDLER_ICP_ATTEMPTS'";
                raw.execute("ANALYZE TABLE sessions").await;
                let before = raw.number(looked_at).await;
                let mut told = 0;
                calls::after(raw.conn(), &which, order, mark, 10, |_| told += 1).await.unwrap();
                assert_eq!(told, 10);
                let looked_at = raw.number(looked_at).await - before;
                // Backwards the index is read without a look at its entries beforehand.
                let least = if order == Order::NewestFirst { 0 } else { 10 };
                assert!((least..100).contains(&looked_at), "{looked_at} entries of the index for ten rows");
            }
        }
    }
}
