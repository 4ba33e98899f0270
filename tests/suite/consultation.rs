//! A warm transfer: two representatives talk about a customer who is on hold, and one hands them over, or does not.

use serde_json::{Value, json};

use crate::figures::checked;
use crate::support::database::Database;
use crate::support::events::Stream;
use crate::support::http::{Answer, text};
use crate::support::server::Folder;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, noticed, run, seconds, time_passes};

both! {
    a_colleague_talks_first_and_is_handed_the_customer,
    each_way_to_end_the_talk_leaves_the_customer_on_hold,
    what_the_two_say_reaches_the_other_and_nobody_else,
    only_who_has_the_customer_hands_over_and_only_after_a_talk,
    one_question_at_a_time_and_one_talk,
    a_talk_takes_a_place_and_gives_it_back_as_it_was,
    whoever_the_two_talk_with_is_on_hold,
    who_turns_to_another_caller_ends_the_talk,
    a_customer_who_leaves_ends_the_talk,
    a_supervisor_ends_the_talk,
    a_colleague_who_vanishes_leaves_the_customer_on_hold,
    who_vanishes_leaves_the_customer_to_the_colleague,
    who_is_locked_out_leaves_the_customer_to_the_colleague,
    a_colleague_who_is_locked_out_ends_the_talk,
    only_who_handed_over_wraps_up,
    what_follows_is_as_the_queue_has_it_for_who_got_the_customer,
}

async fn asks(rep: &Person, customer: &Customer, body: Value) -> Answer {
    rep.api.post(&customer.path("/transfer"), &body).await
}

async fn hands_over(rep: &Person, customer: &Customer) -> Answer {
    rep.api.post(&customer.path("/transfer/hand-over"), &json!({})).await
}

async fn parts(rep: &Person, customer: &Customer) -> Answer {
    rep.api.delete(&customer.path("/transfer")).await
}

async fn says(rep: &Person, customer: &Customer, seq: u32) -> Answer {
    let message = json!({"v": 1, "from": "customer", "page": rep.page, "seq": seq, "candidate": null});
    rep.api.post(&format!("/rep/consultations/{}/signal", customer.session), &message).await
}

async fn accepts(rep: &Person, console: &mut Stream, customer: &Customer) -> Value {
    let offer = console.rings_for(&customer.session).await;
    rep.answers(&text(&offer["offerId"]), "accept").await.expect(200)
}

/// The console's next state in which there is neither a talk about a colleague's customer nor a caller.
async fn alone(console: &mut Stream) -> Value {
    let alone = |data: &Value| data["consulted"].is_null() && data["activity"]["activity"] != "onCall";
    console.until(seconds(40), "state", alone).await.data
}

/// The same for the one who asked, while the customer is on hold.
async fn held_alone(console: &mut Stream) -> Value {
    let held = |data: &Value| data["session"]["state"] == "held" && data["session"]["consultation"].is_null();
    console.until(seconds(40), "state", held).await.data
}

/// Rita, who has a customer, talks with Rosa about them.
struct Scene {
    server: Server,
    rita: Person,
    rosa: Person,
    of_rita: Stream,
    of_rosa: Stream,
    customer: Customer,
}

impl Scene {
    async fn set(backend: Backend) -> Self {
        Self::on(Server::start(backend).await).await
    }

    async fn on(server: Server) -> Self {
        let mut scene = Self::before(server).await;
        scene.begins().await;
        scene
    }

    /// Nobody is asked yet.
    async fn before(server: Server) -> Self {
        let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
        let mut of_rita = rita.stream().await;
        of_rita.next("state").await;
        let customer = Customer::waits(&server, "5", "3").await;
        conversation(&customer, &rita).await;
        let of_rosa = rosa.is_available().await;
        Self { server, rita, rosa, of_rita, of_rosa, customer }
    }

    async fn has_room_for_two(&self) {
        let admin = self.server.admin().await;
        for name in ["rita", "rosa"] {
            admin.api.patch(&format!("/admin/api/people/{name}"), &json!({"capacity": 2})).await.expect(200);
        }
    }

