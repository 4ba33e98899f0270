//! Starting, stopping, settings, the command line, and a database that goes away.

use serde_json::{Value, json};

use crate::support::database::{Database, PrivateMariaDb};
use crate::support::server::Folder;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, run, seconds};

both! {
    health_readiness_and_metrics_answer,
    a_first_start_prints_three_addresses_and_one_password,
    a_stop_is_graceful,
    the_command_line_works_beside_a_running_server,
    the_settings_are_checked_and_shown_without_secrets,
    the_document_of_the_interface_is_served,
}

async fn health_readiness_and_metrics_answer(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    nobody.get("/healthz").await.expect_status(200);
    nobody.get("/readyz").await.expect_status(200);
    nobody.get("/metrics").await.refused(401);
    Customer::waits(&server, "5", "3").await;
    let metrics = server.admin().await.api.get("/metrics").await;
    metrics.expect_status(200);
    assert!(metrics.header("content-type").unwrap_or_default().starts_with("text/plain"));
    assert!(metrics.body.contains("# TYPE "), "{}", metrics.body);
    for line in metrics.body.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let value = line.rsplit_once(' ').and_then(|(_, value)| value.parse::<f64>().ok());
        assert!(value.is_some(), "not a sample: {line}");
    }
    assert_eq!(nobody.get("/no/such/route").await.status, 404);
}

async fn a_first_start_prints_three_addresses_and_one_password(backend: Backend) {
    // The bare machine's start: a port and a database, nothing else, in the release profile of the framework.
    let folder = Folder::new();
    let database = match backend {
        Backend::Sqlite => None,
        Backend::MariaDb => Some(Database::fresh(backend, &folder.0).await),
    };
    let mut settings = vec![("ROCKET_PROFILE", "release")];
    settings.extend(database.as_ref().map(|database| ("DATABASE_URL", database.url.as_str())));
    let mut server = Server::bare(folder, &settings);
    server.launch().await;
    let printed = eventually("the addresses are printed", seconds(5), async || {
        let printed = server.stdout();
        printed.contains("/dashboard").then_some(printed)
    })
    .await;
    for address in ["/", "/rep", "/dashboard"] {
        assert!(printed.contains(&server.url(address)), "{} is not in:\n{printed}", server.url(address));
    }
    let line = printed.lines().find(|line| line.to_lowercase().contains("password")).expect("the first password");
    let mut words = line.split_whitespace().rev();
    let password = words.next().expect("a word").trim_matches(['"', '\'', '`', '.']);
    assert!(password.len() >= 12, "too short to be safe: {line}");
    let admin = Person::logs_in(&server, "admin", password).await;
    admin.api.get("/getAverageMetrics/5").await.expect(200);

    server.kill_9();
    server.launch().await;
    let times = server.stdout().lines().filter(|line| line.contains(password)).count();
    assert_eq!(times, 1, "the password is printed once");
    if backend == Backend::Sqlite {
        assert!(server.folder.0.join("data").is_dir(), "the default database is under data/");
    }
}

async fn a_stop_is_graceful(backend: Backend) {
    let mut server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let talking = Customer::waits(&server, "5", "3").await;
    conversation(&talking, &rep).await;
    let waiting = Customer::waits(&server, "5", "3").await;
    let mut streams = [talking.stream().await, waiting.stream().await, rep.stream().await];
    for stream in &mut streams {
        stream.next("state").await;
    }
    let asked = std::time::Instant::now();
    server.signal("TERM");
    for stream in &mut streams {
        stream.until(seconds(5), "reconnect", |_| true).await;
    }
    let status = server.ends(seconds(10).saturating_sub(asked.elapsed())).await;
    assert_eq!(status.code(), Some(0), "a stop that was asked for is no failure: {status}");
    server.launch().await;
    assert_eq!(talking.view().await["state"], "talking");
    assert_eq!(waiting.view().await["position"], 1);
    // An idle server stops as well.
    server.signal("TERM");
    assert_eq!(server.ends(seconds(10)).await.code(), Some(0));
}

