//! `/help/session/…/wrap-up`: what came of a conversation, and the activity that ends by itself.

use serde_json::{Value, json};

use crate::support::events::Stream;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, seconds, time_passes};

both! {
    after_the_conversation_it_is_wrapped_up_and_nothing_rings,
    the_newer_word_counts_and_what_is_not_said_stays,
    the_campaigns_words_are_the_only_ones,
    notes_are_kept_byte_for_byte,
    only_who_had_the_session_last_or_an_admin,
    before_a_conversation_there_is_nothing_to_wrap_up,
    what_comes_next_is_chosen_meanwhile,
    a_restart_interrupts_no_wrap_up_and_makes_none_endless,
    a_closed_console_ends_it,
    where_it_is_off_nothing_changes,
}

/// A server whose queue gives this many seconds.
async fn server(backend: Backend, wrap_up: u32) -> Server {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let set = admin.api.patch("/admin/api/queues/default", &json!({"wrapUpSeconds": wrap_up})).await.expect(200);
    assert_eq!(set["wrapUpSeconds"], json!(wrap_up));
    admin.api.put("/admin/api/campaigns/5", &json!({"outcomes": ["Sold", "Call again"]})).await.expect(200);
    server
}

/// A customer whose conversation with this representative is over.
async fn talked(server: &Server, rep: &Person) -> Customer {
    let customer = Customer::waits(server, "5", "3").await;
    conversation(&customer, rep).await;
    rep.ends(&customer.session).await;
    customer
}

async fn says(rep: &Person, customer: &Customer, body: &Value) -> Value {
    rep.api.post(&customer.path("/wrap-up"), body).await.expect(200)
}

async fn is(console: &mut Stream, activity: &str) -> Value {
    console.until(seconds(8), "state", |data| data["activity"]["activity"] == activity).await.data
}

async fn after_the_conversation_it_is_wrapped_up_and_nothing_rings(backend: Backend) {
    let server = server(backend, 60).await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    let body = json!({"campaignId": "5", "bannerId": "3", "name": "Ada"});
    let mut customer = Customer::opens(&server, &body).await;
    customer.joins().await;
    conversation(&customer, &rita).await;
    let during = says(&rita, &customer, &json!({"notes": "during"})).await;
    assert_eq!((&during["notes"], &during["until"]), (&json!("during"), &Value::Null));
    customer.ends().await;
    let state = is(&mut console, "wrapUp").await;
    assert_eq!(state["activity"]["next"], json!({"activity": "available", "reason": null}));
    let wrap_up = &state["wrapUp"];
    let session = &wrap_up["session"];
    assert_eq!((&session["sessionId"], &session["name"]), (&json!(customer.session), &json!("Ada")));
    assert_eq!((&session["campaignId"], &session["outcome"]), (&json!("5"), &json!("answered")));
    assert_eq!(wrap_up["dispositions"], json!(["Sold", "Call again"]));
    assert_eq!((&wrap_up["disposition"], &wrap_up["notes"]), (&Value::Null, &json!("during")));
    let instant = crate::support::http::instant;
    let lasts = instant(&wrap_up["until"]) - instant(&state["activity"]["since"]);
    assert_eq!(lasts.num_milliseconds(), 60_000);

    // Ada may have rung before she was asked for.
    console.seen.clear();
    let next = Customer::waits(&server, "5", "3").await;
    time_passes(seconds(2)).await;
    let rang = console.take_arrived().iter().any(|event| event.name == "state" && event.data["offers"] != json!([]));
    assert!(!rang, "nobody rings who wraps up");
    let kept = says(&rita, &customer, &json!({"disposition": "Sold", "done": true})).await;
    assert_eq!((&kept["disposition"], &kept["until"]), (&json!("Sold"), &Value::Null));
    let state = is(&mut console, "available").await;
    assert_eq!(state["wrapUp"], Value::Null);
    let rings = |data: &Value| data["offers"][0]["customer"]["sessionId"] == json!(next.session);
    console.until(seconds(8), "state", rings).await;
}