    async fn begins(&mut self) {
        asks(&self.rita, &self.customer, json!({"rep": "rosa", "warm": true})).await.expect(200);
        accepts(&self.rosa, &mut self.of_rosa, &self.customer).await;
        let talks = |data: &Value| data["session"]["consultation"]["name"] == "rosa";
        self.of_rita.until(seconds(8), "state", talks).await;
        let talks = |data: &Value| data["consulted"]["consultation"]["name"] == "rita";
        self.of_rosa.until(seconds(8), "state", talks).await;
    }
}

async fn a_colleague_talks_first_and_is_handed_the_customer(backend: Backend) {
    let Scene { server, rita, rosa, mut of_rita, mut of_rosa, customer } =
        Scene::before(Server::start(backend).await).await;
    let mut page = customer.stream().await;
    let before = customer.view().await;
    let body = json!({"rep": "rosa", "warm": true, "note": "Wants a refund"});
    let asked = asks(&rita, &customer, body.clone()).await.expect(200)["session"].clone();
    assert_eq!((&asked["asked"]["state"], &asked["asked"]["warm"]), (&json!("pending"), &json!(true)), "{asked}");
    let offer = of_rosa.rings().await;
    let told = json!({"name": "rita", "note": "Wants a refund", "warm": true});
    assert_eq!(offer["customer"]["passedOn"], told);
    let accepted = rosa.answers(&text(&offer["offerId"]), "accept").await.expect(200);
    assert_eq!((&accepted["state"], &accepted["consultation"]["name"]), (&json!("held"), &json!("rita")), "{accepted}");
    let again = rosa.answers(&text(&offer["offerId"]), "accept").await.expect(200);
    assert_eq!(again["eventNumber"], accepted["eventNumber"], "once");
    let floor = server.admin().await.api.get("/floor/api").await.expect(200);
    let on_floor = &floor["conversations"][0];
    assert_eq!((&on_floor["representative"], &on_floor["consulted"]), (&json!("rita"), &json!("rosa")), "{floor}");
    let printed = server.cli(&["floor"], "");
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert!(printed.contains("held with rita, who talks with rosa first"), "{printed}");
    // Whoever was not told of the answer asks again, and learns how it stands.
    let again = asks(&rita, &customer, body).await.expect(200)["session"].clone();
    assert_eq!((&again["eventNumber"], &again["consultation"]["name"]), (&accepted["eventNumber"], &json!("rosa")));

    let state = of_rosa.until(seconds(8), "state", |data| !data["consulted"].is_null()).await.data;
    let about = &state["consulted"];
    assert_eq!((&about["passedOn"], &about["representative"]["name"]), (&told, &json!("rita")), "{about}");
    assert!(about["media"].is_object() && about["visitor"].is_object(), "{about}");
    assert_eq!((&state["sessions"], &state["rep"]["callers"]), (&json!([]), &json!(1)), "busy, and nobody is hers");
    assert_eq!(state["activity"]["activity"], "onCall");
    let held = page.until(seconds(8), "state", |told| told["state"] == "held").await.data;
    assert_eq!((&held["representative"]["name"], &held["epoch"]), (&json!("rita"), &before["epoch"]));
    page.until(seconds(8), "state", |told| told["consulting"] == true).await;
    let customer_view = customer.view().await;
    for secret in ["consultation", "asked", "passedOn"] {
        assert_eq!(customer_view[secret], Value::Null, "{secret} is not the customer's");
    }

    let given = hands_over(&rita, &customer).await.expect(200);
    assert_eq!((&given["state"], &given["media"]), (&json!("offered"), &Value::Null), "{given}");
    let again = hands_over(&rita, &customer).await.expect(200);
    assert_eq!(again["eventNumber"], given["eventNumber"], "once");
    let state = of_rosa.until(seconds(8), "state", |data| data["sessions"] != json!([])).await.data;
    assert_eq!((&state["consulted"], &state["session"]["passedOn"]), (&Value::Null, &told));
    assert_eq!(state["rep"]["callers"], 1, "one place all the time");
    let state = of_rita.until(seconds(8), "state", |data| data["sessions"] == json!([])).await.data;
    assert_eq!(state["rep"]["callers"], 0);
    let offered = page.until(seconds(8), "state", |told| told["state"] == "offered").await.data;
    assert_eq!(offered["representative"]["name"], "rosa");
    assert_eq!(offered["epoch"].as_i64(), before["epoch"].as_i64().map(|epoch| epoch + 1));
    customer.joined().await;
    assert_eq!(rosa.joined(&customer.session).await["state"], "talking");
    rosa.ends(&customer.session).await;
    hands_over(&rita, &customer).await.refused(404);
    let (calls, all) = checked(&server.admin().await, "5").await;
    assert_eq!((&calls["TotalOfCalls"], &calls["AnsweredCalls"]), (&json!(1), &json!(1)), "one call: {calls}");
    assert_eq!(all[0]["RepresentativeName"], "rita", "the first who answered");
}

