//! Reports of a day or a week: their figures, where they go, and that each is made once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::questions::SEVEN;
use crate::support::server::Folder;
use crate::support::{Backend, Caller, Server, eventually, past, seconds, time_passes};

both! {
    the_figures_are_those_of_the_averages,
    days_are_as_long_as_the_clocks_make_them,
    two_servers_send_one_report_until_it_arrives,
    a_folder_that_fails_is_tried_again_and_410_ends_the_sending,
}

const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The rows of a CSV file, each by the names of its columns.
fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).expect("a file");
    reader.deserialize().map(|row| row.expect("a row as long as the others")).collect()
}

/// Runs `report`; the rows of its CSV file, and its page.
fn reported(server: &Server, arguments: &[&str], name: &str) -> (Vec<BTreeMap<String, String>>, String) {
    let folder = server.folder.0.join("out");
    std::fs::create_dir_all(&folder).expect("a folder");
    let to = ["report", "--to", "out"];
    let output = server.cli(&[&to[..], arguments].concat(), "");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.lines().count() == 2, "{said}");
    let page = std::fs::read_to_string(folder.join(format!("{name}.html"))).expect("a page");
    (rows(&folder.join(format!("{name}.csv"))), page)
}

/// What stands in a field, as the JSON of an answer has it.
fn number(row: &BTreeMap<String, String>, column: &str) -> Option<f64> {
    let text = row.get(column).unwrap_or_else(|| panic!("no column {column} in {row:?}"));
    // By the reader of the answers, which rounds the last digit as it likes.
    (!text.is_empty()).then(|| serde_json::from_str(text).expect("a number"))
}

/// Compares a line with the answers about its period and the one before; how many figures there were to compare.
async fn compare(marketer: &Caller, row: &BTreeMap<String, String>, periods: [&str; 2]) -> usize {
    let ids = [&row["CampaignId"], &row["BannerId"]];
    let ids = if ids[1].is_empty() { ids[0].to_owned() } else { format!("{}/{}", ids[0], ids[1]) };
    let mut compared = 0;
    for (period, suffix) in periods.into_iter().zip(["", "Before"]) {
        let told = marketer.get(&format!("/getAverageMetrics/{ids}?{period}")).await.expect(200);
        for name in SEVEN {
            assert_eq!(number(row, &format!("{name}{suffix}")), told[name].as_f64(), "{name} of {ids}, {period}");
            compared += 1;
        }
        for name in ["ServiceLevel", "AbandonmentRate", "WaitP50", "WaitP90"] {
            let figure = &told["Figures"][name];
            // An answer from roll-ups does not tell the waits of banners by quarters.
            if figure["LeftOut"]["NotKeptForThisQuestion"].is_null() {
                let reported = number(row, &format!("{name}{suffix}"));
                assert_eq!(reported, figure["Value"].as_f64(), "{name} of {ids}, {period}");
                compared += 1;
            }
        }
    }
    let change = number(row, "TotalOfCallsChange");
    assert_eq!(change, Some(number(row, "TotalOfCalls").unwrap() - number(row, "TotalOfCallsBefore").unwrap()));
    compared
}

