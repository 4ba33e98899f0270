//! Who vanishes, and what is borne: consoles that die, hang or never had a stream, and a database out of reach for
//! longer than every grace. These tests wait for real time to pass, as those of `presence` do.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::store::proxy::Proxy;
use crate::support::database::Database;
use crate::support::events::Stream;
use crate::support::server::Folder;
use crate::support::{Backend, Customer, Person, Server, conversation, run, seconds, time_passes};

both! {
    a_program_that_claims_and_vanishes_gives_the_customer_back,
    a_console_that_hangs_after_its_claim_gives_the_customer_back,
    a_console_that_died_with_its_server_gives_the_customer_back,
    a_representative_without_a_stream_who_speaks_keeps_the_customer,
    a_representative_without_a_stream_who_is_alive_keeps_the_customer,
}

/// A customer in line, whose page watches.
async fn watching(server: &Server) -> (Customer, Stream) {
    let customer = Customer::waits(server, "5", "3").await;
    let mut stream = customer.stream().await;
    stream.next("state").await;
    (customer, stream)
}

/// Claims this customer, who says a word: whatever happens then is for the representative's sake.
async fn offered(customer: &Customer, rep: &Person) -> Value {
    let offer = rep.claims().await.expect("somebody waits");
    assert_eq!(offer["sessionId"], json!(customer.session), "the customer expected is at the head");
    customer.signals(1).await.expect(202);
    offer
}

/// Awaits the customer's return to the line.
async fn comes_back(customer: &Customer, stream: &mut Stream) {
    let is_back = |state: &Value| state["state"] == "waiting" && state["requeued"] == true;
    let back = stream.until(seconds(35), "state", is_back).await.data;
    assert_eq!(back["queueId"], json!(customer.queue), "the same ticket: {back}");
}

/// The customer's place in line.
async fn place(customer: &Customer) -> Value {
    customer.view().await["position"].clone()
}

async fn a_program_that_claims_and_vanishes_gives_the_customer_back(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let (customer, mut stream) = watching(&server).await;
    let _behind = Customer::waits(&server, "5", "3").await;
    let offer = offered(&customer, &rita).await;
    comes_back(&customer, &mut stream).await;
    assert_eq!(place(&customer).await, 1, "at the head of the line");
    let next = rosa.claims().await.expect("two wait");
    assert_eq!(next["sessionId"], json!(customer.session));
    assert!(next["epoch"].as_i64() > offer["epoch"].as_i64(), "what the vanished program holds is old: {next}");
}

async fn a_console_that_hangs_after_its_claim_gives_the_customer_back(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let (talking, mut of_talking) = watching(&server).await;
    let (claimed, mut of_claimed) = watching(&server).await;
    // Their sockets stay open to the end. Who answered a heartbeat once is expected to answer the next.
    let _consoles = [rita.stream().await, rosa.stream().await];
    for rep in [&rita, &rosa] {
        rep.api.post("/rep/alive", &json!({})).await.expect(204);
    }
    conversation(&talking, &rosa).await;
    offered(&claimed, &rita).await;
    tokio::join!(comes_back(&talking, &mut of_talking), comes_back(&claimed, &mut of_claimed));
    assert_eq!((place(&talking).await, place(&claimed).await), (json!(1), json!(2)), "in the order of before");
}

async fn a_console_that_died_with_its_server_gives_the_customer_back(backend: Backend) {
    let mut server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let (customer, stream) = watching(&server).await;
    let mut console = rep.stream().await;
    console.next("state").await;
    conversation(&customer, &rep).await;
    server.kill_9();
    drop((stream, console));
    server.launch().await;
    let mut again = customer.stream().await;
    assert_eq!(again.next("state").await.data["state"], "talking", "the restart itself takes nobody back");
    comes_back(&customer, &mut again).await;
    assert_eq!(place(&customer).await, 1);
}

async fn a_representative_without_a_stream_who_speaks_keeps_the_customer(backend: Backend) {
    let server = Server::start(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let (signalled, _of_signalled) = watching(&server).await;
    let (joined, _of_joined) = watching(&server).await;
    let offers = [offered(&signalled, &rita).await, offered(&joined, &rosa).await];
    // Longer than a representative may be unheard. Each kind of word has to do by itself.
    for seq in 1..=7 {
        time_passes(seconds(5)).await;
        rita.signals(&signalled.session, seq).await.expect(202);
        rosa.joined(&joined.session).await;
    }
    for (customer, offer) in [(&signalled, &offers[0]), (&joined, &offers[1])] {
        still_offered(customer, offer).await;
    }
}

async fn a_representative_without_a_stream_who_is_alive_keeps_the_customer(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let (customer, _stream) = watching(&server).await;
    let offer = offered(&customer, &rep).await;
    for _ in 0..7 {
        time_passes(seconds(5)).await;
        rep.api.post("/rep/alive", &json!({})).await.expect(204);
    }
    still_offered(&customer, &offer).await;
}

/// The claim stands: with a newer epoch the customer would have been away in between.
async fn still_offered(customer: &Customer, offer: &Value) {
    let view = customer.view().await;
    assert_eq!((&view["state"], &view["epoch"]), (&json!("offered"), &offer["epoch"]), "{view}");
}

/// MariaDB only: SQLite is a file beside its one instance, which no wire can part from it.
#[test]
fn an_outage_longer_than_every_grace_abandons_nobody() {
    run(async {
        let folder = Folder::new();
        let database = Database::fresh(Backend::MariaDb, &folder.0).await;
        let (wire, other_wire) = (Proxy::before(&database.url).await, Proxy::before(&database.url).await);
        let behind =
            async |wire: &Proxy| Server::with(Backend::Sqlite, &[("DATABASE_URL", &wire.url(&database.url))]).await;
        let (server, _other) = (behind(&wire).await, behind(&other_wire).await);
        let mut watching_pages = Vec::new();
        for _ in 0..5 {
            watching_pages.push(watching(&server).await);
        }
        let outage = async {
            // The grace of the start must be over, or it would be what saves them.
            time_passes(seconds(16)).await;
            wire.part();
            other_wire.part();
            time_passes(seconds(12)).await;
            // The other sees a lease that ran out, of an instance whose pages are all there.
            other_wire.mend();
            time_passes(seconds(8)).await;
            wire.mend();
            time_passes(seconds(17)).await;
        };
        let pages = join_all(watching_pages.iter_mut().map(|(customer, stream)| answer_heartbeats(customer, stream)));
        tokio::select! {
            () = outage => {}
            _ = pages => unreachable!("pages answer for ever"),
        }
        for (customer, _) in &watching_pages {
            let view = customer.view().await;
            assert_eq!((&view["state"], &view["queueId"]), (&json!("waiting"), &json!(customer.queue)), "{view}");
        }
    });
}

/// What a page does for as long as it lives.
async fn answer_heartbeats(customer: &Customer, stream: &mut Stream) {
    loop {
        stream.next("heartbeat").await;
        customer.is_alive().await;
    }
}
