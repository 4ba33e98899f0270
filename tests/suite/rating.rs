//! `/help/session/…/rating`: what a customer thought of the conversation, once there was one and it is over.

use serde_json::{Value, json};

use crate::support::{Backend, Customer, Server, conversation};

both! {
    a_conversation_that_has_ended_is_rated_and_the_newer_word_counts,
    before_the_end_or_without_a_conversation_there_is_nothing_to_rate,
    only_that_customer_rates,
    a_comment_is_kept_byte_for_byte,
    nonsense_is_refused_with_one_sentence,
}

/// A customer whose conversation is over, and who had it.
async fn talked(server: &Server, rep: &crate::support::Person) -> Customer {
    let customer = Customer::waits(server, "5", "3").await;
    conversation(&customer, rep).await;
    rep.ends(&customer.session).await;
    customer
}

async fn a_conversation_that_has_ended_is_rated_and_the_newer_word_counts(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, admin) = (server.rep("rita").await, server.admin().await);
    let customer = talked(&server, &rep).await;
    let other = talked(&server, &rep).await;
    let readers = [&customer.api, &rep.api, &admin.api];
    for reader in readers {
        assert_eq!(reader.get(&customer.path("")).await.expect(200)["rating"], Value::Null);
    }
    let before = customer.view().await;
    let words = [
        (json!({"stars": 2, "comment": "Too long a wait."}), json!({"stars": 2, "comment": "Too long a wait."})),
        (json!({"stars": 5}), json!({"stars": 5, "comment": null})),
        (json!({"stars": 4, "comment": ""}), json!({"stars": 4, "comment": null})),
        (json!({"stars": 1, "comment": null}), json!({"stars": 1, "comment": null})),
    ];
    for (said, kept) in words {
        // Twice: an answer may get lost.
        for _ in 0..2 {
            assert_eq!(customer.api.post(&customer.path("/rating"), &said).await.expect(200), kept);
        }
        for reader in readers {
            assert_eq!(reader.get(&customer.path("")).await.expect(200)["rating"], kept);
        }
    }
    let mut after = customer.view().await;
    after["rating"] = Value::Null;
    assert_eq!(after, before, "nothing else of the session changes");
    assert_eq!(other.view().await["rating"], Value::Null, "another's conversation is not rated by it");
}

async fn before_the_end_or_without_a_conversation_there_is_nothing_to_rate(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let refused = async |customer: &Customer, state: &str| {
        let problem = customer.api.post(&customer.path("/rating"), &json!({"stars": 5})).await.refused(409);
        assert_eq!(problem["session"]["state"], state, "{problem}");
        assert_eq!(problem["session"]["sessionId"], customer.session, "{problem}");
        assert_eq!(problem["detail"], "Only a conversation that has ended can be rated.");
        assert_eq!(customer.view().await["rating"], Value::Null);
    };
    let mut customer = Customer::arrives(&server, "5", "3").await;
    refused(&customer, "created").await;
    customer.joins().await;
    refused(&customer, "waiting").await;
    rep.claims().await.expect("somebody waits");
    refused(&customer, "offered").await;
    customer.joined().await;
    rep.joined(&customer.session).await;
    refused(&customer, "talking").await;
    customer.ends().await;
    customer.api.post(&customer.path("/rating"), &json!({"stars": 5})).await.expect(200);

    let left = Customer::waits(&server, "5", "3").await;
    left.leaves_queue().await;
    refused(&left, "ended").await;
    let missed = Customer::waits(&server, "5", "3").await;
    rep.claims().await.expect("somebody waits");
    rep.ends(&missed.session).await;
    refused(&missed, "ended").await;
}

async fn only_that_customer_rates(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, admin) = (server.rep("rita").await, server.admin().await);
    let customer = talked(&server, &rep).await;
    let stranger = talked(&server, &rep).await;
    let body = json!({"stars": 1, "comment": "not mine"});
    for api in [&rep.api, &admin.api, &server.person("mara", "marketer").await.api] {
        api.post(&customer.path("/rating"), &body).await.refused(403);
    }
    stranger.api.post(&customer.path("/rating"), &body).await.refused(404);
    stranger.api.post("/help/session/not-an-id/rating", &body).await.refused(404);
    server.nobody().post(&customer.path("/rating"), &body).await.refused(401);
    assert_eq!(customer.view().await["rating"], Value::Null);
    assert_eq!(stranger.view().await["rating"], Value::Null);
}

async fn a_comment_is_kept_byte_for_byte(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = talked(&server, &rep).await;
    let most = "😀".repeat(1_000);
    let comments = [
        most.as_str(),
        "👨‍👩‍👧‍👦 🏳️‍🌈 e\u{301}",
        "\u{202e}שלום \u{200f}مرحبا",
        "<script>alert('\"x\"')</script>",
        "Robert'); DROP TABLE ratings;-- \\' \\0 \\n",
        "  blanks kept  ",
        "two\nlines\tand a tab\r",
        "ß ẞ İ ı ﬀ",
        " ",
    ];
    for comment in comments {
        let body = json!({"stars": 3, "comment": comment});
        assert_eq!(customer.api.post(&customer.path("/rating"), &body).await.expect(200)["comment"], comment);
        let seen = rep.api.get(&customer.path("")).await.expect(200);
        assert_eq!(seen["rating"]["comment"].as_str().map(str::as_bytes), Some(comment.as_bytes()));
    }
    let too_long = json!({"stars": 1, "comment": format!("{most}!")});
    let problem = customer.api.post(&customer.path("/rating"), &too_long).await.refused(400);
    assert_eq!(problem["detail"], "comment must be at most 1000 characters.");
    assert_eq!(customer.view().await["rating"]["comment"], " ", "what was refused changed nothing");
}

async fn nonsense_is_refused_with_one_sentence(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = talked(&server, &rep).await;
    let path = customer.path("/rating");
    for stars in
        [json!(0), json!(6), json!(-1), json!(3.5), json!(5e30), json!("good"), json!(null), json!([5]), json!(true)]
    {
        let problem = customer.api.post(&path, &json!({"stars": stars, "comment": "x"})).await.refused(400);
        assert_eq!(problem["detail"], "stars must be a whole number from 1 to 5.", "{stars}");
    }
    let problem = customer.api.post(&path, &json!({})).await.refused(400);
    assert_eq!(problem["detail"], "stars must be a whole number from 1 to 5.");
    for body in [json!([]), json!({"stars": 5, "comment": 5}), json!({"stars": 5, "comment": ["x"]})] {
        customer.api.post(&path, &body).await.refused(400);
    }
    assert_eq!(customer.view().await["rating"], Value::Null);
    // A form's way, too.
    let form = [("stars", "4"), ("comment", "as a form & more")];
    let request = crate::support::http::form(customer.api.request("POST", &path), &form);
    let kept = customer.api.send(request).await.expect(200);
    assert_eq!(kept, json!({"stars": 4, "comment": "as a form & more"}));
}
