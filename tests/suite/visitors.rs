//! Visitors: the same browser is known again by its id, its representative is told of earlier calls, and whoever was
//! blocked waits behind everybody else.

use serde_json::{Value, json};

use crate::store::raw::Raw;
use crate::support::http::{Answer, instant, text};
use crate::support::people::page;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, seconds};

both! {
    a_browser_is_known_by_its_id_and_by_nothing_else,
    the_representative_alone_is_told_of_earlier_calls,
    a_blocked_visitor_waits_behind_everybody,
    a_blocked_visitor_rings_last,
    a_blocked_visitor_who_is_passed_on_stays_behind_everybody,
    a_block_is_made_once_and_ends_by_itself,
    only_who_has_the_session_blocks,
    a_supervisor_lifts_a_block,
    a_command_lifts_a_block,
}

/// A browser: what it keeps of who it is.
struct Browser<'s> {
    server: &'s Server,
    id: Option<String>,
}

impl<'s> Browser<'s> {
    const fn new(server: &'s Server) -> Self {
        Self { server, id: None }
    }

    async fn asks(&mut self) -> Customer {
        let mut body = json!({"campaignId": "5", "bannerId": "3", "name": "Ada"});
        if let Some(id) = &self.id {
            body["visitorId"] = json!(id);
        }
        let made = self.server.nobody().post("/help/session", &body).await.expect(201);
        self.id = Some(text(&made["visitorId"]));
        let api = self.server.bearer(&text(&made["token"]));
        Customer { api, session: text(&made["sessionId"]), queue: String::new(), page: page() }
    }

    async fn waits(&mut self) -> Customer {
        let mut customer = self.asks().await;
        customer.joins().await;
        customer
    }
}

/// What the representative of this session is told of the visitor.
async fn known(rep: &Person, session: &str) -> Value {
    let state = rep.stream().await.next("state").await.data;
    let own = state["sessions"].as_array().expect("sessions").iter().find(|own| own["sessionId"] == session);
    own.expect("it is theirs")["visitor"].clone()
}

async fn blocks(rep: &Person, session: &str, body: &Value) -> Answer {
    rep.api.post(&format!("/help/session/{session}/block"), body).await
}

/// A conversation with this browser, and its end with a block.
async fn blocked(browser: &mut Browser<'_>, rep: &Person) -> Customer {
    let customer = browser.waits().await;
    conversation(&customer, rep).await;
    blocks(rep, &customer.session, &json!({})).await.expect(200);
    customer
}

async fn noted(admin: &Person, action: &str) -> Vec<Value> {
    let log = admin.api.get("/admin/api/audit").await.expect(200);
    let entries = log.as_array().expect("a list").iter().filter(|entry| entry["action"] == action);
    entries.map(|entry| json!([entry["actor"], entry["subject"], entry["detail"]])).collect()
}

async fn a_browser_is_known_by_its_id_and_by_nothing_else(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let mut browser = Browser::new(&server);
    let first = browser.waits().await;
    let id = browser.id.clone();
    conversation(&first, &rita).await;
    assert_eq!(known(&rita, &first.session).await, json!({"blocked": false, "earlierCalls": 0, "last": null}));
    rita.ends(&first.session).await;

    let second = browser.waits().await;
    assert_eq!(browser.id, id, "the same");
    conversation(&second, &rita).await;
    assert_eq!(known(&rita, &second.session).await["earlierCalls"], 1);
    rita.ends(&second.session).await;
    // The same address and agent.
    let mut other = Browser::new(&server);
    let customer = other.waits().await;
    assert_ne!(other.id, browser.id);
    conversation(&customer, &rita).await;
    assert_eq!(known(&rita, &customer.session).await["earlierCalls"], 0);
    for wrong in ["'; DROP TABLE sessions; --", "", &"F".repeat(32)] {
        let body = json!({"campaignId": "5", "bannerId": "3", "visitorId": wrong});
        let refused = server.nobody().post("/help/session", &body).await.refused(400);
        assert_eq!(refused["detail"], "visitorId must be 32 hexadecimal digits.");
    }
}