async fn the_figures_are_those_of_the_averages(backend: Backend) {
    let server = Server::with(backend, &[("BANNERLINE_REPORTS_TZ", "Europe/Berlin")]).await;
    let marketer = server.person("mara", "marketer").await.api;
    for statement in past::sources().into_iter().chain(past::statements(&past::random(1, 400))) {
        server.write(&statement).await;
    }
    server.write("UPDATE campaigns SET name = '=HYPERLINK(\"x\"),1' WHERE id = '5'").await;
    let broken = "INSERT INTO visits (id, campaign_id, banner_id, class, landed_at, broken_campaign, broken_reason) \
        VALUES (X'000000000000000000000000000000F1', 'direct', 'direct', 'page', 1794990000000, '<b>{campaignid}', 'macro')";
    server.write(broken).await;
    let day = ["--daily", "--day", "2026-11-18"];
    let (_, page) = reported(&server, &day, "bannerline-daily-2026-11-18");
    assert!(page.contains("Not over yet when this was made"), "{page}");

    // What is not over would be ended by the server, sooner or later.
    server.write("DELETE FROM sessions WHERE ended_at IS NULL").await;
    let (rows, page) = reported(&server, &day, "bannerline-daily-2026-11-18");
    assert!(!page.contains("Not over yet") && !page.contains("<script") && !page.contains("<link"), "{page}");
    assert!(page.contains("=HYPERLINK(&quot;x&quot;),1") && page.contains("&lt;b&gt;{campaignid}"), "{page}");
    let levels: Vec<_> = rows.iter().map(|row| row["Level"].as_str()).collect();
    assert_eq!(levels, [&["all"][..], &["campaign", "banner", "banner", "banner", "banner"].repeat(2)].concat());
    assert_eq!(rows[1]["CampaignName"], "'=HYPERLINK(\"x\"),1", "no spreadsheet takes it for a formula");
    let (from, to) = (&rows[0]["From"], &rows[0]["To"]);
    assert_eq!((from.as_str(), to.as_str()), ("2026-11-17T23:00:00.000Z", "2026-11-18T23:00:00.000Z"));
    let period = format!("from={from}&to={to}&tz=Europe/Berlin");
    let before = format!("from=2026-11-16T23:00:00Z&to={from}&tz=Europe/Berlin");
    let mut compared = 0;
    for row in &rows[1..] {
        compared += compare(&marketer, row, [&period, &before]).await;
    }
    assert!(compared >= 10 * 18, "only {compared} were compared");
    for name in ["TotalOfCalls", "AnsweredCalls", "Visits", "TotalOfCallsBefore"] {
        let sum = |level: &str| -> i64 {
            let of_level = rows.iter().filter(|row| row["Level"] == level);
            of_level.map(|row| row[name].parse::<i64>().expect("a count")).sum()
        };
        assert!(sum("all") == sum("campaign") && sum("all") == sum("banner"), "{name}");
    }
    assert!(number(&rows[0], "WaitP90").is_some() && number(&rows[2], "WaitP50").is_some());
    let refused = server.cli(&["report", "--day", "9999-01-01"], "");
    let line = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && line.lines().count() == 1 && line.contains("is not over"), "{line}");
    let refused = server.cli(&["report", "--send"], "");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("REPORTS_WEBHOOK"));
}

async fn days_are_as_long_as_the_clocks_make_them(backend: Backend) {
    let german = [("BANNERLINE_REPORTS_TZ", "Europe/Berlin"), ("BANNERLINE_REPORTS_LANGUAGE", "de")];
    let server = Server::with(backend, &german).await;
    for statement in past::sources() {
        server.write(&statement).await;
    }
    // The last millisecond before that Sunday, its first, its last, and the first after it.
    for (id, at) in [(1, "24T21:59:59.999"), (2, "24T22:00:00.000"), (3, "25T22:59:59.999"), (4, "25T23:00:00.000")] {
        let at = chrono::DateTime::parse_from_rfc3339(&format!("2026-10-{at}Z")).unwrap().timestamp_millis();
        let columns = "id, queue_entry, campaign_id, banner_id, kind, audio_only, created_at, state, outcome, epoch, \
            last_event, queue_id, ticket, queued_at, waiting_since, ended_at";
        let values = format!(
            "X'{id:032X}', X'{id:032X}', '5', '3', 'call', 0, {at}, 'ended', 'cancelled', 2, 1, 1, {id}, {at}, {at}, {at} + 9000"
        );
        server.write(&format!("INSERT INTO sessions ({columns}) VALUES ({values})")).await;
    }
    let (rows, page) = reported(&server, &["--day", "2026-10-25"], "bannerline-daily-2026-10-25");
    assert_eq!((number(&rows[0], "TotalOfCalls"), number(&rows[0], "TotalOfCallsBefore")), (Some(2.0), Some(1.0)));
    assert_eq!((&*rows[0]["From"], &*rows[0]["To"]), ("2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"));
    assert!(page.contains("lang=\"de\"") && page.contains("Tagesbericht") && page.contains("100,0 %"), "{page}");
    let (rows, page) = reported(&server, &["--weekly", "--day", "2026-10-25"], "bannerline-weekly-2026-10-19");
    assert_eq!((number(&rows[0], "TotalOfCalls"), number(&rows[0], "TotalOfCallsBefore")), (Some(3.0), Some(0.0)));
    assert!(page.contains("2026-10-19 bis 2026-10-25"), "{page}");
}

