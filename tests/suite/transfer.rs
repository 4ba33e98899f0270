//! `/help/session/…/transfer`: a customer is passed on, to another queue or to a colleague who accepts.

use serde_json::{Value, json};

use crate::figures::checked;
use crate::support::database::Database;
use crate::support::events::Stream;
use crate::support::http::{Answer, text};
use crate::support::server::Folder;
use crate::support::{Backend, Customer, Person, Server, conversation, eventually, noticed, run, seconds, time_passes};

both! {
    to_a_queue_the_customer_waits_again_with_their_ticket,
    a_queue_where_the_customer_was_is_a_circle,
    a_queue_that_nobody_serves_warns,
    whoever_passed_a_customer_on_to_a_queue_is_not_rung_at_once,
    a_colleague_who_accepts_has_the_customer,
    a_colleague_who_does_not_take_the_customer_changes_nothing,
    who_turns_back_to_the_customer_asks_no_more,
    whoever_cannot_be_asked_is_refused_with_the_reason,
    a_colleague_who_had_the_customer_is_a_circle,
    one_colleague_is_asked_at_a_time,
    a_customer_who_leaves_is_rung_nowhere,
    whoever_passed_on_wraps_up_their_leg,
    only_a_conversation_of_ones_own_can_be_passed_on,
    a_representative_who_vanishes_while_asking_gives_the_customer_back,
}

/// Two queues beside the default one, in which nobody rings.
async fn with_queues(server: &Server) -> Person {
    let admin = server.admin().await;
    for (name, rank) in [("sales", 0), ("support", 7)] {
        let body = json!({"name": name, "rank": rank, "mode": "pull"});
        admin.api.post("/admin/api/queues", &body).await.expect(201);
    }
    eventually("the queues are known", seconds(5), async || {
        (server.nobody().get("/help/availability?queue=support").await.status == 200).then_some(())
    })
    .await;
    admin
}

async fn passes(rep: &Person, customer: &Customer, body: Value) -> Answer {
    rep.api.post(&customer.path("/transfer"), &body).await
}

async fn asks(rep: &Person, customer: &Customer, colleague: &str) -> Value {
    passes(rep, customer, json!({"rep": colleague})).await.expect(200)
}

/// What the one who asked is told of it.
async fn told(console: &mut Stream, state: &str) -> Value {
    console.until(seconds(12), "state", |data| data["session"]["asked"]["state"] == state).await.data["session"].clone()
}

fn id(offer: &Value) -> String {
    text(&offer["offerId"])
}

/// Rita in conversation with a customer, and Rosa available: both consoles are open.
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
        let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
        let mut of_rita = rita.stream().await;
        of_rita.next("state").await;
        let customer = Customer::waits(&server, "5", "3").await;
        conversation(&customer, &rita).await;
        let of_rosa = rosa.is_available().await;
        Self { server, rita, rosa, of_rita, of_rosa, customer }
    }
}

async fn to_a_queue_the_customer_waits_again_with_their_ticket(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = with_queues(&server).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let mut of_rita = rita.stream().await;
    let customer = Customer::waits(&server, "5", "3").await;
    let mut page = customer.stream().await;
    let talking = conversation(&customer, &rita).await;
    let body = json!({"queue": "support", "note": " The pump leaks \u{1F4A7} "});
    let passed = passes(&rita, &customer, body.clone()).await.expect(200);
    assert_eq!((&passed["session"]["state"], &passed["session"]["media"]), (&json!("waiting"), &Value::Null));
    let state =
        page.until(seconds(5), "state", |told| told["state"] == "waiting" && told["requeued"] == true).await.data;
    assert_eq!((&state["requeuedBecause"], &state["position"]), (&json!("passedOn"), &json!(1)), "{state}");
    assert_eq!(state["queue"]["name"], "support");
    assert_eq!((&state["passedOn"], &state["asked"]), (&Value::Null, &Value::Null), "the note is not the customer's");
    assert_eq!(state["epoch"].as_i64(), talking["epoch"].as_i64().map(|epoch| epoch + 1));
    of_rita.until(seconds(5), "state", |told| told["sessions"] == json!([])).await;
    // Again: the same, once.
    let again = passes(&rita, &customer, body).await.expect(200);
    assert_eq!(again["session"]["eventNumber"], passed["session"]["eventNumber"]);

    // Who was there before in that queue is before them still: the ticket decides.
    let claim = rosa.claims().await.expect("somebody waits");
    assert_eq!(claim["sessionId"], json!(customer.session));
    assert_eq!(
        claim["passedOn"],
        json!({"name": "rita", "note": "The pump leaks \u{1F4A7}", "warm": false}),
        "{claim}"
    );
    customer.joined().await;
    assert_eq!(rosa.joined(&customer.session).await["passedOn"]["name"], "rita");
    rosa.ends(&customer.session).await;
    let (calls, _) = checked(&admin, "5").await;
    assert_eq!((&calls["TotalOfCalls"], &calls["AnsweredCalls"]), (&json!(1), &json!(1)), "one call: {calls}");
}

