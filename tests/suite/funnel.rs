//! `/getFunnel`: how far visits came, and why they came no further.

use serde_json::{Value, json};

use crate::landing::visit_of;
use crate::store::raw::Raw;
use crate::support::{Answer, Backend, Customer, Person, Server, conversation, eventually, seconds};

both! {
    each_visit_is_at_its_furthest_step_with_a_reason,
    the_furthest_request_of_a_visit_counts,
    what_happens_to_a_visit_that_was_rolled_is_told_at_once,
    looks_are_left_out_and_tests_are_asked_for,
    periods_banners_and_links_are_kept_apart,
    what_cannot_be_understood_is_refused_with_a_sentence,
    the_dashboard_shows_the_funnel_of_one_campaign,
}

const STEPS: [&str; 8] =
    ["Visits", "FormOpened", "DevicesReady", "Queued", "Offered", "Answered", "Qualified", "Outcome"];

async fn lands(server: &Server, query: &str) -> String {
    let page = server.nobody().get(&format!("/?{query}")).await;
    page.expect_status(200);
    visit_of(&page.body)
}

async fn says(server: &Server, visit: &str, step: &str) -> Answer {
    server.nobody().post(&format!("/help/visit/{visit}/step"), &json!({"step": step})).await
}

/// A visit whose page told these steps.
async fn visit(server: &Server, steps: &[&str]) -> String {
    let visit = lands(server, "campaignId=5&bannerId=3").await;
    server.nobody().post(&format!("/help/visit/{visit}/seen"), &json!({})).await.expect(204);
    for step in steps {
        says(server, &visit, step).await.expect_status(204);
    }
    visit
}

/// A request of a visit, in the queue.
async fn waits(server: &Server, visit: &str) -> Customer {
    let mut customer = Customer::opens(server, &json!({"visitId": visit})).await;
    customer.joins().await;
    customer
}

async fn ready_and_waits(server: &Server) -> Customer {
    let visit = visit(server, &["formOpened", "devicesReady"]).await;
    waits(server, &visit).await
}

async fn funnel(marketer: &Person, rest: &str) -> Value {
    let told = marketer.api.get(&format!("/getFunnel/5{rest}")).await.expect(200);
    adds_up(&told);
    for banner in told["Banners"].as_array().into_iter().flatten() {
        adds_up(banner);
    }
    told
}

/// How long a request that is over waited.
async fn waited_for(server: &Server, customer: &Customer, millis: i64) {
    let waited = format!("UPDATE sessions SET ended_at = queued_at + {millis} WHERE id = X'{}'", customer.session);
    server.write(&waited).await;
}

fn count(step: &Value, name: &str) -> i64 {
    step[name].as_i64().expect("a count")
}

/// Each visit is at one step, and has passed those before it.
fn adds_up(told: &Value) {
    let steps = told["Steps"].as_array().expect("steps");
    let names: Vec<_> = steps.iter().map(|step| step["Step"].clone()).collect();
    assert_eq!(names, STEPS, "{told}");
    for pair in steps.windows(2) {
        let passed = count(&pair[1], "Reached") + count(&pair[0], "UnderWay") + count(&pair[0], "Lost");
        assert_eq!(count(&pair[0], "Reached"), passed, "{told:#}");
    }
    for step in steps {
        let reasons: i64 = step["Reasons"].as_object().expect("reasons").values().filter_map(Value::as_i64).sum();
        assert_eq!(reasons, count(step, "UnderWay") + count(step, "Lost"), "{step}");
    }
}

fn reasons(told: &Value) -> Vec<Value> {
    told["Steps"].as_array().expect("steps").iter().map(|step| step["Reasons"].clone()).collect()
}

