//! Activities, and offers: who waits rings at who is available.

use serde_json::{Value, json};

use crate::support::events::Stream;
use crate::support::http::text;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, noticed, seconds, time_passes};

both! {
    after_a_login_nobody_is_available,
    what_a_representative_chooses_is_what_they_do,
    a_choice_that_cannot_be_is_refused,
    the_first_in_line_rings_and_is_accepted,
    nobody_rings_twice_and_the_second_rings_at_the_second,
    who_has_been_idle_longest_is_asked_first,
    a_rejected_customer_rings_at_the_next,
    an_offer_that_nobody_answers_goes_on_and_makes_unavailable,
    the_first_of_several_to_accept_wins,
    nobody_rings_for_a_customer_who_left,
    whoever_asks_for_the_next_gets_the_oldest_who_rings_too,
    who_is_not_available_any_more_is_not_rung,
    an_offer_of_somebody_else_does_not_exist,
    a_closed_console_is_offline,
    after_the_call_the_queue_decides_what_follows,
    a_customer_who_goes_back_to_the_line_rings_again_first,
    in_a_pull_queue_nobody_rings,
    available_representatives_serve_a_crowd_in_order,
}

/// Waits until nothing rings on this console.
async fn quiet(console: &mut Stream) -> Value {
    console.until(seconds(8), "state", |data| data["offers"] == json!([])).await.data
}

fn id(offer: &Value) -> String {
    text(&offer["offerId"])
}

async fn activity_of(rep: &Person) -> Value {
    let mut console = rep.stream().await;
    console.next("state").await.data["activity"].clone()
}

async fn after_a_login_nobody_is_available(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let mut console = rita.stream().await;
    let state = console.next("state").await.data;
    assert_eq!(state["activity"], json!({"activity": "offline", "reason": null, "since": null, "next": null}));
    let _waits = Customer::waits(&server, "5", "3").await;
    time_passes(seconds(2)).await;
    assert_eq!(console.count("state"), 1, "nothing rings at who did not choose to be rung");
}

async fn what_a_representative_chooses_is_what_they_do(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let mut console = rita.stream().await;
    console.next("state").await;
    let chosen = rita.chooses("available").await;
    assert_eq!((&chosen["activity"], &chosen["next"]), (&json!("available"), &Value::Null));
    assert!(chosen["since"].is_string(), "{chosen}");
    let told = console.until(seconds(5), "state", |data| data["activity"]["activity"] == "available").await.data;
    assert_eq!(told["activity"], chosen, "the console is told");
    assert_eq!(rita.chooses("available").await, chosen, "chosen again, it goes on since then");
    let lunch = rita.api.post("/rep/activity", &json!({"activity": "break", "reason": " \u{1F366} lunch "})).await;
    let lunch = lunch.expect(200);
    assert_eq!((&lunch["activity"], &lunch["reason"]), (&json!("break"), &json!("\u{1F366} lunch")));
    assert_eq!(rita.chooses("offline").await["reason"], Value::Null);
}

async fn a_choice_that_cannot_be_is_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let bad = [
        json!({}),
        json!({"activity": "onCall"}),
        json!({"activity": "missed"}),
        json!({"activity": "available", "reason": "why"}),
        json!({"activity": "break", "reason": "x".repeat(81)}),
    ];
    for body in bad {
        rita.api.post("/rep/activity", &body).await.refused(400);
    }
    assert_eq!(activity_of(&rita).await["activity"], "offline", "nothing was chosen");
}