async fn a_queue_where_the_customer_was_is_a_circle(backend: Backend) {
    let server = Server::start(backend).await;
    with_queues(&server).await;
    let rita = server.rep("rita").await;
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let same = passes(&rita, &customer, json!({"queue": "default"})).await.refused(409);
    assert_eq!(same["detail"], "The customer was in the queue default already.");
    passes(&rita, &customer, json!({"queue": "sales"})).await.expect(200);
    conversation(&customer, &rita).await;
    for queue in ["default", "sales"] {
        passes(&rita, &customer, json!({"queue": queue})).await.refused(409);
    }
    let listed = rita.api.get(&customer.path("/transfer")).await.expect(200);
    let there: Vec<_> =
        listed["queues"].as_array().unwrap().iter().map(|one| (&one["name"], &one["wasThere"])).collect();
    assert_eq!(
        there,
        [(&json!("default"), &json!(true)), (&json!("support"), &json!(false))],
        "the present one is no choice"
    );
    assert_eq!(customer.view().await["state"], "talking", "nothing changed");
}

async fn a_queue_that_nobody_serves_warns(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = with_queues(&server).await;
    admin.api.patch("/admin/api/queues/sales", &json!({"skills": ["selling"]})).await.expect(200);
    let rita = server.rep("rita").await;
    let _console = rita.stream().await;
    noticed().await;
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let passed = passes(&rita, &customer, json!({"queue": "sales"})).await.expect(200);
    assert!(passed["warning"].as_str().is_some_and(|warning| warning.contains("Nobody")), "{passed}");
    let customer = Customer::waits(&server, "5", "3").await;
    conversation(&customer, &rita).await;
    let passed = passes(&rita, &customer, json!({"queue": "support"})).await.expect(200);
    assert_eq!(passed["warning"], Value::Null);
}

async fn whoever_passed_a_customer_on_to_a_queue_is_not_rung_at_once(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = with_queues(&server).await;
    admin.api.patch("/admin/api/queues/sales", &json!({"mode": "offer"})).await.expect(200);
    let Scene { rita, mut of_rita, rosa, mut of_rosa, customer, server: _server } = Scene::on(server).await;
    rosa.chooses("break").await;
    rita.chooses("available").await;
    passes(&rita, &customer, json!({"queue": "sales"})).await.expect(200);
    let state = of_rita.until(seconds(5), "state", |told| told["activity"]["activity"] == "available").await.data;
    assert_eq!(state["offers"], json!([]));
    time_passes(seconds(2)).await;
    let rang = of_rita.take_arrived().iter().any(|event| event.name == "state" && event.data["offers"] != json!([]));
    assert!(!rang, "not at who has just passed them on");
    rosa.chooses("available").await;
    let offer = of_rosa.rings().await;
    assert_eq!(offer["customer"]["passedOn"], json!({"name": "rita", "note": null, "warm": false}));
}