async fn each_visit_is_at_its_furthest_step_with_a_reason(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, marketer) = (server.rep_for("rita", 5).await, server.person("mara", "marketer").await);
    let admin = server.admin().await;
    admin.api.put("/admin/api/campaigns/5", &json!({"outcomes": ["Sold", "sold"]})).await.expect(200);

    lands(&server, "campaignId=5&bannerId=3").await;
    visit(&server, &[]).await;
    visit(&server, &["nobodyThere"]).await;
    for obstacle in ["inAppBrowser", "permissionDenied", "noDevice", "deviceInUse", "insecurePage", "unknown"] {
        visit(&server, &["nobodyThere", "formOpened", obstacle]).await;
    }
    visit(&server, &["nobodyThere", "formOpened"]).await;
    // What was in the way once is not any more.
    let ready = visit(&server, &["formOpened", "permissionDenied", "devicesReady"]).await;
    // A request that never joined the queue is no step.
    Customer::opens(&server, &json!({"visitId": ready})).await;

    for waited in [1_000, 7_000] {
        let leaves = ready_and_waits(&server).await;
        leaves.leaves_queue().await;
        waited_for(&server, &leaves, waited).await;
    }
    let missed = ready_and_waits(&server).await;
    admin.ends(&missed.session).await;
    waited_for(&server, &missed, 10_000).await;
    // Whoever is next in line is claimed: so the ones who go on waiting come last.
    let unconnected = ready_and_waits(&server).await;
    assert_eq!(rita.claims_another().await["sessionId"], json!(unconnected.session));
    unconnected.ends().await;
    waited_for(&server, &unconnected, 2_500).await;
    for (qualifies, disposition) in [(false, "Sold"), (true, ""), (true, "Sold"), (true, "sold"), (true, "sold")] {
        // A program that goes straight to the queue has passed the steps before.
        let customer = waits(&server, &visit(&server, &[]).await).await;
        conversation(&customer, &rita).await;
        if qualifies {
            server.write(&format!("UPDATE sessions SET qualified_ms = 0 WHERE id = X'{}'", customer.session)).await;
        }
        rita.ends(&customer.session).await;
        rita.api.post(&customer.path("/wrap-up"), &json!({"disposition": disposition})).await.expect(200);
    }
    let talking = ready_and_waits(&server).await;
    conversation(&talking, &rita).await;
    ready_and_waits(&server).await;
    // Neither a visit's nor this campaign's.
    Customer::waits(&server, "5", "3").await;
    Customer::waits(&server, "6", "3").await;

    let told = funnel(&marketer, "").await;
    let expected = json!([
        {"NeverLoaded": 1, "Left": 1, "NobodyThere": 1},
        {"InAppBrowser": 1, "PermissionDenied": 1, "NoDevice": 1, "DeviceInUse": 1, "InsecurePage": 1, "Unknown": 1,
            "Left": 1},
        {"Left": 1},
        {"LeftEarly": 1, "Left": 1, "Missed": 1, "Waiting": 1},
        {"LeftEarly": 1},
        {"Short": 1, "Talking": 1},
        {"NoOutcome": 1},
        {},
    ]);
    assert_eq!(json!(reasons(&told)), expected, "{told:#}");
    assert_eq!(told["Outcomes"], json!({"Sold": 1, "sold": 2}));
    let steps = &told["Steps"];
    let reached: Vec<_> = steps.as_array().expect("steps").iter().map(|step| step["Reached"].clone()).collect();
    assert_eq!(json!(reached), json!([22, 19, 12, 11, 7, 6, 4, 3]), "{told:#}");
    assert_eq!(steps[3]["Share"], json!(50.0));
    assert_eq!((&steps[3]["AvgLeftAfter"], &steps[4]["AvgLeftAfter"]), (&json!(6.0), &json!(2.5)));
    assert_eq!((steps[0].get("AvgLeftAfter"), steps[5].get("AvgLeftAfter")), (Some(&Value::Null), Some(&Value::Null)));
    assert!(steps[0]["Definition"].is_string(), "{}", steps[0]);
}

async fn the_furthest_request_of_a_visit_counts(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let visit = visit(&server, &["formOpened", "devicesReady"]).await;
    waits(&server, &visit).await.leaves_queue().await;
    let talked = waits(&server, &visit).await;
    conversation(&talked, &rita).await;
    rita.ends(&talked.session).await;
    waits(&server, &visit).await.leaves_queue().await;
    let told = funnel(&marketer, "").await;
    assert_eq!(told["Steps"][0]["Reached"], 1, "one visit, three requests");
    assert_eq!(told["Steps"][5]["Reasons"], json!({"Short": 1}));
    // The same visit asks again, and talks again.
    let again = waits(&server, &visit).await;
    let told = funnel(&marketer, "").await;
    assert_eq!((&told["Steps"][5]["Reasons"], &told["Steps"][5]["UnderWay"]), (&json!({"Again": 1}), &json!(1)));
    conversation(&again, &rita).await;
    assert_eq!(funnel(&marketer, "").await["Steps"][5]["Reasons"], json!({"Talking": 1}));

    // The newest of the furthest tells the reason and the wait.
    let patient = self::visit(&server, &[]).await;
    for waited in [300_000, 1_000] {
        let customer = waits(&server, &patient).await;
        customer.leaves_queue().await;
        waited_for(&server, &customer, waited).await;
    }
    let queued = funnel(&marketer, "").await["Steps"][3].clone();
    assert_eq!((&queued["Reasons"], &queued["AvgLeftAfter"]), (&json!({"LeftEarly": 1}), &json!(1.0)));

    // Whoever came all the way and asks again has come all the way.
    server.admin().await.api.put("/admin/api/campaigns/5", &json!({"outcomes": ["Sold"]})).await.expect(200);
    rita.ends(&again.session).await;
    server.write(&format!("UPDATE sessions SET qualified_ms = 0 WHERE id = X'{}'", again.session)).await;
    rita.api.post(&again.path("/wrap-up"), &json!({"disposition": "Sold"})).await.expect(200);
    waits(&server, &visit).await;
    let told = funnel(&marketer, "").await;
    assert_eq!((&told["Outcomes"], &told["Steps"][7]["Reached"]), (&json!({"Sold": 1}), &json!(1)));
}

