//! Several queues: where banners lead, what the customer chooses, and who may serve whom.

use serde_json::{Value, json};

use crate::support::events::Stream;
use crate::support::http::text;
use crate::support::{Backend, Customer, Person, Server, eventually, noticed, seconds, time_passes};

both! {
    a_banner_leads_to_its_queue,
    the_customer_chooses_among_several,
    who_lacks_a_skill_is_not_given_the_customer,
    who_lacks_a_skill_is_not_rung,
    a_shared_representative_takes_the_oldest_ticket_and_the_smaller_rank,
    who_is_away_is_passed_over_in_every_queue,
    a_preferred_skill_is_asked_for_only_for_a_while,
    a_queue_that_nobody_can_serve_is_saved_with_a_warning,
    positions_and_estimates_are_those_of_the_queue,
    a_console_shows_whom_it_may_serve,
    what_follows_a_call_is_as_its_queue_is_set,
    a_queue_is_added_once,
}

const QUEUES: &str = "/admin/api/queues";

/// Makes a queue. It is known everywhere when this returns.
async fn queue(server: &Server, admin: &Person, name: &str, settings: Value) -> Value {
    let mut body = settings;
    body["name"] = json!(name);
    let made = admin.api.post(QUEUES, &body).await.expect(201);
    is_known(server, name).await;
    made
}

/// Servers notice within a second.
async fn is_known(server: &Server, name: &str) {
    eventually(&format!("queue {name} is known"), seconds(3), async || {
        let path = format!("/help/availability?queue={name}");
        (server.nobody().get(&path).await.status == 200).then_some(())
    })
    .await;
}

/// Leads a campaign to queues, and waits until its customers come there.
async fn leads(server: &Server, admin: &Person, campaign: &str, queues: &[&str]) {
    let path = format!("/admin/api/campaigns/{campaign}");
    admin.api.put(&path, &json!({"queues": queues})).await.expect(200);
    let first = queues.first().copied().unwrap_or("default");
    eventually(&format!("campaign {campaign} leads to {first}"), seconds(3), async || {
        let customer = Customer::arrives(server, campaign, "probe").await;
        (customer.view().await["queue"]["name"] == json!(first)).then_some(())
    })
    .await;
}

/// A representative who knows this, and whose skills are known everywhere.
async fn rep(server: &Server, name: &str, skills: &str) -> Person {
    let person = server.rep(name).await;
    let mut arguments = vec!["user", "set", name];
    for skill in skills.split_whitespace() {
        arguments.extend(["--skill", skill]);
    }
    let set = server.cli(&arguments, "");
    assert!(set.status.success(), "{set:?}");
    person
}

/// Two queues, each with a skill of its own, that campaigns of the same name lead to.
async fn sales_and_support(server: &Server) -> Person {
    let admin = server.admin().await;
    for name in ["sales", "support"] {
        queue(server, &admin, name, json!({"skills": [name], "mode": "pull"})).await;
        leads(server, &admin, name, &[name]).await;
    }
    admin
}

/// Who is claimed next; null when nobody waits.
async fn claimed(rep: &Person) -> Value {
    rep.claims().await.map_or(Value::Null, |claim| claim["sessionId"].clone())
}

fn of(customer: &Customer) -> Value {
    json!(customer.session)
}

async fn rings(console: &mut Stream, customer: &Customer) -> String {
    text(&console.rings_for(&customer.session).await["offerId"])
}

