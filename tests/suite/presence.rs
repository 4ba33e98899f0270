//! Who is there: streams that close, the grace, and what a restart must not do. These tests wait for real time to
//! pass, because the graces are promises in seconds.

use serde_json::{Value, json};

use crate::support::http::instant;
use crate::support::people::page;
use crate::support::{Backend, Customer, Server, conversation, eventually, seconds, time_passes};

both! {
    a_customer_who_is_away_is_passed_over_and_keeps_the_place,
    a_customer_who_stays_away_is_abandoned_at_the_moment_of_leaving,
    a_connection_that_breaks_is_leaving_too,
    a_reload_keeps_place_and_call,
    an_offered_customer_who_is_silent_goes_back_and_the_next_comes,
    an_offered_customer_who_speaks_stays,
    a_representative_who_claims_and_vanishes_gives_the_customer_back,
    a_representative_who_vanishes_in_conversation_gives_the_customer_back,
    a_restart_abandons_nobody,
    who_does_not_come_back_after_a_restart_is_abandoned,
    leaving_another_page_changes_nothing,
    a_customer_who_never_had_a_stream_waits_on,
}

async fn a_customer_who_is_away_is_passed_over_and_keeps_the_place(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let away = Customer::waits(&server, "5", "3").await;
    let there = Customer::waits(&server, "5", "3").await;
    let mut stream = away.stream().await;
    stream.next("state").await;
    let mut of_there = there.stream().await;
    of_there.next("state").await;
    away.leaves_page().await;
    drop(stream);

    time_passes(seconds(7)).await;
    assert_eq!(away.view().await["state"], "waiting", "the grace of 15 s still runs");
    let claim = rita.claims().await.expect("one is there");
    assert_eq!(claim["sessionId"], json!(there.session), "who is away for more than 5 s is passed over");
    assert!(rosa.claims().await.is_none(), "nobody else is there");
    conversation(&there, &rita).await;
    rita.api.delete("/help/queue").await.refused(409);

    let mut back = away.stream().await;
    let state = back.next("state").await.data;
    assert_eq!((&state["position"], &state["queueId"]), (&json!(1), &json!(away.queue)), "the same ticket");
    assert_eq!(rosa.claims().await.expect("the customer is back")["sessionId"], json!(away.session));
}

async fn a_customer_who_stays_away_is_abandoned_at_the_moment_of_leaving(backend: Backend) {
    let server = Server::start(backend).await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut stream = customer.stream().await;
    stream.next("state").await;
    let left = chrono::Utc::now();
    customer.leaves_page().await;
    drop(stream);
    time_passes(seconds(12)).await;
    assert_eq!(customer.view().await["state"], "waiting", "15 s have not passed");
    let ended = abandoned(&customer, 13).await;
    let late = (instant(&ended["sessionEndTime"]) - left).num_milliseconds();
    assert!((-500..1_500).contains(&late), "dated when the stream closed, not {late} ms later");
}

async fn a_connection_that_breaks_is_leaving_too(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let waiting = Customer::waits(&server, "5", "3").await;
    let talking = Customer::waits(&server, "5", "3").await;
    let mut streams = [waiting.stream().await, talking.stream().await];
    for stream in &mut streams {
        stream.next("state").await;
    }
    assert_eq!(rep.claims().await.expect("two wait")["sessionId"], json!(waiting.session));
    waiting.joined().await;
    rep.joined(&waiting.session).await;
    let (in_call, in_line) = (waiting, talking);
    let broke = chrono::Utc::now();
    drop(streams);
    for (customer, outcome) in [(&in_line, "abandoned"), (&in_call, "answered")] {
        let ended = eventually("the session ends", seconds(35), async || {
            let view = customer.view().await;
            (view["state"] == "ended").then_some(view)
        })
        .await;
        assert_eq!(ended["outcome"], outcome, "{ended}");
        let late = (instant(&ended["sessionEndTime"]) - broke).num_milliseconds();
        // A broken connection is noticed at the next heartbeat at the latest.
        assert!((-500..6_500).contains(&late), "dated when the stream closed, not {late} ms later");
    }
}

