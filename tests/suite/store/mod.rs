//! White-box tests: the library itself, without HTTP, on both databases. What is promised of every row, every
//! connection and every COMMIT is looked up with a connection of the test's own, which no code of the product opened.

mod bytes;
mod cancelled;
mod comeback;
mod commits;
mod consultations;
mod deals;
mod export;
mod histories;
mod joins;
mod migrations;
mod offers;
pub mod proxy;
mod questions;
pub mod raw;
mod reaper;
mod replay;
pub mod reps;
mod rollups;
mod seats;
mod settings;
mod stamps;
mod visit_rollups;
mod wrap_ups;

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bannerline::clock::{FixedClock, Timestamp};
use bannerline::desk::accounts::{Person, add_user};
use bannerline::desk::admission::Wish;
use bannerline::desk::audit::Actor;
use bannerline::desk::call::Caller;
use bannerline::desk::keys::Keys;
use bannerline::desk::{Desk, Parts};
use bannerline::domain::ids::{RepId, SessionId, VisitId};
use bannerline::domain::people::Role;
use bannerline::live::bus::Bus;
use bannerline::live::hub::Hub;
use bannerline::store::sessions::Session;
use bannerline::store::visits::Visit;
use bannerline::store::{Attempts, Db, StoreError, Tx};
use bannerline::telemetry::Metrics;
use uuid::Uuid;

use crate::support::Backend;
use crate::support::database::Database;
use crate::support::server::Folder;
use raw::Raw;

/// 2026-11-21T10:00:00Z, where every test's clock stands at first.
const TEN: Timestamp = Timestamp(1_795_255_200_000);

/// A desk on a fresh database, with a clock that stands.
struct Office {
    desk: Arc<Desk>,
    clock: Arc<FixedClock>,
    /// The database's own address, past any proxy.
    database: Database,
    _folder: Folder,
}

impl Office {
    async fn open(backend: Backend) -> Self {
        Self::open_through(backend, str::to_owned).await
    }

    /// The same, with the address of the desk's pool changed: to that of a proxy.
    async fn open_through(backend: Backend, address: impl Fn(&str) -> String) -> Self {
        let folder = Folder::new();
        let database = Database::fresh(backend, &folder.0).await;
        let db = Db::connect(&address(&database.url)).await.expect("the database answers");
        db.migrate().await.expect("the schema is made");
        let clock = Arc::new(FixedClock::new(TEN));
        Self { desk: desk(db, clock.clone()), clock, database, _folder: folder }
    }

    /// One more instance on the same database and clock.
    async fn second_desk(&self) -> Arc<Desk> {
        let db = Db::connect(&self.database.url).await.expect("the database answers");
        desk(db, self.clock.clone())
    }

    /// A connection that the product knows nothing of.
    async fn raw(&self) -> Raw {
        Raw::connect(&self.database.url).await
    }

    async fn rep(&self, name: &str) -> RepId {
        let person = Person { username: name.parse().unwrap(), display_name: None, role: Role::Rep, client: None };
        add_user(&self.desk.db, person, "a long password".to_owned(), &Actor::command_line(), TEN)
            .await
            .expect("a representative is made")
    }

    /// A session that was requested.
    async fn requested(&self) -> SessionId {
        self.desk.request(wish("5", "3"), None).await.expect("a session is made").id
    }

    /// A session that waits.
    async fn waiting(&self) -> SessionId {
        let session = self.requested().await;
        self.desk.join(session, None).await.expect("it joins");
        session
    }

    async fn session(&self, id: SessionId) -> Session {
        self.desk.session(id).await.expect("the session is there")
    }

    /// Several sessions that were requested.
    async fn requests(&self, count: usize) -> Vec<SessionId> {
        let mut sessions = Vec::new();
        for _ in 0..count {
            sessions.push(self.requested().await);
        }
        sessions
    }
}

fn desk(db: Db, clock: Arc<FixedClock>) -> Arc<Desk> {
    let (hub, instance) = (Arc::new(Hub::default()), Uuid::new_v4());
    let bus = Bus::local(Arc::clone(&hub), clock.clone(), instance);
    let metrics = Arc::new(Metrics::new().expect("the counters are made"));
    Desk::open(Parts { db, clock, hub, bus, keys: Keys::new([7; 32]), instance, metrics })
}

fn wish(campaign: &str, banner: &str) -> Wish {
    Wish { campaign: Some(campaign.to_owned()), banner: Some(banner.to_owned()), ..Wish::default() }
}

fn customer(session: SessionId) -> Caller {
    Caller::Customer(session)
}

fn representative(rep: RepId) -> Caller {
    Caller::Rep(rep, "Rita".to_owned())
}

/// A landing on campaign 5, banner 3.
fn visit() -> Visit {
    Visit {
        id: VisitId::new(TEN),
        campaign: "5".parse().unwrap(),
        banner: "3".parse().unwrap(),
        class: "page",
        landed_at: TEN,
        broken: None,
        query: None,
        tags: bannerline::domain::campaign::Tags::default(),
    }
}

/// Commits as the desk's use cases do.
async fn commit(db: &Db, tx: Tx) -> Result<(), StoreError> {
    match Attempts::new(db, None).settle(tx, Ok::<_, StoreError>(())).await {
        ControlFlow::Break(result) => result,
        ControlFlow::Continue(()) => Err(StoreError::Stale),
    }
}

/// Polls a future once: what it does before it first has to wait is done.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