async fn each_way_to_end_the_talk_leaves_the_customer_on_hold(backend: Backend) {
    let mut scene = Scene::set(backend).await;
    let mut first = true;
    for by_rita in [true, false] {
        // A colleague who was only talked with may be asked again.
        if !std::mem::take(&mut first) {
            scene.begins().await;
        }
        let Scene { rita, rosa, of_rita, of_rosa, customer, .. } = &mut scene;
        let (who, other) = if by_rita { (&*rita, &*rosa) } else { (&*rosa, &*rita) };
        let parted = parts(who, customer).await.expect(200);
        assert_eq!((&parted["state"], &parted["consultation"]), (&json!("held"), &Value::Null), "{parted}");
        let again = parts(rita, customer).await.expect(200);
        assert_eq!(again["eventNumber"], parted["eventNumber"], "once");
        parts(rosa, customer).await.refused(404);
        let state = held_alone(of_rita).await;
        assert_eq!(state["session"]["state"], "held", "for {}", other.name);
        let state = alone(of_rosa).await;
        assert_eq!((&state["activity"]["activity"], &state["rep"]["callers"]), (&json!("available"), &json!(0)));
        assert_eq!(customer.view().await["representative"]["name"], "rita");
    }
    scene.begins().await;
    // Taken back: the talk is over, and the customer is spoken with.
    assert_eq!(scene.rita.resumes(&scene.customer.session).await["state"], "talking");
    let state = alone(&mut scene.of_rosa).await;
    assert_eq!((&state["activity"]["activity"], &state["wrapUp"]), (&json!("available"), &Value::Null));
    let view = scene.rita.api.get(&scene.customer.path("")).await.expect(200);
    assert_eq!((&view["consultation"], &view["asked"]), (&Value::Null, &Value::Null), "{view}");
}

async fn what_the_two_say_reaches_the_other_and_nobody_else(backend: Backend) {
    let Scene { server, rita, rosa, mut of_rita, mut of_rosa, customer } = Scene::set(backend).await;
    let remy = server.rep("remy").await;
    let mut page = customer.stream().await;
    for (rep, console, seq) in [(&rita, &mut of_rosa, 1), (&rosa, &mut of_rita, 2)] {
        says(rep, &customer, seq).await.expect_status(202);
        let signal = console.next("signal").await.data;
        assert_eq!((&signal["seq"], &signal["from"]), (&json!(seq), &json!("representative")), "said by the server");
        assert_eq!((&signal["page"], &signal["sessionId"]), (&json!(rep.page), &json!(customer.session)));
    }
    // The customer's signals go to the one who has them, and are told apart, whatever they claim to be.
    let forged = json!({"v": 1, "from": "representative", "page": "x", "seq": 3, "hello": true});
    customer.api.post(&customer.path("/signal"), &forged).await.expect_status(202);
    assert_eq!(of_rita.next("signal").await.data["from"], "customer");
    rosa.signals(&customer.session, 4).await.refused(404);
    says(&remy, &customer, 5).await.refused(404);
    let nothing = json!({"v": 1});
    rita.api.post(&format!("/rep/consultations/{}/signal", customer.session), &nothing).await.refused(400);
    parts(&rosa, &customer).await.expect(200);
    says(&rosa, &customer, 6).await.refused(404);
    assert_eq!(says(&rita, &customer, 7).await.refused(409)["session"]["state"], "held");
    assert_eq!(rita.resumes(&customer.session).await["state"], "talking");
    page.until(seconds(8), "state", |told| told["state"] == "talking").await;
    let heard = [page, of_rosa, of_rita].map(|mut stream| stream.count("signal"));
    assert_eq!(heard, [0, 1, 2], "nothing went where it does not belong");
}