/// A message, as it arrived.
#[derive(Debug, Clone)]
struct Message {
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Somebody who is sent reports.
struct Receiver {
    url: String,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    /// One who answers with these heads, one after the other, and then always with the last.
    async fn answering(heads: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let messages = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&messages);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut bytes, mut part) = (Vec::new(), vec![0; 65_536]);
                let message = loop {
                    let read = stream.read(&mut part).await.expect("a message");
                    assert!(read > 0, "the message breaks off");
                    bytes.extend_from_slice(&part[..read]);
                    if let Some(message) = whole(&bytes) {
                        break message;
                    }
                };
                let number = {
                    let mut kept = kept.lock().expect("nobody panicked");
                    kept.push(message);
                    kept.len() - 1
                };
                let head = heads.get(number).or(heads.last()).expect("an answer");
                let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.expect("the answer is sent");
            }
        });
        Self { url, messages }
    }

    fn messages(&self) -> Vec<Message> {
        self.messages.lock().expect("nobody panicked").clone()
    }

    async fn has(&self, count: usize) -> Vec<Message> {
        eventually("a message", seconds(60), async || {
            let messages = self.messages();
            (messages.len() >= count).then_some(messages)
        })
        .await
    }
}

/// The message, once all of it is there.
fn whole(bytes: &[u8]) -> Option<Message> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (request, headers) = head.split_once("\r\n")?;
    let headers = headers.lines().filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<String, String> =
        headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let path = request.split(' ').nth(1)?.to_owned();
    (body.len() >= length).then(|| Message { path, headers, body: body.to_owned() })
}

