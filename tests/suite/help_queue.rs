//! `/help/queue` as the customer knows it: joining, the place in line, leaving.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Answer, Backend, Customer, Server, conversation, eventually, seconds, time_passes};

both! {
    places_are_counted_in_order_of_joining,
    joining_again_is_the_same_entry,
    joining_after_the_offer_or_the_end_is_refused,
    another_token_opens_nothing,
    leaving_ends_the_session_as_cancelled,
    joining_needs_nobody_online,
    a_hundred_at_once_stand_in_one_line,
    availability_tells_what_is_true,
    the_wait_is_estimated_from_what_the_last_contacts_took,
}

async fn places_are_counted_in_order_of_joining(backend: Backend) {
    let server = Server::start(backend).await;
    let mut customers = Vec::new();
    for place in 1..=5 {
        let mut customer = Customer::arrives(&server, "5", "3").await;
        let entry = customer.joins().await;
        assert_eq!(entry["position"], place, "{entry}");
        assert_eq!(entry["estimatedWaitSeconds"], Value::Null, "fewer than five answers: no honest estimate");
        assert_eq!(entry["queueId"].as_str().map(str::len), Some(32));
        customers.push(customer);
    }
    let view = customers[3].view().await;
    assert_eq!((&view["state"], &view["position"]), (&json!("waiting"), &json!(4)));
    customers[1].leaves_queue().await;
    let view = customers[3].view().await;
    assert_eq!(view["position"], 3, "everybody behind moves up");
    assert_eq!(customers[0].view().await["position"], 1);
}

async fn joining_again_is_the_same_entry(backend: Backend) {
    let server = Server::start(backend).await;
    let first = Customer::waits(&server, "5", "3").await;
    let mut second = Customer::waits(&server, "5", "3").await;
    let (queue, session) = (second.queue.clone(), second.session.clone());
    assert_eq!(second.joins().await["queueId"], json!(queue));
    let together = tokio::join!(second.try_join(), second.try_join(), second.try_join());
    for answer in [together.0, together.1, together.2] {
        let entry = answer.expect(201);
        assert_eq!((&entry["queueId"], &entry["position"]), (&json!(queue), &json!(2)));
    }
    first.leaves_queue().await;
    assert_eq!(second.joins().await["position"], 1, "the present position, not the one of the first answer");
    let calls = server.admin().await.api.get("/getFullMetrics/5/3").await.expect(200);
    let of_second = calls.as_array().expect("a list").iter().filter(|call| call["Sessionid"] == json!(session));
    assert_eq!(of_second.count(), 1, "one entry");
}

async fn joining_after_the_offer_or_the_end_is_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    rep.claims().await.expect("somebody waits");
    conflict(&customer.try_join().await, "offered");
    customer.joined().await;
    rep.joined(&customer.session).await;
    conflict(&customer.try_join().await, "talking");
    rep.ends(&customer.session).await;
    conflict(&customer.try_join().await, "ended");
}

/// 409 answers of session routes carry the session as it is.
#[track_caller]
fn conflict(answer: &Answer, state: &str) {
    let problem = answer.refused(409);
    assert_eq!(problem["session"]["state"], state, "{problem}");
}

async fn another_token_opens_nothing(backend: Backend) {
    let server = Server::start(backend).await;
    let own = Customer::waits(&server, "5", "3").await;
    let stranger = Customer::arrives(&server, "5", "3").await;
    let body = json!({"sessionId": own.session});
    server.nobody().post("/help/queue", &body).await.refused(401);
    stranger.api.post("/help/queue", &body).await.refused(404);
    stranger.api.delete(&format!("/help/queue/{}", own.queue)).await.refused(404);
    stranger.api.get(&own.path("")).await.refused(404);
    let unknown = "f".repeat(32);
    own.api.post("/help/queue", &json!({"sessionId": unknown})).await.refused(404);
    own.api.delete(&format!("/help/queue/{unknown}")).await.refused(404);
    for body in [json!({}), json!({"sessionId": 7}), json!([])] {
        own.api.post("/help/queue", &body).await.refused(400);
    }
    let view = own.view().await;
    assert_eq!((&view["state"], &view["position"]), (&json!("waiting"), &json!(1)), "nothing happened");
}