async fn what_happens_to_a_visit_that_was_rolled_is_told_at_once(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    server.admin().await.api.put("/admin/api/campaigns/5", &json!({"outcomes": ["Sold"]})).await.expect(200);
    server.write("UPDATE campaigns SET qualified_ms = 0 WHERE id = '5'").await;
    let (silent, talks) = (visit(&server, &[]).await, visit(&server, &["formOpened"]).await);
    let customer = waits(&server, &talks).await;
    conversation(&customer, &rita).await;
    rita.ends(&customer.session).await;
    // As if it were two hours later: the roller takes them up.
    server.write("UPDATE visits SET landed_at = landed_at - 7200000").await;
    let mut raw = Raw::connect(server.database_url()).await;
    let rolled = "SELECT COUNT(*) FROM visits WHERE rolled = 1";
    eventually("both are rolled", seconds(60), async || (raw.number(rolled).await == 2).then_some(())).await;
    let told = funnel(&marketer, "?groupBy=banner").await;
    assert_eq!((&reasons(&told)[0], &reasons(&told)[6]), (&json!({"Left": 1}), &json!({"NoOutcome": 1})));
    assert_eq!(told["Banners"][0]["Steps"][0]["Reached"], json!(2));

    says(&server, &silent, "permissionDenied").await.expect_status(204);
    rita.api.post(&customer.path("/wrap-up"), &json!({"disposition": "Sold"})).await.expect(200);
    let told = funnel(&marketer, "").await;
    assert_eq!((&reasons(&told)[1], &told["Outcomes"]), (&json!({"PermissionDenied": 1}), &json!({"Sold": 1})));
    eventually("both are rolled again", seconds(60), async || (raw.number(rolled).await == 2).then_some(())).await;
    waits(&server, &silent).await;
    let told = funnel(&marketer, "").await;
    assert_eq!((&reasons(&told)[3], &told["Outcomes"]), (&json!({"Waiting": 1}), &json!({"Sold": 1})));
    let verified = server.cli(&["figures", "verify"], "");
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("and 1 visits are what a recount gives"), "{said}");
}

async fn looks_are_left_out_and_tests_are_asked_for(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, marketer) = (server.admin().await, server.person("mara", "marketer").await);
    let nobody = server.nobody();
    let path = "/?campaignId=5&bannerId=3";
    let bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    nobody.send(nobody.request("GET", path).header("User-Agent", bot)).await.expect_status(200);
    nobody.send(nobody.request("GET", path).header("Sec-Purpose", "prefetch")).await.expect_status(200);
    nobody.send(nobody.request("HEAD", path)).await.expect_status(200);
    let test = admin.api.get(path).await;
    let made = admin.api.post("/help/session", &json!({"visitId": visit_of(&test.body)})).await.expect(201);
    let session = json!({"sessionId": made["sessionId"]});
    server.bearer(made["token"].as_str().expect("a token")).post("/help/queue", &session).await.expect(201);

    let told = funnel(&marketer, "").await;
    assert_eq!(told["LeftOut"], json!({"bot": 1, "prefetch": 1, "head": 1, "test": 1}));
    assert_eq!((&told["Steps"][0]["Reached"], &told["Steps"][0]["Share"]), (&json!(0), &Value::Null));
    let told = funnel(&marketer, "?tests=include").await;
    assert_eq!(told["LeftOut"], json!({"bot": 1, "prefetch": 1, "head": 1}));
    assert_eq!(told["Steps"][3]["Reasons"], json!({"Waiting": 1}));

    // A page that was fetched ahead is looked at; another one is loaded again in a call.
    let ahead = nobody.send(nobody.request("GET", path).header("Sec-Purpose", "prefetch")).await;
    nobody.post(&format!("/help/visit/{}/seen", visit_of(&ahead.body)), &json!({})).await.expect(204);
    let reload = lands(&server, "campaignId=5&bannerId=3").await;
    says(&server, &reload, "resumed").await.expect_status(204);
    let told = funnel(&marketer, "").await;
    assert_eq!(told["LeftOut"], json!({"bot": 1, "prefetch": 1, "head": 1, "test": 1, "reload": 1}));
    assert_eq!(reasons(&told)[0], json!({"Left": 1}));
}

