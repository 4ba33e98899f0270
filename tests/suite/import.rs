//! `bannerline session import` and `export`: what comes out of one installation is the same in another one, each line is brought
//! in once, and a line that cannot be used costs no other one.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bannerline::store::{events, sessions};
use serde_json::{Value, json};

use crate::rolling::all_is_rolled;
use crate::store::raw::Raw;
use crate::support::past::{self, CAMPAIGNS};
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, scale, seconds, time_passes};

both! {
    a_round_trip_changes_nothing,
    a_file_is_brought_in_once,
    a_bad_line_costs_no_other_one,
    of_two_lines_of_one_call_the_first_counts,
    an_import_that_was_killed_is_done_by_the_next,
    calls_go_on_meanwhile,
}

const TEN: &str = "CampaignId,BannerId,QueueEntryTime,ConversationStartTime,SessionEndTime,UserIpAddress,UserAgent,UserCountry,\
    RepresentativeName,Sessionid";

/// What an import said, and its exit code.
fn import(server: &Server, file: &str, more: &[&str]) -> (i32, String) {
    let path = server.folder.0.join(if file.starts_with('{') { "import.ndjson" } else { "import.csv" });
    std::fs::write(&path, file).expect("the file is written");
    let path = path.display().to_string();
    let output = server.cli(&[&["session", "import", path.as_str()], more].concat(), "");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.code().expect("it ends by itself"), said)
}

#[track_caller]
fn imported(server: &Server, file: &str, told: &str) {
    let (code, said) = import(server, file, &[]);
    assert!(code == 0 && said.starts_with(told), "{code}: {said}");
}