/// Awaits the end of a session whose customer went.
async fn abandoned(customer: &Customer, within: u64) -> Value {
    let ended = eventually("the session ends", seconds(within), async || {
        let view = customer.view().await;
        (view["state"] == "ended").then_some(view)
    })
    .await;
    assert_eq!(ended["outcome"], "abandoned", "{ended}");
    ended
}

async fn a_reload_keeps_place_and_call(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let mut customer = Customer::waits(&server, "5", "3").await;
    let _behind = Customer::waits(&server, "5", "3").await;
    for in_call in [false, true] {
        if in_call {
            conversation(&customer, &rep).await;
        }
        let mut before = customer.stream().await;
        let state = before.next("state").await.data;
        customer.leaves_page().await;
        drop(before);
        customer.page = page();
        let mut after = customer.stream().await;
        let reloaded = after.next("state").await.data;
        for field in ["state", "position", "queueId", "epoch", "conversationStartTime"] {
            assert_eq!(reloaded[field], state[field], "{field} after the reload");
        }
        // The old page's grace must not run on: longer than the grace and two rounds of the reaper.
        time_passes(seconds(20)).await;
        assert_eq!(customer.view().await["state"], state["state"]);
        assert_eq!(after.count("superseded"), 0);
    }
}

async fn an_offered_customer_who_is_silent_goes_back_and_the_next_comes(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let silent = Customer::waits(&server, "5", "3").await;
    let next = Customer::waits(&server, "5", "3").await;
    // A page that hangs: its stream is open, and nobody answers.
    let mut hanging = silent.stream().await;
    hanging.next("state").await;
    let mut stream = rep.stream().await;
    stream.next("state").await;
    assert_eq!(rep.claims().await.expect("two wait")["sessionId"], json!(silent.session));
    let back = hanging.until(seconds(10), "state", |state| state["requeued"] == true).await;
    assert_eq!(back.data["state"], "waiting");
    let view = silent.view().await;
    assert_eq!((&view["queueId"], &view["requeued"]), (&json!(silent.queue), &json!(true)), "{view}");
    assert_eq!(view["outcome"], Value::Null);
    let next_state =
        stream.until(seconds(5), "state", |data| data["session"]["sessionId"] == json!(next.session)).await;
    assert_eq!(next_state.data["session"]["state"], "offered", "the representative gets the next by itself");
}

async fn an_offered_customer_who_speaks_stays(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut stream = customer.stream().await;
    rep.claims().await.expect("somebody waits");
    stream.until(seconds(5), "state", |state| state["state"] == "offered").await;
    customer.signals(1).await.expect(202);
    time_passes(seconds(9)).await;
    assert_eq!(customer.view().await["state"], "offered");
}

async fn a_representative_who_claims_and_vanishes_gives_the_customer_back(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let customer = Customer::waits(&server, "5", "3").await;
    let behind = Customer::waits(&server, "5", "3").await;
    let mut of_customer = customer.stream().await;
    let mut of_rep = rita.stream().await;
    of_rep.next("state").await;
    let offer = rita.claims().await.expect("two wait");
    of_customer.until(seconds(5), "state", |state| state["state"] == "offered").await;
    customer.joined().await;
    drop(of_rep);
    let back = of_customer.until(seconds(35), "state", |state| state["state"] == "waiting").await;
    assert_eq!((&back.data["position"], &back.data["requeued"]), (&json!(1), &json!(true)), "{:?}", back.data);
    assert_eq!(back.data["queueId"], json!(customer.queue));
    assert!(back.data["epoch"].as_i64() > offer["epoch"].as_i64(), "the vanished tab's epoch is old: {:?}", back.data);
    let next = rosa.claims().await.expect("two wait");
    assert_eq!(next["sessionId"], json!(customer.session), "at the head of the line, before {}", behind.session);
    assert_eq!(next["requeued"], true);
    rita.api.post(&customer.path("/joined"), &json!({})).await.refused(404);
}