async fn only_who_has_the_customer_hands_over_and_only_after_a_talk(backend: Backend) {
    let Scene { server, rita, rosa, customer, mut of_rosa, .. } = Scene::before(Server::start(backend).await).await;
    let remy = server.rep("remy").await;
    assert_eq!(hands_over(&rita, &customer).await.refused(409)["session"]["state"], "talking");
    asks(&rita, &customer, json!({"rep": "rosa", "warm": true})).await.expect(200);
    assert_eq!(hands_over(&rita, &customer).await.refused(409)["session"]["asked"]["state"], Value::Null);
    accepts(&rosa, &mut of_rosa, &customer).await;
    for other in [&rosa, &remy] {
        hands_over(other, &customer).await.refused(404);
    }
    parts(&remy, &customer).await.refused(404);
    rosa.api.get(&customer.path("")).await.refused(404);
    for path in ["/hold", "/resume", "/end", "/joined"] {
        rosa.api.post(&customer.path(path), &json!({})).await.refused(404);
    }
    let stale = json!({"epoch": 1});
    let refused = rita.api.post(&customer.path("/transfer/hand-over"), &stale).await.refused(409);
    assert_eq!(refused["session"]["state"], "held", "{refused}");
    assert_eq!(customer.view().await["representative"]["name"], "rita");
}

async fn one_question_at_a_time_and_one_talk(backend: Backend) {
    let Scene { server, rita, rosa, customer, mut of_rosa, .. } = Scene::before(Server::start(backend).await).await;
    let remy = server.rep("remy").await;
    let _of_remy = remy.is_available().await;
    asks(&rita, &customer, json!({"rep": "rosa", "warm": true})).await.expect(200);
    // The same colleague, asked in the other way, is another question.
    asks(&rita, &customer, json!({"rep": "rosa"})).await.refused(409);
    accepts(&rosa, &mut of_rosa, &customer).await;
    for body in [json!({"rep": "remy", "warm": true}), json!({"rep": "remy"}), json!({"rep": "rosa"})] {
        let refused = asks(&rita, &customer, body.clone()).await.refused(409);
        assert_eq!(refused["detail"], "You talk with a colleague already: end that first.", "{body}");
    }
    // Who was only talked with did not have the customer, and may be asked again: to take them at once.
    parts(&rita, &customer).await.expect(200);
    asks(&rita, &customer, json!({"rep": "rosa"})).await.expect(200);
    assert_eq!(accepts(&rosa, &mut of_rosa, &customer).await["state"], "offered");
}

async fn a_talk_takes_a_place_and_gives_it_back_as_it_was(backend: Backend) {
    let Scene { server, rita, rosa, mut of_rosa, customer, .. } = Scene::set(backend).await;
    let before = of_rosa.take_arrived().len();
    let other = Customer::waits(&server, "5", "3").await;
    // Nobody rings where there is no room, and nobody is claimed.
    let refused = rosa.api.delete("/help/queue").await.refused(409);
    assert_eq!(refused["session"], Value::Null, "none is hers: {refused}");
    let listed = rita.api.get(&customer.path("/transfer")).await.expect(200);
    assert_eq!(listed["reps"][0]["unfit"], "busy");
    time_passes(seconds(2)).await;
    let rang = of_rosa
        .take_arrived()
        .iter()
        .skip(before)
        .any(|event| event.name == "state" && event.data["offers"] != json!([]));
    assert!(!rang, "beyond capacity");
    parts(&rosa, &customer).await.expect(200);
    let offer = of_rosa.rings().await;
    assert_eq!(offer["customer"]["sessionId"], json!(other.session), "as available as before");
}

