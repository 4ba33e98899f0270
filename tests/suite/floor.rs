//! The supervisor's floor: what it shows, and stepping in.

use serde_json::{Value, json};

use crate::support::http::text;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, run, seconds, time_passes};

both! {
    the_floor_shows_who_waits_who_talks_and_what_representatives_do,
    the_stream_tells_the_floor_at_once_and_then_what_changed,
    a_session_is_ended_once_with_its_reason,
    a_session_is_taken_back_with_its_ticket,
    a_representative_is_set_offline,
    everybody_who_waits_is_ended,
    whoever_ends_it_first_has_ended_it,
    a_history_tells_every_offer,
    who_is_locked_out_gives_their_customers_back,
    a_supervisor_steers_the_floor_and_nothing_else,
    what_commands_change_is_told_by_the_servers,
}

const WHY: &str = "The line is closing 😀";

async fn supervisor(server: &Server) -> Person {
    server.person("sam", "supervisor").await
}

async fn floor(sam: &Person) -> Value {
    sam.api.get("/floor/api").await.expect(200)
}

async fn history(sam: &Person, session: &str) -> Value {
    sam.api.get(&format!("/floor/api/sessions/{session}")).await.expect(200)
}

/// The names of the events of a session.
fn events(history: &Value) -> Vec<String> {
    history["events"].as_array().expect("events").iter().map(|event| text(&event["name"])).collect()
}

/// The reason that is sent along.
fn why() -> Value {
    json!({"reason": WHY})
}

fn end(session: &str) -> String {
    format!("/floor/api/sessions/{session}/end")
}

fn requeue(session: &str) -> String {
    format!("/floor/api/sessions/{session}/requeue")
}

/// What the log says of these actions: action, subject, detail.
async fn noted(admin: &Person, action: &str) -> Vec<Value> {
    let log = admin.api.get("/admin/api/audit").await.expect(200);
    let entries = log.as_array().expect("a list").iter().filter(|entry| entry["action"] == action);
    entries.map(|entry| json!([entry["actor"], entry["subject"], entry["detail"]])).collect()
}

async fn the_floor_shows_who_waits_who_talks_and_what_representatives_do(backend: Backend) {
    let server = Server::start(backend).await;
    let sam = supervisor(&server).await;
    let empty = floor(&sam).await;
    assert_eq!(empty["totals"]["waiting"], json!(0));
    assert_eq!((&empty["totals"]["longestWaitSeconds"], &empty["reps"]), (&Value::Null, &json!([])), "{empty}");

    let (rita, uma) = (server.rep("rita").await, server.rep("uma").await);
    let talking = Customer::waits(&server, "5", "3").await;
    conversation(&talking, &rita).await;
    uma.api.post("/rep/activity", &json!({"activity": "break", "reason": "lunch"})).await.expect(200);
    let body = json!({"campaignId": "7", "bannerId": "1", "name": "Ada", "audioOnly": true});
    let mut first = Customer::opens(&server, &body).await;
    first.joins().await;
    let second = Customer::waits(&server, "5", "3").await;

    let shown = floor(&sam).await;
    let totals = &shown["totals"];
    let numbers =
        ["waiting", "ringing", "offered", "talking", "held", "reps", "available", "onCall", "away", "offline"];
    let numbers: Vec<_> = numbers.iter().map(|name| totals[name].as_i64().expect("a number")).collect();
    assert_eq!(numbers, [2, 0, 0, 1, 0, 2, 0, 1, 1, 0], "{totals}");
    assert_eq!((&shown["queues"][0]["name"], &shown["queues"][0]["waiting"]), (&json!("default"), &json!(2)));
    let waiting = shown["waiting"].as_array().expect("a list");
    let ids: Vec<_> = waiting.iter().map(|one| text(&one["sessionId"])).collect();
    assert_eq!(ids, [first.session.clone(), second.session.clone()], "whoever has waited longest first");
    let ada = &waiting[0];
    for (field, value) in [
        ("queue", json!("default")),
        ("position", json!(1)),
        ("name", json!("Ada")),
        ("campaignId", json!("7")),
        ("bannerId", json!("1")),
        ("audioOnly", json!(true)),
        ("test", json!(false)),
        ("requeued", json!(false)),
        ("ringingAt", json!([])),
    ] {
        assert_eq!(ada[field], value, "{field} of {ada}");
    }
    assert!(ada["waitedSeconds"].as_f64().is_some_and(|waited| waited < 60.0) && ada["queueEntryTime"].is_string());
    let call = &shown["conversations"][0];
    assert_eq!((&call["sessionId"], &call["representative"]), (&json!(talking.session), &json!("rita")), "{call}");
    assert!(call["state"] == "talking" && call["since"].is_string() && call["conversationStartTime"].is_string());
    let reps: Vec<_> = shown["reps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|rep| {
            json!([
                rep["username"],
                rep["activity"],
                rep["reason"],
                rep["callers"],
                rep["capacity"],
                rep["consoleOpen"]
            ])
        })
        .collect();
    assert_eq!(
        reps,
        [json!(["rita", "onCall", null, 1, 1, false]), json!(["uma", "break", "lunch", 0, 1, false])],
        "{shown}"
    );
    let held = rita.holds(&talking.session).await;
    assert_eq!(held["state"], "held");
    let shown = floor(&sam).await;
    assert_eq!((&shown["totals"]["held"], &shown["conversations"][0]["state"]), (&json!(1), &json!("held")));
}

