//! The two event streams: what they bring, in which order, to whom.

use serde_json::{Value, json};

use crate::support::events::Stream;
use crate::support::people::page;
use crate::support::{Backend, Customer, Server, conversation, seconds, time_passes};

both! {
    the_customer_hears_every_step,
    the_representative_hears_every_step,
    each_state_of_a_console_was_true_at_one_moment,
    places_move_for_those_behind,
    a_join_reaches_the_waiting_representative_at_once,
    ids_never_go_back_and_a_reconnect_starts_with_everything,
    an_absurd_last_event_id_is_borne,
    a_newer_stream_supersedes_the_older,
    an_ended_session_has_no_stream,
    heartbeats_come_every_five_seconds,
    signals_reach_the_other_party_alone,
    signals_keep_their_order_and_wait_for_a_reconnect,
    signals_have_a_size,
    signals_need_the_call,
    streams_are_not_buffered_on_the_way,
}

async fn the_customer_hears_every_step(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut stream = customer.stream().await;
    let first = stream.next("state").await;
    assert_eq!(stream.seen.len(), 1, "the first event is the full state");
    let view = customer.view().await;
    assert_eq!(timeless(&first.data), timeless(&view), "the stream and the request tell the same");
    assert_eq!(first.id, view["eventNumber"].as_i64(), "the id is the number of the event");

    rep.claims().await.expect("somebody waits");
    let offered = stream.until(seconds(5), "state", |state| state["state"] == "offered").await;
    assert!(offered.data["media"].is_object(), "{:?}", offered.data);
    assert_eq!(offered.data["representative"]["name"], json!("rita"));
    customer.joined().await;
    rep.joined(&customer.session).await;
    stream.until(seconds(5), "state", |state| state["state"] == "talking").await;
    rep.ends(&customer.session).await;
    let ended = stream.until(seconds(5), "state", |state| state["state"] == "ended").await;
    assert_eq!(ended.data["outcome"], "answered");
    stream.closed(seconds(10)).await;
    never_back(&stream);
}

/// A console is put together from several readings, while callers come and go.
async fn each_state_of_a_console_was_true_at_one_moment(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let mut stream = rep.stream().await;
    for _ in 0..60 {
        let customer = Customer::waits(&server, "5", "3").await;
        rep.claims().await.expect("somebody waits");
        rep.ends(&customer.session).await;
    }
    let last = Customer::waits(&server, "5", "3").await;
    rep.claims().await.expect("somebody waits");
    stream.until(seconds(8), "state", |state| state["session"]["sessionId"] == json!(last.session)).await;
    for event in stream.seen.iter().filter(|event| event.name == "state") {
        let callers = event.data["sessions"].as_array().map(Vec::len);
        assert_eq!(event.data["rep"]["callers"].as_u64(), callers.map(|callers| callers as u64), "{:#}", event.data);
        assert_eq!(event.data["activity"]["activity"] == "onCall", callers > Some(0), "{:#}", event.data);
    }
}

async fn the_representative_hears_every_step(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let mut stream = rep.stream().await;
    let first = stream.next("state").await;
    assert_eq!(first.data["session"], Value::Null);
    let me = &first.data["rep"];
    assert_eq!((&me["username"], &me["role"], &me["capacity"]), (&json!("rita"), &json!("rep"), &json!(1)), "{me}");

    let customer = Customer::waits(&server, "5", "3").await;
    rep.claims().await.expect("somebody waits");
    let mine = customer.session.clone();
    let state = |name: &'static str| {
        let mine = mine.clone();
        move |data: &Value| data["session"]["sessionId"] == json!(mine) && data["session"]["state"] == name
    };
    stream.until(seconds(5), "state", state("offered")).await;
    customer.joined().await;
    rep.joined(&customer.session).await;
    let talking = stream.until(seconds(5), "state", state("talking")).await;
    assert!(talking.data["session"]["conversationStartTime"].is_string(), "{:?}", talking.data);
    customer.ends().await;
    stream.until(seconds(5), "state", |data| data["session"].is_null() || data["session"]["state"] == "ended").await;
    never_back(&stream);
}