async fn the_representative_alone_is_told_of_earlier_calls(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, admin) = (server.rep("rita").await, server.admin().await);
    admin.api.put("/admin/api/campaigns/5", &json!({"outcomes": ["Sold"]})).await.expect(200);
    let mut browser = Browser::new(&server);
    let first = browser.waits().await;
    conversation(&first, &rita).await;
    rita.ends(&first.session).await;
    rita.api.post(&first.path("/wrap-up"), &json!({"disposition": "Sold"})).await.expect(200);
    let ended = first.view().await;
    // Neither who never joined nor who waits still is an earlier call.
    browser.asks().await;
    let left = browser.waits().await;
    let waits = browser.waits().await;
    let third = browser.waits().await;
    left.leaves_queue().await;
    waits.leaves_queue().await;

    let mut console = rita.is_available().await;
    let rings = |data: &Value| data["offers"][0]["customer"]["sessionId"] == json!(third.session);
    let ringing = console.until(seconds(10), "state", rings).await.data["offers"][0].clone();
    let visitor = &ringing["customer"]["visitor"];
    assert_eq!((&visitor["earlierCalls"], &visitor["last"]["outcome"]), (&json!(3), &json!("cancelled")), "{visitor}");
    let accepted = rita.answers(&text(&ringing["offerId"]), "accept").await.expect(200);
    assert_eq!(accepted.get("visitor"), None, "its stream tells it");
    third.joined().await;
    rita.joined(&third.session).await;
    let wait_until = "UPDATE sessions SET created_at = 1 WHERE outcome = 'cancelled'";
    Raw::connect(server.database_url()).await.execute(wait_until).await;
    let visitor = known(&rita, &third.session).await;
    let last = &visitor["last"];
    assert_eq!((&last["outcome"], &last["disposition"]), (&json!("answered"), &json!("Sold")), "{visitor}");
    assert_eq!((&last["representative"], &last["queueEntryTime"]), (&json!("rita"), &ended["queueEntryTime"]));
    let talked = instant(&ended["sessionEndTime"]) - instant(&ended["conversationStartTime"]);
    let told = last["talkedSeconds"].as_f64().expect("seconds");
    assert!((told * 1_000.0 - f64::from(i32::try_from(talked.num_milliseconds()).unwrap())).abs() < 0.5);
    for seen in [third.view().await, third.stream().await.next("state").await.data, third.ends().await] {
        assert_eq!(seen.get("visitor"), None, "customers are told nothing of it: {seen}");
    }
}

async fn a_blocked_visitor_waits_behind_everybody(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, sam) = (server.rep("rita").await, server.person("sam", "supervisor").await);
    server.sets_queue("mode = 'pull', queue_rank = 7").await;
    let (mut rude, mut other) = (Browser::new(&server), Browser::new(&server));
    blocked(&mut rude, &rita).await;
    blocked(&mut other, &rita).await;

    let mut customer = rude.asks().await;
    assert_eq!(customer.joins().await["position"], 1, "nobody else is there");
    let mut stream = customer.stream().await;
    stream.next("state").await;
    let second = other.waits().await;
    let mut polite = Vec::new();
    for place in 1..=2 {
        let mut late = Customer::arrives(&server, "5", "3").await;
        assert_eq!(late.joins().await["position"], place, "in front of who was blocked");
        polite.push(late);
    }
    let behind = |data: &Value| data["position"] == 3;
    let told = stream.until(seconds(10), "position", behind).await.data;
    let view = customer.view().await;
    assert_eq!((&view["position"], second.view().await["position"].clone()), (&json!(3), json!(4)));
    for seen in [&told, &view] {
        assert!(!seen.to_string().contains("block"), "nothing says so: {seen}");
        assert_eq!(seen["estimatedWaitSeconds"], Value::Null);
    }
    let queue = rita.stream().await.next("queue").await.data;
    let flags: Vec<_> =
        queue["entries"].as_array().expect("entries").iter().map(|one| one["blocked"].clone()).collect();
    assert_eq!(flags, [json!(false), json!(false), json!(true), json!(true)]);
    let floor = sam.api.get("/floor/api").await.expect(200);
    let mut waiting: Vec<_> = floor["waiting"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| json!([one["position"], one["blocked"], one["sessionId"]]))
        .collect();
    waiting.sort_by_key(|one| one[0].as_i64());
    let order = [&polite[0], &polite[1], &customer, &second];
    for (index, (told, expected)) in waiting.iter().zip(order).enumerate() {
        assert_eq!(*told, json!([index + 1, index > 1, expected.session]));
    }
    for expected in order {
        let claim = rita.claims().await.expect("somebody waits");
        assert_eq!(claim["sessionId"], expected.session, "each in turn");
        let flagged = known(&rita, &expected.session).await["blocked"].clone();
        assert_eq!(flagged, json!([&customer, &second].iter().any(|one| one.session == expected.session)));
        rita.ends(&expected.session).await;
    }
}