async fn a_colleague_who_accepts_has_the_customer(backend: Backend) {
    let Scene { server, rita, rosa, mut of_rita, mut of_rosa, customer } = Scene::set(backend).await;
    let mut page = customer.stream().await;
    let before = customer.view().await;
    let body = json!({"rep": "ROSA", "note": "Knows the pump", "epoch": before["epoch"]});
    let asked = passes(&rita, &customer, body.clone()).await.expect(200);
    assert_eq!((&asked["session"]["state"], &asked["session"]["asked"]["state"]), (&json!("held"), &json!("pending")));
    let again = passes(&rita, &customer, body).await.expect(200);
    assert_eq!(again["session"]["eventNumber"], asked["session"]["eventNumber"], "once");
    let held = page.until(seconds(5), "state", |told| told["state"] == "held").await.data;
    assert_eq!((&held["asked"], &held["representative"]["name"]), (&Value::Null, &json!("rita")), "{held}");
    assert_eq!(told(&mut of_rita, "pending").await["asked"]["name"], "rosa");
    let offer = of_rosa.rings().await;
    assert_eq!(offer["customer"]["passedOn"], json!({"name": "rita", "note": "Knows the pump", "warm": false}));
    let taken = rosa.answers(&id(&offer), "accept").await.expect(200);
    assert_eq!((&taken["sessionId"], &taken["state"]), (&json!(customer.session), &json!("offered")));
    assert!(taken["media"].is_object(), "{taken}");
    rosa.answers(&id(&offer), "accept").await.expect(200);
    let state = of_rita.until(seconds(5), "state", |told| told["sessions"] == json!([])).await.data;
    assert_eq!(state["rep"]["callers"], 0, "the first one is free");
    // The old page is fenced out.
    rita.api.post(&customer.path("/end"), &json!({"epoch": before["epoch"]})).await.refused(409);
    rita.api.post(&customer.path("/signal"), &json!({"hello": true})).await.refused(404);
    let offered = page.until(seconds(5), "state", |told| told["state"] == "offered").await.data;
    assert_eq!(offered["representative"]["name"], "rosa");
    assert_eq!(offered["epoch"].as_i64(), before["epoch"].as_i64().map(|epoch| epoch + 1));
    customer.joined().await;
    assert_eq!(rosa.joined(&customer.session).await["state"], "talking");
    rosa.ends(&customer.session).await;
    let (calls, all) = checked(&server.admin().await, "5").await;
    assert_eq!((&calls["TotalOfCalls"], &calls["AnsweredCalls"]), (&json!(1), &json!(1)), "one call: {calls}");
    assert_eq!(all[0]["RepresentativeName"], "rita", "the first who answered");
}

async fn a_colleague_who_does_not_take_the_customer_changes_nothing(backend: Backend) {
    let Scene { server, rita, rosa, mut of_rita, mut of_rosa, customer } = Scene::set(backend).await;
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    rosa.answers(&id(&offer), "reject").await.expect_status(204);
    let session = told(&mut of_rita, "rejected").await;
    assert_eq!((&session["state"], &session["representative"]["name"]), (&json!("held"), &json!("rita")));
    // Asked again, nobody answers: whom a colleague asks stays available.
    server.sets_queue("offer_seconds = 3").await;
    noticed().await;
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    told(&mut of_rita, "timedOut").await;
    let refused = rosa.answers(&id(&offer), "accept").await.refused(409);
    assert_eq!(refused["offer"]["state"], "timedOut");
    let quiet = |told: &Value| told["offers"] == json!([]);
    let state = of_rosa.until(seconds(8), "state", quiet).await.data;
    assert_eq!(state["activity"]["activity"], "available");
    assert_eq!(rita.resumes(&customer.session).await["state"], "talking");
}

async fn who_turns_back_to_the_customer_asks_no_more(backend: Backend) {
    let Scene { server: _server, rita, rosa, mut of_rosa, customer, .. } = Scene::set(backend).await;
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    assert_eq!(rita.resumes(&customer.session).await["state"], "talking");
    assert_eq!(rosa.answers(&id(&offer), "accept").await.refused(409)["offer"]["state"], "rescinded");
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let session = rita.api.delete(&customer.path("/transfer")).await.expect(200);
        assert_eq!(session["state"], "held", "{session}");
        numbers.push(session["eventNumber"].clone());
    }
    assert_eq!(numbers[0], numbers[1], "once");
    assert_eq!(rosa.answers(&id(&offer), "accept").await.refused(409)["offer"]["state"], "rescinded");
    assert_eq!(customer.view().await["state"], "held");
}

