//! The storm of offers: four queues, three skills, 32 representatives with three callers each, some of whom decline or
//! do not answer. Afterwards the tables are asked whether every promise was kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tokio::task::JoinSet;

use crate::figures::checked;
use crate::store::raw::Raw;
use crate::support::history::Span;
use crate::support::http::text;
use crate::support::{Backend, Customer, Person, Server, eventually, noticed, scale, seconds, time_passes};

both! {
    everybody_is_offered_in_order_to_who_may_serve_them,
}

const REPS: usize = 32;
const CAPACITY: u32 = 3;
/// The queues, with the skills that each asks for.
const QUEUES: [(&str, &str); 4] = [("default", ""), ("sales", "sales"), ("support", "support"), ("taxes", "sales tax")];
const SKILLS: [&str; 3] = ["sales", "support", "tax"];

/// A customer of the storm.
struct Guest {
    customer: Arc<Customer>,
    queue: usize,
    joined: Span,
}

/// What the tables say about one offer.
#[derive(Debug)]
struct Offer {
    session: String,
    rep: String,
    made: i64,
}

async fn everybody_is_offered_in_order_to_who_may_serve_them(backend: Backend) {
    let server = Server::start(backend).await;
    set_up(&server).await;
    let mut rng = StdRng::seed_from_u64(scale() as u64);
    let (reps, knows) = staff(&server, &mut rng).await;
    // Whoever began before would be taken for somebody who knows nothing.
    noticed().await;

    let total = 300 * scale();
    let mut customers = HashMap::new();
    let mut line = Vec::new();
    for _ in 0..total {
        let queue = rng.random_range(0..QUEUES.len());
        let customer = Arc::new(Customer::arrives(&server, QUEUES[queue].0, "1").await);
        customers.insert(customer.session.clone(), Arc::clone(&customer));
        line.push((queue, customer));
    }
    let (customers, over) = (Arc::new(customers), Arc::new(AtomicUsize::new(0)));
    let mut service = JoinSet::new();
    for rep in reps {
        let (customers, over, seed) = (Arc::clone(&customers), Arc::clone(&over), rng.random());
        service.spawn(serve(rep, customers, over, seed));
    }
    let watcher = tokio::spawn(watch_capacity(server.database_url().to_owned(), Arc::clone(&over), total));
    let mut guests = Vec::new();
    let mut joins = JoinSet::new();
    for lane in line.chunks(total.div_ceil(8)).map(<[_]>::to_vec) {
        joins.spawn(async move {
            let mut guests = Vec::new();
            for (queue, customer) in lane {
                let answer = customer.try_join().await;
                answer.expect(201);
                guests.push(Guest { customer, queue, joined: Span { sent: answer.sent, answered: answer.answered } });
            }
            guests
        });
    }
    while let Some(lane) = joins.join_next().await {
        guests.extend(lane.expect("everybody joins"));
    }
    eventually("everybody was served", seconds(240), async || {
        if let Some(ended) = service.try_join_next() {
            ended.expect("representatives serve until it is over");
        }
        (over.load(Ordering::SeqCst) == total).then_some(())
    })
    .await;
    service.shutdown().await;
    assert!(watcher.await.expect("nobody had more than their capacity") > 10, "it looked too seldom");

    let (figures, calls) = checked(&server.admin().await, "default").await;
    let of_default = guests.iter().filter(|guest| guest.queue == 0).count();
    assert_eq!(figures["AnsweredCalls"], json!(of_default), "{figures}");
    assert_eq!(calls.len(), of_default);
    let mut raw = Raw::connect(server.database_url()).await;
    nothing_is_stuck(&mut raw).await;
    let offers = offers(&mut raw).await;
    offered_in_order(&guests, &offers, &knows);
}