impl Message {
    /// The algorithm as the standard has it: HMAC-SHA256 over id, seconds and body.
    fn is_signed(&self) -> bool {
        let key = STANDARD.decode(KEY).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        let (id, at) = (&self.headers["webhook-id"], &self.headers["webhook-timestamp"]);
        mac.update(format!("{id}.{at}.{}", self.body).as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.headers["webhook-signature"].split(' ').any(|one| one == signature)
    }
}

fn files(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(&folder.0).expect("a folder");
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn yesterday() -> String {
    (chrono::Utc::now().date_naive() - chrono::Days::new(1)).to_string()
}

async fn two_servers_send_one_report_until_it_arrives(backend: Backend) {
    let heads = &["500 Oops", "307 Elsewhere\r\nLocation: /elsewhere", "200 OK"];
    let (receiver, reports) = (Receiver::answering(heads).await, Folder::new());
    let first = Server::start(backend).await;
    let (secret, folder) = (format!("whsec_{KEY}"), reports.0.display().to_string());
    let settings = [
        ("DATABASE_URL", first.database_url()),
        ("BANNERLINE_REPORTS", "daily"),
        ("BANNERLINE_REPORTS_FOLDER", &folder),
        ("BANNERLINE_REPORTS_WEBHOOK", &receiver.url),
        ("BANNERLINE_REPORTS_SECRET", &secret),
    ];
    let mut one = Server::bare(Folder::new(), &settings);
    let mut other = Server::bare(Folder::new(), &settings);
    tokio::join!(one.launch(), other.launch());
    receiver.has(2).await;
    // The next is due after five seconds: what came of this one stands in the database by then.
    time_passes(seconds(2)).await;
    one.kill_9();
    other.kill_9();
    one.launch().await;
    let messages = receiver.has(3).await;
    eventually("it is told", seconds(20), async || one.log().contains("a report was sent").then_some(())).await;
    time_passes(seconds(3)).await;
    assert_eq!(receiver.messages().len(), 3, "three attempts: {}", one.log());
    for message in &messages {
        assert!(message.is_signed(), "{:?}", message.headers);
        assert_eq!(message.path, "/hook");
        assert_eq!(message.headers["webhook-id"], messages[0].headers["webhook-id"], "one report");
    }
    let told: Value = serde_json::from_str(&messages[2].body).expect("JSON");
    assert_eq!(told["type"], "report.daily");
    assert_eq!(told["data"]["period"]["day"], yesterday().as_str());
    assert_eq!(told["data"]["figures"]["lines"][0]["level"], "all");
    let name = format!("bannerline-daily-{}", yesterday());
    assert_eq!(files(&reports), [format!("{name}.csv"), format!("{name}.html")], "whole, and once");
    let csv = std::fs::read_to_string(reports.0.join(format!("{name}.csv"))).expect("a file");
    assert_eq!(told["data"]["csv"], csv.as_str());
    let attempts: Value = serde_json::from_str(&messages[0].body).expect("JSON");
    assert_eq!(attempts["data"], told["data"]);
    drop(first);
}

async fn a_folder_that_fails_is_tried_again_and_410_ends_the_sending(backend: Backend) {
    let (receiver, reports) = (Receiver::answering(&["410 Gone"]).await, Folder::new());
    // A folder stands where the page is to be: it cannot be written, whoever asks.
    let page = reports.0.join(format!("bannerline-daily-{}.html", yesterday()));
    std::fs::create_dir(&page).expect("a folder");
    let (secret, folder) = (format!("whsec_{KEY}"), reports.0.display().to_string());
    let settings = [
        ("BANNERLINE_REPORTS", "daily"),
        ("BANNERLINE_REPORTS_FOLDER", folder.as_str()),
        ("BANNERLINE_REPORTS_WEBHOOK", &receiver.url),
        ("BANNERLINE_REPORTS_SECRET", &secret),
    ];
    let server = Server::with(backend, &settings).await;
    eventually("it is told", seconds(30), async || server.log().contains("cannot be written").then_some(())).await;
    server.nobody().get("/readyz").await.expect_status(200);
    std::fs::remove_dir(&page).expect("it is empty");
    eventually("the report is written", seconds(60), async || page.is_file().then_some(())).await;
    eventually("it is told", seconds(20), async || server.log().contains("a report was written").then_some(())).await;
    assert_eq!(receiver.messages().len(), 1, "who wants no more is sent no more");
    assert!(server.log().contains("wants no more"), "{}", server.log());
    assert!(files(&reports).iter().all(|name| !name.contains(".part")), "{:?}", files(&reports));
    let sent = server.cli(&["report", "--send"], "");
    assert!(!sent.status.success() && String::from_utf8_lossy(&sent.stderr).contains("410"), "by hand it is tried");
    assert_eq!(receiver.messages()[0].headers["webhook-id"], receiver.messages()[1].headers["webhook-id"]);
}

#[test]
fn settings_that_make_no_sense_stop_the_start() {
    let secret = format!("whsec_{KEY}");
    let file = std::env::current_exe().expect("a file");
    let file = file.to_str().expect("UTF-8");
    for (settings, reason) in [
        (&[("BANNERLINE_REPORTS", "monthly")][..], "off, daily or weekly"),
        (&[("BANNERLINE_REPORTS", "daily")], "BANNERLINE_REPORTS_FOLDER or BANNERLINE_REPORTS_WEBHOOK"),
        (&[("BANNERLINE_REPORTS", "daily"), ("BANNERLINE_REPORTS_FOLDER", "not/there")], "not/there"),
        (&[("BANNERLINE_REPORTS", "weekly"), ("BANNERLINE_REPORTS_FOLDER", file)], "BANNERLINE_REPORTS_FOLDER"),
        (&[("BANNERLINE_REPORTS_WEBHOOK", "https://h.example/")], "BANNERLINE_REPORTS_SECRET must be set too"),
        (&[("BANNERLINE_REPORTS_SECRET", &secret)], "BANNERLINE_REPORTS_WEBHOOK must be set too"),
        (&[("BANNERLINE_REPORTS_SECRET", "whsec_short")], "24 to 64 bytes"),
        (&[("BANNERLINE_REPORTS_WEBHOOK", "http://h.example/")], "https://"),
        (&[("BANNERLINE_REPORTS_TZ", "Berlin")], "Europe/Berlin"),
        (&[("BANNERLINE_REPORTS_LANGUAGE", "fr")], "en or de"),
    ] {
        let server = Server::bare(Folder::new(), settings);
        for command in [&["config", "check"][..], &["serve"]] {
            let output = server.cli(command, "");
            let line = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && line.lines().count() == 1, "{settings:?} {command:?}: {line}");
            assert!(line.contains(reason) && !line.contains("whsec_s"), "{settings:?}: {line}");
        }
        assert!(!server.folder.0.join("data").exists(), "a database was made");
    }
}