async fn whoever_cannot_be_asked_is_refused_with_the_reason(backend: Backend) {
    let Scene { server, rita, rosa, mut of_rosa, customer, .. } = Scene::set(backend).await;
    let admin = server.admin().await;
    server.person("mara", "marketer").await;
    let refused = async |colleague: &str, status: u16| -> String {
        text(&passes(&rita, &customer, json!({"rep": colleague})).await.refused(status)["detail"])
    };
    for unknown in ["nobody", ""] {
        assert_eq!(refused(unknown, 400).await, "There is nobody of this name.");
    }
    assert_eq!(refused("rita", 409).await, "rita has this customer already.");
    assert_eq!(refused("mara", 409).await, "mara takes no calls.");
    for (activity, sentence) in [("break", "rosa is on a break."), ("offline", "rosa is offline.")] {
        rosa.chooses(activity).await;
        assert_eq!(refused("rosa", 409).await, sentence);
    }
    rosa.chooses("available").await;
    let other = Customer::waits(&server, "5", "3").await;
    let offer = of_rosa.rings().await;
    assert_eq!(refused("rosa", 409).await, "rosa has as many callers as they take now.", "somebody else rings there");
    rosa.answers(&id(&offer), "accept").await.expect(200);
    assert_eq!(refused("rosa", 409).await, "rosa has as many callers as they take now.");
    let listed = rita.api.get(&customer.path("/transfer")).await.expect(200);
    let of_rosa_listed = json!([{"username": "rosa", "name": "rosa", "unfit": "busy"}]);
    assert_eq!(listed["reps"], of_rosa_listed, "oneself and whoever has no console are not listed");
    rosa.ends(&other.session).await;
    rosa.api.post("/rep/leaving", &json!({"page": rosa.page})).await.expect_status(204);
    drop(of_rosa);
    // Not by asking: until it is closed she could be asked.
    eventually("the console is closed", seconds(8), async || {
        let listed = rita.api.get(&customer.path("/transfer")).await.expect(200);
        (listed["reps"] == json!([])).then_some(())
    })
    .await;
    assert_eq!(refused("rosa", 409).await, "rosa has no console open.");
    admin.api.patch("/admin/api/people/rosa", &json!({"disabled": true})).await.expect(200);
    assert_eq!(refused("rosa", 409).await, "rosa takes no calls.");
    let bad = [
        json!({}),
        json!({"queue": "default", "rep": "rosa"}),
        json!({"queue": "nowhere"}),
        json!({"queue": "default", "warm": true}),
        json!({"rep": "rosa", "note": "x".repeat(501)}),
    ];
    for body in bad {
        passes(&rita, &customer, body).await.refused(400);
    }
    assert_eq!(customer.view().await["state"], "talking", "nobody was asked");
}

async fn a_colleague_who_had_the_customer_is_a_circle(backend: Backend) {
    let Scene { server, rita, rosa, of_rita: _of_rita, mut of_rosa, customer } = Scene::set(backend).await;
    rita.chooses("available").await;
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    rosa.answers(&id(&offer), "accept").await.expect(200);
    customer.joined().await;
    rosa.joined(&customer.session).await;
    let refused = passes(&rosa, &customer, json!({"rep": "rita"})).await.refused(409);
    assert_eq!(refused["detail"], "rita had this customer before.");
    // Whoever was taken back to the queue meanwhile may go to anybody.
    let admin = server.admin().await;
    rita.chooses("break").await;
    let path = format!("/floor/api/sessions/{}/requeue", customer.session);
    admin.api.post(&path, &json!({"reason": "a test"})).await.expect(200);
    rosa.chooses("break").await;
    conversation(&customer, &rosa).await;
    rita.chooses("available").await;
    asks(&rosa, &customer, "rita").await;
}

async fn one_colleague_is_asked_at_a_time(backend: Backend) {
    let Scene { server, rita, customer, of_rosa: _of_rosa, .. } = Scene::set(backend).await;
    let remy = server.rep("remy").await;
    let mut of_remy = remy.is_available().await;
    asks(&rita, &customer, "rosa").await;
    let refused = passes(&rita, &customer, json!({"rep": "remy"})).await.refused(409);
    assert_eq!(refused["detail"], "Somebody else is asked already: cancel that first.");
    rita.api.delete(&customer.path("/transfer")).await.expect(200);
    asks(&rita, &customer, "remy").await;
    of_remy.rings().await;
}

async fn a_customer_who_leaves_is_rung_nowhere(backend: Backend) {
    let Scene { server: _server, rita, rosa, mut of_rosa, customer, .. } = Scene::set(backend).await;
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    assert_eq!(customer.ends().await["outcome"], "answered");
    assert_eq!(rosa.answers(&id(&offer), "accept").await.refused(409)["offer"]["state"], "canceled");
    let state = of_rosa.until(seconds(5), "state", |told| told["offers"] == json!([])).await.data;
    assert_eq!(state["activity"]["activity"], "available");
}