async fn the_stream_tells_the_floor_at_once_and_then_what_changed(backend: Backend) {
    let server = Server::start(backend).await;
    let (sam, other) = (supervisor(&server).await, server.admin().await);
    let mut stream = sam.api.events("/floor/events").await;
    let mut second = other.api.events("/floor/events").await;
    assert_eq!((stream.status, second.status), (200, 200));
    assert_eq!(stream.next("state").await.data["totals"]["waiting"], json!(0));
    second.next("state").await;
    time_passes(seconds(3)).await;
    assert_eq!(stream.count("state"), 1, "nothing changed");
    let before = std::time::Instant::now();
    for _ in 0..12 {
        Customer::waits(&server, "5", "3").await;
    }
    let all = |data: &Value| data["totals"]["waiting"] == 12;
    let told = stream.until(seconds(5), "state", all).await;
    second.until(seconds(5), "state", all).await;
    let spent = before.elapsed().as_secs();
    let most = usize::try_from(spent + 3).expect("a small number");
    assert!(stream.count("state") <= most, "at most once a second");
    let ids: Vec<_> = stream.seen.iter().filter_map(|event| event.id).collect();
    assert!(ids.is_sorted() && told.id.is_some(), "{ids:?}");
    stream.next("heartbeat").await;
    // Whoever may not look any more is not told.
    other.api.patch("/admin/api/people/sam", &json!({"role": "marketer"})).await.expect(200);
    stream.closed(seconds(11)).await;
}

