//! `POST …/hold` and `…/resume`: one representative, several callers, and never two conversations at once.

use serde_json::{Value, json};

use crate::figures::checked;
use crate::support::events::Stream;
use crate::support::http::instant;
use crate::support::{Backend, Customer, Person, Server, conversation, seconds, time_passes};

both! {
    hold_and_resume_are_told_to_both_and_happen_once,
    who_may_not_hold_changes_nothing,
    only_a_conversation_can_be_held,
    to_resume_one_is_to_hold_the_other,
    to_join_one_is_to_hold_the_other,
    the_console_sees_all_callers_oldest_first,
    two_turns_at_once_leave_one_conversation,
    capacity_is_the_end_of_it,
    a_hold_is_part_of_the_call,
    a_representative_who_vanishes_gives_all_callers_back,
    a_representative_who_logs_out_gives_all_callers_back,
}

/// A representative with this many callers, claimed in this order; the last is in conversation, the others on hold.
async fn with_callers(server: &Server, callers: usize) -> (Person, Vec<Customer>) {
    let rep = server.rep_for("rita", 5).await;
    let all = callers_of(server, &rep, callers).await;
    (rep, all)
}

async fn callers_of(server: &Server, rep: &Person, callers: usize) -> Vec<Customer> {
    let mut all = Vec::new();
    for _ in 0..callers {
        let customer = Customer::waits(server, "5", "3").await;
        another(&customer, rep).await;
        all.push(customer);
    }
    all
}

/// One customer more comes into conversation.
async fn another(customer: &Customer, rep: &Person) -> Value {
    assert_eq!(rep.claims_another().await["sessionId"], json!(customer.session));
    customer.joined().await;
    let talking = rep.joined(&customer.session).await;
    assert_eq!(talking["state"], "talking");
    talking
}

async fn states(all: &[Customer]) -> Vec<String> {
    let mut states = Vec::new();
    for customer in all {
        states.push(customer.view().await["state"].as_str().expect("a state").to_owned());
    }
    states
}

async fn hold_and_resume_are_told_to_both_and_happen_once(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let (mut of_customer, mut of_rep) = (customer.stream().await, rep.stream().await);
    let mut before = conversation(&customer, &rep).await;
    for (what, state) in [("hold", "held"), ("resume", "talking"), ("hold", "held")] {
        let path = customer.path(&format!("/{what}"));
        let answer = rep.api.post(&path, &json!({"epoch": before["epoch"]})).await.expect(200);
        assert_eq!(answer["state"], state, "{answer}");
        assert_eq!(answer["epoch"], before["epoch"], "nobody else has the customer: {answer}");
        assert_eq!(answer["eventNumber"].as_i64(), before["eventNumber"].as_i64().map(|number| number + 1));
        for _ in 0..3 {
            let again = rep.api.post(&path, &json!({})).await.expect(200);
            assert_eq!((&again["state"], &again["eventNumber"]), (&answer["state"], &answer["eventNumber"]), "once");
        }
        let number = answer["eventNumber"].clone();
        let told = of_customer.until(seconds(5), "state", |told| told["eventNumber"] == number).await;
        assert_eq!((&told.data["state"], &told.data["media"].is_object()), (&json!(state), &true), "{}", told.data);
        of_rep.until(seconds(5), "state", |told| told["session"]["eventNumber"] == number).await;
        before = answer;
    }
    // A page that loads anew is told the same.
    assert_eq!(customer.stream().await.next("state").await.data["state"], "held");
    let ended = customer.ends().await;
    assert_eq!((&ended["state"], &ended["outcome"]), (&json!("ended"), &json!("answered")), "who is on hold may leave");
}

async fn who_may_not_hold_changes_nothing(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, other, admin) = (server.rep("rita").await, server.rep("rosa").await, server.admin().await);
    let customer = Customer::waits(&server, "5", "3").await;
    let talking = conversation(&customer, &rep).await;
    let stranger = Customer::arrives(&server, "5", "3").await;
    let epoch = talking["epoch"].as_i64().expect("an epoch");
    for what in ["/hold", "/resume"] {
        let path = customer.path(what);
        server.nobody().post(&path, &json!({})).await.refused(401);
        for api in [&customer.api, &stranger.api] {
            api.post(&path, &json!({})).await.refused(403);
        }
        for api in [&other.api, &admin.api] {
            api.post(&path, &json!({})).await.refused(404);
        }
        rep.api.post(&format!("/help/session/{}{what}", "0".repeat(32)), &json!({})).await.refused(404);
        rep.api.post(&path, &json!({"epoch": "one"})).await.refused(400);
        let old = rep.api.post(&path, &json!({"epoch": epoch - 1})).await.refused(409);
        assert_eq!(old["session"]["epoch"], epoch, "{old}");
        // A stale tab of another's is told that it is stale, and no more.
        assert_eq!(other.api.post(&path, &json!({"epoch": epoch - 1})).await.refused(409).get("session"), None);
    }
    let view = customer.view().await;
    assert_eq!((&view["state"], &view["eventNumber"]), (&talking["state"], &talking["eventNumber"]), "{view}");
}

