//! The figures of a representative's day: their own, since the page's midnight.

use serde_json::{Value, json};

use crate::store::raw::Raw;
use crate::support::http::{instant, segment};
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, seconds};

both! {
    a_day_is_told_in_own_figures,
    the_time_in_each_activity_is_exact,
    a_day_without_calls_has_no_means,
    a_day_is_at_most_two_days_long,
}

const HOUR_MILLIS: i64 = 3_600_000;

fn ago(millis: i64) -> chrono::DateTime<chrono::Utc> {
    let now = chrono::Utc::now().timestamp_millis();
    chrono::DateTime::from_timestamp_millis(now - millis).expect("a time")
}

fn path(from: chrono::DateTime<chrono::Utc>) -> String {
    format!("/rep/today?from={}", segment(&from.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)))
}

async fn today(rep: &Person, from: chrono::DateTime<chrono::Utc>) -> Value {
    rep.api.get(&path(from)).await.expect(200)
}

async fn run(server: &Server, sql: &str) {
    Raw::connect(server.database_url()).await.execute(sql).await;
}

/// A conversation that is over, and lasted so long from then on.
async fn talked(server: &Server, rep: &Person, start: i64, lasted: i64) -> Customer {
    let customer = Customer::waits(server, "5", "3").await;
    conversation(&customer, rep).await;
    rep.ends(&customer.session).await;
    let end = start + lasted;
    let which = format!("id = X'{}'", customer.session);
    run(server, &format!("UPDATE sessions SET started_at = {start}, ended_at = {end} WHERE {which}")).await;
    customer
}

async fn a_day_is_told_in_own_figures(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("offer_seconds = 3").await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let from = ago(HOUR_MILLIS);
    let midnight = from.timestamp_millis();
    let first = talked(&server, &rita, midnight, 60_000).await;
    let second = talked(&server, &rita, midnight + 1_000, 61_001).await;
    let yesterday = talked(&server, &rita, midnight - 1, 600_000).await;
    let hers = talked(&server, &rosa, midnight + 1_000, 5_000).await;
    for (customer, stars) in [(&first, 5), (&second, 4), (&yesterday, 1), (&hers, 1)] {
        customer.api.post(&customer.path("/rating"), &json!({"stars": stars})).await.expect(200);
    }
    // Asked for by somebody who is signed in: a trial.
    let trial = rosa.api.post("/help/session", &json!({"campaignId": "5", "bannerId": "3"})).await.expect(201);
    let api = server.bearer(trial["token"].as_str().expect("a token"));
    let session = trial["sessionId"].as_str().expect("an id").to_owned();
    let mut trial = Customer { api, session, queue: String::new(), page: crate::support::people::page() };
    trial.joins().await;
    conversation(&trial, &rita).await;
    rita.ends(&trial.session).await;
    // One that goes on is answered, and has no end yet.
    let goes_on = Customer::waits(&server, "5", "3").await;
    conversation(&goes_on, &rita).await;
    let day = today(&rita, from).await;
    assert_eq!((&day["answered"], &day["meanTalkSeconds"]), (&json!(3), &json!(60.5005)), "{day}");
    assert_eq!((&day["ratings"], &day["meanRating"]), (&json!(2), &json!(4.5)), "{day}");
    assert_eq!(day["missedOffers"], 0);
    assert_eq!(instant(&day["from"]), from);
    rita.ends(&goes_on.session).await;

    let _console = rita.is_available().await;
    let rings = Customer::waits(&server, "5", "3").await;
    eventually("nobody answered", seconds(15), async || {
        (today(&rita, from).await["missedOffers"] == json!(1)).then_some(())
    })
    .await;
    rings.leaves_queue().await;
    let hers = today(&rosa, from).await;
    assert_eq!((&hers["answered"], &hers["missedOffers"], &hers["meanRating"]), (&json!(1), &json!(0), &json!(1.0)));
}

async fn the_time_in_each_activity_is_exact(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let mut console = rita.stream().await;
    console.next("state").await;
    rita.chooses("break").await;
    rita.chooses("available").await;
    let from = ago(HOUR_MILLIS);
    let midnight = from.timestamp_millis();
    // The break began an hour before midnight, and ended ten minutes and a bit after it.
    let free = midnight + 600_123;
    for sql in [
        format!("UPDATE rep_activities SET at = {} WHERE activity = 'break'", midnight - HOUR_MILLIS),
        format!("UPDATE rep_activities SET at = {free} WHERE activity = 'available'"),
        format!("UPDATE reps SET activity_since = {free} WHERE activity = 'available'"),
    ] {
        run(&server, &sql).await;
    }
    let day = today(&rita, from).await;
    let at = instant(&day["at"]).timestamp_millis();
    let each = &day["activities"];
    assert_eq!(each["break"], json!(600.123), "only what was of it since midnight");
    let millis = |value: &Value| (value.as_f64().expect("seconds") * 1_000.0).round();
    #[allow(clippy::cast_precision_loss)]
    let expected = (at - free) as f64;
    assert!((millis(&each["available"]) - expected).abs() < 0.5, "{day}");

    // A call that goes on is on the row alone: it counts all the same, and takes the place of what was before it.
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let call = midnight + 3_000_000;
    run(&server, &format!("UPDATE reps SET activity_since = {call} WHERE activity = 'onCall'")).await;
    let day = today(&rita, from).await;
    let at = instant(&day["at"]).timestamp_millis();
    assert_eq!(day["activities"]["available"], json!(2_399.877), "{day}");
    #[allow(clippy::cast_precision_loss)]
    let expected = (at - call) as f64;
    assert!((millis(&day["activities"]["onCall"]) - expected).abs() < 0.5, "{day}");
    rita.ends(&customer.session).await;
    let after = today(&rita, from).await;
    let sum: f64 = after["activities"].as_object().expect("activities").values().map(millis).sum();
    #[allow(clippy::cast_precision_loss)]
    let whole = (instant(&after["at"]).timestamp_millis() - midnight) as f64;
    assert!((sum - whole).abs() < 1.0, "all of them are the whole day: {after}");
}

async fn a_day_without_calls_has_no_means(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let day = rita.api.get("/rep/today").await.expect(200);
    assert_eq!((&day["answered"], &day["missedOffers"], &day["ratings"]), (&json!(0), &json!(0), &json!(0)));
    assert_eq!((&day["meanTalkSeconds"], &day["meanRating"]), (&Value::Null, &Value::Null));
    for activity in ["offline", "available", "break", "missed", "onCall", "wrapUp"] {
        assert_eq!(day["activities"][activity], json!(0.0), "{day}");
    }
}

async fn a_day_is_at_most_two_days_long(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    for bad in ["yesterday", "", "2026-11-21"] {
        rita.api.get(&format!("/rep/today?from={}", segment(bad))).await.refused(400);
    }
    for hours in [49, -1] {
        let refused = rita.api.get(&path(ago(hours * HOUR_MILLIS))).await.refused(400);
        assert_eq!(refused["detail"], "from must be within the last 48 hours.");
    }
    today(&rita, ago(47 * HOUR_MILLIS)).await;
}