async fn the_first_in_line_rings_and_is_accepted(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let body = json!({"campaignId": "5", "bannerId": "3", "name": "Ada", "problem": "The screw is loose"});
    let mut first = Customer::opens(&server, &body).await;
    first.joins().await;
    let second = Customer::waits(&server, "5", "3").await;
    let mut console = rita.is_available().await;
    let offer = console.rings().await;
    let customer = &offer["customer"];
    assert_eq!((&customer["sessionId"], &customer["name"]), (&json!(first.session), &json!("Ada")));
    assert_eq!((&offer["state"], &customer["problem"]), (&json!("pending"), &json!("The screw is loose")));
    let view = first.view().await;
    assert_eq!((&view["state"], &view["position"]), (&json!("waiting"), &json!(1)), "who rings still waits");

    let taken = rita.answers(&id(&offer), "accept").await.expect(200);
    assert_eq!((&taken["sessionId"], &taken["state"]), (&json!(first.session), &json!("offered")));
    assert!(taken["media"].is_object(), "all that a claim tells: {taken}");
    let again = rita.answers(&id(&offer), "accept").await.expect(200);
    assert_eq!((&again["sessionId"], &again["epoch"]), (&taken["sessionId"], &taken["epoch"]), "the same, once");
    let refused = rita.answers(&id(&offer), "reject").await.refused(409);
    assert_eq!(refused["offer"]["state"], "accepted");
    first.joined().await;
    assert_eq!(rita.joined(&first.session).await["state"], "talking");
    assert_eq!(second.view().await["position"], json!(1));
    let state = console.until(seconds(5), "state", |data| data["activity"]["activity"] == "onCall").await.data;
    assert_eq!(state["activity"]["next"]["activity"], "available");

    rita.ends(&first.session).await;
    let offer = console.rings().await;
    assert_eq!(offer["customer"]["sessionId"], json!(second.session), "ready again by itself, and the next one rings");
}

async fn nobody_rings_twice_and_the_second_rings_at_the_second(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let first = Customer::waits(&server, "5", "3").await;
    let second = Customer::waits(&server, "5", "3").await;
    let mut console = rita.is_available().await;
    assert_eq!(console.rings().await["customer"]["sessionId"], json!(first.session));
    let mut other = rosa.is_available().await;
    assert_eq!(other.rings().await["customer"]["sessionId"], json!(second.session));
}

async fn who_has_been_idle_longest_is_asked_first(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut of_rosa = rosa.is_available().await;
    time_passes(seconds(1)).await;
    let mut of_rita = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = of_rosa.rings().await;
    rosa.answers(&id(&offer), "accept").await.expect(200);
    customer.ends().await;
    time_passes(seconds(1)).await;
    let _next = Customer::waits(&server, "5", "3").await;
    of_rita.rings().await;
    let free = |data: &Value| data["activity"]["activity"] == "available" && data["offers"] == json!([]);
    of_rosa.until(seconds(5), "state", free).await;
}

async fn a_rejected_customer_rings_at_the_next(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut of_rita = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = of_rita.rings().await;
    let mut of_rosa = rosa.is_available().await;
    rita.answers(&id(&offer), "reject").await.expect_status(204);
    rita.answers(&id(&offer), "reject").await.expect_status(204);
    let refused = rita.answers(&id(&offer), "accept").await.refused(409);
    assert_eq!(refused["offer"]["state"], "rejected");
    let next = of_rosa.rings().await;
    assert_eq!(next["customer"]["sessionId"], json!(customer.session));
    let state = quiet(&mut of_rita).await;
    assert_eq!(state["activity"]["activity"], "available", "a reject is not punished");
    let taken = rosa.answers(&id(&next), "accept").await.expect(200);
    assert_eq!(taken["queueId"], json!(customer.queue), "the ticket stayed");
}

async fn an_offer_that_nobody_answers_goes_on_and_makes_unavailable(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("offer_seconds = 2").await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut of_rita = rita.is_available().await;
    noticed().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = of_rita.rings().await;
    let mut of_rosa = rosa.is_available().await;
    let state = quiet(&mut of_rita).await;
    assert_eq!(state["activity"]["activity"], "missed");
    let refused = rita.answers(&id(&offer), "accept").await.refused(409);
    assert_eq!(refused["offer"]["state"], "timedOut", "too late has no effect");
    assert_eq!(customer.view().await["state"], "waiting");
    let next = of_rosa.rings().await;
    assert_eq!(next["customer"]["sessionId"], json!(customer.session));
    rosa.answers(&id(&next), "accept").await.expect(200);
}

