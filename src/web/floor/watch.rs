//! The floor's event stream: `state`, `heartbeat`, `reconnect`.

use std::sync::Arc;
use std::time::Duration;

use rocket::Shutdown;
use rocket::response::stream::{Event, stream};
use tokio::time::MissedTickBehavior;

use super::view::FloorView;
use crate::desk::floor::Floor;
use crate::web::guards::Login;
use crate::web::rep_stream::first_number;
use crate::web::state::{House, in_time};
use crate::web::stream::{Events, bare, heartbeat};

/// The floor is looked at this often, and read once for everybody who looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What another stream read in this turn is good enough.
const SHARED_FOR: Duration = Duration::from_millis(900);

/// Whether this login may still look: it is not over, and the role is not another one by now.
async fn may_look(house: &House, login: &Login) -> bool {
    match house.desk.user_of_login(&login.hash).await {
        Ok(user) => user.is_some_and(|user| user.role.supervises()),
        // The database is away: the next beat asks again.
        Err(_) => true,
    }
}

/// The floor, when it is not the one that was told last.
async fn news(house: &House, told: &mut Option<Arc<Floor>>) -> Option<FloorView> {
    let floor = in_time(house.desk.floor(SHARED_FOR)).await.ok()?;
    let is_news = told.as_ref().is_none_or(|told| !Arc::ptr_eq(told, &floor) && **told != *floor);
    *told = Some(Arc::clone(&floor));
    is_news.then(|| FloorView::of(&floor, house.desk.now()))
}

/// The events of one page, until its login ends or the server stops.
pub fn events(house: Arc<House>, login: Login, last_seen: i64, mut stop: Shutdown) -> Events {
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
                    if !may_look(&house, &login).await {
                        break;
                    }
                    yield bare("heartbeat");
                }
                _ = looks.tick() => {
                    if let Some(floor) = news(&house, &mut told).await {
                        number = number.saturating_add(1);
                        yield Event::json(&floor).event("state").id(number.to_string());
                    }
                }
            }
        }
    })
}
