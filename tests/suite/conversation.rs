//! From the offer to the outcome: who has to say what, and what every end is called.

use serde_json::{Value, json};

use crate::support::http::instant;
use crate::support::{Answer, Backend, Customer, Person, Server, conversation};

both! {
    the_conversation_starts_when_both_have_joined,
    ending_is_final_and_says_the_same_again,
    every_end_has_its_outcome,
    an_older_epoch_has_no_effect,
    nonsense_in_a_conversation_is_refused,
    asking_again_is_a_new_session_of_the_same_visit,
    strangers_have_no_part_in_it,
    instants_are_in_order,
}

async fn the_conversation_starts_when_both_have_joined(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    for customer_first in [true, false] {
        let customer = Customer::waits(&server, "5", "3").await;
        let rep = if customer_first { &rita } else { &rosa };
        rep.claims().await.expect("somebody waits");
        let first = if customer_first { customer.joined().await } else { rep.joined(&customer.session).await };
        assert_eq!((&first["state"], &first["conversationStartTime"]), (&json!("offered"), &Value::Null));
        // Saying it twice does not make it two.
        let again = if customer_first { customer.joined().await } else { rep.joined(&customer.session).await };
        assert_eq!(again["state"], "offered");
        let second = if customer_first { rep.joined(&customer.session).await } else { customer.joined().await };
        assert_eq!(second["state"], "talking");
        assert!(second["conversationStartTime"].is_string(), "{second}");
        let later = if customer_first { customer.joined().await } else { rep.joined(&customer.session).await };
        assert_eq!(later["conversationStartTime"], second["conversationStartTime"], "again: the same answer");
        assert_eq!(customer.view().await["representative"]["name"], json!(rep.name));
    }
}

async fn ending_is_final_and_says_the_same_again(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    for rep_ends in [true, false] {
        let customer = Customer::waits(&server, "5", "3").await;
        conversation(&customer, &rep).await;
        let ended = if rep_ends { rep.ends(&customer.session).await } else { customer.ends().await };
        assert_eq!((&ended["state"], &ended["outcome"]), (&json!("ended"), &json!("answered")));
        for again in [rep.ends(&customer.session).await, customer.ends().await, customer.view().await] {
            for field in ["state", "outcome", "sessionEndTime", "conversationStartTime", "epoch", "eventNumber"] {
                assert_eq!(again[field], ended[field], "{field}");
            }
        }
        assert!(rep.claims().await.is_none(), "an ended session never waits again");
    }
}

/// What happens to a customer who waits, and the outcome it must have.
async fn every_end_has_its_outcome(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, admin) = (server.rep("rita").await, server.admin().await);
    let media = json!({"reason": "media"});

    let customer = Customer::waits(&server, "5", "3").await;
    customer.leaves_queue().await;
    outcome(&customer, "cancelled", "left while waiting").await;

    let customer = Customer::waits(&server, "5", "3").await;
    customer.ends().await;
    outcome(&customer, "cancelled", "ended while waiting").await;

    // Who was never being connected cannot have failed to connect.
    let customer = Customer::waits(&server, "5", "3").await;
    customer.api.post(&customer.path("/end"), &media).await.expect(200);
    outcome(&customer, "cancelled", "blamed the media while waiting").await;

    let customer = offered(&server, &rep).await;
    customer.ends().await;
    outcome(&customer, "cancelled", "ended while the offer stood").await;

    let customer = offered(&server, &rep).await;
    rep.ends(&customer.session).await;
    outcome(&customer, "missed", "the representative ended before the start").await;

    let customer = Customer::waits(&server, "5", "3").await;
    admin.api.delete(&format!("/help/queue/{}", customer.queue)).await.expect(204);
    outcome(&customer, "cancelled", "an administrator took the customer out of the line").await;

    let customer = Customer::waits(&server, "5", "3").await;
    admin.api.post(&customer.path("/end"), &serde_json::json!({})).await.expect(200);
    outcome(&customer, "missed", "an administrator ended the session").await;

    let customer = offered(&server, &rep).await;
    customer.api.post(&customer.path("/end"), &media).await.expect(200);
    outcome(&customer, "failed", "the customer's media never connected").await;

    let customer = offered(&server, &rep).await;
    rep.api.post(&customer.path("/end"), &media).await.expect(200);
    outcome(&customer, "failed", "the representative's media never connected").await;

    let customer = offered(&server, &rep).await;
    customer.joined().await;
    rep.joined(&customer.session).await;
    customer.api.post(&customer.path("/end"), &media).await.expect(200);
    outcome(&customer, "answered", "the media broke after the start").await;

    // Opened and ended without joining: no call, whatever it is called.
    let customer = Customer::arrives(&server, "5", "3").await;
    customer.ends().await;
    assert_eq!(customer.view().await["state"], "ended");

    let figures = admin.api.get("/getAverageMetrics/5/3").await.expect(200);
    let counts =
        ["TotalOfCalls", "AnsweredCalls", "NotAnsweredCalls", "WaitingCalls"].map(|name| figures[name].clone());
    assert_eq!(counts, [json!(10), json!(1), json!(9), json!(0)], "{figures}");
}