async fn a_banner_leads_to_its_queue(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = sales_and_support(&server).await;
    let welcome = "Willkommen!\nWe are 😀";
    admin.api.patch("/admin/api/queues/sales", &json!({"title": "Sales & more", "welcome": welcome})).await.expect(200);
    let banner = "/admin/api/campaigns/sales/banners/9";
    let set = admin.api.put(banner, &json!({"name": "Help", "queues": ["support"]})).await.expect(200);
    assert_eq!((&set["name"], &set["queues"]), (&json!("Help"), &json!(["support"])));
    noticed().await;
    let mut customer = Customer::arrives(&server, "sales", "3").await;
    let view = customer.view().await;
    assert_eq!(view["queue"], json!({"name": "sales", "title": "Sales & more", "welcome": welcome}));
    customer.joins().await;
    assert_eq!(customer.view().await["queue"]["name"], "sales");
    assert_eq!(Customer::waits(&server, "sales", "9").await.view().await["queue"]["name"], "support", "its own");
    assert_eq!(Customer::waits(&server, "5", "3").await.view().await["queue"]["name"], "default", "not led anywhere");
    let campaigns = admin.api.get("/admin/api/campaigns?search=sales").await.expect(200);
    assert_eq!(campaigns["campaigns"][0]["queues"], json!(["sales"]), "{campaigns}");
    let refused = admin.api.put(banner, &json!({"queues": ["nowhere"]})).await.refused(400);
    assert!(text(&refused["detail"]).contains("there is no queue nowhere"), "{refused}");
    let set = admin.api.put(banner, &json!({"queues": []})).await.expect(200);
    assert_eq!((&set["name"], &set["queues"]), (&json!("Help"), &json!([])), "as its campaign again");
    let log = admin.api.get("/admin/api/audit").await.expect(200);
    assert_eq!((&log[0]["action"], &log[0]["detail"]), (&json!("banner.set"), &json!({"queues": []})));
}

async fn the_customer_chooses_among_several(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = sales_and_support(&server).await;
    admin.api.patch("/admin/api/queues/support", &json!({"title": "I have a \"question\" <b>"})).await.expect(200);
    leads(&server, &admin, "both", &["support", "sales"]).await;
    let page = server.nobody().get("/?campaignId=both&bannerId=1").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("question"), "the page asks");
    assert!(!page.body.contains("<b>"), "and breaks on nothing");
    let opens = async |queue: Value| {
        let body = json!({"campaignId": "both", "bannerId": "1", "queue": queue});
        server.nobody().post("/help/session", &body).await
    };
    let chosen = Customer::opens(&server, &json!({"campaignId": "both", "bannerId": "1", "queue": "sales"})).await;
    assert_eq!(chosen.view().await["queue"]["name"], "sales");
    opens(Value::Null).await.expect(201);
    for other in ["default", "Sales", "", "x' OR '1'='1"] {
        let refused = opens(json!(other)).await.refused(400);
        assert_eq!(refused["detail"], "queue must be one of: support, sales.");
    }
    let lone = json!({"campaignId": "sales", "bannerId": "1", "queue": "support"});
    server.nobody().post("/help/session", &lone).await.refused(400);
}

async fn who_lacks_a_skill_is_not_given_the_customer(backend: Backend) {
    let server = Server::start(backend).await;
    sales_and_support(&server).await;
    let seller = rep(&server, "sven", "sales").await;
    let helper = rep(&server, "hana", "support").await;
    noticed().await;
    let buys = Customer::waits(&server, "sales", "1").await;
    let asks = Customer::waits(&server, "support", "1").await;
    assert_eq!(claimed(&helper).await, of(&asks), "the older one is not hers to serve");
    helper.ends(&asks.session).await;
    assert_eq!(claimed(&helper).await, Value::Null, "nobody whom she may serve waits");
    assert_eq!(claimed(&seller).await, of(&buys));
}

async fn who_lacks_a_skill_is_not_rung(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = sales_and_support(&server).await;
    for name in ["sales", "support"] {
        admin.api.patch(&format!("{QUEUES}/{name}"), &json!({"mode": "offer"})).await.expect(200);
    }
    let helper = rep(&server, "hana", "support").await;
    let seller = rep(&server, "sven", "sales").await;
    noticed().await;
    let mut of_helper = helper.is_available().await;
    let buys = Customer::waits(&server, "sales", "1").await;
    time_passes(seconds(2)).await;
    let told = of_helper.take_arrived().iter().any(|event| event.data["offers"] != json!([]) && event.name == "state");
    assert!(!told, "she cannot serve who waits");
    let asks = Customer::waits(&server, "support", "1").await;
    rings(&mut of_helper, &asks).await;
    let mut of_seller = seller.is_available().await;
    let offer = rings(&mut of_seller, &buys).await;
    seller.answers(&offer, "accept").await.expect(200);
}