async fn only_a_conversation_can_be_held(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let refused = async |state: &str| {
        for what in ["/hold", "/resume"] {
            let problem = rep.api.post(&customer.path(what), &json!({})).await.refused(409);
            assert_eq!(problem["session"]["state"], state, "{problem}");
        }
    };
    // Nobody's yet, so it does not exist for anybody.
    rep.api.post(&customer.path("/hold"), &json!({})).await.refused(404);
    rep.claims().await.expect("somebody waits");
    refused("offered").await;
    customer.joined().await;
    rep.joined(&customer.session).await;
    rep.holds(&customer.session).await;
    // Saying again that one is connected, as after a reload, ends no hold.
    assert_eq!(rep.joined(&customer.session).await["state"], "held");
    assert_eq!(customer.joined().await["state"], "held");
    rep.ends(&customer.session).await;
    refused("ended").await;
}

async fn to_resume_one_is_to_hold_the_other(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, all) = with_callers(&server, 3).await;
    assert_eq!(states(&all).await, ["held", "held", "talking"]);
    let mut streams = Vec::new();
    for customer in &all {
        let mut stream = customer.stream().await;
        stream.next("state").await;
        streams.push(stream);
    }
    assert_eq!(rep.resumes(&all[0].session).await["state"], "talking");
    assert_eq!(states(&all).await, ["talking", "held", "held"]);
    streams[0].until(seconds(5), "state", |told| told["state"] == "talking").await;
    streams[2].until(seconds(5), "state", |told| told["state"] == "held").await;
    let still = all[1].view().await["eventNumber"].clone();
    assert_eq!(rep.resumes(&all[0].session).await["state"], "talking", "again");
    rep.holds(&all[0].session).await;
    assert_eq!(states(&all).await, ["held", "held", "held"]);
    rep.resumes(&all[2].session).await;
    assert_eq!(states(&all).await, ["held", "held", "talking"]);
    assert_eq!(all[1].view().await["eventNumber"], still, "who was on hold all the time heard of nothing");

    rep.ends(&all[2].session).await;
    assert_eq!(states(&all).await, ["held", "held", "ended"], "an end resumes nobody");
    rep.resumes(&all[1].session).await;
    assert_eq!(states(&all).await, ["held", "talking", "ended"]);
}

async fn to_join_one_is_to_hold_the_other(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, mut all) = with_callers(&server, 1).await;
    let second = Customer::waits(&server, "5", "3").await;
    assert_eq!(rep.claims_another().await["sessionId"], json!(second.session));
    all.push(second);
    assert_eq!(states(&all).await, ["talking", "offered"], "a claim alone interrupts nobody");
    assert_eq!(rep.joined(&all[1].session).await["state"], "offered");
    assert_eq!(states(&all).await, ["held", "offered"], "the representative has turned to the second");
    // Back to the first before the second was there: when that one comes, theirs is the conversation.
    rep.resumes(&all[0].session).await;
    assert_eq!(rep.joined(&all[1].session).await["state"], "offered");
    assert_eq!(states(&all).await, ["talking", "offered"], "said twice, it turns nobody away");
    assert_eq!(all[1].joined().await["state"], "talking");
    assert_eq!(states(&all).await, ["held", "talking"]);
    // The first page's reload says again that it is connected.
    assert_eq!(rep.joined(&all[0].session).await["state"], "held");
    assert_eq!(states(&all).await, ["held", "talking"]);
}

async fn the_console_sees_all_callers_oldest_first(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, all) = with_callers(&server, 3).await;
    let mut stream = rep.stream().await;
    let told = stream.next("state").await.data;
    let ids = |told: &Value| -> Vec<String> {
        let sessions = told["sessions"].as_array().expect("a list");
        sessions.iter().map(|session| session["sessionId"].as_str().expect("an id").to_owned()).collect()
    };
    let expected: Vec<_> = all.iter().map(|customer| customer.session.clone()).collect();
    assert_eq!(ids(&told), expected);
    assert_eq!(told["session"], told["sessions"][2], "the latest claim");
    assert_eq!((&told["rep"]["callers"], &told["rep"]["capacity"]), (&json!(3), &json!(5)));
    assert!(told["sessions"].as_array().expect("a list").iter().all(|session| session["media"].is_object()));

    rep.resumes(&all[0].session).await;
    let told = stream.until(seconds(5), "state", |told| told["sessions"][0]["state"] == "talking").await.data;
    assert_eq!((ids(&told), &told["sessions"][2]["state"]), (expected, &json!("held")), "the order stays");
    for left in (0..3).rev() {
        rep.ends(&all[left].session).await;
        let told = stream
            .until(seconds(5), "state", |told| told["sessions"].as_array().is_some_and(|all| all.len() == left))
            .await
            .data;
        assert_eq!(told["session"]["sessionId"].as_str(), left.checked_sub(1).map(|last| all[last].session.as_str()));
    }
}

