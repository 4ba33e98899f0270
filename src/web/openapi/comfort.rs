//! The routes that make a representative's work easier.

use super::param::SINCE;
use super::route::Route;
use super::who::Who;
use crate::web::floor::Why;
use crate::web::today::TodayView;
use crate::web::visitors::{BlockRequest, BlockView};

/// These, and what a representative asks for beside their calls.
pub fn with_comfort(mut routes: Vec<Route>) -> Vec<Route> {
    routes.extend([
        Route::get("/rep/today", "Tells the representative's own figures of the day", Who::REPS)
            .takes([SINCE])
            .answers::<TodayView>(200, "Since then; means are null where there is nothing to take them of.")
            .refuses(400, "Not RFC 3339, in the future, or more than 48 hours ago."),
        Route::post("/help/session/{sessionId}/block", "Ends a session, and blocks whoever asked for it", Who::REPS)
            .optional_body::<BlockRequest>()
            .answers::<BlockView>(200, "The session as it ended, and until when; again, the same answer.")
            .refuses(400, "`reason` is longer than 200 characters, or there is a field that is not known.")
            .refuses(404, "There is no such session, or it is another's.")
            .refuses(409, "The epoch is over, and `session` says how it stands; or nobody knows whose session it is."),
    ]);
    routes
}

/// These, and what a supervisor does about blocks.
pub fn with_blocks(mut routes: Vec<Route>) -> Vec<Route> {
    routes.extend([Route::post(
        "/floor/api/blocks/{visitorId}/lift",
        "Lifts the block of a visitor",
        Who::SUPERVISORS,
    )
    .body::<Why>()
    .confirms(204, "The visitor is not blocked, or not any more.")
    .refuses(400, "`reason` is not 1 to 200 characters, or there is a field that is not known.")
    .refuses(404, "That is no visitor's id.")]);
    routes
}