async fn a_session_is_ended_once_with_its_reason(backend: Backend) {
    let server = Server::start(backend).await;
    let (sam, admin, rita) = (supervisor(&server).await, server.admin().await, server.rep("rita").await);
    let talking = Customer::waits(&server, "5", "3").await;
    conversation(&talking, &rita).await;
    let waiting = Customer::waits(&server, "5", "3").await;
    let asking = Customer::arrives(&server, "5", "3").await;
    for (body, said) in [
        (json!({}), "reason must be 1 to 200 characters."),
        (json!({"reason": "  "}), "reason must be 1 to 200 characters."),
        (json!({"reason": "x".repeat(201)}), "reason must be 1 to 200 characters."),
        (json!({"reason": "a\nb"}), "control characters"),
        (json!({"reason": 5}), "JSON"),
        (json!({"reason": "x", "because": "y"}), "because"),
    ] {
        let refused = sam.api.post(&end(&waiting.session), &body).await.refused(400);
        assert!(refused["detail"].as_str().is_some_and(|it| it.contains(said)), "{body}: {refused}");
    }
    sam.api.post(&end(&"0".repeat(32)), &why()).await.refused(404);
    sam.api.post(&end("nobody"), &why()).await.refused(404);
    assert_eq!(noted(&admin, "session.end").await.len(), 0, "nothing was changed");

    let mut stream = waiting.stream().await;
    stream.next("state").await;
    let ended = sam.api.post(&end(&waiting.session), &why()).await.expect(200);
    assert_eq!((&ended["state"], &ended["outcome"]), (&json!("ended"), &json!("missed")));
    assert_eq!((&ended["endedBy"], &ended["media"]), (&json!("admin"), &Value::Null));
    let told = stream.until(seconds(5), "state", |state| state["state"] == "ended").await.data;
    assert_eq!(told["endedBy"], "admin", "the customer's page is told who ended it");
    let again = sam.api.post(&end(&waiting.session), &json!({"reason": "once more"})).await.expect(200);
    assert_eq!(again, ended, "asked twice");
    let entry = json!(["sam", waiting.session, {"reason": WHY, "state": "waiting"}]);
    assert_eq!(noted(&admin, "session.end").await, [entry], "and noted once");

    let longest = "😀".repeat(200);
    let ended = sam.api.post(&end(&talking.session), &json!({"reason": longest})).await.expect(200);
    assert_eq!((&ended["outcome"], &ended["endedBy"]), (&json!("answered"), &json!("admin")));
    assert_eq!(noted(&admin, "session.end").await[0][2], json!({"reason": longest, "state": "talking"}));
    assert_eq!(floor(&sam).await["reps"][0]["callers"], json!(0), "the representative is free");
    let ended = sam.api.post(&end(&asking.session), &why()).await.expect(200);
    assert_eq!(ended["outcome"], "missed", "one who never joined");

    let left = Customer::waits(&server, "5", "3").await;
    left.leaves_queue().await;
    let late = sam.api.post(&end(&left.session), &why()).await.refused(409);
    assert_eq!((&late["session"]["state"], &late["session"]["outcome"]), (&json!("ended"), &json!("cancelled")));
    assert_eq!(noted(&admin, "session.end").await.len(), 3, "what did not happen is not noted");

    // By the calls that parties of a session use, an administrator gives no reason; who it was is noted all the same.
    let (stuck, out) = (Customer::waits(&server, "5", "3").await, Customer::waits(&server, "5", "3").await);
    for _ in 0..2 {
        admin.api.post(&stuck.path("/end"), &json!({})).await.expect(200);
        admin.api.delete(&format!("/help/queue/{}", out.queue)).await.expect(204);
    }
    admin.api.post(&left.path("/end"), &json!({})).await.expect(200);
    let entry = |session: &str| json!(["admin", session, {"state": "waiting"}]);
    assert_eq!(noted(&admin, "session.end").await[..2], [entry(&out.session), entry(&stuck.session)]);
    assert_eq!(noted(&admin, "session.end").await.len(), 5, "each once");
    let page = server.nobody().request("GET", "/admin/audit").header("Cookie", &admin.cookie);
    let page = server.nobody().send(page).await;
    assert!(page.body.contains(WHY) && page.body.contains("Ended the session"), "the log shows the reason");
}

async fn a_session_is_taken_back_with_its_ticket(backend: Backend) {
    let server = Server::start(backend).await;
    let (sam, admin, rita) = (supervisor(&server).await, server.admin().await, server.rep("rita").await);
    let customer = Customer::waits(&server, "5", "3").await;
    let behind = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let (mut of_customer, mut of_rita) = (customer.stream().await, rita.stream().await);
    of_rita.until(seconds(5), "state", |state| state["sessions"][0]["state"] == "talking").await;
    of_customer.next("state").await;
    sam.api.post(&requeue(&customer.session), &json!({"reason": ""})).await.refused(400);

    let back = sam.api.post(&requeue(&customer.session), &why()).await.expect(200);
    assert_eq!((&back["state"], &back["position"]), (&json!("waiting"), &json!(1)), "{back}");
    assert_eq!((&back["requeued"], &back["requeuedBecause"]), (&json!(true), &json!("takenBack")));
    assert_eq!(back["queueId"], json!(customer.queue), "the place is the same");
    assert!(back["conversationStartTime"].is_string(), "the first start stays");
    let told = of_customer.until(seconds(5), "state", |state| state["state"] == "waiting").await.data;
    assert_eq!(told["requeuedBecause"], "takenBack");
    of_rita.until(seconds(5), "state", |state| state["sessions"] == json!([])).await;
    rita.api.get(&customer.path("")).await.refused(404);
    let again = sam.api.post(&requeue(&customer.session), &why()).await.expect(200);
    assert_eq!((&again["state"], &again["epoch"]), (&json!("waiting"), &back["epoch"]), "asked twice: once");
    let entry = json!(["sam", customer.session, {"reason": WHY, "state": "talking"}]);
    assert_eq!(noted(&admin, "session.requeue").await, [entry]);
    let waits = sam.api.post(&requeue(&behind.session), &why()).await.expect(200);
    assert_eq!((&waits["position"], &waits["requeued"]), (&json!(2), &json!(false)), "who waits already waits on");

    let claim = rita.claims().await.expect("the customer is first");
    assert_eq!(claim["sessionId"], json!(customer.session));
    let back = sam.api.post(&requeue(&customer.session), &why()).await.expect(200);
    assert_eq!(back["state"], "waiting", "before the conversation starts, too");
    let asking = Customer::arrives(&server, "5", "3").await;
    let refused = sam.api.post(&requeue(&asking.session), &why()).await.refused(409);
    assert_eq!(refused["session"]["state"], "created");
    behind.leaves_queue().await;
    let refused = sam.api.post(&requeue(&behind.session), &why()).await.refused(409);
    assert_eq!(refused["session"]["state"], "ended");
    sam.api.post(&requeue(&"0".repeat(32)), &why()).await.refused(404);
    assert_eq!(noted(&admin, "session.requeue").await.len(), 2);
}

