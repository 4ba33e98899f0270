//! The customer's event stream: `state`, `position`, `signal`, `heartbeat`, `superseded`, `reconnect`.

use std::sync::Arc;

use rocket::Shutdown;
use rocket::response::stream::{Event, stream};
use serde_json::json;

use super::error::ApiResult;
use super::state::{House, in_time};
use super::stream::{Events, Wake, bare, heartbeat, wake};
use super::view::SessionView;
use crate::desk::place_of;
use crate::domain::ids::SessionId;
use crate::domain::presence::Seat;
use crate::domain::queue::Place;
use crate::domain::session::State;
use crate::live::hub::Hint;

/// What one reading of the session gives the stream.
struct Snapshot {
    view: SessionView,
    /// Where it stands, while it waits.
    standing: Option<(i64, Place)>,
}

async fn read(house: &House, id: SessionId) -> ApiResult<Snapshot> {
    let session = in_time(house.desk.session(id)).await?;
    let seat = Seat::Customer(id);
    if session.closed_at.is_some() {
        // The row says gone, the stream says here: the page's next word settles it.
        house.desk.hub.note_taken_for_gone(seat);
    }
    house.desk.hub.expect_word(seat, session.life.is_with_rep() && session.heard_epoch < session.life.epoch);
    let place = place_of(&session).filter(|_| session.life.state == State::Waiting);
    let view = SessionView::of(house, &session).await?;
    house.desk.hub.stands(seat, place, view.position.unwrap_or(0), view.event_number);
    Ok(Snapshot { view, standing: place })
}

fn stands_at(house: &House, standing: Option<(i64, Place)>, position: usize) -> Event {
    let wait = standing.and_then(|(queue, place)| house.desk.estimated_wait_at(queue, place, position));
    Event::json(&json!({ "position": position, "estimatedWaitSeconds": wait })).event("position")
}

/// The events of one stream, until the session ends, a newer stream opens, or the server stops.
pub fn events(house: Arc<House>, id: SessionId, page: Option<String>, last_seen: i64, mut stop: Shutdown) -> Events {
    Box::pin(stream! {
        let seat = Seat::Customer(id);
        let mut open = house.desk.open_stream(seat, page);
        open.written().await;
        let mut beats = heartbeat();
        let mut last = last_seen;
        let mut due = true;
        let mut standing = None;
        loop {
            if due && let Ok(snapshot) = read(&house, id).await {
                due = false;
                standing = snapshot.standing;
                // Never back, whatever a client brings along.
                last = last.max(snapshot.view.event_number);
                let ended = snapshot.view.state == State::Ended;
                yield Event::json(&snapshot.view).event("state").id(last.to_string());
                if ended {
                    break;
                }
            }
            match wake(&mut open.hints, &mut beats, &mut stop).await {
                Wake::Hint(Hint::Changed) => due = true,
                Wake::Hint(Hint::Signal(text)) => yield Event::data(text.to_string()).event("signal").id(last.to_string()),
                Wake::Hint(Hint::Position(position)) => yield stands_at(&house, standing, position).id(last.to_string()),
                Wake::Hint(Hint::Queue) => {}
                Wake::Hint(Hint::Superseded) => {
                    yield bare("superseded");
                    break;
                }
                Wake::Beat => {
                    let moved = house.desk.hub.moved_to(seat, |queue, place| house.desk.line.position(queue, place));
                    if let Some(position) = moved {
                        yield stands_at(&house, standing, position).id(last.to_string());
                    }
                    yield bare("heartbeat");
                }
                Wake::Stopping => {
                    yield bare("reconnect");
                    break;
                }
                Wake::Closed => break,
            }
        }
    })
}