async fn whoever_the_two_talk_with_is_on_hold(backend: Backend) {
    let scene = Scene::before(Server::start(backend).await).await;
    scene.has_room_for_two().await;
    let Scene { server, rita, rosa, mut of_rita, mut of_rosa, customer } = scene;
    rosa.chooses("break").await;
    let mut others = Vec::new();
    asks(&rita, &customer, json!({"rep": "rosa", "warm": true})).await.refused(409);
    rosa.chooses("available").await;
    for rep in [&rosa, &rita] {
        let other = Customer::waits(&server, "5", "3").await;
        assert_eq!(rep.claims_another().await["sessionId"], json!(other.session));
        other.joined().await;
        assert_eq!(rep.joined(&other.session).await["state"], "talking");
        others.push(other);
    }
    asks(&rita, &customer, json!({"rep": "rosa", "warm": true})).await.expect(200);
    // Rita talks with another meanwhile: until Rosa accepts.
    assert_eq!(rita.resumes(&others[1].session).await["state"], "talking");
    accepts(&rosa, &mut of_rosa, &customer).await;
    for other in &others {
        assert_eq!(other.view().await["state"], "held");
    }
    assert_eq!(rita.api.get(&customer.path("")).await.expect(200)["consultation"]["name"], "rosa");
    let both = |data: &Value| data["rep"]["callers"] == 2 && !data["consulted"].is_null();
    of_rosa.until(seconds(8), "state", both).await;
    // What rests is there after the talk as it was.
    parts(&rita, &customer).await.expect(200);
    assert_eq!(rosa.resumes(&others[0].session).await["state"], "talking");
    of_rita.until(seconds(8), "state", |data| data["sessions"].as_array().is_some_and(|all| all.len() == 2)).await;
}

async fn who_turns_to_another_caller_ends_the_talk(backend: Backend) {
    let mut scene = Scene::before(Server::start(backend).await).await;
    scene.has_room_for_two().await;
    scene.begins().await;
    // Rosa takes one more, who is spoken with when both are connected.
    let other = Customer::waits(&scene.server, "5", "3").await;
    let offer = scene.of_rosa.rings_for(&other.session).await;
    scene.rosa.answers(&text(&offer["offerId"]), "accept").await.expect(200);
    assert_eq!(
        scene.rita.api.get(&scene.customer.path("")).await.expect(200)["consultation"]["name"],
        "rosa",
        "who is being connected ends nothing"
    );
    other.joined().await;
    assert_eq!(scene.rosa.joined(&other.session).await["state"], "talking");
    held_alone(&mut scene.of_rita).await;
    scene.of_rosa.until(seconds(8), "state", |data| data["consulted"].is_null()).await;
    scene.rosa.ends(&other.session).await;

    // And Rita takes another.
    scene.begins().await;
    scene.rosa.chooses("break").await;
    let third = Customer::waits(&scene.server, "5", "3").await;
    assert_eq!(scene.rita.claims_another().await["sessionId"], json!(third.session));
    third.joined().await;
    assert_eq!(scene.rita.joined(&third.session).await["state"], "talking");
    let state = alone(&mut scene.of_rosa).await;
    assert_eq!((&state["activity"]["activity"], &state["rep"]["callers"]), (&json!("break"), &json!(0)), "as chosen");
    assert_eq!(scene.customer.view().await["state"], "held");
}

async fn a_customer_who_leaves_ends_the_talk(backend: Backend) {
    let Scene { server: _server, mut of_rita, mut of_rosa, customer, .. } = Scene::set(backend).await;
    assert_eq!(customer.ends().await["outcome"], "answered");
    let state = alone(&mut of_rosa).await;
    assert_eq!((&state["activity"]["activity"], &state["rep"]["callers"]), (&json!("available"), &json!(0)));
    let state = of_rita.until(seconds(8), "state", |data| data["sessions"] == json!([])).await.data;
    assert_eq!(state["rep"]["callers"], 0);
}

async fn a_supervisor_ends_the_talk(backend: Backend) {
    let Scene { server, rita, mut of_rita, mut of_rosa, customer, .. } = Scene::set(backend).await;
    let admin = server.admin().await;
    let told = admin.api.get(&format!("/floor/api/sessions/{}", customer.session)).await.expect(200);
    let last = told["events"].as_array().and_then(|all| all.last()).expect("an event");
    assert_eq!((&last["name"], &last["representative"]), (&json!("consult"), &json!("rosa")), "{told}");
    rita.chooses("break").await;
    let path = format!("/floor/api/sessions/{}/requeue", customer.session);
    let waits = admin.api.post(&path, &json!({"reason": "a test"})).await.expect(200);
    assert_eq!(waits["state"], "waiting");
    of_rita.until(seconds(8), "state", |data| data["sessions"] == json!([])).await;
    let state = alone(&mut of_rosa).await;
    assert_eq!(state["rep"]["callers"], 0);
    // They ring at Rosa now, who is available, from the line.
    assert_eq!(of_rosa.rings().await["customer"]["passedOn"], Value::Null, "she was not given them");
}