async fn whoever_passed_on_wraps_up_their_leg(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("wrap_up_seconds = 60").await;
    let Scene { rita, rosa, mut of_rita, mut of_rosa, customer, server } = Scene::on(server).await;
    asks(&rita, &customer, "rosa").await;
    let offer = of_rosa.rings().await;
    rosa.answers(&id(&offer), "accept").await.expect(200);
    let state = of_rita.until(seconds(5), "state", |told| !told["wrapUp"].is_null()).await.data;
    assert_eq!(state["wrapUp"]["session"]["sessionId"], json!(customer.session));
    customer.joined().await;
    rosa.joined(&customer.session).await;
    // The third leg's colleague, who did not answer first, wraps theirs up as well.
    let remy = server.rep("remy").await;
    let mut of_remy = remy.is_available().await;
    asks(&rosa, &customer, "remy").await;
    let offer = of_remy.rings().await;
    remy.answers(&id(&offer), "accept").await.expect(200);
    of_rosa.until(seconds(5), "state", |told| !told["wrapUp"].is_null()).await;
    for (rep, console) in [(&rita, &mut of_rita), (&rosa, &mut of_rosa)] {
        let body = json!({"notes": rep.name, "done": true});
        let kept = rep.api.post(&customer.path("/wrap-up"), &body).await.expect(200);
        assert_eq!((&kept["notes"], &kept["until"]), (&json!(rep.name), &Value::Null));
        console.until(seconds(5), "state", |told| told["wrapUp"].is_null()).await;
    }
    assert_eq!(customer.view().await["state"], "offered", "the call goes on");
}

async fn only_a_conversation_of_ones_own_can_be_passed_on(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let _console = rosa.is_available().await;
    rosa.chooses("break").await;
    let customer = Customer::waits(&server, "5", "3").await;
    passes(&rita, &customer, json!({"rep": "rosa"})).await.refused(404);
    rita.claims().await.expect("one waits");
    let refused = passes(&rita, &customer, json!({"rep": "rosa"})).await.refused(409);
    assert_eq!(refused["session"]["state"], "offered", "not before they speak");
    customer.joined().await;
    rita.joined(&customer.session).await;
    for body in [json!({"rep": "rita"}), json!({"rep": ""}), json!({"queue": "nowhere"}), json!({})] {
        passes(&rosa, &customer, body).await.refused(404);
    }
    let stale = passes(&rita, &customer, json!({"rep": "rosa", "epoch": 1})).await.refused(409);
    assert_eq!(stale["session"]["state"], "talking");
}

async fn a_representative_who_vanishes_while_asking_gives_the_customer_back(backend: Backend) {
    let server = Server::start(backend).await;
    server.sets_queue("offer_seconds = 120").await;
    noticed().await;
    let Scene { server: _server, rita, rosa, of_rita, mut of_rosa, customer } = Scene::on(server).await;
    asks(&rita, &customer, "rosa").await;
    let first = of_rosa.rings().await;
    rita.api.post("/rep/leaving", &json!({"page": rita.page})).await.expect_status(204);
    drop(of_rita);
    let other =
        |data: &Value| data["offers"][0]["offerId"].is_string() && data["offers"][0]["offerId"] != first["offerId"];
    let state = of_rosa.until(seconds(40), "state", other).await.data;
    assert_eq!(state["offers"][0]["customer"]["sessionId"], json!(customer.session), "now they ring from the line");
    assert_eq!(rosa.answers(&id(&first), "accept").await.refused(409)["offer"]["state"], "rescinded");
    assert_eq!(customer.view().await["requeuedBecause"], "repGone");
}

/// MariaDB only: SQLite serves one instance.
#[test]
fn a_colleague_at_another_instance_is_asked_and_told() {
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
        asks(&rita, &customer, "rosa").await;
        let offer = of_rosa.rings().await;
        rosa.answers(&id(&offer), "accept").await.expect(200);
        of_rita.until(seconds(8), "state", |told| told["sessions"] == json!([])).await;
        let hers = |told: &Value| told["state"] == "offered" && told["representative"]["name"] == "rosa";
        page.until(seconds(8), "state", hers).await;
    });
}