async fn the_newer_word_counts_and_what_is_not_said_stays(backend: Backend) {
    let server = server(backend, 60).await;
    let (rita, admin) = (server.rep("rita").await, server.admin().await);
    let customer = talked(&server, &rita).await;
    let untold = customer.view().await;
    let steps = [
        (json!({}), Value::Null, Value::Null),
        (json!({"disposition": "Sold", "notes": "first"}), json!("Sold"), json!("first")),
        (json!({"notes": "second"}), json!("Sold"), json!("second")),
        (json!({"disposition": "Call again"}), json!("Call again"), json!("second")),
        (json!({"disposition": null, "done": false}), Value::Null, json!("second")),
        (json!({"disposition": "Sold", "notes": ""}), json!("Sold"), Value::Null),
        (json!({"disposition": "", "notes": "third"}), Value::Null, json!("third")),
    ];
    for (body, disposition, notes) in steps {
        // Twice: an answer may get lost.
        for _ in 0..2 {
            let kept = says(&rita, &customer, &body).await;
            assert_eq!((&kept["disposition"], &kept["notes"]), (&disposition, &notes), "{body}");
        }
        for reader in [&rita, &admin] {
            let seen = reader.api.get(&customer.path("/wrap-up")).await.expect(200);
            assert_eq!((&seen["disposition"], &seen["notes"]), (&disposition, &notes), "{body}");
        }
    }
    assert_eq!(customer.view().await, untold, "nothing of it is the customer's to read, and no event was written");
    // Long after: the wrap-up is over, another call goes on.
    let other = Customer::waits(&server, "5", "3").await;
    conversation(&other, &rita).await;
    assert_eq!(says(&rita, &customer, &json!({"notes": "late", "done": true})).await["notes"], "late");
    assert_eq!(other.view().await["state"], "talking");
    let nothing = other.api.get(&customer.path("/wrap-up")).await;
    nothing.refused(403);
}

async fn the_campaigns_words_are_the_only_ones(backend: Backend) {
    let server = server(backend, 60).await;
    let rita = server.rep("rita").await;
    let customer = talked(&server, &rita).await;
    says(&rita, &customer, &json!({"disposition": "Sold", "notes": "kept"})).await;
    for word in ["sold", "Sold ", "answered", "x"] {
        let body = json!({"disposition": word, "notes": "not kept", "done": true});
        let refused = rita.api.post(&customer.path("/wrap-up"), &body).await.refused(400);
        assert_eq!(refused["detail"], "disposition must be one of: Sold, Call again.");
    }
    for body in [json!({"disposition": 5}), json!({"notes": ["x"]}), json!({"done": "perhaps"}), json!([])] {
        rita.api.post(&customer.path("/wrap-up"), &body).await.refused(400);
    }
    let seen = rita.api.get(&customer.path("/wrap-up")).await.expect(200);
    assert_eq!((&seen["disposition"], &seen["notes"]), (&json!("Sold"), &json!("kept")));
    assert!(seen["until"].is_string(), "what was refused is not done either");

    let bare = Customer::waits(&server, "6", "1").await;
    conversation(&bare, &rita).await;
    let refused = rita.api.post(&bare.path("/wrap-up"), &json!({"disposition": "Sold"})).await.refused(400);
    assert!(refused["detail"].as_str().is_some_and(|said| said.contains("no outcomes")), "{refused}");
    let kept = says(&rita, &bare, &json!({"notes": "without a list", "disposition": null})).await;
    assert_eq!((&kept["dispositions"], &kept["notes"]), (&json!([]), &json!("without a list")));
}