async fn a_colleague_who_vanishes_leaves_the_customer_on_hold(backend: Backend) {
    let Scene { server, rosa, mut of_rita, of_rosa, customer, .. } = Scene::set(backend).await;
    // A moment away is forgiven.
    rosa.api.post("/rep/leaving", &json!({"page": rosa.page})).await.expect_status(204);
    drop(of_rosa);
    time_passes(seconds(3)).await;
    let mut of_rosa = rosa.stream().await;
    assert_eq!(of_rosa.next("state").await.data["consulted"]["consultation"]["name"], "rita");
    rosa.api.post("/rep/leaving", &json!({"page": rosa.page})).await.expect_status(204);
    drop(of_rosa);
    held_alone(&mut of_rita).await;
    assert_eq!(customer.view().await["state"], "held");
    let admin = server.admin().await;
    eventually("whoever is gone is offline", seconds(40), async || {
        let floor = admin.api.get("/floor/api").await.expect(200);
        let rosa = floor["reps"].as_array()?.iter().find(|rep| rep["username"] == "rosa")?.clone();
        (rosa["activity"] == "offline" && rosa["callers"] == 0).then_some(())
    })
    .await;
}

async fn who_vanishes_leaves_the_customer_to_the_colleague(backend: Backend) {
    let Scene { server: _server, rita, rosa, of_rita, mut of_rosa, customer } = Scene::set(backend).await;
    rita.api.post("/rep/leaving", &json!({"page": rita.page})).await.expect_status(204);
    drop(of_rita);
    let hers = |data: &Value| data["session"]["state"] == "offered";
    let state = of_rosa.until(seconds(40), "state", hers).await.data;
    assert_eq!((&state["consulted"], &state["rep"]["callers"]), (&Value::Null, &json!(1)));
    let view = customer.view().await;
    assert_eq!((&view["state"], &view["representative"]["name"]), (&json!("offered"), &json!("rosa")));
    customer.joined().await;
    assert_eq!(rosa.joined(&customer.session).await["state"], "talking");
}

async fn who_is_locked_out_leaves_the_customer_to_the_colleague(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("wrap_up_seconds = 60").await;
    let Scene { server, mut of_rosa, customer, .. } = Scene::on(server).await;
    let admin = server.admin().await;
    admin.api.patch("/admin/api/people/rita", &json!({"disabled": true})).await.expect(200);
    of_rosa.until(seconds(8), "state", |data| data["session"]["state"] == "offered").await;
    assert_eq!(customer.view().await["representative"]["name"], "rosa");
    // The floor shows nobody who is locked out.
    admin.api.patch("/admin/api/people/rita", &json!({"disabled": false})).await.expect(200);
    let floor = admin.api.get("/floor/api").await.expect(200);
    let rita = floor["reps"].as_array().unwrap().iter().find(|rep| rep["username"] == "rita").expect("she is back");
    assert_eq!(rita["activity"], "offline", "she was out, and wraps nothing up");
}

async fn a_colleague_who_is_locked_out_ends_the_talk(backend: Backend) {
    let Scene { server, rosa, mut of_rita, customer, .. } = Scene::set(backend).await;
    let admin = server.admin().await;
    admin.api.patch("/admin/api/people/rosa", &json!({"disabled": true})).await.expect(200);
    held_alone(&mut of_rita).await;
    says(&rosa, &customer, 1).await.refused(401);
    assert_eq!(customer.view().await["representative"]["name"], "rita");
}