async fn two_turns_at_once_leave_one_conversation(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, all) = with_callers(&server, 3).await;
    for round in 0..15 {
        let (first, second) = (&all[round % 3], &all[(round + 1) % 3]);
        rep.holds(&all[(round + 2) % 3].session).await;
        tokio::join!(rep.resumes(&first.session), rep.resumes(&second.session));
        let states = states(&all).await;
        let talking = states.iter().filter(|state| *state == "talking").count();
        assert_eq!(talking, 1, "round {round}: {states:?}");
        for customer in [first, second] {
            if customer.view().await["state"] == "talking" {
                rep.holds(&customer.session).await;
            }
        }
    }
}

async fn capacity_is_the_end_of_it(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep_for("rita", 2).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(Customer::waits(&server, "5", "3").await);
    }
    conversation(&all[0], &rep).await;
    rep.holds(&all[0].session).await;
    another(&all[1], &rep).await;
    let problem = rep.api.delete("/help/queue?another=true").await.refused(409);
    assert_eq!(problem["session"]["sessionId"], json!(all[1].session), "one on hold counts: {problem}");
    assert_eq!(states(&all).await, ["held", "talking", "waiting"]);
    all[0].ends().await;
    another(&all[2], &rep).await;
    assert_eq!(states(&all).await, ["ended", "held", "talking"]);
}

async fn a_hold_is_part_of_the_call(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    let talking = conversation(&customer, &rep).await;
    rep.holds(&customer.session).await;
    time_passes(seconds(2)).await;
    let resumed = rep.resumes(&customer.session).await;
    assert_eq!(resumed["conversationStartTime"], talking["conversationStartTime"], "the first start stays");
    assert_eq!(resumed["waitedSeconds"], talking["waitedSeconds"]);
    rep.holds(&customer.session).await;
    let ended = rep.ends(&customer.session).await;
    let span = instant(&ended["sessionEndTime"]) - instant(&ended["conversationStartTime"]);
    assert!(span.num_milliseconds() >= 2_000, "{ended}");
    let (figures, calls) = checked(&server.admin().await, "5/3").await;
    assert_eq!((&figures["TotalOfCalls"], &figures["AnsweredCalls"]), (&json!(1), &json!(1)), "{figures}");
    assert_eq!(calls[0]["ConversationStartTime"], talking["conversationStartTime"], "{}", calls[0]);
    assert_eq!(calls[0]["SessionEndTime"], ended["sessionEndTime"]);
}

/// All of them wait again, first come first, with the places they had.
async fn given_back(all: &[Customer], streams: &mut [Stream], server: &Server) {
    for (customer, stream) in all.iter().zip(streams) {
        let back = stream.until(seconds(40), "state", |told| told["state"] == "waiting").await.data;
        assert_eq!((&back["requeued"], &back["queueId"]), (&json!(true), &json!(customer.queue)), "{back}");
    }
    let rosa = server.rep_for("rosa", 2).await;
    for customer in all {
        assert_eq!(rosa.claims_another().await["sessionId"], json!(customer.session), "first come, first served");
        customer.joined().await;
        rosa.joined(&customer.session).await;
    }
    assert_eq!(states(all).await, ["held", "talking"]);
}

async fn streams_of(all: &[Customer]) -> Vec<Stream> {
    let mut streams = Vec::new();
    for customer in all {
        streams.push(customer.stream().await);
    }
    streams
}

async fn a_representative_who_vanishes_gives_all_callers_back(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep_for("rita", 2).await;
    let mut of_rep = rita.stream().await;
    of_rep.next("state").await;
    let all = callers_of(&server, &rita, 2).await;
    assert_eq!(states(&all).await, ["held", "talking"]);
    let mut streams = streams_of(&all).await;
    drop(of_rep);
    given_back(&all, &mut streams, &server).await;
}

async fn a_representative_who_logs_out_gives_all_callers_back(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep_for("rita", 2).await;
    let mut of_rep = rita.stream().await;
    of_rep.next("state").await;
    let all = callers_of(&server, &rita, 2).await;
    let mut streams = streams_of(&all).await;
    rita.api.post("/logout", &json!({})).await.expect(204);
    given_back(&all, &mut streams, &server).await;
}