/// A view without what changes by the clock alone.
fn timeless(view: &Value) -> Value {
    let mut view = view.clone();
    for field in ["waitedSeconds", "estimatedWaitSeconds", "media"] {
        assert!(view.as_object_mut().is_some_and(|fields| fields.remove(field).is_some()), "no {field} in {view}");
    }
    view
}

#[track_caller]
fn never_back(stream: &Stream) {
    let ids: Vec<i64> = stream.seen.iter().filter_map(|event| event.id).collect();
    assert!(ids.is_sorted(), "the ids go back: {ids:?}");
}

async fn places_move_for_those_behind(backend: Backend) {
    let server = Server::start(backend).await;
    let first = Customer::waits(&server, "5", "3").await;
    let second = Customer::waits(&server, "5", "3").await;
    let mut stream = second.stream().await;
    assert_eq!(stream.next("state").await.data["position"], 2);
    first.leaves_queue().await;
    let left = std::time::Instant::now();
    let moved = stream.until(seconds(5), "position", |data| data["position"] == 1).await;
    assert!(moved.data.get("estimatedWaitSeconds").is_some(), "{:?}", moved.data);
    assert!(moved.at - left < seconds(2), "the first hundred places hear of it within a second: {:?}", moved.at - left);
}

async fn a_join_reaches_the_waiting_representative_at_once(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let mut stream = rep.stream().await;
    stream.next("state").await;
    for number in 1..=5_u64 {
        let body = json!({"campaignId": "5", "bannerId": "3", "name": format!("Customer {number}")});
        let mut customer = Customer::opens(&server, &body).await;
        customer.joins().await;
        let joined = std::time::Instant::now();
        let queue = stream.until(seconds(5), "queue", |data| data["waiting"] == number).await;
        assert!(queue.at.saturating_duration_since(joined) < seconds(1), "at once");
        let entries = queue.data["entries"].as_array().expect("the entries");
        let last = &entries[entries.len() - 1];
        assert_eq!((&last["queueId"], &last["name"]), (&json!(customer.queue), &json!(format!("Customer {number}"))));
        assert!(last["queueEntryTime"].is_string() && last.get("present").is_some(), "{last}");
        assert!(queue.data["longestWaitSeconds"].is_number(), "{:?}", queue.data);
    }
}

async fn ids_never_go_back_and_a_reconnect_starts_with_everything(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut last = -1;
    for step in 0..4 {
        match step {
            1 => drop(rep.claims().await.expect("somebody waits")),
            2 => drop(customer.joined().await),
            3 => drop(rep.joined(&customer.session).await),
            _ => {}
        }
        let path = customer.path(&format!("/events?page={}", page()));
        let mut stream = customer.api.events_after(&path, (last >= 0).then_some(last)).await;
        let state = stream.next("state").await;
        assert_eq!(stream.seen.len(), 1, "every connection begins with the full state");
        assert_eq!(timeless(&state.data), timeless(&customer.view().await));
        let id = state.id.expect("a state has an id");
        assert!(id >= last, "{id} after {last}");
        last = id;
    }
    let mut of_rep = rep.stream().await;
    let first = of_rep.next("state").await.id.expect("a state has an id");
    rep.ends(&customer.session).await;
    let then = of_rep.next("state").await.id.expect("a state has an id");
    assert!(then > first, "always increasing: {then} after {first}");
    let path = format!("/rep/events?page={}", page());
    let again = rep.api.events_after(&path, Some(then)).await.next("state").await.id;
    assert!(again >= Some(then), "{again:?} after {then}");
}

