//! What happens by itself must happen to everybody: one row that cannot be read or changed holds nobody up, and however
//! many are gone, one turn finds them all.

use bannerline::domain::ids::SessionId;
use bannerline::domain::presence::{GRACE_MILLIS, NEVER_JOINED_MILLIS};
use uuid::Uuid;

use super::Office;
use crate::support::{Backend, eventually, seconds};

both! {
    a_bad_row_is_passed_by,
    a_turn_goes_on_until_everybody_is_served,
}

/// An event stands already where this session's next one belongs.
async fn block(office: &Office, session: SessionId) {
    let (token, number) = (Uuid::new_v4().simple(), office.session(session).await.life.last_event + 1);
    let columns = "session_id, number, at, name, epoch, token, data";
    let values = format!("X'{session}', {number}, 0, 'x', 0, X'{token}', '{{}}'");
    office.raw().await.execute(&format!("INSERT INTO events ({columns}) VALUES ({values})")).await;
}

/// The session's row cannot be read.
async fn garble(office: &Office, session: SessionId) {
    office.raw().await.execute(&format!("UPDATE sessions SET kind = '?' WHERE id = X'{session}'")).await;
}

async fn state(office: &Office, session: SessionId) -> String {
    office.raw().await.texts(&format!("SELECT state FROM sessions WHERE id = X'{session}'")).await.remove(0)
}

async fn a_bad_row_is_passed_by(backend: Backend) {
    let office = Office::open(backend).await;
    let holder = Uuid::from_u128(7).simple();
    let (mut bad, mut good) = (Vec::new(), Vec::new());
    for number in 0..6 {
        // Half of them never had a stream, the others are gone.
        for session in [office.requested().await, office.waiting().await] {
            if number < 4 { bad.push(session) } else { good.push(session) }
        }
    }
    let closed = office.desk.now().millis();
    office
        .raw()
        .await
        .execute(&format!("UPDATE sessions SET holder = X'{holder}', closed_at = {closed} WHERE state = 'waiting'"))
        .await;
    for (index, session) in bad.iter().enumerate() {
        if index / 2 % 2 == 0 { block(&office, *session).await } else { garble(&office, *session).await }
    }
    office.desk.start_jobs(None).await.expect("the jobs start");
    office.clock.advance(NEVER_JOINED_MILLIS + GRACE_MILLIS);
    eventually("the good ones are ended", seconds(15), async || {
        for session in &good {
            if state(&office, *session).await != "ended" {
                return None;
            }
        }
        Some(())
    })
    .await;
    for session in bad {
        assert_ne!(state(&office, session).await, "ended", "nothing is known of a bad row");
    }
}

async fn a_turn_goes_on_until_everybody_is_served(backend: Backend) {
    let office = Office::open(backend).await;
    let all = office.requests(430).await;
    let first = all[0];
    office.desk.start_jobs(None).await.expect("the jobs start");
    office.clock.advance(NEVER_JOINED_MILLIS + 1);
    let ended = "SELECT COUNT(*) FROM sessions WHERE state = 'ended'";
    let mut raw = office.raw().await;
    while raw.number(ended).await == 0 {
        tokio::task::yield_now().await;
    }
    // Whoever is ended from here on by another turn bears another date.
    office.clock.advance(5_000);
    eventually("all are ended", seconds(30), async || (office.raw().await.number(ended).await == 430).then_some(()))
        .await;
    assert_eq!(raw.number("SELECT COUNT(DISTINCT ended_at) FROM sessions").await, 1, "one turn served them all");
    assert_eq!(state(&office, first).await, "ended");
}
