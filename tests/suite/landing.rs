//! `GET /` and `/index.php`: a paid click always gets the page, and is kept as it came.

use serde_json::json;

use crate::support::http::text;
use crate::support::{Answer, Backend, Customer, Server};

both! {
    every_click_gets_the_page,
    a_broken_click_is_served_as_direct_and_says_which_id,
    the_page_is_never_stored_and_well_guarded,
    a_visit_decides_where_its_session_belongs,
    a_look_without_a_person_counts_for_nothing,
    staff_who_look_count_for_nothing,
    an_address_that_is_not_there_is_a_page_for_people,
    the_page_is_safe_to_ask_for_anything,
}

/// The visit's id as the page carries it for its scripts: the first 32 hexadecimal digits after the word visit.
pub fn visit_of(page: &str) -> String {
    let lower = page.to_lowercase();
    for (at, _) in lower.match_indices("visit") {
        let near: String = page[at..].chars().take(80).collect();
        let mut words = near.split(|letter: char| !letter.is_ascii_hexdigit());
        if let Some(id) = words.find(|word| word.len() == 32) {
            return id.to_owned();
        }
    }
    panic!("the page carries no visit id:\n{page}");
}

#[track_caller]
fn is_the_page(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}: {}", answer.what, answer.body);
    assert!(answer.header("content-type").unwrap_or_default().starts_with("text/html"), "{}", answer.what);
    assert!(answer.body.contains("data-screen"), "{}: no customer page in {}", answer.what, answer.body);
}

async fn every_click_gets_the_page(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    let paths = [
        "/",
        "/index.php",
        "/?campaignId=5&bannerId=3",
        "/index.php?campaignId=5&bannerId=3",
        "/?campaignId=120210000000000017&bannerId=%3C%21a%7Cb%3E&utm_source=x&gclid=AbC&fbclid=Q&unknown=1&unknown=2",
        "/?campaignId=5&bannerId=3&note=%F0%9F%98%80&broken=%ZZ&[]=1&{}=2",
    ];
    for path in paths {
        for accept in [None, Some("*/*"), Some("text/html"), Some("application/json"), Some("image/png"), Some("?")] {
            let mut request = nobody.request("GET", path);
            if let Some(accept) = accept {
                request = request.header("Accept", accept);
            }
            is_the_page(&nobody.send(request).await);
        }
    }
}

async fn a_broken_click_is_served_as_direct_and_says_which_id(backend: Backend) {
    let server = Server::start(backend).await;
    let long = "x".repeat(101);
    let broken = [
        ("campaignId=5", "bannerId"),
        ("bannerId=3", "campaignId"),
        ("campaignId=&bannerId=3", "campaignId"),
        ("campaignId=5&bannerId=", "bannerId"),
        ("campaignId={campaignid}&bannerId=3", "campaignId"),
        ("campaignId=%7Bcampaignid%7D&bannerId=3", "campaignId"),
        ("campaignId=%257Bcampaignid%257D&bannerId=3", "campaignId"),
        ("campaignId=5&bannerId=__CID__", "bannerId"),
        ("campaignId=5&bannerId=%7B%7Bad.id%7D%7D", "bannerId"),
        ("campaignId=5&bannerId=%5Bbanner%5D", "bannerId"),
        ("campaignId=a%20b&bannerId=3", "campaignId"),
        ("campaignId=%C3%A9&bannerId=3", "campaignId"),
        ("campaignId=a%00b&bannerId=3", "campaignId"),
        (&format!("campaignId=5&bannerId={long}"), "bannerId"),
    ];
    for (query, wrong) in &broken {
        let page = server.nobody().get(&format!("/?{query}")).await;
        is_the_page(&page);
        assert!(page.body.contains(wrong), "{query}: the page does not say that {wrong} is wrong");
        let customer = Customer::opens(&server, &json!({"visitId": visit_of(&page.body)})).await;
        let view = customer.view().await;
        assert_eq!((&view["campaignId"], &view["bannerId"]), (&json!("direct"), &json!("direct")), "{query}");
    }
    let figures = server.admin().await.api.get("/getFullMetrics/5").await.expect(200);
    assert_eq!(figures, json!([]), "a broken click counts for no campaign");
}

