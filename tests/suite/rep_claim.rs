//! `DELETE /help/queue`: the oldest customer for a representative who is ready now.

use serde_json::{Value, json};

use crate::support::http::instant;
use crate::support::{Backend, Customer, Server, conversation};

both! {
    nobody_waiting_is_no_content,
    the_oldest_comes_first_with_everything_to_greet_them,
    the_same_customer_again_until_the_conversation_starts,
    at_full_capacity_the_present_session_is_named,
    two_representatives_never_get_the_same_customer,
    a_claim_works_with_the_cookie_and_the_csrf_token,
    claims_in_vain_leave_nothing_behind,
}

async fn nobody_waiting_is_no_content(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let answer = rep.api.delete("/help/queue").await;
    answer.expect_status(204);
    assert_eq!(answer.body, "");
    rep.api.delete("/help/queue?another=true").await.expect_status(204);
}

async fn the_oldest_comes_first_with_everything_to_greet_them(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let body =
        json!({"campaignId": "5", "bannerId": "3", "name": "Ada", "problem": "The screw is loose", "audioOnly": true});
    let mut first = Customer::opens(&server, &body).await;
    first.joins().await;
    let second = Customer::waits(&server, "6", "4").await;

    let claim = rep.claims().await.expect("two wait");
    let expected = [
        ("queueId", json!(first.queue)),
        ("sessionId", json!(first.session)),
        ("name", json!("Ada")),
        ("problem", json!("The screw is loose")),
        ("audioOnly", json!(true)),
        ("campaignId", json!("5")),
        ("bannerId", json!("3")),
        ("country", Value::Null),
        ("state", json!("offered")),
        ("requeued", json!(false)),
    ];
    for (field, value) in expected {
        assert_eq!(claim[field], value, "{field} of {claim}");
    }
    assert!(claim["epoch"].is_i64(), "{claim}");
    assert_eq!(claim["media"]["kind"], "p2p");
    let waited = claim["waitedSeconds"].as_f64().expect("seconds waited");
    let entered = instant(&claim["queueEntryTime"]);
    let truth = (chrono::Utc::now() - entered).num_milliseconds();
    assert!((0.0..60.0).contains(&waited), "{claim}");
    assert!(f64::from(i32::try_from(truth).expect("a short test")) / 1_000.0 - waited < 10.0, "{claim}");

    let view = first.view().await;
    assert_eq!(view["state"], "offered");
    assert!(view["media"].is_object(), "the customer learns how to connect: {view}");
    first.joined().await;
    rep.joined(&first.session).await;
    rep.ends(&first.session).await;
    assert_eq!(rep.claims().await.expect("one is left")["sessionId"], json!(second.session));
}

async fn the_same_customer_again_until_the_conversation_starts(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let first = Customer::waits(&server, "5", "3").await;
    let _second = Customer::waits(&server, "5", "3").await;
    let claim = rep.claims().await.expect("two wait");
    for _ in 0..3 {
        let again = rep.claims().await.expect("the same customer");
        for field in ["sessionId", "queueId", "epoch", "queueEntryTime"] {
            assert_eq!(again[field], claim[field], "{field}: an offer repeated is the same offer");
        }
    }
    first.joined().await;
    assert_eq!(rep.claims().await.expect("not started yet")["sessionId"], json!(first.session));
    rep.joined(&first.session).await;
}

async fn at_full_capacity_the_present_session_is_named(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let first = Customer::waits(&server, "5", "3").await;
    let second = Customer::waits(&server, "5", "3").await;
    conversation(&first, &rep).await;
    for path in ["/help/queue", "/help/queue?another=true"] {
        let problem = rep.api.delete(path).await.refused(409);
        assert_eq!(problem["session"]["sessionId"], json!(first.session), "{problem}");
    }
    assert_eq!(second.view().await["state"], "waiting", "nobody was taken");
    rep.ends(&first.session).await;
    assert_eq!(rep.claims().await.expect("one waits")["sessionId"], json!(second.session));
}

async fn two_representatives_never_get_the_same_customer(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    for _ in 0..20 {
        let customer = Customer::waits(&server, "5", "3").await;
        let claims = tokio::join!(rita.claims(), rosa.claims());
        let by = match &claims {
            (Some(_), None) => &rita,
            (None, Some(_)) => &rosa,
            other => panic!("one customer, two representatives: {other:?}"),
        };
        by.ends(&customer.session).await;
    }
}

async fn a_claim_works_with_the_cookie_and_the_csrf_token(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let nobody = server.nobody();
    let without = nobody.request("DELETE", "/help/queue").header("Cookie", &rep.cookie);
    nobody.send(without).await.refused(403);
    let with = nobody.request("DELETE", "/help/queue").header("Cookie", &rep.cookie).header("X-CSRF-Token", &rep.csrf);
    assert_eq!(nobody.send(with).await.expect(200)["sessionId"], json!(customer.session));
}

async fn claims_in_vain_leave_nothing_behind(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    for _ in 0..20 {
        assert!(rep.claims().await.is_none());
    }
    let customer = Customer::waits(&server, "5", "3").await;
    let view = customer.view().await;
    assert_eq!(view["state"], "waiting", "an earlier claim that got nobody takes nobody later");
    // A claim needs no event stream, on neither side.
    conversation(&customer, &rep).await;
    assert_eq!(customer.view().await["representative"]["name"], json!("rita"));
}