async fn periods_banners_and_links_are_kept_apart(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for query in
        ["campaignId=5&bannerId=a", "campaignId=5&bannerId=A", "campaignId=5&bannerId=A", "campaignId=6&bannerId=a"]
    {
        lands(&server, query).await;
    }
    // Broken: it counts for no campaign, and is no direct visit either.
    lands(&server, "campaignId=5").await;
    let of = |told: &Value| told["Steps"][0]["Reached"].clone();
    assert_eq!(of(&funnel(&marketer, "").await), 3);
    assert_eq!((of(&funnel(&marketer, "/a").await), of(&funnel(&marketer, "/A").await)), (json!(1), json!(2)));
    let direct = marketer.api.get("/getFunnel/direct").await.expect(200);
    assert_eq!((of(&direct), &direct["LeftOut"]), (json!(0), &json!({"brokenLink": 1})));
    let banners = funnel(&marketer, "?groupBy=banner").await["Banners"].clone();
    let told: Vec<_> =
        banners.as_array().expect("banners").iter().map(|one| (one["BannerId"].clone(), of(one))).collect();
    assert_eq!(told, [(json!("A"), json!(2)), (json!("a"), json!(1))], "most visited first");

    let landed = crate::support::http::instant(&json!("2026-03-28T23:30:00.000Z")).timestamp_millis();
    server.write(&format!("UPDATE visits SET landed_at = {landed} WHERE banner_id = 'A'")).await;
    for (query, visits) in [
        ("?from=2026-03-29&to=2026-03-30&tz=Europe/Berlin", 2),
        ("?from=2026-03-29&to=2026-03-30", 0),
        ("?from=2026-03-28T23:30:00Z&to=2026-03-28T23:30:00.001Z", 2),
        ("?from=2026-03-28T23:00:00Z&to=2026-03-28T23:30:00Z", 0),
        ("?from=2026-03-28", 3),
    ] {
        assert_eq!(of(&funnel(&marketer, query).await), visits, "{query}");
    }
    let period = funnel(&marketer, "?from=2026-03-29&tz=Europe/Berlin").await["Period"].clone();
    assert_eq!(period, json!({"From": "2026-03-28T23:00:00.000Z", "To": null, "Tz": "Europe/Berlin"}));
}

async fn what_cannot_be_understood_is_refused_with_a_sentence(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for (query, sentence) in [
        ("?groupBy=country", "groupBy must be banner."),
        ("?tests=yes", "tests must be include or exclude."),
        ("?from=2026-02-01&to=2026-01-01", "from must not be after to."),
        ("?tests=include&tests=exclude", "tests is there more than once: one is understood."),
    ] {
        assert_eq!(marketer.api.get(&format!("/getFunnel/5{query}")).await.refused(400)["detail"], sentence);
    }
    for path in ["/getFunnel/5?tz=Mars", "/getFunnel/5?to=tomorrow", "/getFunnel/%7Bid%7D", "/getFunnel/5/a%20b"] {
        marketer.api.get(path).await.refused(400);
    }
    let visit = visit(&server, &[]).await;
    let refused = says(&server, &visit, "bought").await.refused(400);
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("formOpened")), "{refused}");
    says(&server, "0123456789abcdef0123456789abcdef", "formOpened").await.refused(404);
    says(&server, "not-an-id", "formOpened").await.refused(404);
    let path = format!("/help/visit/{visit}/step");
    server.nobody().post(&path, &json!({})).await.refused(400);
    assert_eq!(reasons(&funnel(&marketer, "").await)[0], json!({"Left": 1}), "nothing was kept");
}

async fn the_dashboard_shows_the_funnel_of_one_campaign(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let page = async |query: &str| marketer.api.get(&format!("/dashboard{query}")).await.body;
    visit(&server, &["formOpened", "permissionDenied"]).await;
    let alone = page("").await;
    assert!(alone.contains("data-testid=\"funnel\"") && alone.contains("camera or microphone not allowed"), "{alone}");
    lands(&server, "campaignId=6&bannerId=3").await;
    let both = page("").await;
    assert!(both.contains("data-testid=\"funnel-choose\"") && !both.contains("data-step"), "of which of the two?");
    let chosen = page("?campaign=6").await;
    assert!(chosen.contains("the page never came up") && !chosen.contains("not allowed"), "{chosen}");
}