async fn the_first_of_several_to_accept_wins(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("offer_to = 3").await;
    let reps = [server.rep("rita").await, server.rep("rosa").await, server.rep("rene").await];
    let mut consoles = Vec::new();
    for rep in &reps {
        consoles.push(rep.is_available().await);
    }
    noticed().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut offers = Vec::new();
    for console in &mut consoles {
        let offer = console.rings().await;
        assert_eq!(offer["customer"]["sessionId"], json!(customer.session));
        offers.push(id(&offer));
    }
    let answers = tokio::join!(
        reps[0].answers(&offers[0], "accept"),
        reps[1].answers(&offers[1], "accept"),
        reps[2].answers(&offers[2], "accept")
    );
    let answers = [answers.0, answers.1, answers.2];
    let won: Vec<_> = (0..3).filter(|index| answers[*index].status == 200).collect();
    assert_eq!(won.len(), 1, "exactly one has the customer");
    for index in (0..3).filter(|index| !won.contains(index)) {
        let refused = answers[index].refused(409);
        assert_eq!(refused["offer"]["state"], "rescinded", "{refused}");
        let state = quiet(&mut consoles[index]).await;
        assert_eq!(state["activity"]["activity"], "available", "who was not the first is told, and goes on");
    }
}

async fn nobody_rings_for_a_customer_who_left(backend: Backend) {
    let server = Server::start(backend).await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = console.rings().await;
    customer.leaves_queue().await;
    let state = quiet(&mut console).await;
    assert_eq!(state["activity"]["activity"], "available");
    let refused = rita.answers(&id(&offer), "accept").await.refused(409);
    assert_eq!(refused["offer"]["state"], "canceled");
    assert_eq!(customer.view().await["outcome"], "cancelled");
}

async fn whoever_asks_for_the_next_gets_the_oldest_who_rings_too(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut console = rita.is_available().await;
    let first = Customer::waits(&server, "5", "3").await;
    let second = Customer::waits(&server, "5", "3").await;
    let offer = console.rings().await;
    assert_eq!(rosa.claims().await.expect("two wait")["sessionId"], json!(first.session));
    let refused = rita.answers(&id(&offer), "accept").await.refused(409);
    assert_eq!(refused["offer"]["state"], "rescinded");
    let rings = |data: &Value| data["offers"][0]["customer"]["sessionId"] == json!(second.session);
    console.until(seconds(8), "state", rings).await;
    let own = rita.claims().await.expect("who rings at me is mine by Next as well");
    assert_eq!(own["sessionId"], json!(second.session));
    assert_eq!(quiet(&mut console).await["activity"]["activity"], "onCall");
}

async fn who_is_not_available_any_more_is_not_rung(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut of_rita = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = of_rita.rings().await;
    rita.chooses("break").await;
    quiet(&mut of_rita).await;
    let refused = rita.answers(&id(&offer), "accept").await.refused(409);
    assert_eq!(refused["offer"]["state"], "rescinded");
    assert_eq!(activity_of(&rita).await["activity"], "break", "their own choice stands");
    let mut of_rosa = rosa.is_available().await;
    assert_eq!(of_rosa.rings().await["customer"]["sessionId"], json!(customer.session));
}

async fn an_offer_of_somebody_else_does_not_exist(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut console = rita.is_available().await;
    let _customer = Customer::waits(&server, "5", "3").await;
    let offer = console.rings().await;
    for how in ["accept", "reject"] {
        rosa.answers(&id(&offer), how).await.refused(404);
        rita.answers("not-an-id", how).await.refused(404);
    }
    rita.answers(&id(&offer), "accept").await.expect(200);
}

async fn a_closed_console_is_offline(backend: Backend) {
    let server = Server::start(backend).await;
    // Nobody is judged before a grace has passed since the start.
    let rita = server.rep("rita").await;
    let console = rita.is_available().await;
    drop(console);
    let customer = Customer::waits(&server, "5", "3").await;
    time_passes(seconds(3)).await;
    let mut back = rita.stream().await;
    let state = back.next("state").await.data;
    assert_eq!(state["activity"]["activity"], "available", "a reload changes nothing");
    let offer = back.rings().await;
    assert_eq!(offer["customer"]["sessionId"], json!(customer.session), "and then it rings");
    rita.answers(&id(&offer), "reject").await.expect_status(204);
    drop(back);
    time_passes(seconds(22)).await;
    assert_eq!(activity_of(&rita).await["activity"], "offline", "nobody is available in a closed tab");
}