async fn an_absurd_last_event_id_is_borne(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    // No console lives to see the number of a day from now.
    let tomorrow = chrono::Utc::now().timestamp_millis() + 86_400_000;
    for absurd in [i64::MAX, i64::MAX - 1, i64::MIN] {
        let customer = Customer::waits(&server, "5", "3").await;
        let path = customer.path(&format!("/events?page={}", page()));
        let mut of_customer = customer.api.events_after(&path, Some(absurd)).await;
        let mut of_rep = rep.api.events_after(&format!("/rep/events?page={}", page()), Some(absurd)).await;
        let first = of_rep.next("state").await.id.expect("a state has an id");
        assert!((1..tomorrow).contains(&first), "{first} after {absurd}");
        of_customer.next("state").await;

        // The next numbers are where counting on from the absurd one would go wrong.
        rep.claims().await.expect("somebody waits");
        of_customer.until(seconds(5), "state", |state| state["state"] == "offered").await;
        let offered = of_rep.until(seconds(5), "state", |data| data["session"]["state"] == "offered").await;
        assert!(offered.id > Some(first), "always increasing: {:?} after {first}", offered.id);
        customer.ends().await;
        of_customer.until(seconds(5), "state", |state| state["state"] == "ended").await;
        of_rep.until(seconds(5), "state", |data| data["session"].is_null()).await;
        never_back(&of_customer);
        never_back(&of_rep);
    }
    assert!(!server.log().contains("panicked"), "a stream died of it");
}

async fn a_newer_stream_supersedes_the_older(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let other_page = customer.path(&format!("/events?page={}", page()));
    for (api, path) in [(&customer.api, other_page), (&rep.api, format!("/rep/events?page={}", page()))] {
        let mut older = if path.starts_with("/rep") { rep.stream().await } else { customer.stream().await };
        older.next("state").await;
        let mut newer = api.events(&path).await;
        newer.next("state").await;
        older.until(seconds(5), "superseded", |_| true).await;
        older.closed(seconds(5)).await;
        assert_eq!(newer.count("superseded"), 0);
    }
    // Superseded is not gone: the newer stream holds the place.
    assert_eq!(customer.view().await["state"], "waiting");
}

async fn an_ended_session_has_no_stream(backend: Backend) {
    let server = Server::start(backend).await;
    let customer = Customer::waits(&server, "5", "3").await;
    let path = customer.path(&format!("/events?page={}", page()));
    customer.leaves_queue().await;
    assert_eq!(customer.api.events(&path).await.status, 204, "204 stops an event source for good");
    assert_eq!(server.nobody().events(&path).await.status, 401);
    let stranger = Customer::arrives(&server, "5", "3").await;
    assert_eq!(stranger.api.events(&path).await.status, 404);
}

async fn heartbeats_come_every_five_seconds(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut streams = [customer.stream().await, rep.stream().await];
    time_passes(seconds(11)).await;
    for stream in &mut streams {
        let beats = stream.count("heartbeat");
        assert!((2..=3).contains(&beats), "{beats} heartbeats in 11 s");
        assert_eq!(stream.seen[0].name, "state");
    }
    customer.is_alive().await;
    rep.api.post("/rep/alive", &json!({})).await.expect(204);
}

