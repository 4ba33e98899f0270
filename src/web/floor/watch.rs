//! What goes on now as an event stream, the floor's or a part of it: `state`, `heartbeat`, `reconnect`.

use std::sync::Arc;
use std::time::Duration;

use rocket::Shutdown;
use rocket::response::stream::{Event, stream};
use tokio::time::MissedTickBehavior;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::desk::floor::Floor;
use crate::store::accounts::User;
use crate::web::guards::Login;
use crate::web::rep_stream::first_number;
use crate::web::state::{House, in_time};
use crate::web::stream::{Events, bare, heartbeat};

/// The floor is looked at this often, and read once for everybody who looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What another stream read in this turn is good enough.
const SHARED_FOR: Duration = Duration::from_millis(900);

/// Who looks at what.
#[derive(Clone, Copy)]
pub struct Look<T> {
    /// Whether somebody may look.
    pub may: fn(&User) -> bool,
    /// What it sees of the floor at a moment.
    pub see: fn(&Floor, Timestamp) -> T,
}

/// Whether this login may still look: it is not over, and the role is not another one by now.
async fn may_look(house: &House, login: &Login, may: fn(&User) -> bool) -> bool {
    match house.desk.user_of_login(&login.hash).await {
        Ok(user) => user.is_some_and(|user| may(&user)),
        // The database is away: the next beat asks again.
        Err(_) => true,
    }
}

/// The floor, when it is not the one that was told last.
async fn news(house: &House, told: &mut Option<Arc<Floor>>) -> Option<Arc<Floor>> {
    let floor = in_time(house.desk.floor(SHARED_FOR)).await.ok()?;
    let is_news = told.as_ref().is_none_or(|told| !Arc::ptr_eq(told, &floor) && **told != *floor);
    *told = Some(Arc::clone(&floor));
    is_news.then_some(floor)
}

/// The events of one page, until its login ends or the server stops.
pub fn events<T>(house: Arc<House>, login: Login, look: Look<T>, last_seen: i64, mut stop: Shutdown) -> Events
where
    T: Serialize + Send + 'static,
{
    Box::pin(stream! {
        let mut beats = heartbeat();
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut number = first_number(last_seen, house.desk.now());
        let mut told = None;
        loop {
            tokio::select! {
                biased;
                () = &mut stop => {
                    yield bare("reconnect");
                    break;
                }
                _ = beats.tick() => {
                    if !may_look(&house, &login, look.may).await {
                        break;
                    }
                    yield bare("heartbeat");
                }
                _ = looks.tick() => {
                    if let Some(floor) = news(&house, &mut told).await {
                        number = number.saturating_add(1);
                        let seen = (look.see)(&floor, house.desk.now());
                        yield Event::json(&seen).event("state").id(number.to_string());
                    }
                }
            }
        }
    })
}