async fn leaving_ends_the_session_as_cancelled(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    customer.leaves_queue().await;
    let view = customer.view().await;
    assert_eq!((&view["state"], &view["outcome"]), (&json!("ended"), &json!("cancelled")));
    assert!(view["sessionEndTime"].is_string());
    customer.leaves_queue().await;
    assert_eq!(customer.view().await["sessionEndTime"], view["sessionEndTime"], "leaving again changes nothing");
    assert!(rep.claims().await.is_none(), "who left is not offered");

    // An administrator may take somebody out of the line as well.
    let taken_out = Customer::waits(&server, "5", "3").await;
    server.admin().await.api.delete(&format!("/help/queue/{}", taken_out.queue)).await.expect(204);
    assert_eq!(taken_out.view().await["state"], "ended");
}

async fn joining_needs_nobody_online(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody_there = server.nobody().get("/help/availability").await.expect(200);
    assert_eq!(nobody_there["online"], false);
    let customer = Customer::waits(&server, "5", "3").await;
    assert_eq!(customer.view().await["state"], "waiting");
}

async fn a_hundred_at_once_stand_in_one_line(backend: Backend) {
    let server = Server::start(backend).await;
    let mut joining = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let mut customer = Customer::arrives(&server, "5", "3").await;
        joining.spawn(async move {
            customer.joins().await;
            customer
        });
    }
    let mut line = Vec::new();
    for customer in joining.join_all().await {
        let position = customer.view().await["position"].as_u64().expect("a place in the line");
        line.push((position, customer.session));
    }
    line.sort();
    assert!(line.iter().map(|(position, _)| *position).eq(1..=100), "every place once: {line:?}");

    let rep = server.rep("rita").await;
    for (position, session) in line {
        let claim = rep.claims().await.expect("a hundred wait");
        assert_eq!(claim["sessionId"], json!(session), "place {position} is next");
        rep.ends(&session).await;
    }
    assert!(rep.claims().await.is_none());
}

async fn availability_tells_what_is_true(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let availability = async || server.nobody().get("/help/availability").await.expect(200);
    assert_eq!(availability().await, json!({"online": false, "waiting": 0, "estimatedWaitSeconds": null}));
    Customer::waits(&server, "5", "3").await;
    let mut stream = rep.stream().await;
    stream.next("state").await;
    // Working at the console, and not to be rung: nobody may count on that.
    eventually("one waits", seconds(5), async || (availability().await["waiting"] == 1).then_some(())).await;
    time_passes(seconds(3)).await;
    assert_eq!(availability().await, json!({"online": false, "waiting": 1, "estimatedWaitSeconds": null}));
    // Where customers are asked for, whoever sits there may ask.
    mode(&server, "pull");
    eventually("she may ask for the next", seconds(5), async || (availability().await["online"] == true).then_some(()))
        .await;
    mode(&server, "offer");
    eventually("she is offline again", seconds(5), async || (availability().await["online"] == false).then_some(()))
        .await;
    rep.api.post("/rep/activity", &json!({"activity": "available"})).await.expect(200);
    eventually("one waits and somebody is online", seconds(5), async || {
        let now = availability().await;
        (now["online"] == true && now["waiting"] == 1).then_some(())
    })
    .await;
}

fn mode(server: &Server, mode: &str) {
    let set = server.cli(&["queue", "set", "default", "--mode", mode], "");
    assert!(set.status.success(), "{set:?}");
}

async fn the_wait_is_estimated_from_what_the_last_contacts_took(backend: Backend) {
    let server = Server::start(backend).await;
    mode(&server, "pull");
    let rep = server.rep("rita").await;
    let mut console = rep.stream().await;
    console.next("state").await;
    let expected = async || server.nobody().get("/help/availability").await.expect(200)["estimatedWaitSeconds"].clone();
    eventually("somebody is free: no wait", seconds(6), async || (expected().await == json!(0.0)).then_some(())).await;

    let started = Instant::now();
    for _ in 0..5 {
        let customer = Customer::waits(&server, "5", "3").await;
        conversation(&customer, &rep).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        rep.ends(&customer.session).await;
    }
    let _in_hand = Customer::waits(&server, "5", "3").await;
    rep.claims().await.expect("somebody waits");
    let (first, second) = (Customer::waits(&server, "5", "3").await, Customer::waits(&server, "5", "3").await);
    let estimate = async |customer: &Customer| customer.view().await["estimatedWaitSeconds"].as_f64();
    let (one, two) = eventually("the wait of two is known", seconds(20), async || {
        let (one, two) = (estimate(&first).await?, estimate(&second).await?);
        (one > 0.0 && (two - 2.0 * one).abs() < 0.002).then_some((one, two))
    })
    .await;
    // Six in hand so far, five answered: between the time they certainly took and all that has passed.
    assert!(one >= 0.1 && one <= started.elapsed().as_secs_f64() / 5.0, "{one}, {two}");
}
