//! A page that comes back in the very moment in which its grace ends: whoever commits first is right.

use bannerline::domain::ids::SessionId;
use bannerline::domain::presence::{GRACE_MILLIS, Seat};
use bannerline::domain::session::State;
use bannerline::store::events;

use super::Office;
use super::raw::Raw;
use crate::support::{Backend, eventually, seconds, time_passes};

both! {
    a_page_that_comes_back_as_the_grace_ends_keeps_its_session,
}

async fn a_page_that_comes_back_as_the_grace_ends_keeps_its_session(backend: Backend) {
    let office = Office::open(backend).await;
    let mut raw = office.raw().await;
    let id = office.waiting().await;
    office.desk.start_jobs(None).await.expect("the reaper starts");
    opens_and_closes(&office, id).await;

    // The return is written and not yet committed when the reaper reads that the page is gone.
    raw.execute(if backend == Backend::Sqlite { "BEGIN IMMEDIATE" } else { "START TRANSACTION" }).await;
    let holder = "0123456789abcdef0123456789abcdef";
    raw.execute(&format!("UPDATE sessions SET closed_at = NULL, holder = X'{holder}' WHERE id = X'{id}'")).await;
    office.clock.advance(GRACE_MILLIS + 1);
    reaper_waits(backend, &mut raw).await;
    raw.execute("COMMIT").await;

    // The turn that waited ends, and another one after it.
    time_passes(seconds(5)).await;
    let session = office.session(id).await;
    assert_eq!((session.life.state, session.closed_at), (State::Waiting, None));
    let log = events::of_session(raw.conn(), id).await.unwrap();
    let told: Vec<_> = log.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(told, ["created", "join"], "nothing was ended, not even for a moment");
}

/// The page has a stream, and goes away.
async fn opens_and_closes(office: &Office, id: SessionId) {
    let mut stream = office.desk.open_stream(Seat::Customer(id), None);
    stream.written().await;
    drop(stream);
    eventually("the absence is written", seconds(10), async || office.session(id).await.closed_at).await;
}

/// Waits until the reaper has read the rows and cannot write them.
async fn reaper_waits(backend: Backend, raw: &mut Raw) {
    if backend == Backend::Sqlite {
        // Nobody tells who waits for the file: longer than from one turn to the next, shorter than one waits for it.
        return time_passes(seconds(3)).await;
    }
    let blocked = "SELECT COUNT(*) FROM information_schema.processlist \
        WHERE db = DATABASE() AND info LIKE 'UPDATE sessions SET%'";
    eventually("the reaper waits for the row", seconds(10), async || (raw.number(blocked).await > 0).then_some(()))
        .await;
}