async fn the_page_is_never_stored_and_well_guarded(backend: Backend) {
    let server = Server::start(backend).await;
    let page = server.nobody().get("/?campaignId=5&bannerId=3").await;
    is_the_page(&page);
    assert!(page.header("cache-control").unwrap_or_default().contains("no-store"));
    assert_eq!(page.header("set-cookie"), None, "a customer has no cookie");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert!(page.header("referrer-policy").is_some(), "no Referrer-Policy");

    let policy = page.header("content-security-policy").expect("a Content-Security-Policy");
    for wanted in ["frame-ancestors 'none'", "'self'"] {
        assert!(policy.contains(wanted), "{wanted} is not in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let permissions = page.header("permissions-policy").expect("a Permissions-Policy");
    for wanted in ["camera=(self)", "microphone=(self)"] {
        assert!(permissions.contains(wanted), "{wanted} is not in {permissions}");
    }
    let scripts_inside = page.body.split("<script").skip(1).filter(|tag| {
        let head = tag.split('>').next().unwrap_or_default();
        !head.contains("src=") && !head.contains("application/json")
    });
    assert_eq!(scripts_inside.count(), 0, "the policy forbids inline scripts, so the page has none");
}

async fn a_visit_decides_where_its_session_belongs(backend: Backend) {
    let server = Server::start(backend).await;
    let page = server.nobody().get("/?campaignId=5&bannerId=3&gclid=Cj0KCQ").await;
    let visit = visit_of(&page.body);
    server.nobody().post(&format!("/help/visit/{visit}/seen"), &json!({})).await.expect(204);
    server.nobody().post(&format!("/help/visit/{visit}/seen"), &json!({})).await.expect(204);

    let made = server.nobody().post("/help/session", &json!({"visitId": visit})).await.expect(201);
    let api = server.bearer(&text(&made["token"]));
    let view = api.get(&format!("/help/session/{}", text(&made["sessionId"]))).await.expect(200);
    assert_eq!((&view["campaignId"], &view["bannerId"]), (&json!("5"), &json!("3")));

    let agreeing = json!({"visitId": visit, "campaignId": "5", "bannerId": "3"});
    server.nobody().post("/help/session", &agreeing).await.expect(201);
    let contradicting = json!({"visitId": visit, "campaignId": "5", "bannerId": "4"});
    server.nobody().post("/help/session", &contradicting).await.refused(409);
    let unknown = "0123456789abcdef0123456789abcdef";
    server.nobody().post(&format!("/help/visit/{unknown}/seen"), &json!({})).await.refused(404);
}

async fn a_look_without_a_person_counts_for_nothing(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    let path = "/?campaignId=5&bannerId=3";
    let head = nobody.send(nobody.request("HEAD", path)).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    is_the_page(&nobody.send(nobody.request("GET", path).header("Sec-Purpose", "prefetch")).await);
    is_the_page(&nobody.send(nobody.request("GET", path).header("Purpose", "prefetch")).await);
    let bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    is_the_page(&nobody.send(nobody.request("GET", path).header("User-Agent", bot)).await);
    let dashboard = server.admin().await.api.get("/dashboard").await;
    assert!(!dashboard.body.contains("data-campaign=\"5\""), "a look shows as a click");
    is_the_page(&nobody.get(path).await);
    let dashboard = server.admin().await.api.get("/dashboard").await;
    assert!(dashboard.body.contains("data-campaign=\"5\""), "a click does not show");
}

async fn staff_who_look_count_for_nothing(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let dashboard = async || admin.api.get("/dashboard").await.body;
    for path in ["/?campaignId=5&bannerId=3", "/?campaignId=5"] {
        is_the_page(&admin.api.get(path).await);
        let before = dashboard().await;
        is_the_page(&admin.api.get(path).await);
        assert_eq!(dashboard().await, before, "a look at {path} shows as a click");
        is_the_page(&server.nobody().get(path).await);
        assert_ne!(dashboard().await, before, "a click on {path} does not show");
    }
}

async fn an_address_that_is_not_there_is_a_page_for_people(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    let page = nobody.send(nobody.request("GET", "/nothing").header("Accept", "text/html,*/*;q=0.8")).await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").unwrap_or_default().starts_with("text/html"), "{}", page.body);
    nobody.send(nobody.request("GET", "/nothing").header("Accept", "application/json")).await.refused(404);
    nobody.get("/nothing").await.refused(404);
    // What is no page answers as it does to programs, whoever asks.
    let browser = nobody.request("GET", "/getAverageMetrics/5").header("Accept", "text/html,*/*;q=0.8");
    let refused = nobody.send(browser).await;
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    refused.refused(401);
}

async fn the_page_is_safe_to_ask_for_anything(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    let hostile =
        "/?campaignId=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&bannerId=%7B%3Cscript%3E%7D&x=%3Cscript%3Ealert(2)";
    let page = nobody.get(hostile).await;
    is_the_page(&page);
    assert!(!page.body.contains("<script>alert"), "a script from the address is in the page");
    let long = format!("/?campaignId=5&bannerId=3&utm_campaign={}", "y".repeat(6_000));
    is_the_page(&nobody.get(&long).await);
    nobody.get("/no/such/page").await.expect_status(404);
    nobody.get("/public/../Cargo.toml").await.expect_status(404);
    nobody.get("/public/%2e%2e/Cargo.toml").await.expect_status(404);
    for path in
        ["/public/.x", "/public/.git/config", "/public/css/.x", "/public/*", "/public/a%3A", "/public/", "/public"]
    {
        nobody.get(path).await.refused(404);
    }
}
