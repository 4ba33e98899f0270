//! `kill -9` under load, ten times: what was answered is there, and nobody pays for the restart.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::figures::checked;
use crate::landing::visit_of;
use crate::support::http::text;
use crate::support::{Backend, Customer, Person, Server, scale, time_passes};

both! {
    what_was_answered_survives_kill_9,
}

/// So many stand before the watchers and stay, and so often the representative of the load asks for the next: who
/// watches is never reached.
const AHEAD: usize = 40;

/// What the clients of one round were answered.
#[derive(Default)]
struct Answered {
    visits: Vec<String>,
    /// Joined and left alone: must still wait.
    waiting: Vec<Customer>,
    /// Ended, with the answer: the session as it was then.
    ended: Vec<(Customer, Value)>,
}

impl Answered {
    fn merge(&mut self, other: Self) {
        self.visits.extend(other.visits);
        self.waiting.extend(other.waiting);
        self.ended.extend(other.ended);
    }
}

async fn what_was_answered_survives_kill_9(backend: Backend) {
    let mut server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let admin = server.admin().await;
    let mut all = Answered::default();
    // Some watch their place by a stream, so that presence has something to get wrong.
    for round in 0..10 * scale() {
        for _ in 0..AHEAD {
            Customer::waits(&server, "ahead", "1").await;
        }
        let mut watchers = Vec::new();
        for _ in 0..10 {
            watchers.push(Customer::waits(&server, "watchers", "1").await);
        }
        let mut streams = Vec::new();
        for watcher in &watchers {
            streams.push(watcher.stream().await);
        }
        let over = Arc::new(AtomicBool::new(false));
        let shared = Arc::new((server, rep.clone()));
        let mut load = JoinSet::new();
        for lane in 0..8 {
            load.spawn(work(Arc::clone(&shared), lane, Arc::clone(&over)));
        }
        // A different moment of the load each time.
        time_passes(Duration::from_millis(400 + 37 * (round as u64 % 10))).await;
        shared.0.signal("KILL");
        over.store(true, Ordering::SeqCst);
        for part in load.join_all().await {
            all.merge(part);
        }
        drop(streams);
        server = Arc::into_inner(shared).expect("the workers are done").0;
        server.kill_9();
        let down = std::time::Instant::now();
        server.launch().await;
        assert!(down.elapsed() < Duration::from_secs(5), "serving again after {:?}", down.elapsed());
        everything_is_there(&server, &admin, &all, &watchers).await;
    }
    assert!(
        all.ended.len() > 20 && all.waiting.len() > 20 && all.visits.len() > 20,
        "too little load to prove anything"
    );
}

/// One client: lands, joins, and half the time leaves, until the server dies under it.
async fn work(shared: Arc<(Server, Person)>, lane: usize, over: Arc<AtomicBool>) -> Answered {
    let (server, rep) = &*shared;
    let mut answered = Answered::default();
    let nobody = server.nobody();
    let (mut number, mut claims) = (lane, 0);
    while !over.load(Ordering::SeqCst) {
        number += 1;
        let Ok(page) = nobody.try_send(nobody.request("GET", "/?campaignId=kill&bannerId=1")).await else { break };
        page.expect_status(200);
        let visit = visit_of(&page.body);
        let session = nobody.request("POST", "/help/session").json(&json!({"visitId": visit}));
        answered.visits.push(visit);
        let Ok(made) = nobody.try_send(session).await else { break };
        let made = made.expect(201);
        let (api, session) = (server.bearer(&text(&made["token"])), text(&made["sessionId"]));
        let mut customer = Customer { api, session, queue: String::new(), page: String::new() };
        let body = json!({"sessionId": customer.session});
        let join = customer.api.request("POST", "/help/queue").json(&body);
        let Ok(joined) = customer.api.try_send(join).await else { break };
        customer.queue = text(&joined.expect(201)["queueId"]);
        if lane == 0 && claims < AHEAD {
            // One representative serves whoever is next: of those who stand before the watchers.
            claims += 1;
            let Ok(claim) = rep.api.try_send(rep.api.request("DELETE", "/help/queue")).await else { break };
            if claim.status == 200 {
                let path = format!("/help/session/{}/end", claim.json()["sessionId"].as_str().expect("a session"));
                let Ok(_) = rep.api.try_send(rep.api.request("POST", &path).json(&json!({}))).await else { break };
            }
        }
        if number.is_multiple_of(2) {
            let end = customer.api.request("POST", &customer.path("/end")).json(&json!({}));
            let Ok(ended) = customer.api.try_send(end).await else { break };
            let view = ended.expect(200);
            answered.ended.push((customer, view));
        } else {
            answered.waiting.push(customer);
        }
    }
    answered
}

async fn everything_is_there(server: &Server, admin: &Person, all: &Answered, watchers: &[Customer]) {
    let nobody = server.nobody();
    for visit in &all.visits {
        nobody.post(&format!("/help/visit/{visit}/seen"), &json!({})).await.expect(204);
    }
    let (_, calls) = checked(admin, "kill").await;
    let mut times: HashMap<&str, usize> = HashMap::new();
    for call in &calls {
        *times.entry(call["Sessionid"].as_str().expect("an id")).or_default() += 1;
    }
    let joined = all.waiting.iter().chain(all.ended.iter().map(|(customer, _)| customer));
    for customer in joined {
        assert_eq!(times.get(customer.session.as_str()), Some(&1), "{} joined", customer.session);
    }
    for (customer, then) in &all.ended {
        let now = customer.view().await;
        for field in ["state", "outcome", "sessionEndTime", "epoch"] {
            assert_eq!(now[field], then[field], "{field} of {}", customer.session);
        }
    }
    for watcher in watchers {
        let view = watcher.view().await;
        assert_eq!((&view["state"], &view["queueId"]), (&json!("waiting"), &json!(watcher.queue)), "{view}");
    }
    for customer in &all.waiting {
        let view = customer.view().await;
        // The one representative of the load may have met them; the restart must not have.
        assert_ne!(view["outcome"], "abandoned", "{view}");
    }
}