async fn signals_reach_the_other_party_alone(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, other) = (server.rep("rita").await, server.rep("rosa").await);
    let customer = Customer::waits(&server, "5", "3").await;
    let bystander = Customer::waits(&server, "5", "3").await;
    let mut to_customer = customer.stream().await;
    let (mut to_rep, mut to_other, mut to_bystander) =
        (rep.stream().await, other.stream().await, bystander.stream().await);
    conversation(&customer, &rep).await;

    // Whatever the sender claims to be, the server says who it is.
    let lying = json!({"v": 1, "sessionId": customer.session, "from": "representative", "page": customer.page,
        "seq": 1, "description": {"type": "offer", "sdp": "v=0\r\n<script>é😀"}});
    customer.api.post(&customer.path("/signal"), &lying).await.expect(202);
    rep.signals(&customer.session, 2).await.expect(202);

    let got = to_rep.next("signal").await.data;
    assert_eq!((&got["from"], &got["seq"]), (&json!("customer"), &json!(1)), "{got}");
    assert_eq!(got["description"], lying["description"], "the rest is passed on as it is");
    let got = to_customer.next("signal").await.data;
    assert_eq!((&got["from"], &got["seq"], &got["candidate"]), (&json!("representative"), &json!(2), &Value::Null));
    assert!(got.as_object().expect("an object").contains_key("candidate"), "a null candidate is passed on: {got}");

    // What each side hears later comes after what it would have heard by mistake.
    rep.ends(&customer.session).await;
    to_customer.until(seconds(5), "state", |state| state["state"] == "ended").await;
    to_rep.until(seconds(5), "state", |data| data["session"].is_null() || data["session"]["state"] == "ended").await;
    for (who, stream, expected) in [
        ("the customer", &mut to_customer, 1),
        ("the representative", &mut to_rep, 1),
        ("another representative", &mut to_other, 0),
        ("another customer", &mut to_bystander, 0),
    ] {
        assert_eq!(stream.count("signal"), expected, "signals to {who}");
    }
}

async fn signals_keep_their_order_and_wait_for_a_reconnect(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut stream = rep.stream().await;
    stream.next("state").await;
    conversation(&customer, &rep).await;
    for seq in 0..50 {
        customer.signals(seq).await.expect(202);
    }
    for seq in 0..50 {
        assert_eq!(stream.next("signal").await.data["seq"], seq);
    }
    drop(stream);
    // The page reloads: what is said meanwhile is there when it comes back.
    rep.api.post("/rep/leaving", &json!({"page": rep.page})).await.expect(204);
    customer.signals(50).await.expect(202);
    let mut again = rep.stream().await;
    assert_eq!(again.next("signal").await.data["seq"], 50);
    assert_eq!(again.seen[0].name, "state", "the full state comes first");
}

async fn signals_have_a_size(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rep).await;
    let mut to_rep = rep.stream().await;
    let message = |padding: usize| {
        json!({"v": 1, "sessionId": customer.session, "from": "customer", "page": customer.page, "seq": 1,
            "description": {"type": "offer", "sdp": "x".repeat(padding)}})
    };
    let around = message(0).to_string().len();
    customer.api.post(&customer.path("/signal"), &message(64 * 1024 - around)).await.expect(202);
    let got = to_rep.next("signal").await.data;
    assert_eq!(got["description"]["sdp"].as_str().map(str::len), Some(64 * 1024 - around));
    customer.api.post(&customer.path("/signal"), &message(64 * 1024 - around + 1)).await.refused(413);
}

async fn signals_need_the_call(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, other) = (server.rep("rita").await, server.rep("rosa").await);
    let customer = Customer::waits(&server, "5", "3").await;
    let stranger = Customer::arrives(&server, "5", "3").await;
    customer.signals(1).await.refused(409);
    rep.signals(&customer.session, 1).await.refused(404);
    conversation(&customer, &rep).await;
    other.signals(&customer.session, 1).await.refused(404);
    let foreign = Customer { session: customer.session.clone(), ..stranger };
    foreign.signals(1).await.refused(404);
    customer.ends().await;
    customer.signals(2).await.refused(409);
}

async fn streams_are_not_buffered_on_the_way(backend: Backend) {
    let server = Server::start(backend).await;
    let customer = Customer::waits(&server, "5", "3").await;
    let url = server.url(&customer.path(&format!("/events?page={}", page())));
    let token = customer.api.token().expect("a customer's token");
    let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.expect("the stream opens");
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    assert!(header("content-type").expect("a type").starts_with("text/event-stream"));
    assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
    assert!(header("cache-control").expect("a cache rule").contains("no-"));
}