async fn a_shared_representative_takes_the_oldest_ticket_and_the_smaller_rank(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = sales_and_support(&server).await;
    queue(&server, &admin, "urgent", json!({"rank": -1, "mode": "pull"})).await;
    leads(&server, &admin, "urgent", &["urgent"]).await;
    let both = rep(&server, "bo", "sales support").await;
    noticed().await;
    let mut crowd = Vec::new();
    for campaign in ["support", "sales", "5", "support", "urgent", "sales"] {
        crowd.push(Customer::waits(&server, campaign, "1").await);
    }
    for index in [4, 0, 1, 2, 3, 5] {
        let claim = both.claims().await.expect("somebody waits");
        assert_eq!(claim["sessionId"], json!(crowd[index].session), "number {index} is next");
        both.ends(&crowd[index].session).await;
    }
    assert_eq!(claimed(&both).await, Value::Null);
}

async fn who_is_away_is_passed_over_in_every_queue(backend: Backend) {
    let server = Server::start(backend).await;
    sales_and_support(&server).await;
    let both = rep(&server, "bo", "sales support").await;
    noticed().await;
    let away = Customer::waits(&server, "support", "1").await;
    let here = Customer::waits(&server, "sales", "1").await;
    let mut stream = away.stream().await;
    stream.next("state").await;
    away.leaves_page().await;
    drop(stream);
    time_passes(seconds(7)).await;
    assert_eq!(claimed(&both).await, of(&here), "the older one's page is gone");
    both.ends(&here.session).await;
}

async fn a_preferred_skill_is_asked_for_only_for_a_while(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let settings = json!({"skills": ["sales"], "preferredSkills": ["french", "sales"], "relaxAfterSeconds": 4});
    let made = queue(&server, &admin, "france", settings).await;
    assert_eq!(made["preferredSkills"], json!(["french"]), "what is always asked for is not preferred as well");
    leads(&server, &admin, "france", &["france"]).await;
    let plain = rep(&server, "sven", "sales").await;
    let none = rep(&server, "nora", "french").await;
    noticed().await;
    let waits = Customer::waits(&server, "france", "1").await;
    let (mut of_plain, mut of_none) = (plain.is_available().await, none.is_available().await);
    assert_eq!(claimed(&plain).await, Value::Null, "not yet");
    rings(&mut of_plain, &waits).await;
    let view = waits.view().await;
    assert!(view["waitedSeconds"].as_f64().is_some_and(|waited| waited >= 4.0), "{view}");
    assert_eq!(claimed(&none).await, Value::Null, "never: she cannot sell");
    let told = of_none.take_arrived().iter().any(|event| event.name == "state" && event.data["offers"] != json!([]));
    assert!(!told);
    assert_eq!(claimed(&plain).await, of(&waits));
    let french = rep(&server, "fleur", "sales french").await;
    noticed().await;
    let fresh = Customer::waits(&server, "france", "1").await;
    assert_eq!(claimed(&french).await, of(&fresh), "who knows it all is asked at once");
}

async fn a_queue_that_nobody_can_serve_is_saved_with_a_warning(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let made = queue(&server, &admin, "tax", json!({"skills": ["tax", "german"], "preferredSkills": ["swiss"]})).await;
    assert_eq!(made["servedBy"], json!(0));
    assert_eq!(made["warning"], "Nobody can serve this queue: nobody knows german and tax.");
    rep(&server, "tim", "tax german").await;
    let of_tax = async || {
        let list = admin.api.get(QUEUES).await.expect(200);
        list.as_array().and_then(|list| list.iter().find(|queue| queue["name"] == "tax").cloned()).expect("it is there")
    };
    let warning = text(&of_tax().await["warning"]);
    assert_eq!(warning, "Nobody can serve a customer before 60 seconds: nobody knows swiss as well.");
    let changed = admin.api.patch("/admin/api/queues/tax", &json!({"preferredSkills": []})).await.expect(200);
    assert_eq!((&changed["servedBy"], &changed["warning"]), (&json!(1), &Value::Null));
    let disabled = server.cli(&["user", "disable", "tim"], "");
    assert!(disabled.status.success(), "{disabled:?}");
    assert_eq!(of_tax().await["servedBy"], json!(0), "who is disabled serves nobody");
    let list = server.cli(&["queue", "list"], "");
    assert!(String::from_utf8_lossy(&list.stdout).contains("NOBODY CAN SERVE IT"), "{list:?}");
}