async fn a_representative_is_set_offline(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("offer_seconds = 60").await;
    let (sam, admin, rita) = (supervisor(&server).await, server.admin().await, server.rep("rita").await);
    let offline = "/floor/api/reps/RITA/offline";
    sam.api.post(offline, &json!({})).await.refused(400);
    sam.api.post("/floor/api/reps/nobody/offline", &why()).await.refused(404);
    let refused = sam.api.post("/floor/api/reps/sam/offline", &why()).await.refused(409);
    assert!(refused["detail"].as_str().is_some_and(|it| it.contains("takes no calls")), "{refused}");
    let present = sam.api.post(offline, &why()).await.expect(200);
    assert_eq!((&present["activity"], &present["afterCall"]), (&json!("offline"), &json!(false)));
    assert_eq!(noted(&admin, "rep.offline").await.len(), 0, "she was offline already");

    let mut console = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    console
        .until(seconds(8), "state", |data| data["offers"][0]["customer"]["sessionId"] == json!(customer.session))
        .await;
    assert_eq!(floor(&sam).await["waiting"][0]["ringingAt"][0]["name"], "rita");
    let set = sam.api.post(offline, &why()).await.expect(200);
    assert_eq!(
        (&set["username"], &set["activity"], &set["afterCall"]),
        (&json!("rita"), &json!("offline"), &json!(false))
    );
    let told = console.until(seconds(5), "state", |data| data["offers"] == json!([])).await.data;
    assert_eq!(told["activity"]["activity"], "offline");
    let past = history(&sam, &customer.session).await;
    assert_eq!(past["offers"][0]["state"], "rescinded", "what rang there is taken back: {past}");
    assert_eq!(noted(&admin, "rep.offline").await, [json!(["sam", "rita", {"reason": WHY, "afterCall": false}])]);

    rita.chooses("available").await;
    conversation(&customer, &rita).await;
    for _ in 0..2 {
        let set = sam.api.post(offline, &why()).await.expect(200);
        assert_eq!((&set["activity"], &set["afterCall"]), (&json!("onCall"), &json!(true)), "{set}");
        assert_eq!(set["next"]["activity"], "offline", "offline follows the call");
    }
    assert_eq!(noted(&admin, "rep.offline").await.len(), 2, "asked twice, noted once");
    rita.ends(&customer.session).await;
    let is_offline = |data: &Value| data["activity"]["activity"] == "offline" && data["sessions"] == json!([]);
    console.until(seconds(5), "state", is_offline).await;
}