async fn set_up(server: &Server) {
    let admin = server.admin().await;
    admin.api.patch("/admin/api/queues/default", &json!({"offerSeconds": 3})).await.expect(200);
    for (name, skills) in &QUEUES[1..] {
        let skills: Vec<_> = skills.split(' ').collect();
        let body = json!({"name": name, "skills": skills, "offerSeconds": 3, "offerTo": 2});
        admin.api.post("/admin/api/queues", &body).await.expect(201);
    }
    for (name, _) in QUEUES {
        admin.api.put(&format!("/admin/api/campaigns/{name}"), &json!({"queues": [name]})).await.expect(200);
    }
}

/// The representatives, and what each of them knows.
async fn staff(server: &Server, rng: &mut StdRng) -> (Vec<Person>, HashMap<String, BTreeSet<&'static str>>) {
    let (mut reps, mut knows) = (Vec::new(), HashMap::new());
    for number in 0..REPS {
        let name = format!("rep-{number}");
        // The first knows it all: nobody waits for ever.
        let skills: BTreeSet<_> = SKILLS.into_iter().filter(|_| number == 0 || rng.random_bool(0.5)).collect();
        reps.push(server.rep_for(&name, CAPACITY).await);
        let mut arguments = vec!["user", "set", &name];
        for skill in &skills {
            arguments.extend(["--skill", skill]);
        }
        let set = server.cli(&arguments, "");
        assert!(set.status.success(), "{set:?}");
        knows.insert(name, skills);
    }
    (reps, knows)
}

/// One representative: accepts most offers, declines some, lets a few ring, and talks with whom they have.
async fn serve(rep: Person, customers: Arc<HashMap<String, Arc<Customer>>>, over: Arc<AtomicUsize>, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut console = rep.is_available().await;
    let mut answered = BTreeSet::new();
    let mut talks = JoinSet::new();
    let mut alive_at = Instant::now();
    loop {
        time_passes(Duration::from_millis(20)).await;
        while let Some(talk) = talks.try_join_next() {
            talk.expect("a talk goes well");
        }
        // As a console answers each heartbeat: whoever does not is taken for gone.
        if alive_at.elapsed() > seconds(5) {
            rep.is_alive().await;
            alive_at = Instant::now();
        }
        // As a console does that was cut off, because too much waited for it.
        if console.is_over() {
            console = rep.stream().await;
        }
        let state = console.take_arrived().iter().rfind(|event| event.name == "state").map(|event| event.data.clone());
        let Some(state) = state else { continue };
        // Whoever missed an offer, alone or beside another call, is back at once.
        if state["activity"]["activity"] == "missed" || state["activity"]["activity"] == "break" {
            rep.chooses("available").await;
        }
        for offer in state["offers"].as_array().expect("a list") {
            let id = text(&offer["offerId"]);
            if !answered.insert(id.clone()) {
                continue;
            }
            match rng.random_range(0..100) {
                0..4 => {}
                4..14 => {
                    let declined = rep.answers(&id, "reject").await.status;
                    assert!(declined == 204 || declined == 409, "{declined}");
                }
                _ => {
                    let accepted = rep.answers(&id, "accept").await;
                    if accepted.status == 409 {
                        accepted.refused(409);
                    } else {
                        accepted.expect(200);
                        let customer = Arc::clone(&customers[&text(&accepted.json()["sessionId"])]);
                        talks.spawn(talk(rep.clone(), customer, Arc::clone(&over), rng.random_range(0..100)));
                    }
                }
            }
        }
    }
}

async fn talk(rep: Person, customer: Arc<Customer>, over: Arc<AtomicUsize>, millis: u64) {
    customer.joined().await;
    rep.joined(&customer.session).await;
    time_passes(Duration::from_millis(millis)).await;
    let ended = rep.ends(&customer.session).await;
    assert_eq!(ended["outcome"], "answered");
    over.fetch_add(1, Ordering::SeqCst);
}