async fn the_command_line_works_beside_a_running_server(backend: Backend) {
    let server = Server::start(backend).await;
    // Joins under way while the command line writes into the same database.
    let joining = async {
        for _ in 0..20 {
            Customer::waits(&server, "5", "3").await;
        }
    };
    let adding = async {
        for number in 0..5 {
            let name = format!("rep-{number}");
            let added = server.cli(&["user", "add", &name, "--role", "rep"], "the password, first line\nnot this\n");
            assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(joining, adding);
    for number in 0..5 {
        Person::logs_in(&server, &format!("rep-{number}"), "the password, first line").await;
    }
    let refused: [(&[&str], &str); 4] = [
        (&["user", "add", "rep-0", "--role", "rep"], "another password\n"),
        (&["user", "add", "new", "--role", "emperor"], "a password of a person\n"),
        (&["user", "add", "new", "--role", "rep"], "\n"),
        (&["no-such-command"], ""),
    ];
    for (arguments, input) in refused {
        let output = server.cli(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?} succeeded");
        assert!(!said.is_empty() && !said.contains("panicked"), "{arguments:?}: {said}");
    }
    let nobody = server.nobody();
    nobody.post("/login", &json!({"username": "rep-0", "password": "another password"})).await.refused(401);
}

async fn the_settings_are_checked_and_shown_without_secrets(backend: Backend) {
    let secrets = [("BANNERLINE_TURN_SECRET", "very-secret-north"), ("BANNERLINE_TURN_URLS", "turn:127.0.0.1:3478")];
    let server = Server::with(backend, &secrets).await;
    let shown = server.cli(&["config", "show"], "");
    let text = format!("{}{}", String::from_utf8_lossy(&shown.stdout), String::from_utf8_lossy(&shown.stderr));
    assert!(shown.status.success(), "{text}");
    assert!(text.contains("turn:127.0.0.1:3478"), "{text}");
    for secret in ["very-secret-north", "the-admin-password", "tests:tests"] {
        assert!(!text.contains(secret), "{secret} is shown:\n{text}");
        assert!(!server.log().contains(secret), "{secret} is logged");
    }
    assert!(server.cli(&["config", "check"], "").status.success());
    assert!(server.cli(&["migrate"], "").status.success(), "migrating again changes nothing");
}

async fn the_document_of_the_interface_is_served(backend: Backend) {
    let server = Server::start(backend).await;
    let document = server.nobody().get("/openapi.json").await.expect(200);
    let version = document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1"), "{version}");
    let printed = server.cli(&["openapi"], "");
    let printed: Value = serde_json::from_slice(&printed.stdout).expect("the command prints the document");
    assert_eq!(printed, document);
}

/// Starts with these settings, which must end it by itself with one line that names the culprit.
fn refuses_to_start(settings: &[(&str, &str)], named: &str) {
    run(async {
        let mut server = Server::bare(Folder::new(), settings);
        server.spawn();
        let status = server.ends(seconds(20)).await;
        assert!(!status.success(), "{settings:?} was accepted");
        let log = server.log();
        let about: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
        assert_eq!(about.len(), 1, "one clear line about {settings:?}, not:\n{log}");
        assert!(about[0].contains(named), "{named} is not named: {log}");
    });
}

#[test]
fn an_unknown_or_broken_setting_stops_the_start() {
    let wrong = [
        ("BANNERLINE_NONSENSE", "1"),
        ("BANNERLINE_FORM", "long"),
        ("BANNERLINE_LIMIT_LOOPBACK", "perhaps"),
        ("BANNERLINE_TURN_TTL", "soon"),
        ("BANNERLINE_TRUSTED_PROXIES", "everybody"),
        ("BANNERLINE_ADDRESS_KEPT", "some"),
        ("BANNERLINE_LOG", "xml"),
        ("DATABASE_URL", "postgres://127.0.0.1/x"),
    ];
    for (name, value) in wrong {
        refuses_to_start(&[("ROCKET_PORT", "0"), (name, value)], name);
    }
}

#[test]
fn settings_of_the_framework_and_of_files_are_known() {
    run(async {
        let folder = Folder::new();
        std::fs::write(folder.0.join(".env"), "BANNERLINE_FORM=full\nBANNERLINE_ADMIN_PASSWORD=from-the-dotenv-file\n")
            .expect("a file");
        let settings = [("ROCKET_LOG_LEVEL", "normal"), ("ROCKET_WORKERS", "2"), ("ROCKET_KEEP_ALIVE", "7")];
        let mut server = Server::bare(folder, &settings);
        server.launch().await;
        Person::logs_in(&server, "admin", "from-the-dotenv-file").await;
    });
}

#[test]
fn addresses_come_from_trusted_proxies_only() {
    run(async {
        for (trusted, seen) in [("127.0.0.0/8", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")] {
            let server = Server::with(Backend::Sqlite, &[("BANNERLINE_TRUSTED_PROXIES", trusted)]).await;
            let nobody = server.nobody();
            let request = nobody.request("POST", "/help/session").json(&json!({"campaignId": "5", "bannerId": "3"}));
            // The left-most hop is whatever the sender liked to write.
            let made = nobody.send(request.header("X-Forwarded-For", "198.51.100.1, 203.0.113.9")).await.expect(201);
            let api = server.bearer(made["token"].as_str().expect("a token"));
            api.post("/help/queue", &json!({"sessionId": made["sessionId"]})).await.expect(201);
            let calls = server.admin().await.api.get("/getFullMetrics/5").await.expect(200);
            assert_eq!(calls[0]["UserIpAddress"], json!(seen), "trusting {trusted}");
        }
    });
}

#[test]
fn a_database_that_goes_away_is_survived() {
    run(async {
        let folder = Folder::new();
        let mut mariadb = PrivateMariaDb::start(&folder.0).await;
        let database = Database::fresh_on(&mariadb.url()).await;
        let server = Server::with(Backend::Sqlite, &[("DATABASE_URL", &database.url)]).await;
        let waiting = Customer::waits(&server, "5", "3").await;
        for hangs in [false, true] {
            if hangs {
                mariadb.signal("STOP");
            } else {
                mariadb.kill();
            }
            let nobody = server.nobody();
            for _ in 0..3 {
                for answer in [
                    nobody.post("/help/session", &json!({"campaignId": "5", "bannerId": "3"})).await,
                    waiting.api.get(&waiting.path("")).await,
                    waiting.try_join().await,
                ] {
                    answer.refused(503);
                    assert!(answer.header("retry-after").is_some(), "{}: when to come back", answer.what);
                    assert!(answer.took() < seconds(5), "{}: {:?}", answer.what, answer.took());
                }
            }
            nobody.get("/healthz").await.expect_status(200);
            nobody.get("/readyz").await.expect_status(503);
            if hangs {
                mariadb.signal("CONT");
            } else {
                mariadb.start_again().await;
            }
            eventually("the server is ready again by itself", seconds(15), async || {
                (nobody.get("/readyz").await.status == 200).then_some(())
            })
            .await;
            let view = waiting.view().await;
            assert_eq!((&view["state"], &view["position"]), (&json!("waiting"), &json!(1)), "nothing was lost");
        }
    });
}