async fn notes_are_kept_byte_for_byte(backend: Backend) {
    let server = server(backend, 60).await;
    let rita = server.rep("rita").await;
    let customer = talked(&server, &rita).await;
    let most = "😀".repeat(2_000);
    let texts = [
        most.as_str(),
        "👨‍👩‍👧‍👦 🏳️‍🌈 e\u{301} \u{202e}שלום",
        "<script>alert('\"x\"')</script> Robert'); DROP TABLE wrap_ups;-- \\' \\0",
        "  two\nlines\tand blanks \r",
        " ",
    ];
    for text in texts {
        assert_eq!(says(&rita, &customer, &json!({"notes": text})).await["notes"], text);
        let seen = rita.api.get(&customer.path("/wrap-up")).await.expect(200);
        assert_eq!(seen["notes"].as_str().map(str::as_bytes), Some(text.as_bytes()));
    }
    // The same, as a program writes it that knows ASCII only.
    let escaped = format!("{{\"notes\": \"{}\"}}", "\\ud83d\\ude00".repeat(2_000));
    let request = rita.api.request("POST", &customer.path("/wrap-up")).header("Content-Type", "application/json");
    assert_eq!(rita.api.send(request.body(escaped)).await.expect(200)["notes"], most);
    let refused = rita.api.post(&customer.path("/wrap-up"), &json!({"notes": format!("{most}!")})).await.refused(400);
    assert_eq!(refused["detail"], "notes must be at most 2000 characters.");
    let form = [("disposition", "Call again"), ("notes", "as a form & more"), ("done", "on")];
    let request = crate::support::http::form(rita.api.request("POST", &customer.path("/wrap-up")), &form);
    let kept = rita.api.send(request).await.expect(200);
    assert_eq!((&kept["disposition"], &kept["notes"]), (&json!("Call again"), &json!("as a form & more")));
    assert_eq!(kept["until"], Value::Null, "a form's check box is done too");
}

async fn only_who_had_the_session_last_or_an_admin(backend: Backend) {
    let server = server(backend, 60).await;
    let (rita, rosa, admin) = (server.rep("rita").await, server.rep("rosa").await, server.admin().await);
    let customer = talked(&server, &rita).await;
    let path = customer.path("/wrap-up");
    let body = json!({"notes": "not mine", "done": true});
    rosa.api.post(&path, &body).await.refused(404);
    rosa.api.get(&path).await.refused(404);
    for who in [&customer.api, &server.person("mara", "marketer").await.api] {
        who.post(&path, &body).await.refused(403);
        who.get(&path).await.refused(403);
    }
    server.nobody().post(&path, &body).await.refused(401);
    for id in ["not-an-id", "00000000000000000000000000000000"] {
        rita.api.post(&format!("/help/session/{id}/wrap-up"), &body).await.refused(404);
    }
    let cookie = rita.api.request("POST", &path).header("Cookie", &rita.cookie).json(&body);
    // The bearer decides when both are sent; the cookie alone needs the page's token.
    rita.api.send(cookie).await.expect(200);
    let alone = server.nobody().request("POST", &path).header("Cookie", &rita.cookie).json(&body);
    server.nobody().send(alone).await.refused(403);
    let kept = admin.api.post(&path, &json!({"notes": "by the admin"})).await.expect(200);
    assert_eq!(kept["notes"], "by the admin");
}

async fn before_a_conversation_there_is_nothing_to_wrap_up(backend: Backend) {
    let server = server(backend, 60).await;
    let (rita, admin) = (server.rep("rita").await, server.admin().await);
    let customer = Customer::waits(&server, "5", "3").await;
    let refused = async |rep: &Person, customer: &Customer, state: &str| {
        let problem = rep.api.post(&customer.path("/wrap-up"), &json!({"notes": "?"})).await.refused(409);
        assert_eq!(problem["session"]["state"], state, "{problem}");
        assert_eq!(problem["detail"], "Only a conversation can be wrapped up.");
    };
    rita.api.post(&customer.path("/wrap-up"), &json!({"notes": "?"})).await.refused(404);
    refused(&admin, &customer, "waiting").await;
    rita.claims().await.expect("somebody waits");
    refused(&rita, &customer, "offered").await;
    rita.ends(&customer.session).await;
    refused(&rita, &customer, "ended").await;
    let seen = rita.api.get(&customer.path("/wrap-up")).await.expect(200);
    assert_eq!((&seen["notes"], &seen["until"]), (&Value::Null, &Value::Null), "nothing was kept");
}