async fn offered(server: &Server, rep: &Person) -> Customer {
    let customer = Customer::waits(server, "5", "3").await;
    assert_eq!(rep.claims().await.expect("somebody waits")["sessionId"], json!(customer.session));
    customer
}

async fn outcome(customer: &Customer, expected: &str, story: &str) {
    let view = customer.view().await;
    assert_eq!((&view["state"], &view["outcome"]), (&json!("ended"), &json!(expected)), "{story}");
}

async fn an_older_epoch_has_no_effect(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let waiting = customer.view().await["epoch"].as_i64().expect("an epoch");
    let claim = rep.claims().await.expect("somebody waits");
    let epoch = claim["epoch"].as_i64().expect("an epoch");
    assert!(epoch > waiting, "an offer raises the epoch");

    for path in ["/joined", "/end", "/signal"] {
        for api in [&customer.api, &rep.api] {
            let mut old = json!({"epoch": epoch - 1});
            if path == "/signal" {
                old = json!({"epoch": epoch - 1, "v": 1, "sessionId": customer.session, "from": "customer",
                    "page": customer.page, "seq": 1, "hello": true});
            }
            let problem = api.post(&customer.path(path), &old).await.refused(409);
            assert_eq!(problem["session"]["epoch"], epoch, "{path}: {problem}");
        }
    }
    assert_eq!(customer.view().await["state"], "offered", "nothing happened");
    let present = json!({"epoch": epoch});
    customer.api.post(&customer.path("/joined"), &present).await.expect(200);
    let talking = rep.api.post(&customer.path("/joined"), &present).await.expect(200);
    assert_eq!(talking["state"], "talking");
}

async fn nonsense_in_a_conversation_is_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    // Nobody can have joined media that nobody was offered.
    refused_with_session(&customer.api.post(&customer.path("/joined"), &json!({})).await, "waiting");
    let offer = rep.claims().await.expect("somebody waits");
    for (path, body) in [
        ("/joined", json!({"epoch": "one"})),
        ("/joined", json!([])),
        ("/end", json!({"reason": "boredom"})),
        ("/end", json!({"epoch": 1.5})),
        ("/signal", json!({"v": 1})),
    ] {
        customer.api.post(&customer.path(path), &body).await.refused(400);
    }
    assert_eq!(customer.view().await["epoch"], offer["epoch"]);
    customer.ends().await;
    refused_with_session(&customer.api.post(&customer.path("/joined"), &json!({})).await, "ended");
}

#[track_caller]
fn refused_with_session(answer: &Answer, state: &str) {
    assert_eq!(answer.refused(409)["session"]["state"], state, "{}", answer.body);
}

async fn asking_again_is_a_new_session_of_the_same_visit(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let page = server.nobody().get("/?campaignId=5&bannerId=3").await;
    let visit = json!({"visitId": crate::landing::visit_of(&page.body)});
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let mut customer = Customer::opens(&server, &visit).await;
        customer.joins().await;
        conversation(&customer, &rep).await;
        customer.ends().await;
        sessions.push(customer.session);
    }
    assert_ne!(sessions[0], sessions[1]);
    let calls = server.admin().await.api.get("/getFullMetrics/5/3").await.expect(200);
    let listed: Vec<&Value> = calls.as_array().expect("a list").iter().map(|call| &call["Sessionid"]).collect();
    assert_eq!(listed, [&json!(sessions[0]), &json!(sessions[1])]);
}

async fn strangers_have_no_part_in_it(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, other) = (server.rep("rita").await, server.rep("rosa").await);
    let customer = offered(&server, &rep).await;
    let stranger = Customer::arrives(&server, "5", "3").await;
    for api in [&other.api, &stranger.api] {
        api.get(&customer.path("")).await.refused(404);
        api.get(&customer.path("/media")).await.refused(404);
        for path in ["/joined", "/end", "/alive"] {
            api.post(&customer.path(path), &json!({})).await.refused(404);
        }
    }
    server.admin().await.api.get(&customer.path("")).await.expect(200);
    assert_eq!(rep.api.get(&customer.path("")).await.expect(200)["state"], "offered", "nothing happened");
}

async fn instants_are_in_order(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let before = chrono::Utc::now();
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rep).await;
    let view = customer.ends().await;
    let stamps = ["queueEntryTime", "conversationStartTime", "sessionEndTime"].map(|field| instant(&view[field]));
    assert!(stamps.is_sorted(), "entry, start, end: {view}");
    let slack = chrono::TimeDelta::seconds(2);
    assert!(stamps[0] > before - slack && stamps[2] < chrono::Utc::now() + slack, "{view}");
}