async fn nothing_is_stuck(raw: &mut Raw) {
    for nothing in [
        "SELECT COUNT(*) FROM sessions WHERE state <> 'ended' AND queue_id > 0",
        "SELECT COUNT(*) FROM offers WHERE state = 'pending'",
        "SELECT COUNT(*) FROM reps WHERE callers <> 0 OR ringing <> 0",
        "SELECT COUNT(*) FROM sessions WHERE ringing <> 0",
        // Exactly one accepted offer each: nobody claimed here.
        "SELECT COUNT(*) FROM sessions s WHERE queue_id > 0 AND 1 <> \
         (SELECT COUNT(*) FROM offers o WHERE o.session_id = s.id AND o.state = 'accepted')",
    ] {
        assert_eq!(raw.number(nothing).await, 0, "{nothing}");
    }
    for word in ["rejected", "timedOut", "rescinded"] {
        let some = format!("SELECT COUNT(*) FROM offers WHERE state = '{word}'");
        assert!(raw.number(&some).await > 0, "no offer was {word}: too little happened to prove anything");
    }
}

async fn offers(raw: &mut Raw) -> Vec<Offer> {
    let text = "SELECT LOWER(HEX(o.session_id)), u.username, o.made_at \
        FROM offers o JOIN users u ON u.id = o.rep_id ORDER BY o.made_at";
    let rows: Vec<(String, String, i64)> = raw.rows(text).await;
    rows.into_iter().map(|(session, rep, made)| Offer { session, rep, made }).collect()
}

/// Looks again and again whether what rings and who is served are, together, never more than the capacity: in one
/// statement, because stamps of two transactions may be the other way round than their commits. How often it looked.
async fn watch_capacity(url: String, over: Arc<AtomicUsize>, total: usize) -> usize {
    const BEYOND: &str = "SELECT COUNT(*) FROM reps r WHERE r.capacity < \
        (SELECT COUNT(*) FROM offers o WHERE o.rep_id = r.user_id AND o.state = 'pending') + \
        (SELECT COUNT(*) FROM sessions s WHERE s.rep_id = r.user_id AND s.state IN ('offered', 'talking', 'held'))";
    let mut raw = Raw::connect(&url).await;
    let mut looks = 0;
    while over.load(Ordering::SeqCst) < total {
        assert_eq!(raw.number(BEYOND).await, 0, "somebody has more than their capacity");
        looks += 1;
        time_passes(Duration::from_millis(50)).await;
    }
    looks
}

/// Nobody began to ring at a representative before somebody older whom the same one may serve.
fn offered_in_order(guests: &[Guest], offers: &[Offer], knows: &HashMap<String, BTreeSet<&str>>) {
    let mut first: HashMap<&str, &Offer> = HashMap::new();
    for offer in offers {
        first.entry(&offer.session).or_insert(offer);
    }
    let asks: Vec<BTreeSet<&str>> = QUEUES.iter().map(|(_, skills)| skills.split_whitespace().collect()).collect();
    let queue_of: HashMap<&str, usize> =
        guests.iter().map(|guest| (guest.customer.session.as_str(), guest.queue)).collect();
    for offer in offers {
        let queue = queue_of[offer.session.as_str()];
        assert!(asks[queue].is_subset(&knows[&offer.rep]), "{} cannot serve {}", offer.rep, QUEUES[queue].0);
    }
    let mut compared = 0;
    for younger in guests {
        let of_younger = first[younger.customer.session.as_str()];
        let skills = &knows[&of_younger.rep];
        for older in guests.iter().filter(|older| older.joined.before(younger.joined)) {
            let of_older = first[older.customer.session.as_str()];
            if asks[older.queue].is_subset(skills) {
                compared += 1;
                let (asked, after) = (QUEUES[younger.queue].0, QUEUES[older.queue].0);
                assert!(
                    of_older.made <= of_younger.made,
                    "{of_younger:?} of {asked} was before {of_older:?} of {after}, and knows {skills:?}"
                );
            }
        }
    }
    assert!(compared > guests.len(), "too few could be compared: {compared}");
}