async fn what_comes_next_is_chosen_meanwhile(backend: Backend) {
    let server = server(backend, 60).await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    let customer = talked(&server, &rita).await;
    is(&mut console, "wrapUp").await;
    let lunch = json!({"activity": "break", "reason": "lunch", "next": true});
    let chosen = rita.api.post("/rep/activity", &lunch).await.expect(200);
    assert_eq!((&chosen["activity"], &chosen["next"]["reason"]), (&json!("wrapUp"), &json!("lunch")));
    let told = console.until(seconds(5), "state", |data| data["activity"]["next"]["reason"] == "lunch").await.data;
    assert_eq!(told["wrapUp"]["session"]["sessionId"], json!(customer.session), "it goes on");
    says(&rita, &customer, &json!({"done": true})).await;
    assert_eq!(is(&mut console, "break").await["activity"]["reason"], "lunch");

    // A choice without `next` ends it, and with nothing to follow `next` is now.
    talked(&server, &rita).await;
    is(&mut console, "wrapUp").await;
    assert_eq!(rita.chooses("available").await["next"], Value::Null);
    assert_eq!(is(&mut console, "available").await["wrapUp"], Value::Null);
    let now = rita.api.post("/rep/activity", &json!({"activity": "offline", "next": true})).await.expect(200);
    assert_eq!(now["activity"], "offline");
    rita.api.post("/rep/activity", &json!({"activity": "wrapUp"})).await.refused(400);
}

async fn a_restart_interrupts_no_wrap_up_and_makes_none_endless(backend: Backend) {
    let mut server = server(backend, 6).await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    let customer = talked(&server, &rita).await;
    let before = is(&mut console, "wrapUp").await;
    server.kill_9();
    server.launch().await;
    let mut console = rita.stream().await;
    let after = console.next("state").await.data;
    assert_eq!((&after["wrapUp"], &after["activity"]), (&before["wrapUp"], &before["activity"]), "as it was");
    let over = is(&mut console, "available").await;
    assert_eq!(over["activity"]["since"], before["wrapUp"]["until"], "to the millisecond");
    drop(console);

    // Nobody looks while its time runs out.
    let customer_two = talked(&server, &rita).await;
    server.kill_9();
    time_passes(seconds(7)).await;
    server.launch().await;
    let mut console = rita.stream().await;
    is(&mut console, "available").await;
    for customer in [customer, customer_two] {
        assert_eq!(says(&rita, &customer, &json!({"notes": "later"})).await["notes"], "later");
    }
}

async fn a_closed_console_ends_it(backend: Backend) {
    let server = server(backend, 3_600).await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    talked(&server, &rita).await;
    is(&mut console, "wrapUp").await;
    drop(console);
    // Asked after on the line of the representatives: a stream would be a console.
    let gone = "SELECT activity FROM reps WHERE activity <> 'offline'";
    eventually("the representative is offline", seconds(40), async || {
        let mut raw = crate::store::raw::Raw::connect(server.database_url()).await;
        raw.texts(gone).await.is_empty().then_some(())
    })
    .await;
    let mut back = rita.stream().await;
    let state = back.next("state").await.data;
    assert_eq!((&state["activity"]["next"], &state["wrapUp"]), (&Value::Null, &Value::Null));
}

async fn where_it_is_off_nothing_changes(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    let customer = talked(&server, &rita).await;
    let free = |data: &Value| data["activity"]["activity"] == "available" && data["sessions"] == json!([]);
    let state = console.until(seconds(5), "state", |data| free(data) && data["rep"]["callers"] == 0).await.data;
    assert_eq!(state["wrapUp"], Value::Null);
    assert_eq!(says(&rita, &customer, &json!({"notes": "all the same"})).await["notes"], "all the same");
}