async fn everybody_who_waits_is_ended(backend: Backend) {
    const ALL: &str = "/floor/api/end-waiting";
    let server = Server::start(backend).await;
    let (sam, admin, rita) = (supervisor(&server).await, server.admin().await, server.rep("rita").await);
    let talking = Customer::waits(&server, "5", "3").await;
    conversation(&talking, &rita).await;
    let mut waiting = Vec::new();
    for _ in 0..60 {
        waiting.push(Customer::waits(&server, "5", "3").await);
    }
    let mut stream = waiting[59].stream().await;
    stream.next("state").await;
    for body in [why(), json!({"reason": WHY, "confirm": false}), json!({"confirm": true})] {
        sam.api.post(ALL, &body).await.refused(400);
    }
    sam.api.post(ALL, &json!({"reason": WHY, "confirm": true, "queue": "other"})).await.refused(404);
    assert_eq!(floor(&sam).await["totals"]["waiting"], json!(60), "nobody was ended");

    let body = json!({"reason": WHY, "confirm": true, "queue": "default"});
    assert_eq!(sam.api.post(ALL, &body).await.expect(200), json!({"ended": 60}));
    let told = stream.until(seconds(5), "state", |state| state["state"] == "ended").await.data;
    assert_eq!((&told["outcome"], &told["endedBy"]), (&json!("missed"), &json!("admin")));
    let totals = floor(&sam).await["totals"].clone();
    assert_eq!((&totals["waiting"], &totals["talking"]), (&json!(0), &json!(1)), "who talks talks on");
    let entries = noted(&admin, "queue.endWaiting").await;
    let ended: i64 = entries.iter().filter_map(|entry| entry[2]["ended"].as_i64()).sum();
    assert_eq!((entries.len(), ended), (2, 60), "in groups, each with its entry: {entries:?}");
    assert!(entries.iter().all(|entry| entry[1] == "default" && entry[2]["reason"] == WHY));
    let body = json!({"reason": WHY, "confirm": true});
    assert_eq!(sam.api.post(ALL, &body).await.expect(200), json!({"ended": 0}));
    let one = Customer::waits(&server, "5", "3").await;
    assert_eq!(sam.api.post(ALL, &body).await.expect(200), json!({"ended": 1}));
    assert_eq!(one.view().await["outcome"], "missed");
    assert_eq!(noted(&admin, "queue.endWaiting").await[0][1], "all queues");
}

/// Both end at the same moment: one of them has ended it, and the log says so.
async fn whoever_ends_it_first_has_ended_it(backend: Backend) {
    let server = Server::start(backend).await;
    let (sam, admin, rita) = (supervisor(&server).await, server.admin().await, server.rep("rita").await);
    let mut won = 0;
    for round in 0..16 {
        let customer = Customer::waits(&server, "5", "3").await;
        let in_conversation = round % 2 == 0;
        if in_conversation {
            conversation(&customer, &rita).await;
        }
        let (path, of_supervisor) = (customer.path("/end"), end(&customer.session));
        let (body, reason) = (json!({}), why());
        let (theirs, mine) = tokio::join!(customer.api.post(&path, &body), sam.api.post(&of_supervisor, &reason));
        let view = theirs.expect(200);
        assert_eq!(view["state"], "ended");
        let past = history(&sam, &customer.session).await;
        assert_eq!(events(&past).iter().filter(|name| *name == "end").count(), 1, "{past}");
        let by_supervisor = past["session"]["endedBy"] == "admin";
        assert_eq!(mine.status, if by_supervisor { 200 } else { 409 }, "{}", mine.body);
        won += usize::from(by_supervisor);
        assert_eq!(noted(&admin, "session.end").await.len(), won, "an entry for what happened, none for what did not");
        let outcome = match (in_conversation, by_supervisor) {
            (true, _) => "answered",
            (false, true) => "missed",
            (false, false) => "cancelled",
        };
        assert_eq!(past["session"]["outcome"], outcome);
    }
}

async fn a_history_tells_every_offer(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("offer_seconds = 60").await;
    let (sam, rita, uma) = (supervisor(&server).await, server.rep("rita").await, server.rep("uma").await);
    let mut of_rita = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let rings = |data: &Value| data["offers"][0]["customer"]["sessionId"] == json!(customer.session);
    let offer = of_rita.until(seconds(8), "state", rings).await.data["offers"][0]["offerId"].clone();
    rita.answers(&text(&offer), "reject").await.expect_status(204);
    let mut of_uma = uma.is_available().await;
    let offer = of_uma.until(seconds(8), "state", rings).await.data["offers"][0]["offerId"].clone();
    uma.answers(&text(&offer), "accept").await.expect(200);
    let past = history(&sam, &customer.session).await;
    let offers: Vec<_> =
        past["offers"].as_array().expect("offers").iter().map(|it| json!([it["username"], it["state"]])).collect();
    assert_eq!(offers, [json!(["rita", "rejected"]), json!(["uma", "accepted"])]);
    assert!(past["offers"][0]["decidedAt"].is_string() && past["offers"][0]["deadline"].is_string());
    assert_eq!(events(&past), ["created", "join", "ring", "unring", "ring", "offer"]);
    assert_eq!((&past["events"][5]["representative"], &past["queue"]), (&json!("uma"), &json!("default")));
    assert_eq!((&past["session"]["sessionId"], &past["session"]["media"]), (&json!(customer.session), &Value::Null));
    sam.api.get(&format!("/floor/api/sessions/{}", "0".repeat(32))).await.refused(404);
}