async fn positions_and_estimates_are_those_of_the_queue(backend: Backend) {
    let server = Server::start(backend).await;
    sales_and_support(&server).await;
    let helper = rep(&server, "hana", "support").await;
    let _console = helper.is_available().await;
    noticed().await;
    let mut places = Vec::new();
    let mut waits_in_support = Customer::arrives(&server, "support", "1").await;
    places.push(waits_in_support.joins().await["position"].clone());
    for campaign in ["sales", "sales", "sales"] {
        let mut customer = Customer::arrives(&server, campaign, "1").await;
        places.push(customer.joins().await["position"].clone());
    }
    assert_eq!(places, [json!(1), json!(1), json!(2), json!(3)]);
    let available =
        async |queue: &str| server.nobody().get(&format!("/help/availability?queue={queue}")).await.expect(200);
    let second = Customer::waits(&server, "support", "1").await;
    eventually("nothing to wait for where somebody is free", seconds(8), async || {
        (waits_in_support.view().await["estimatedWaitSeconds"] == json!(0.0)).then_some(())
    })
    .await;
    assert_eq!(second.view().await["estimatedWaitSeconds"], Value::Null, "she is free for the first only");
    let (sales, support) = (available("sales").await, available("support").await);
    assert_eq!((&sales["online"], &sales["waiting"]), (&json!(false), &json!(3)), "nobody sells");
    assert_eq!((&support["online"], &support["waiting"]), (&json!(true), &json!(2)));
    assert_eq!(sales["estimatedWaitSeconds"], Value::Null);
    server.nobody().get("/help/availability?queue=nowhere").await.refused(400);
}

async fn a_console_shows_whom_it_may_serve(backend: Backend) {
    let server = Server::start(backend).await;
    sales_and_support(&server).await;
    let helper = rep(&server, "hana", "support").await;
    noticed().await;
    let _buys = Customer::waits(&server, "sales", "1").await;
    let asks = Customer::waits(&server, "support", "1").await;
    let mut console = helper.stream().await;
    let shows = |data: &Value| data["waiting"] == json!(1);
    let queue = console.until(seconds(5), "queue", shows).await.data;
    assert_eq!(
        (&queue["entries"][0]["queueId"], &queue["entries"][0]["queue"]),
        (&json!(asks.queue), &json!("support"))
    );
    assert_eq!(queue["entries"].as_array().map(Vec::len), Some(1));
    let claim = helper.claims().await.expect("she is served");
    assert_eq!(claim["queue"]["name"], "support");
}

async fn what_follows_a_call_is_as_its_queue_is_set(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = sales_and_support(&server).await;
    admin.api.patch("/admin/api/queues/sales", &json!({"afterCall": "next"})).await.expect(200);
    let both = rep(&server, "bo", "sales support").await;
    let _console = both.is_available().await;
    noticed().await;
    for (campaign, after) in [("support", "available"), ("sales", "break")] {
        let customer = Customer::waits(&server, campaign, "1").await;
        assert_eq!(claimed(&both).await, of(&customer));
        both.ends(&customer.session).await;
        let mut console = both.stream().await;
        let state = console.next("state").await.data;
        assert_eq!(state["activity"]["activity"], after, "after a call of {campaign}");
    }
}

async fn a_queue_is_added_once(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    queue(&server, &admin, "sales", json!({})).await;
    let refused = admin.api.post(QUEUES, &json!({"name": "sales"})).await.refused(409);
    assert_eq!(refused["detail"], "There is a queue sales already.");
    for name in ["", "Sales", "2", "a b", "x/y"] {
        let refused = admin.api.post(QUEUES, &json!({"name": name})).await.refused(400);
        assert!(text(&refused["detail"]).starts_with("name must be 1 to 40 small letters"), "{refused}");
    }
    let both = ["north", "south"].map(|name| json!({ "name": name }));
    let (north, south) = tokio::join!(admin.api.post(QUEUES, &both[0]), admin.api.post(QUEUES, &both[1]));
    north.expect(201);
    south.expect(201);
    let added = server.cli(&["queue", "add", "east", "--title", "East", "--skill", "east", "--rank", "-2"], "");
    assert!(added.status.success(), "{added:?}");
    let names: Vec<_> = admin
        .api
        .get(QUEUES)
        .await
        .expect(200)
        .as_array()
        .expect("a list")
        .iter()
        .map(|queue| (queue["name"].clone(), queue["rank"].clone()))
        .collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(names[4], (json!("east"), json!(-2)));
    let log = admin.api.get("/admin/api/audit").await.expect(200);
    assert_eq!((&log[0]["action"], &log[0]["subject"]), (&json!("queue.add"), &json!("east")));
}