async fn only_who_handed_over_wraps_up(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("wrap_up_seconds = 60").await;
    let mut scene = Scene::on(server).await;
    parts(&scene.rita, &scene.customer).await.expect(200);
    let state = alone(&mut scene.of_rosa).await;
    assert_eq!((&state["activity"]["activity"], &state["wrapUp"]), (&json!("available"), &Value::Null), "no call");
    let wrap_up = scene.customer.path("/wrap-up");
    scene.rosa.api.post(&wrap_up, &json!({"notes": "mine?"})).await.refused(404);
    scene.begins().await;
    hands_over(&scene.rita, &scene.customer).await.expect(200);
    let state = scene.of_rita.until(seconds(8), "state", |data| !data["wrapUp"].is_null()).await.data;
    assert_eq!(state["wrapUp"]["session"]["sessionId"], json!(scene.customer.session));
    // Whoever answered first may speak of it anyway. Rosa did not, and talks with Remy without handing over.
    scene.customer.joined().await;
    scene.rosa.joined(&scene.customer.session).await;
    let remy = scene.server.rep("remy").await;
    let mut of_remy = remy.is_available().await;
    asks(&scene.rosa, &scene.customer, json!({"rep": "remy", "warm": true})).await.expect(200);
    accepts(&remy, &mut of_remy, &scene.customer).await;
    parts(&scene.rosa, &scene.customer).await.expect(200);
    alone(&mut of_remy).await;
    scene.rosa.chooses("break").await;
    remy.chooses("break").await;
    let path = format!("/floor/api/sessions/{}/requeue", scene.customer.session);
    scene.server.admin().await.api.post(&path, &json!({"reason": "a test"})).await.expect(200);
    conversation(&scene.customer, &remy).await;
    scene.rosa.api.post(&wrap_up, &json!({"notes": "mine?"})).await.refused(404);
    // Remy did not either, and hands over.
    scene.rosa.chooses("available").await;
    asks(&remy, &scene.customer, json!({"rep": "rosa", "warm": true})).await.expect(200);
    accepts(&scene.rosa, &mut scene.of_rosa, &scene.customer).await;
    hands_over(&remy, &scene.customer).await.expect(200);
    remy.api.post(&wrap_up, &json!({"notes": "of the third leg", "done": true})).await.expect(200);
}

async fn what_follows_is_as_the_queue_has_it_for_who_got_the_customer(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("after_call = 'next'").await;
    noticed().await;
    let mut scene = Scene::on(server).await;
    parts(&scene.rosa, &scene.customer).await.expect(200);
    assert_eq!(alone(&mut scene.of_rosa).await["activity"]["activity"], "available", "as before");
    scene.begins().await;
    hands_over(&scene.rita, &scene.customer).await.expect(200);
    scene.customer.joined().await;
    scene.rosa.joined(&scene.customer.session).await;
    scene.rosa.ends(&scene.customer.session).await;
    let rests = |data: &Value| data["sessions"] == json!([]) && data["activity"]["activity"] == "break";
    let state = scene.of_rosa.until(seconds(8), "state", rests).await.data;
    assert_eq!(state["activity"]["reason"], "afterCall");
}

/// MariaDB only: SQLite serves one instance. What the two tell each other travels by Redis, as everything does that is
/// said and not written down; what they do is found in the rows.
#[test]
fn two_at_two_instances_talk_and_hand_over() {
    run(async {
        let folder = Folder::new();
        let database = Database::fresh(Backend::MariaDb, &folder.0).await;
        let on_it = [("DATABASE_URL", database.url.as_str())];
        let (one, other) = (Server::with(Backend::Sqlite, &on_it).await, Server::with(Backend::Sqlite, &on_it).await);
        let (rita, rosa) = (one.rep("rita").await, other.rep("rosa").await);
        let mut of_rita = rita.stream().await;
        let customer = Customer::waits(&one, "5", "3").await;
        let mut page = customer.stream().await;
        conversation(&customer, &rita).await;
        let mut of_rosa = rosa.is_available().await;
        asks(&rita, &customer, json!({"rep": "rosa", "warm": true})).await.expect(200);
        accepts(&rosa, &mut of_rosa, &customer).await;
        of_rita.until(seconds(8), "state", |data| data["session"]["consultation"]["name"] == "rosa").await;
        says(&rita, &customer, 1).await.expect_status(202);
        hands_over(&rita, &customer).await.expect(200);
        of_rosa.until(seconds(8), "state", |data| data["session"]["state"] == "offered").await;
        let hers = |told: &Value| told["state"] == "offered" && told["representative"]["name"] == "rosa";
        page.until(seconds(8), "state", hers).await;
    });
}
