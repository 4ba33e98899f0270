//! What the rows say of a seat is what is so, however closings and openings race.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bannerline::clock::{Clock, Timestamp};
use bannerline::desk::keys::Keys;
use bannerline::desk::{Desk, Parts};
use bannerline::domain::ids::SessionId;
use bannerline::domain::presence::Seat;
use bannerline::live::bus::Bus;
use bannerline::live::hub::Hub;
use bannerline::telemetry::Metrics;
use uuid::Uuid;

use super::{Office, TEN};
use crate::support::{Backend, eventually, seconds, time_passes};

both! {
    a_closing_that_is_overtaken_by_an_opening_leaves_an_open_seat,
}

const CLOSING: &str = "closing";

/// A clock that holds the closing thread up whenever it asks for the time: until the test lets it go on.
struct Halting(Barrier);

impl Clock for Halting {
    fn now(&self) -> Timestamp {
        if thread::current().name() == Some(CLOSING) {
            self.0.wait();
            self.0.wait();
        }
        TEN
    }
}

/// How many rows say that the seat is taken.
async fn taken(office: &Office, session: SessionId) -> i64 {
    let text = "SELECT COUNT(*) FROM sessions WHERE holder IS NOT NULL AND closed_at IS NULL";
    office.raw().await.number(&format!("{text} AND id = X'{session}'")).await
}

/// A reload: the old page's stream has just closed when the new page's opens, and the word of the opening comes first.
async fn a_closing_that_is_overtaken_by_an_opening_leaves_an_open_seat(backend: Backend) {
    let office = Office::open(backend).await;
    let session = office.waiting().await;
    let (hub, instance, clock) = (Arc::new(Hub::default()), Uuid::new_v4(), Arc::new(Halting(Barrier::new(2))));
    let desk = Desk::open(Parts {
        db: office.desk.db.clone(),
        clock: Arc::<Halting>::clone(&clock),
        bus: Bus::local(Arc::clone(&hub), Arc::<Halting>::clone(&clock), instance),
        hub,
        keys: Keys::new([7; 32]),
        instance,
        metrics: Arc::new(Metrics::new().unwrap()),
    });
    let seat = Seat::Customer(session);
    let mut old = desk.open_stream(seat, None);
    old.written().await;
    assert_eq!(taken(&office, session).await, 1);

    let closing = thread::Builder::new().name(CLOSING.to_owned()).spawn(move || drop(old)).unwrap();
    // The old stream is closed, and its word is not yet sent.
    clock.0.wait();
    let mut new = desk.open_stream(seat, None);
    new.written().await;
    clock.0.wait();
    closing.join().unwrap();
    time_passes(Duration::from_millis(500)).await;
    assert_eq!(taken(&office, session).await, 1, "the new page's stream is open");

    // An end that nobody overtakes is still one.
    drop(new);
    eventually("the row says that nobody is there", seconds(10), async || {
        (taken(&office, session).await == 0).then_some(())
    })
    .await;
}