async fn a_blocked_visitor_rings_last(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut rude = Browser::new(&server);
    blocked(&mut rude, &rosa).await;
    let customer = rude.waits().await;
    let polite = Customer::waits(&server, "5", "3").await;
    let mut console = rita.is_available().await;
    let rings = |session: &str| {
        let session = json!(session);
        move |data: &Value| data["offers"][0]["customer"]["sessionId"] == session
    };
    let first = console.until(seconds(10), "state", |data| data["offers"] != json!([])).await.data;
    assert!(rings(&polite.session)(&first), "who came later and was not blocked: {first}");
    rita.answers(&text(&first["offers"][0]["offerId"]), "accept").await.expect(200);
    polite.ends().await;
    let then = console.until(seconds(10), "state", rings(&customer.session)).await.data;
    assert_eq!(then["offers"][0]["customer"]["visitor"]["blocked"], true);
}

async fn a_blocked_visitor_who_is_passed_on_stays_behind_everybody(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let admin = server.admin().await;
    let sales = json!({"name": "sales", "mode": "pull"});
    admin.api.post("/admin/api/queues", &sales).await.expect(201);
    eventually("the queue is known", seconds(5), async || {
        (server.nobody().get("/help/availability?queue=sales").await.status == 200).then_some(())
    })
    .await;
    let mut rude = Browser::new(&server);
    blocked(&mut rude, &rosa).await;
    let customer = rude.waits().await;
    conversation(&customer, &rita).await;
    let polite = Customer::waits(&server, "5", "3").await;
    rita.api.post(&customer.path("/transfer"), &json!({"queue": "sales"})).await.expect(200);
    assert_eq!(rosa.claims().await.expect("two wait")["sessionId"], json!(polite.session), "who is not blocked");
}

async fn a_block_is_made_once_and_ends_by_itself(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, admin) = (server.rep("rita").await, server.admin().await);
    let mut rude = Browser::new(&server);
    let customer = rude.waits().await;
    let talking = conversation(&customer, &rita).await;
    let body = json!({"reason": "Shouts 😀", "epoch": talking["epoch"]});
    let made = blocks(&rita, &customer.session, &body).await.expect(200);
    assert_eq!((&made["session"]["state"], &made["session"]["endedBy"]), (&json!("ended"), &json!("representative")));
    assert_eq!(made["session"]["outcome"], "answered");
    // Both by the server's clock, which is the database's, and some milliseconds away from this one.
    let length = instant(&made["until"]) - instant(&made["session"]["sessionEndTime"]);
    assert_eq!(length, chrono::TimeDelta::days(30), "{made}");
    for again in [&body, &json!({}), &json!({"reason": " "})] {
        assert_eq!(blocks(&rita, &customer.session, again).await.expect(200)["until"], made["until"]);
    }
    let visitor = rude.id.clone().expect("an id");
    let detail = json!({"session": customer.session, "until": made["until"], "reason": "Shouts 😀"});
    assert_eq!(noted(&admin, "visitor.block").await, [json!(["rita", visitor, detail])], "once");
    let seen = customer.view().await;
    assert_eq!(seen["endedBy"], "representative");
    assert!(!seen.to_string().contains("Shouts") && !seen.to_string().contains("block"), "{seen}");

    let behind = rude.waits().await;
    let late = Customer::waits(&server, "5", "3").await;
    assert_eq!((&behind.view().await["position"], &late.view().await["position"]), (&json!(2), &json!(1)));
    let over = format!("UPDATE blocks SET ends_at = {}", chrono::Utc::now().timestamp_millis() - 1_000);
    Raw::connect(server.database_url()).await.execute(&over).await;
    let free = rude.waits().await;
    assert_eq!(free.view().await["position"], 2, "its time is over");
    assert_eq!(behind.view().await["position"], 3, "what was asked for before stays where it is");
}