/// Their pages are told, and the conversation goes back to the queue at once: nobody waits for a grace to run out.
async fn who_is_locked_out_gives_their_customers_back(backend: Backend) {
    let server = Server::start(backend).await;
    let (sam, admin) = (supervisor(&server).await, server.admin().await);
    // One without a console, as a program works, and one with.
    for (name, change) in [("rita", json!({"disabled": true})), ("uma", json!({"role": "marketer"}))] {
        let rep = server.rep(name).await;
        let customer = Customer::waits(&server, "5", "3").await;
        conversation(&customer, &rep).await;
        let mut stream = customer.stream().await;
        stream.next("state").await;
        let mut console = if name == "uma" { Some(rep.stream().await) } else { None };
        admin.api.patch(&format!("/admin/api/people/{name}"), &change).await.expect(200);
        let told = stream.until(seconds(3), "state", |state| state["state"] == "waiting").await.data;
        assert_eq!((&told["requeuedBecause"], &told["position"]), (&json!("repOut"), &json!(1)), "{told}");
        if let Some(console) = &mut console {
            console.until(seconds(3), "state", |state| state["sessions"] == json!([])).await;
            console.closed(seconds(11)).await;
        }
        let reps = floor(&sam).await["reps"].clone();
        assert_eq!(reps, json!([]), "nobody is left on the floor");
        let past = history(&sam, &customer.session).await;
        assert_eq!(
            past["events"].as_array().and_then(|it| it.last()).expect("an event")["data"],
            json!({"why": "repOut"})
        );
        sam.api.post(&end(&customer.session), &why()).await.expect(200);
    }
}

async fn a_supervisor_steers_the_floor_and_nothing_else(backend: Backend) {
    let server = Server::start(backend).await;
    let sam = supervisor(&server).await;
    let nobody = server.nobody();
    let page = async |path: &str| nobody.send(nobody.request("GET", path).header("Cookie", &sam.cookie)).await;
    let floor = page("/floor").await;
    floor.expect_status(200);
    assert!(floor.body.contains("js.floor.") && floor.body.contains("href=\"/dashboard\""), "{}", floor.body);
    assert!(!floor.body.contains("href=\"/rep\"") && !floor.body.contains("href=\"/admin/people\""));
    page("/dashboard").await.expect_status(200);
    for closed in ["/rep", "/admin/people"] {
        page(closed).await.expect_status(403);
    }
    let form = [("username", "sam"), ("password", "the password of sam"), ("next", "")];
    let login = nobody.send(crate::support::http::form(nobody.request("POST", "/login"), &form)).await;
    assert_eq!(login.header("location"), Some("/floor"), "where a login leads");
    // Whatever is written with the cookie carries the page's token.
    let waiting = Customer::waits(&server, "5", "3").await;
    let write = |csrf: Option<&str>| {
        let request = nobody.request("POST", &end(&waiting.session)).header("Cookie", &sam.cookie).json(&why());
        match csrf {
            Some(csrf) => request.header("X-CSRF-Token", csrf),
            None => request,
        }
    };
    nobody.send(write(None)).await.refused(403);
    nobody.send(write(Some(&sam.csrf))).await.expect(200);
    assert!(!nobody.get("/").await.body.contains("js.floor."), "customers do not fetch the floor's words");
    let admin = server.admin().await;
    let people = admin.api.get("/admin/api/people").await.expect(200);
    let of_sam = people.as_array().expect("a list").iter().find(|it| it["username"] == "sam").expect("sam");
    let may = json!({"takeCalls": false, "supervise": true, "readFigures": true, "administer": false});
    assert_eq!((&of_sam["role"], &of_sam["may"]), (&json!("supervisor"), &may));
    let refused = admin.api.patch("/admin/api/people/sam", &json!({"capacity": 2})).await.refused(400);
    assert!(refused["detail"].as_str().is_some_and(|it| it.contains("does not take calls")), "{refused}");
}

/// Runs a command that must succeed; what it said.
fn done(server: &Server, arguments: &[&str]) -> String {
    let output = server.cli(arguments, "");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// Runs a command that must be refused in one line; the line.
fn refused(server: &Server, arguments: &[&str]) -> String {
    let output = server.cli(arguments, "");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && said.lines().count() == 1, "{arguments:?}: {said}");
    said
}

