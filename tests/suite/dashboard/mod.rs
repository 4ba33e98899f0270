//! `/dashboard` as a page: whom it leads where, which rows it shows, and how it stands a slow database.

pub mod figures;
mod kept;

use std::path::Path;

use serde_json::json;

use crate::support::http::form;
use crate::support::server::{ADMIN_PASSWORD, Folder};
use crate::support::{Answer, Backend, Customer, Person, Server, eventually, run, seconds, time_passes};

both! {
    a_row_shows_when_it_has_visits_or_calls,
    a_login_leads_to_where_the_role_may_go,
}

async fn page(server: &Server, person: &Person, path: &str) -> Answer {
    let nobody = server.nobody();
    nobody.send(nobody.request("GET", path).header("Cookie", &person.cookie)).await
}

async fn a_row_shows_when_it_has_visits_or_calls(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let shows = async |campaign: &str| {
        let answer = page(&server, &admin, "/dashboard").await;
        answer.expect_status(200);
        answer.body.contains(&format!("data-campaign=\"{campaign}\""))
    };
    // Somebody of the staff looks: the ids are noted, and nothing is counted.
    page(&server, &admin, "/").await.expect_status(200);
    page(&server, &admin, "/?campaignId=7&bannerId=1").await.expect_status(200);
    assert!(!shows("direct").await && !shows("7").await, "a row of zeros");
    server.nobody().get("/?campaignId=5&bannerId=3").await.expect_status(200);
    assert!(shows("5").await, "a visit");
    assert!(!shows("direct").await, "nobody came directly");
    Customer::waits(&server, "6", "3").await;
    assert!(shows("6").await, "a call without a visit");
    server.nobody().get("/").await.expect_status(200);
    assert!(shows("direct").await, "somebody came directly");
}

async fn a_login_leads_to_where_the_role_may_go(backend: Backend) {
    let server = Server::start(backend).await;
    for (name, role, next, place) in [
        ("mara", "marketer", "/rep", "/dashboard?led=rep"),
        ("mia", "marketer", "/rep?x=1", "/dashboard?led=rep"),
        ("mona", "marketer", "/dashboard?campaign=5", "/dashboard?campaign=5"),
        ("rita", "rep", "/dashboard?campaign=5", "/rep?led=dashboard"),
        ("rosa", "rep", "/rep", "/rep"),
    ] {
        let person = server.person(name, role).await;
        let nobody = server.nobody();
        let password = format!("the password of {name}");
        let fields = [("username", name), ("password", &*password), ("next", next)];
        let answer = nobody.send(form(nobody.request("POST", "/login"), &fields)).await;
        answer.expect_status(303);
        assert_eq!(answer.header("location"), Some(place), "{role} who wants {next}");
        let page = page(&server, &person, place).await;
        page.expect_status(200);
        assert_eq!(page.body.contains("data-testid=\"led\""), place.contains("led="), "a sentence on {place}");
    }
    let marketer = server.person("mira", "marketer").await;
    // What somebody else wrote into the address is no sentence of ours.
    let body = page(&server, &marketer, "/dashboard?led=%3Cb%3Ex").await.body;
    assert!(!body.contains("data-testid=\"led\"") && !body.contains("<b>x"));
}

/// With TLS and no public address the link for the ad server says https.
#[test]
fn the_link_says_https_under_tls() {
    run(async {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        let tls = format!(
            "{{certs={:?}, key={:?}}}",
            data.join("tls-cert.pem").display().to_string(),
            data.join("tls-key.pem").display().to_string()
        );
        let settings =
            [("ROCKET_TLS", tls.as_str()), ("ROCKET_PORT", "0"), ("BANNERLINE_ADMIN_PASSWORD", ADMIN_PASSWORD)];
        let mut server = Server::bare(Folder::new(), &settings);
        server.spawn();
        let base = eventually("the addresses are printed", seconds(20), async || {
            let printed = server.stdout();
            let line = printed.lines().find_map(|line| line.strip_prefix("Dashboard:"))?.trim().to_owned();
            line.strip_suffix("/dashboard").map(str::to_owned)
        })
        .await;
        assert!(base.starts_with("https://"), "{base}");
        let client = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap();
        let login = client.post(format!("{base}/login"));
        let login = login.json(&json!({"username": "admin", "password": ADMIN_PASSWORD})).send().await.unwrap();
        let login: serde_json::Value = login.json().await.unwrap();
        let page = client.get(format!("{base}/dashboard")).bearer_auth(login["token"].as_str().unwrap());
        let page = page.send().await.unwrap().text().await.unwrap();
        let link = page.split("data-testid=\"landing-link\">").nth(1).expect("the link").split('<').next().unwrap();
        assert_eq!(link, format!("{base}/"));
    });
}

/// Questions about figures that never end must leave connections to everybody else. Only MariaDB can be made slow at
/// one table.
#[test]
fn slow_figures_leave_room_for_everybody_else() {
    run(async {
        let server = Server::start(Backend::MariaDb).await;
        let marketer = server.person("mara", "marketer").await;
        let customer = Customer::waits(&server, "5", "3").await;
        let mut raw = crate::store::raw::Raw::connect(server.database_url()).await;
        raw.execute("LOCK TABLES visits WRITE").await;
        let mut questions = tokio::task::JoinSet::new();
        for _ in 0..24 {
            let api = marketer.api.clone();
            questions.spawn(async move { api.get("/dashboard").await });
        }
        time_passes(std::time::Duration::from_millis(700)).await;
        for _ in 0..5 {
            let answer = customer.api.get(&customer.path("")).await;
            answer.expect_status(200);
            assert!(answer.took() < seconds(1), "it took {:?}", answer.took());
        }
        for answer in questions.join_all().await {
            answer.refused(503);
            assert!(answer.header("retry-after").is_some());
            assert!(answer.took() < seconds(6), "it took {:?}", answer.took());
        }
        // The requests are gone, their questions are not: the room is kept for everybody else.
        marketer.api.get("/dashboard").await.refused(503);
        customer.api.get(&customer.path("")).await.expect(200);
        raw.execute("UNLOCK TABLES").await;
        eventually("the figures answer again", seconds(10), async || {
            (marketer.api.get("/dashboard").await.status == 200).then_some(())
        })
        .await;
    });
}