async fn a_representative_who_vanishes_in_conversation_gives_the_customer_back(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let customer = Customer::waits(&server, "5", "3").await;
    let mut of_customer = customer.stream().await;
    let mut of_rep = rita.stream().await;
    of_rep.next("state").await;
    let talking = conversation(&customer, &rita).await;
    rita.api.post("/rep/leaving", &json!({"page": rita.page})).await.expect(204);
    drop(of_rep);
    of_customer.until(seconds(35), "state", |state| state["state"] == "waiting" && state["requeued"] == true).await;
    conversation(&customer, &rosa).await;
    let ended = customer.ends().await;
    assert_eq!(ended["outcome"], "answered");
    assert_eq!(ended["conversationStartTime"], talking["conversationStartTime"], "the first start is kept");
    let admin = server.admin().await;
    let calls = admin.api.get("/getFullMetrics/5/3").await.expect(200);
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "a requeue is no second call");
    assert_eq!(calls[0]["RepresentativeName"], "rita", "who answered first");
}

async fn a_restart_abandons_nobody(backend: Backend) {
    let mut server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let talking = Customer::waits(&server, "5", "3").await;
    conversation(&talking, &rep).await;
    let waiting = Customer::waits(&server, "5", "3").await;
    let mut open = vec![talking.stream().await, waiting.stream().await, rep.stream().await];
    for stream in &mut open {
        stream.next("state").await;
    }
    server.kill_9();
    drop(open);
    // Longer away than the grace, but the server was away as well.
    time_passes(seconds(17)).await;
    server.launch().await;
    time_passes(seconds(8)).await;
    let mut again = [talking.stream().await, waiting.stream().await];
    let states = [again[0].next("state").await.data, again[1].next("state").await.data];
    assert_eq!((&states[0]["state"], &states[1]["state"]), (&json!("talking"), &json!("waiting")));
    assert_eq!(states[1]["position"], 1);
    let mut of_rep = rep.stream().await;
    let state = of_rep.next("state").await.data;
    assert_eq!(state["session"]["sessionId"], json!(talking.session), "the representative's login and call live on");
    time_passes(seconds(18)).await;
    assert_eq!(talking.view().await["state"], "talking");
    assert_eq!(waiting.view().await["state"], "waiting");
    assert_eq!(rep.ends(&talking.session).await["outcome"], "answered");
}

async fn who_does_not_come_back_after_a_restart_is_abandoned(backend: Backend) {
    let mut server = Server::start(backend).await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut stream = customer.stream().await;
    stream.next("state").await;
    let away = chrono::Utc::now();
    server.kill_9();
    drop(stream);
    time_passes(seconds(3)).await;
    server.launch().await;
    let ended = abandoned(&customer, 35).await;
    let late = (instant(&ended["sessionEndTime"]) - away).num_seconds();
    assert!(late < 14, "dated when the stream was last known, not {late} s later when the grace ended");
}

async fn leaving_another_page_changes_nothing(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut stream = customer.stream().await;
    stream.next("state").await;
    // A page that was superseded says goodbye late.
    customer.api.post(&customer.path("/leaving"), &json!({"page": page()})).await.expect(204);
    time_passes(seconds(7)).await;
    assert_eq!(rep.claims().await.expect("the customer is there")["sessionId"], json!(customer.session));
}

async fn a_customer_who_never_had_a_stream_waits_on(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let unjoined = Customer::arrives(&server, "5", "3").await;
    time_passes(seconds(20)).await;
    assert_eq!(customer.view().await["state"], "waiting");
    assert_eq!(unjoined.view().await["state"], "created");
    conversation(&customer, &rep).await;
}