async fn after_the_call_the_queue_decides_what_follows(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("after_call = 'next'").await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    noticed().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = console.rings().await;
    rita.answers(&id(&offer), "accept").await.expect(200);
    customer.ends().await;
    let rests = |data: &Value| data["activity"]["activity"] == "break";
    let state = console.until(seconds(5), "state", rests).await.data;
    assert_eq!(state["activity"]["reason"], "afterCall");

    // What is chosen during a call comes after it.
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let chosen = rita.api.post("/rep/activity", &json!({"activity": "break", "reason": "lunch"})).await.expect(200);
    assert_eq!((&chosen["activity"], &chosen["next"]["reason"]), (&json!("onCall"), &json!("lunch")));
    rita.ends(&customer.session).await;
    let state = activity_of(&rita).await;
    assert_eq!(
        (&state["activity"], &state["reason"], &state["next"]),
        (&json!("break"), &json!("lunch"), &Value::Null)
    );
}

async fn a_customer_who_goes_back_to_the_line_rings_again_first(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut of_rita = rita.is_available().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let offer = of_rita.rings().await;
    rita.answers(&id(&offer), "accept").await.expect(200);
    customer.joined().await;
    rita.joined(&customer.session).await;
    let _later = Customer::waits(&server, "5", "3").await;
    rita.api.post("/rep/leaving", &json!({"page": rita.page})).await.expect_status(204);
    drop(of_rita);
    let back = async || (customer.view().await["state"] == "waiting").then_some(());
    eventually("the customer is back in line", seconds(40), back).await;
    let mut of_rosa = rosa.is_available().await;
    assert_eq!(of_rosa.rings().await["customer"]["sessionId"], json!(customer.session), "the same ticket");
    assert_eq!(activity_of(&rita).await["activity"], "offline", "who vanished is offline");
}

async fn in_a_pull_queue_nobody_rings(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("mode = 'pull'").await;
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    noticed().await;
    let customer = Customer::waits(&server, "5", "3").await;
    time_passes(seconds(2)).await;
    let rang = console.take_arrived().iter().any(|event| event.name == "state" && event.data["offers"] != json!([]));
    assert!(!rang, "nobody rings");
    assert_eq!(rita.claims().await.expect("one waits")["sessionId"], json!(customer.session));
}

async fn available_representatives_serve_a_crowd_in_order(backend: Backend) {
    let server = Server::start(backend).await;
    let mut reps = Vec::new();
    for name in ["rita", "rosa", "rene", "remy"] {
        let rep = server.rep(name).await;
        let console = rep.is_available().await;
        reps.push((rep, console));
    }
    let mut crowd = Vec::new();
    for _ in 0..16 {
        crowd.push(Customer::waits(&server, "5", "3").await);
    }
    // Each is done once, and rings at each console come in the order of the line.
    let line: Vec<String> = crowd.iter().map(|customer| customer.session.clone()).collect();
    let at_work = reps.into_iter().map(|(rep, mut console)| {
        tokio::spawn(async move {
            let mut done: Vec<String> = Vec::new();
            loop {
                let within = tokio::time::timeout(seconds(6), console.rings()).await;
                let Ok(offer) = within else { return done };
                let session = text(&offer["customer"]["sessionId"]);
                rep.answers(&id(&offer), "accept").await.expect(200);
                rep.ends(&session).await;
                done.push(session);
            }
        })
    });
    let mut all = Vec::new();
    for done in futures_util::future::join_all(at_work).await {
        let done = done.expect("a representative");
        let places: Vec<_> = done.iter().map(|session| line.iter().position(|other| other == session)).collect();
        assert!(places.is_sorted(), "in the order of the line: {places:?}");
        all.extend(done);
    }
    all.sort_unstable();
    let mut everybody = line.clone();
    everybody.sort_unstable();
    assert_eq!(all, everybody, "each once");
}
