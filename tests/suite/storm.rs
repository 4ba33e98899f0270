//! The claim storm: many representatives, a thousand customers, and a history that proves nobody was overtaken.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::figures::checked;
use crate::rolling::all_is_rolled;
use crate::support::history::{History, Span};
use crate::support::{Answer, Backend, Customer, Person, Server, scale, seconds, time_passes};

both! {
    nobody_is_overtaken_in_a_claim_storm,
    requests_cut_off_leave_nothing_open,
}

const REPS: usize = 32;
const JOINERS: usize = 32;

fn span(answer: &Answer) -> Span {
    Span { sent: answer.sent, answered: answer.answered }
}

async fn nobody_is_overtaken_in_a_claim_storm(backend: Backend) {
    let server = Server::start(backend).await;
    let total = 1_000 * scale();
    let mut customers = Vec::new();
    for _ in 0..total {
        customers.push(Arc::new(Customer::arrives(&server, "storm", "1").await));
    }
    let by_session: Arc<HashMap<_, _>> =
        Arc::new(customers.iter().map(|customer| (customer.session.clone(), Arc::clone(customer))).collect());
    let mut reps = Vec::new();
    for number in 0..REPS {
        reps.push(server.rep(&format!("rep-{number}")).await);
    }

    let over = Arc::new(AtomicBool::new(false));
    let watching = tokio::spawn(watch_figures(server.admin().await, Arc::clone(&over)));
    let line = Arc::new(Mutex::new(customers.into_iter()));
    let claimed = Arc::new(AtomicUsize::new(0));
    let mut storm = JoinSet::new();
    for _ in 0..JOINERS {
        storm.spawn(join_all_of(Arc::clone(&line)));
    }
    for (number, rep) in reps.into_iter().enumerate() {
        storm.spawn(serve_until(total, number, rep, Arc::clone(&by_session), Arc::clone(&claimed)));
    }
    let mut history = History::default();
    while let Some(part) = tokio::time::timeout(seconds(300), storm.join_next()).await.expect("the storm ends") {
        history.merge(part.expect("no request failed"));
    }
    over.store(true, Ordering::SeqCst);
    let answers = watching.await.expect("every answer adds up");
    assert!(answers > 20, "the figures were asked for too seldom to prove anything: {answers}");
    assert_eq!(history.joins.len(), total);
    let violations = history.violations();
    assert!(
        violations.is_empty(),
        "{} violations, the first: {:#?}",
        violations.len(),
        &violations[..violations.len().min(5)]
    );

    let (figures, _) = checked(&server.admin().await, "storm").await;
    assert_eq!((&figures["TotalOfCalls"], &figures["AnsweredCalls"]), (&total.into(), &total.into()), "{figures}");
    all_is_rolled(&server).await;
}

/// Asks for the figures until it is over: while sessions join, start, end and are rolled, each answer adds up, and nothing
/// that was counted is missing from a later one.
async fn watch_figures(reader: Person, over: Arc<AtomicBool>) -> usize {
    let (mut answers, mut before) = (0, [0; 2]);
    while !over.load(Ordering::SeqCst) {
        // The seconds of whoever asks for a period take another way to the same rows.
        let period = if answers % 2 == 0 { "" } else { "?from=2026-01-01T00:00:00.001Z" };
        let told = reader.api.get(&format!("/getAverageMetrics/storm{period}")).await.expect(200);
        let count = |name: &str| told[name].as_i64().expect("a count");
        let (total, decided) = (count("TotalOfCalls"), count("AnsweredCalls") + count("NotAnsweredCalls"));
        assert_eq!(total, decided + count("WaitingCalls"), "{told}");
        let now = [total, decided];
        assert!(before[0] <= now[0] && before[1] <= now[1], "{told} after {before:?}");
        before = now;
        answers += 1;
        // Often enough to be unlucky, and no storm of its own.
        time_passes(std::time::Duration::from_millis(20)).await;
    }
    answers
}

/// One of the crowd that joins: takes the next customer until all have joined.
async fn join_all_of(line: Arc<Mutex<std::vec::IntoIter<Arc<Customer>>>>) -> History {
    let mut seen = History::default();
    loop {
        let Some(customer) = line.lock().await.next() else { return seen };
        let answer = customer.try_join().await;
        answer.expect(201);
        seen.joins.insert(customer.session.clone(), span(&answer));
    }
}

/// One representative: claims, talks, ends, until everybody was claimed by somebody.
async fn serve_until(
    total: usize,
    number: usize,
    rep: Person,
    customers: Arc<HashMap<String, Arc<Customer>>>,
    claimed: Arc<AtomicUsize>,
) -> History {
    let mut seen = History::default();
    while claimed.load(Ordering::SeqCst) < total {
        let answer = rep.api.delete("/help/queue").await;
        if answer.status == 204 {
            seen.empty.push(span(&answer));
            time_passes(std::time::Duration::from_millis(5)).await;
            continue;
        }
        let session = answer.expect(200)["sessionId"].as_str().expect("a session").to_owned();
        claimed.fetch_add(1, Ordering::SeqCst);
        seen.claims.push((number, session.clone(), span(&answer)));
        customers[&session].joined().await;
        rep.joined(&session).await;
        rep.ends(&session).await;
    }
    seen
}

/// Clients that hang up in the middle of a request: afterwards nothing is locked, and what was answered is there.
async fn requests_cut_off_leave_nothing_open(backend: Backend) {
    let server = Arc::new(Server::start(backend).await);
    let total = 500 * scale();
    let mut cutting = JoinSet::new();
    for lane in 0..8_u64 {
        let server = Arc::clone(&server);
        cutting.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0..(total / 8) as u64 {
                let customer = Customer::arrives(&server, "cut", "1").await;
                // From "at once" to "usually answered", in steps of 0.1 ms.
                let patience = std::time::Duration::from_micros(100 * ((number * 7 + lane) % 60));
                if let Ok(answer) = tokio::time::timeout(patience, customer.try_join()).await {
                    answer.expect(201);
                    acknowledged.push(customer.session);
                }
            }
            acknowledged
        });
    }
    let acknowledged: Vec<String> = cutting.join_all().await.concat();
    let admin = server.admin().await;
    let (_, calls) = checked(&admin, "cut").await;
    for session in &acknowledged {
        let times = calls.iter().filter(|call| call["Sessionid"] == **session).count();
        assert_eq!(times, 1, "{session} was acknowledged");
    }
    // Nothing holds a lock: a claim, a join and an end go through at once.
    let rep = server.rep("rita").await;
    let answer = rep.api.delete("/help/queue").await;
    answer.expect(200);
    assert!(answer.took() < seconds(2), "{:?}", answer.took());
    assert!(acknowledged.len() < total, "no request was cut off, so this test proves nothing");
}
