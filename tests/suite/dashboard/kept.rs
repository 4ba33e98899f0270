//! Links that share a report, saved views, and the live strip.

use serde_json::{Value, json};

use crate::store::raw::Raw;
use crate::support::events::Stream;
use crate::support::{Answer, Backend, Customer, Person, Server, conversation, seconds};

both! {
    a_shared_report_is_for_anybody_until_it_is_closed,
    a_shared_report_names_nobody,
    views_belong_to_whoever_saved_them,
    the_live_strip_tells_what_goes_on,
}

const SHARES: &str = "/dashboard/api/shares";
const VIEWS: &str = "/dashboard/api/views";

async fn shared(person: &Person, filter: &str) -> Value {
    person.api.post(SHARES, &json!({"filter": filter, "title": "Spring", "days": 7})).await.expect(201)
}

async fn look(server: &Server, share: &Value) -> Answer {
    server.nobody().get(share["path"].as_str().expect("a path")).await
}

async fn a_shared_report_is_for_anybody_until_it_is_closed(backend: Backend) {
    let server = Server::start(backend).await;
    let (mara, mia) = (server.person("mara", "marketer").await, server.person("mia", "marketer").await);
    Customer::waits(&server, "5", "3").await;
    let share = shared(&mara, "campaign=5&tz=Europe%2FBerlin").await;
    let page = look(&server, &share).await;
    page.expect_status(200);
    assert!(page.body.contains("data-screen=\"shared\"") && page.body.contains("Spring"), "{}", page.body);
    assert!(page.body.contains("data-tile=\"calls\"") && page.body.contains("Europe/Berlin"));
    assert_eq!(page.header("x-robots-tag"), Some("noindex"));
    assert!(!page.body.contains("name=\"csrf\"") && !page.body.contains("data-testid=\"filter\""), "it is read-only");

    let listed = mara.api.get(SHARES).await.expect(200);
    assert_eq!((&listed[0]["shareId"], &listed[0]["title"]), (&share["shareId"], &json!("Spring")));
    assert!(listed[0].get("path").is_none(), "what opens it is told once: {listed}");
    assert_eq!(mia.api.get(SHARES).await.expect(200), json!([]));
    let stored = Raw::connect(server.database_url()).await.texts("SELECT filter FROM shares").await;
    assert_eq!(stored, ["campaign=5&tz=Europe%2FBerlin"]);

    let path = format!("{SHARES}/{}", share["shareId"].as_str().expect("an id"));
    mia.api.delete(&path).await.refused(404);
    look(&server, &share).await.expect_status(200);
    mara.api.delete(&path).await.expect_status(204);
    mara.api.delete(&path).await.refused(404);
    let closed = look(&server, &share).await;
    closed.expect_status(404);
    assert!(closed.body.contains("This link is not open"), "{}", closed.body);

    let over = shared(&mara, "").await;
    server.write("UPDATE shares SET expires_at = created_at + 1").await;
    look(&server, &over).await.expect_status(404);
    let open = shared(&mara, "").await;
    look(&server, &open).await.expect_status(200);
    let admin = server.admin().await;
    admin.api.patch("/admin/api/people/mara", &json!({"disabled": true})).await.expect(200);
    look(&server, &open).await.expect_status(404);

    for (body, sentence) in [
        (json!({"filter": "device=fridge"}), "device must be one of"),
        (json!({"filter": "", "days": 0}), "days must be a whole number from 1 to 366."),
        (json!({"filter": "", "title": "a\nb"}), "title must not have control characters."),
        (json!({"filter": "from=2026-11-02&to=2026-11-01"}), "must not be after the last"),
        (json!({"filter": "country=DE&country[]=FR"}), "country is there more than once"),
    ] {
        let refused = mia.api.post(SHARES, &body).await.refused(400);
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(sentence)), "{refused}");
    }
    let log = admin.api.get("/admin/api/audit").await.expect(200);
    let actions: Vec<_> = log.as_array().expect("entries").iter().map(|entry| entry["action"].clone()).collect();
    assert!(actions.contains(&json!("share.add")) && actions.contains(&json!("share.revoke")), "{actions:?}");
}

async fn a_shared_report_names_nobody(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, mara) = (server.rep("rosalind").await, server.person("mara", "marketer").await);
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rep).await;
    customer.ends().await;
    let told = mara.api.get("/getAverageMetrics/5?groupBy=rep").await.expect(200);
    let id = told["Groups"][0]["Value"].as_str().expect("an id").to_owned();
    let own = mara.api.get(&format!("/dashboard?rep={id}")).await.body;
    assert!(own.contains("rosalind"), "the filter's choice");
    let share = shared(&mara, &format!("campaign=5&rep={id}")).await;
    let page = look(&server, &share).await;
    page.expect_status(200);
    assert!(page.body.contains("data-tile=\"calls\""));
    for name in ["rosalind", "mara", "127.0.0.1"] {
        assert!(!page.body.contains(name), "{name} stands in {}", page.body);
    }
}

async fn views_belong_to_whoever_saved_them(backend: Backend) {
    let server = Server::start(backend).await;
    let (mara, mia) = (server.person("mara", "marketer").await, server.person("mia", "marketer").await);
    let save = async |person: &Person, name: &str, filter: &str| {
        person.api.post(VIEWS, &json!({"name": name, "filter": filter})).await.expect(201)
    };
    save(&mara, " Ads 😀 ", "campaign=5").await;
    let ads = save(&mara, "Ads 😀", "campaign=6&device=phone").await;
    save(&mia, "Ads 😀", "campaign=7").await;
    save(&mara, "ads 😀", "").await;
    let names = async |person: &Person| {
        let views = person.api.get(VIEWS).await.expect(200);
        let of = |view: &Value| format!("{}: {}", view["name"], view["filter"]).replace('"', "");
        views.as_array().expect("views").iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(names(&mara).await, ["Ads 😀: campaign=6&device=phone", "ads 😀: "], "of one name the later counts");
    let page = mara.api.get("/dashboard").await.body;
    assert!(page.contains("/dashboard?campaign=6&amp;device=phone"), "{page}");
    let path = format!("{VIEWS}/{}", ads["viewId"].as_str().expect("an id"));
    mia.api.delete(&path).await.refused(404);
    mara.api.delete(&path).await.expect_status(204);
    mara.api.delete(&path).await.refused(404);
    assert_eq!(names(&mara).await, ["ads 😀: "]);
    assert_eq!(names(&mia).await, ["Ads 😀: campaign=7"]);
    for (name, filter) in [("", ""), (&*"x".repeat(81), ""), ("x", "tz=Mars")] {
        mara.api.post(VIEWS, &json!({"name": name, "filter": filter})).await.refused(400);
    }
}

async fn the_live_strip_tells_what_goes_on(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, mara) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let mut strip = Stream::open(mara.api.request("GET", "/dashboard/events")).await;
    let first = strip.next("state").await.data;
    assert_eq!((&first["waiting"], &first["longestWaitSeconds"]), (&json!(0), &Value::Null), "{first}");
    let customer = Customer::waits(&server, "5", "3").await;
    strip.until(seconds(5), "state", |state| state["waiting"] == 1 && state["longestWaitSeconds"].is_number()).await;
    conversation(&customer, &rep).await;
    let talking = strip.until(seconds(5), "state", |state| state["talking"] == 1).await.data;
    assert_eq!(talking["waiting"], 0, "{talking}");
    let names = talking.to_string();
    assert!(!names.contains("rita") && !names.contains(&customer.session), "{names}");
}
