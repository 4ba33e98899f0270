//! The routes of the dashboard.

use super::param::{
    BANNER, CAMPAIGN, COMPARED, COUNTRY, DEVICE, FIRST_DAY, LAST_DAY, LAST_EVENT_ID, PAGE_NUMBER, QUEUE_NUMBER, REP,
    SORT, STEPS, TESTS, ZONE,
};
use super::route::Route;
use super::who::Who;
use crate::web::dashboard::kept::{ShareRequest, ShareView, ViewOfDashboard, ViewRequest};
use crate::web::floor::view::Totals;

pub fn dashboard() -> Vec<Route> {
    const FILTER: &str = "`filter` is not one that the dashboard understands, or another field cannot be used.";
    vec![
        Route::get("/dashboard", "The dashboard", Who::READERS_OR_LOGIN)
            .takes([CAMPAIGN, BANNER, COUNTRY, DEVICE, REP, QUEUE_NUMBER])
            .takes([FIRST_DAY, LAST_DAY, ZONE, STEPS, COMPARED, TESTS, SORT, PAGE_NUMBER])
            .shows(200, "The page; a filter that is not well-formed is named on it.")
            .confirms(303, "To the login page, and back.")
            .shows(403, "A page that says that this role may not open it.")
            .away(),
        Route::get("/dashboard/events", "Tells the dashboard what goes on now, in numbers", Who::MARKETERS)
            .takes([LAST_EVENT_ID])
            .streams_to_all()
            .event::<Totals>("state", "how many wait, talk and are there: first, and when something changed."),
        Route::get("/dashboard/api/shares", "One's own links that are open", Who::MARKETERS)
            .answers_list::<ShareView>("Latest first, without what opens them."),
        Route::post("/dashboard/api/shares", "Shares a report by a link", Who::MARKETERS)
            .body::<ShareRequest>()
            .answers::<ShareView>(201, "The link: `path` is told this once.")
            .refuses(400, FILTER),
        Route::delete("/dashboard/api/shares/{shareId}", "Closes a link", Who::MARKETERS)
            .confirms(204, "It opens nothing any more.")
            .refuses(404, "There is no such open link, or it is another's."),
        Route::get("/dashboard/api/views", "One's own saved views", Who::MARKETERS)
            .answers_list::<ViewOfDashboard>("By name."),
        Route::post("/dashboard/api/views", "Keeps a filter under a name", Who::MARKETERS)
            .body::<ViewRequest>()
            .answers::<ViewOfDashboard>(201, "The view; one of the same name gave way.")
            .refuses(400, FILTER)
            .refuses(409, "One of this name is saved from somewhere else at this moment."),
        Route::delete("/dashboard/api/views/{viewId}", "Forgets a view", Who::MARKETERS)
            .confirms(204, "It is gone.")
            .refuses(404, "There is no such view, or it is another's."),
        Route::get("/shared/{token}", "A report that somebody shared", Who::ANYBODY)
            .shows(200, "The page, which names no person and no address.")
            .shows(404, "A page that says that the link has ended, or was closed.")
            .limited()
            .away(),
    ]
}