async fn only_who_has_the_session_blocks(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa, admin) = (server.rep("rita").await, server.rep("rosa").await, server.admin().await);
    let mut browser = Browser::new(&server);
    let customer = browser.waits().await;
    blocks(&rita, &customer.session, &json!({})).await.refused(404);
    conversation(&customer, &rita).await;
    for other in [&rosa, &admin] {
        blocks(other, &customer.session, &json!({})).await.refused(404);
    }
    customer.api.post(&customer.path("/block"), &json!({})).await.refused(403);
    let stale = blocks(&rita, &customer.session, &json!({"epoch": 0})).await.refused(409);
    assert_eq!(stale["session"]["state"], "talking");
    for wrong in [json!({"reason": "x".repeat(201)}), json!({"reason": "a\nb"}), json!({"until": "never"})] {
        blocks(&rita, &customer.session, &wrong).await.refused(400);
    }
    let alone = server.nobody().request("POST", &customer.path("/block")).header("Cookie", &rita.cookie);
    server.nobody().send(alone.json(&json!({}))).await.refused(403);
    assert_eq!(customer.view().await["state"], "talking", "nothing of it changed anything");

    // After the call, by whoever had it.
    rita.ends(&customer.session).await;
    blocks(&rosa, &customer.session, &json!({})).await.refused(404);
    let after = blocks(&rita, &customer.session, &json!({})).await.expect(200);
    assert_eq!(after["session"]["outcome"], "answered");

    // A session of before anybody was known.
    let old = Customer::waits(&server, "5", "3").await;
    conversation(&old, &rita).await;
    let unknown = format!("UPDATE sessions SET visitor_id = NULL WHERE id = X'{}'", old.session);
    Raw::connect(server.database_url()).await.execute(&unknown).await;
    blocks(&rita, &old.session, &json!({})).await.refused(409);
    assert_eq!(old.view().await["state"], "talking");
    assert_eq!(known(&rita, &old.session).await["earlierCalls"], 0);
}

async fn a_supervisor_lifts_a_block(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, admin) = (server.rep("rita").await, server.admin().await);
    let sam = server.person("sam", "supervisor").await;
    let mut rude = Browser::new(&server);
    let customer = blocked(&mut rude, &rita).await;
    let visitor = rude.id.clone().expect("an id");
    let floor = sam.api.get("/floor/api").await.expect(200);
    let told = &floor["blocks"][0];
    assert_eq!((&told["visitorId"], &told["sessionId"]), (&json!(visitor), &json!(customer.session)), "{floor}");
    assert_eq!(
        (&told["name"], &told["representative"], &told["reason"]),
        (&json!("Ada"), &json!("rita"), &Value::Null)
    );
    let path = format!("/floor/api/blocks/{visitor}/lift");
    sam.api.post(&path, &json!({"reason": ""})).await.refused(400);
    rita.api.post(&path, &json!({"reason": "mine"})).await.refused(403);
    sam.api.post("/floor/api/blocks/nobody/lift", &json!({"reason": "?"})).await.refused(404);
    for _ in 0..2 {
        sam.api.post(&path, &json!({"reason": "They said sorry"})).await.expect(204);
    }
    let noted = noted(&admin, "visitor.unblock").await;
    assert_eq!(noted, [json!(["sam", visitor, {"reason": "They said sorry"}])], "once");
    assert_eq!(sam.api.get("/floor/api").await.expect(200)["blocks"], json!([]));
    let customer = rude.waits().await;
    Customer::waits(&server, "5", "3").await;
    assert_eq!(customer.view().await["position"], 1, "like everybody's");
}

async fn a_command_lifts_a_block(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, admin) = (server.rep("rita").await, server.admin().await);
    let said = |arguments: &[&str]| {
        let output = server.cli(arguments, "");
        let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    assert!(said(&["visitor", "blocked"]).1.contains("Nobody is blocked."));
    let mut rude = Browser::new(&server);
    blocked(&mut rude, &rita).await;
    let visitor = rude.id.clone().expect("an id");
    let (listed, text) = said(&["visitor", "blocked"]);
    assert!(listed && text.contains(&visitor) && text.contains("by rita"), "{text}");
    let lift = ["visitor", "unblock", &visitor, "--reason", "A mistake"];
    assert_eq!(said(&lift).1.trim(), format!("{visitor} is not blocked any more."));
    let (again, text) = said(&lift);
    assert!(!again && text.contains("is not blocked"), "{text}");
    assert!(!said(&["visitor", "unblock", "nobody", "--reason", "?"]).0);
    assert_eq!(noted(&admin, "visitor.unblock").await.len(), 1);
    let customer = rude.waits().await;
    Customer::waits(&server, "5", "3").await;
    eventually("the place is like everybody's", seconds(5), async || {
        (customer.view().await["position"] == json!(1)).then_some(())
    })
    .await;
}