fn export(server: &Server, more: &[&str]) -> String {
    let output = server.cli(&[&["session", "export"], more].concat(), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// All that can be asked of both campaigns and is told from what an export has.
async fn figures(reader: &Person) -> Vec<Value> {
    let mut told = Vec::new();
    let period = "from=2026-11-16T05:07:00Z&to=2026-11-19T00:00:00Z";
    for campaign in CAMPAIGNS {
        for question in
            ["", "?tests=include", "?groupBy=country", "?groupBy=device", "?groupBy=rep", "/3?groupBy=hourOfWeek"]
        {
            told.push(reader.api.get(&format!("/getAverageMetrics/{campaign}{question}")).await.expect(200));
        }
        for more in ["interval=day", "groupBy=banner", "within=30"] {
            told.push(reader.api.get(&format!("/getAverageMetrics/{campaign}?{period}&{more}")).await.expect(200));
        }
    }
    told.iter_mut().for_each(without_steps);
    told
}

/// Takes away what is told from the steps of calls, which are in no file, and those who had nothing but such steps.
fn without_steps(told: &mut Value) {
    let Some(groups) = told["Groups"].as_array_mut() else { return };
    groups.retain(|group| group["TotalOfCalls"] != 0);
    for group in groups {
        group.as_object_mut().expect("a group").remove("Rep");
    }
}

/// Every imported session's log tells its row.
async fn logs_replay(raw: &mut Raw, some: i64) {
    let ids = raw.texts(&format!("SELECT LOWER(HEX(id)) FROM sessions ORDER BY id LIMIT {some}")).await;
    assert!(!ids.is_empty());
    for id in ids {
        let id = id.parse().expect("an id");
        let row = sessions::find(raw.conn(), id).await.unwrap().expect("it is there");
        let log = events::of_session(raw.conn(), id).await.unwrap();
        assert_eq!(log.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["imported"]);
        assert_eq!(events::replay(&log).unwrap().as_ref(), Some(&row.life), "{log:?}");
    }
}

/// Texts that do not survive carelessness.
const HARD: [&str; 8] = ["🎈", "שלום, \"עולם\"", "=1+1", "'=1+1", "''@x", "-5", "a\tb, c", "it's"];

async fn a_round_trip_changes_nothing(backend: Backend) {
    let source = Server::start(backend).await;
    let mut raw = Raw::connect(source.database_url()).await;
    let people = past::REPS.iter().enumerate().map(|(number, id)| {
        format!(
            "INSERT INTO users (id, username, username_folded, display_name, password_hash, role, created_at) \
             VALUES (X'{id}', 'Rep{number}', 'rep{number}', 'Rep', '', 'rep', 0)"
        )
    });
    let people: Vec<_> = people.collect();
    let queue = "INSERT INTO queues (id, name, mode) VALUES (2, 'other', 'pull')".to_owned();
    let past = past::random(0, 3_000);
    for statement in [people.clone(), vec![queue.clone()], past::sources(), past::statements(&past)].concat() {
        raw.execute(&statement).await;
    }
    // Their tickets were taken.
    raw.execute("UPDATE ticket SET last = 3000 WHERE id = 1").await;
    raw.execute("DELETE FROM sessions WHERE ended_at IS NULL OR queued_at = 0 OR kind = 'callback'").await;
    for (number, text) in HARD.iter().enumerate() {
        let long = if number == 0 { text.repeat(80) } else { (*text).replace('\'', "''").replace('\t', " ") };
        let set = format!("UPDATE sessions SET representative_name = '{long}', user_agent = '{long}'");
        raw.execute(&format!("{set} WHERE started_at IS NOT NULL AND ticket % 8 = {number}")).await;
    }
    all_is_rolled(&source).await;
    let (csv, ndjson) = (export(&source, &["--tests"]), export(&source, &["--tests", "--format", "ndjson"]));
    assert!(csv.starts_with(TEN) && csv.contains(&"🎈".repeat(80)), "{}", &csv[..600]);
    let told = figures(&source.admin().await).await;

    // The other database, so that nothing depends on which it is.
    let other = if backend == Backend::Sqlite { Backend::MariaDb } else { Backend::Sqlite };
    let target = Server::start(other).await;
    let mut raw = Raw::connect(target.database_url()).await;
    for statement in people.iter().chain([&queue]) {
        raw.execute(statement).await;
    }
    let rows = csv.matches("\r\n").count() - 1;
    imported(&target, &csv, &format!("{rows} sessions were imported"));
    let admin = target.admin().await;
    // Exact at every moment, while it is rolled too; percentiles come when it is.
    for (one, other) in figures(&admin).await.iter().zip(&told) {
        for name in ["TotalOfCalls", "AnsweredCalls", "NotAnsweredCalls", "AvgQueueTime", "AvgCallDuration"] {
            assert_eq!(one[name], other[name], "{name}");
        }
    }
    logs_replay(&mut raw, 300).await;
    all_is_rolled(&target).await;
    for (one, other) in figures(&admin).await.iter().zip(&told) {
        assert_eq!(one, other);
    }
    assert!(told.len() > 10);
    assert_eq!(export(&target, &["--tests"]), csv);
    assert_eq!(export(&target, &["--tests", "--format", "ndjson"]), ndjson);
    // The other format says the same: nothing is new, and nothing is different.
    imported(&target, &ndjson, &format!("0 sessions were imported; {rows} were there already, 0 were"));
    imported(&source, &csv, &format!("0 sessions were imported; {rows} were there already, 0 were"));
    // Parts of it.
    let period = ["--from", "2026-11-17", "--to", "2026-11-18T12:00:00Z"];
    let some = export(&target, &[&["--campaign", "5", "--banner", "b"], &period[..]].concat());
    assert!(some.lines().skip(1).all(|line| line.starts_with("5,b,2026-11-17") || line.starts_with("5,b,2026-11-18T")));
    let (all, tests) = (csv.matches(",test,").count(), some.matches(",test,").count());
    assert!(some.lines().count() > 10 && all > 10 && tests == 0, "{all} {tests}");
}

async fn a_file_is_brought_in_once(backend: Backend) {
    let server = Server::start(backend).await;
    let file = "BannerId,CampaignId,QueueEntryTime,ConversationStartTime,SessionEndTime,UserAgent\n\
        3,5,2026-11-01T10:00:00Z,,2026-11-01T10:00:09Z,\n3,5,2026-11-01T10:00:01Z,,2026-11-01T10:00:09Z,\n\
        3,5,2026-11-01T11:00:00+01:00,,2026-11-01T10:00:09Z,x\n";
    imported(&server, file, "3 sessions were imported; 0 were there already, 0 were in the file twice");
    imported(&server, file, "0 sessions were imported; 3 were there already, 0 were in the file twice");
    let (code, said) = import(&server, &format!("{file}{}\n", file.lines().nth(2).unwrap_or_default()), &[]);
    assert!(code == 0 && said.contains("3 were there already, 1 were in the file twice"), "{said}");
    assert!(said.contains("import.csv:5: it is the same as an earlier line"), "{said}");
    // Its own id, and the content of another.
    let exported = export(&server, &[]);
    let changed = exported.replacen("10:00:09.000Z", "10:00:10.000Z", 1);
    let (code, said) = import(&server, &changed, &[]);
    assert!(code == 3 && said.contains("is there already, with another SessionEndTime; nothing was changed"), "{said}");
    assert_eq!(export(&server, &[]), exported);
    let admin = server.admin().await;
    let figures = admin.api.get("/getAverageMetrics/5/3").await.expect(200);
    assert_eq!((&figures["TotalOfCalls"], &figures["NotAnsweredCalls"]), (&json!(3), &json!(3)), "{figures}");
    assert_eq!(figures["Figures"]["AbandonmentRate"]["Value"], 100.0);
    // The campaign is there, and has no name.
    let listed = server.cli(&["campaign", "list"], "");
    assert!(String::from_utf8_lossy(&listed.stdout).contains('5'));
}

async fn a_bad_line_costs_no_other_one(backend: Backend) {
    let server = Server::start(backend).await;
    let good = |second: usize| format!("5,3,2026-11-01T10:00:{second:02}Z,,2026-11-01T10:01:00Z,");
    let header = "CampaignId,BannerId,QueueEntryTime,ConversationStartTime,SessionEndTime,RepresentativeName";
    let lines = [
        header.to_owned(),
        good(1),
        "5,3,2026-11-01T10:00:00Z,,,".to_owned(),
        "5,{bannerid},2026-11-01T10:00:00Z,,2026-11-01T10:01:00Z,".to_owned(),
        "5,3,1969-11-01T10:00:00Z,,1969-11-01T10:01:00Z,".to_owned(),
        "5,3,2026-11-01T10:00:00Z,,2026-11-01T10:01:00Z,\"Ana".to_owned(),
        good(2),
        "5,3,2026-11-01T10:00:00Z,2026-11-01T09:00:00Z,2026-11-01T10:01:00Z,Ana".to_owned(),
        "5,3".to_owned(),
        good(3),
        "5,3,2026-11-0".to_owned(),
    ];
    let rejects = server.folder.0.join("rejects").display().to_string();
    let (code, said) = import(&server, &lines.join("\n"), &["--rejects", &rejects]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("3 sessions were imported; 0 were there already"), "{said}");
    let numbers = |text: &str| {
        let numbers = text.lines().filter_map(|line| line.split("import.csv:").nth(1)?.split(':').next()?.parse().ok());
        numbers.collect::<Vec<usize>>()
    };
    assert_eq!(numbers(&said), [3, 4, 5, 6, 8, 9, 11], "{said}");
    let kept = std::fs::read_to_string(&rejects).expect("the rejects are written");
    assert_eq!(numbers(&kept), [3, 4, 5, 6, 8, 9, 11], "{kept}");
    let admin = server.admin().await;
    assert_eq!(admin.api.get("/getAverageMetrics/5").await.expect(200)["TotalOfCalls"], 3);
    // Many are counted; the others are in.
    let many: Vec<_> = (0..1_500).map(|number| format!("5,3,x{number},,,")).collect();
    let (code, said) =
        import(&server, &format!("{header}\n{}\n{}\n", many.join("\n"), good(4)), &["--rejects", &rejects]);
    assert!(code == 3 && said.contains("1 sessions were imported") && said.contains("1500 lines could not"), "{code}");
    assert_eq!(numbers(&said).len(), 1_000);
    assert_eq!(std::fs::read_to_string(&rejects).expect("a file").lines().count(), 1_500);
    // What is wrong with a file is not written over it.
    let whole = format!("{header}\n5,3,x,,,\n");
    let own = server.folder.0.join("import.csv").display().to_string();
    let (code, said) = import(&server, &whole, &["--rejects", &own]);
    assert!(code == 1 && said.contains("--rejects must not be the file that is imported"), "{code}: {said}");
    assert_eq!(std::fs::read_to_string(&own).expect("the file is there"), whole);
    // Files that cannot be read at all.
    for (file, said) in [
        ("", "is empty"),
        ("5,3,2026-11-01T10:00:00Z,,,\n", "does not name the columns"),
        ("CampaignId,BannerId,QueueEntryTime,Colour\n", "\"Colour\" is no column"),
    ] {
        let (code, told) = import(&server, file, &[]);
        assert!(code == 1 && told.contains(said) && told.lines().count() == 1, "{code}: {told}");
    }
    let colour = format!("{header},Colour\n{},red\n", good(5));
    assert_eq!(import(&server, &colour, &["--ignore-unknown"]).0, 0);
    // By a pipe, as objects.
    let object = json!({"CampaignId": 5, "BannerId": "3", "QueueEntryTime": "2026-11-01T12:00:00Z",
        "SessionEndTime": "2026-11-01T12:00:01Z", "QueueName": "nowhere"});
    let piped = server
        .cli(&["session", "import", "-"], &format!("{object}\n{}\n", object.to_string().replace("nowhere", "default")));
    let said = String::from_utf8_lossy(&piped.stderr).into_owned();
    assert!(piped.status.code() == Some(3) && said.contains("-:1: there is no queue \"nowhere\" here"), "{said}");
    assert_eq!(admin.api.get("/getAverageMetrics/5").await.expect(200)["TotalOfCalls"], 6);
}

/// So many lines of a past of weeks, four a second, so that many have the same time to the millisecond.
fn many(count: usize) -> String {
    let mut file = format!("{TEN}\r\n");
    for number in 0..count {
        let at = |millis: i64| {
            let at = chrono::DateTime::from_timestamp_millis(past::BEGINNING + millis).expect("an instant");
            at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
        };
        let entry = i64::try_from(number / 4).expect("a number") * 1_000;
        let (start, name) = if number % 3 == 0 { (String::new(), "") } else { (at(entry + 3_000), "Ana") };
        let (entry, end) = (at(entry), at(entry + 60_000));
        let (campaign, address) = (number % 3, number % 250);
        file.extend([format!("{campaign},3,{entry},{start},{end},10.0.0.{address},Agent {number},NZ,{name},\r\n")]);
    }
    file
}

/// The last line of one batch and the first of the next, which is written at the same time.
async fn of_two_lines_of_one_call_the_first_counts(backend: Backend) {
    const LAST: usize = 3 * 512;
    let server = Server::start(backend).await;
    let mut file = String::new();
    for number in 1..=LAST + 600 {
        let id = if number == LAST + 1 { LAST } else { number };
        let country = if number == LAST + 1 { "DE" } else { "NZ" };
        let line = json!({"CampaignId": "5", "BannerId": "3", "QueueEntryTime": "2026-11-16T08:00:00Z",
            "SessionEndTime": "2026-11-16T08:01:00Z", "UserCountry": country, "Sessionid": format!("{id:032x}")});
        file.extend([line.to_string(), "\n".to_owned()]);
    }
    let (code, said) = import(&server, &file, &[]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains(&format!(":{}: an earlier line has Sessionid", LAST + 1)), "{said}");
    let mut raw = Raw::connect(server.database_url()).await;
    let others = "SELECT COUNT(*) FROM sessions WHERE country <> 'NZ'";
    assert_eq!(
        (raw.number("SELECT COUNT(*) FROM sessions").await, raw.number(others).await),
        (i64::try_from(LAST).expect("a number") + 599, 0)
    );
}

async fn an_import_that_was_killed_is_done_by_the_next(backend: Backend) {
    let (server, whole) = (Server::start(backend).await, Server::start(backend).await);
    let count = 12_000 * scale();
    let file = many(count);
    imported(&whole, &file, &format!("{count} sessions were imported"));
    let path = server.folder.0.join("import.csv");
    std::fs::write(&path, &file).expect("the file is written");
    let mut raw = Raw::connect(server.database_url()).await;
    let rows = "SELECT COUNT(*) FROM sessions";
    for round in 1..=2 {
        let mut command = server.command(&["session", "import", &path.display().to_string()]);
        let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        let wanted = round * 1_500;
        eventually("some are in", seconds(60), async || (raw.number(rows).await >= wanted).then_some(())).await;
        time_passes(Duration::from_millis(7)).await;
        killed.kill().expect("it is killed");
        killed.wait().expect("it is reaped");
    }
    let before = raw.number(rows).await;
    assert!(before >= 3_000 && before < i64::try_from(count).expect("a number"), "killed in the middle: {before}");
    let rest = i64::try_from(count).expect("a number") - before;
    imported(
        &server,
        &file,
        &format!("{rest} sessions were imported; {before} were there already, 0 were in the file twice"),
    );
    assert_eq!(raw.number("SELECT COUNT(*) FROM events").await, raw.number(rows).await);
    assert_eq!(export(&server, &[]), export(&whole, &[]), "as if it had been brought in once");
    all_is_rolled(&server).await;
    let (one, other) = (server.admin().await, whole.admin().await);
    for campaign in ["0", "1", "2"] {
        let path =
            format!("/getAverageMetrics/{campaign}?interval=hour&from=2026-11-16T00:00:00Z&to=2026-11-17T00:00:00Z");
        assert_eq!(one.api.get(&path).await.expect(200), other.api.get(&path).await.expect(200));
        // Page by page, too: none is left out where many have the same time.
        let mut pages = 0;
        let mut next = Some(format!("/getFullMetrics/{campaign}?limit=777"));
        while let Some(page) = next {
            let answer = one.api.get(&page).await;
            pages += answer.expect(200).as_array().expect("an array").len();
            next = answer.header("link").and_then(|link| Some(link.split_once('<')?.1.split_once('>')?.0.to_owned()));
        }
        assert_eq!(pages, count / 3);
    }
}

async fn calls_go_on_meanwhile(backend: Backend) {
    let server = Arc::new(Server::start(backend).await);
    let rep = server.rep("rita").await;
    let path = server.folder.0.join("import.ndjson");
    let mut file = std::fs::File::create(&path).expect("a file");
    // They ended within the hour, with ids that are greater than any of ours: for all that, nobody served them here.
    let now = chrono::Utc::now();
    let count = 4_000 * scale();
    for number in 0..count {
        let ago = |seconds: i64| (now - chrono::Duration::seconds(seconds)).to_rfc3339();
        let line = json!({"CampaignId": "5", "BannerId": "3", "QueueEntryTime": ago(1_800), "ConversationStartTime": ago(1_700),
            "SessionEndTime": ago(60), "RepresentativeUsername": "rita", "Sessionid": format!("ff{number:030x}")});
        writeln!(file, "{line}").expect("the file takes it");
    }
    drop(file);
    let importing = tokio::task::spawn_blocking({
        let (server, path) = (Arc::clone(&server), path.display().to_string());
        move || server.cli(&["session", "import", &path], "")
    });
    let (mut rounds, mut slowest) = (0, Duration::ZERO);
    while !importing.is_finished() {
        let mut customer = Customer::arrives(&server, "5", "3").await;
        let entered = customer.try_join().await;
        slowest = slowest.max(entered.took());
        let entry = entered.expect(201);
        assert_eq!((&entry["position"], &entry["estimatedWaitSeconds"]), (&json!(1), &Value::Null), "{entry}");
        customer.queue = crate::support::http::text(&entry["queueId"]);
        let claimed = rep.api.delete("/help/queue").await.expect(200);
        assert_eq!(claimed["sessionId"], customer.session.as_str(), "nobody else waits");
        conversation(&customer, &rep).await;
        customer.ends().await;
        rounds += 1;
    }
    let output = importing.await.expect("the command ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(rounds > 0 && slowest < seconds(3), "{rounds} calls, the slowest join took {slowest:?}");
    all_is_rolled(&server).await;
    let figures = server.admin().await.api.get("/getAverageMetrics/5/3").await.expect(200);
    assert_eq!(figures["TotalOfCalls"], json!(count + rounds), "{figures}");
    // What nobody here served makes no pace.
    let mut raw = Raw::connect(server.database_url()).await;
    let hour_ago = bannerline::clock::Timestamp(now.timestamp_millis() - 3_600_000);
    let contacts = sessions::contacts_since(raw.conn(), hour_ago).await.expect("the database answers");
    assert_eq!(contacts.len(), rounds, "only those whom somebody served here");
}