async fn what_commands_change_is_told_by_the_servers(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, rita) = (server.admin().await, server.rep("rita").await);
    let body = json!({"campaignId": "5", "bannerId": "3", "name": "Ada"});
    let mut talking = Customer::opens(&server, &body).await;
    talking.joins().await;
    rita.chooses("available").await;
    conversation(&talking, &rita).await;
    let mut of_talking = talking.stream().await;
    of_talking.next("state").await;
    let waiting = Customer::waits(&server, "5", "3").await;
    let mut of_waiting = waiting.stream().await;
    of_waiting.next("state").await;

    let shown = done(&server, &["floor"]);
    assert!(shown.contains("waiting (1)") && shown.contains("talking with rita") && shown.contains("Ada"), "{shown}");
    let as_json: Value = serde_json::from_str(&done(&server, &["floor", "--json"])).expect("JSON");
    assert_eq!((&as_json["totals"]["waiting"], &as_json["reps"][0]["username"]), (&json!(1), &json!("rita")));
    let told = done(&server, &["session", "show", &talking.session]);
    assert!(told.contains("to rita") && told.contains("joined") && told.contains("talking"), "{told}");

    let said = done(&server, &["rep", "offline", "Rita", "--reason", WHY]);
    assert!(said.contains("on a call, and offline after it"), "{said}");
    done(&server, &["session", "requeue", &talking.session, "--reason", WHY]);
    let back = of_talking.until(seconds(4), "state", |state| state["state"] == "waiting").await.data;
    assert_eq!(back["requeuedBecause"], "takenBack");
    assert_eq!(done(&server, &["rep", "offline", "rita", "--reason", WHY]).trim(), "rita is offline.");
    let said = done(&server, &["session", "end", &waiting.session, "--reason", WHY]);
    assert!(said.contains("has ended: missed"), "{said}");
    let ended = of_waiting.until(seconds(4), "state", |state| state["state"] == "ended").await.data;
    assert_eq!(ended["endedBy"], "admin");

    assert!(refused(&server, &["queue", "end-waiting", "--reason", WHY]).contains("--yes"));
    assert!(
        refused(&server, &["queue", "end-waiting", "--reason", WHY, "--queue", "x", "--yes"]).contains("no queue x")
    );
    assert_eq!(done(&server, &["queue", "end-waiting", "--reason", WHY, "--yes"]).trim(), "1 ended.");
    of_talking.until(seconds(4), "state", |state| state["state"] == "ended").await;
    assert!(refused(&server, &["session", "end", "xyz", "--reason", WHY]).contains("32 hexadecimal digits"));
    assert!(refused(&server, &["session", "show", &"0".repeat(32)]).contains("there is no session"));
    assert!(refused(&server, &["session", "requeue", &waiting.session, "--reason", WHY]).contains("ended"));
    assert!(refused(&server, &["session", "end", &waiting.session, "--reason", " "]).contains("1 to 200"));
    assert!(refused(&server, &["rep", "offline", "nobody", "--reason", WHY]).contains("there is no representative"));

    // A representative who is disabled on the command line, in a conversation.
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let mut stream = customer.stream().await;
    stream.next("state").await;
    done(&server, &["user", "disable", "rita"]);
    let told = stream.until(seconds(4), "state", |state| state["state"] == "waiting").await.data;
    assert_eq!(told["requeuedBecause"], "repOut");
    let actions = ["session.requeue", "session.end", "rep.offline", "queue.endWaiting"];
    for action in actions {
        let entries = noted(&admin, action).await;
        assert!(entries.len() == 1 && entries[0][0] == "command line" && entries[0][2]["reason"] == WHY, "{entries:?}");
    }
}

/// Whoever goes back to a version that knows no supervisors reads a role that it knows.
#[test]
fn a_supervisor_is_kept_as_a_marketer_who_supervises() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        supervisor(&server).await;
        let database = server.database_url().trim_start_matches("sqlite://").to_owned();
        let kept = eventually("the row can be read", seconds(5), async || {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
            let mut connection = sqlx::ConnectOptions::connect(&options).await.ok()?;
            let text = "SELECT role, supervises FROM users WHERE username = 'sam'";
            sqlx::query_as::<_, (String, bool)>(text).fetch_one(&mut connection).await.ok()
        })
        .await;
        assert_eq!(kept, ("marketer".to_owned(), true));
    });
}
