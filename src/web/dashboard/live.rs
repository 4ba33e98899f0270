//! The dashboard's live strip: how many wait, talk and are there, and nobody's name.

use std::sync::Arc;

use rocket::{Route, Shutdown, State, get, routes};

use crate::domain::scope::Scope;
use crate::store::accounts::User;
use crate::web::error::{ApiResult, Problem};
use crate::web::floor::view::Totals;
use crate::web::floor::watch::{self, Look};
use crate::web::guards::Marketer;
use crate::web::state::House;
use crate::web::stream::{LastEventId, Told};

/// The routes of the live strip.
pub(super) fn stage() -> Vec<Route> {
    routes![events]
}

/// The numbers are of all campaigns.
fn sees_all(user: &User) -> bool {
    user.role.reads_figures() && Scope::of(user.role, user.client_id) == Scope::Everything
}

/// What goes on now, in numbers.
#[get("/dashboard/events")]
fn events(marketer: Marketer, last: LastEventId, stop: Shutdown, house: &State<Arc<House>>) -> ApiResult<Told> {
    if !sees_all(&marketer.0.user) {
        return Err(Problem::forbidden("You may see the campaigns of your client only; these numbers are of all."));
    }
    let look = Look { may: sees_all, see: Totals::of };
    Ok(Told(watch::events(Arc::clone(house), marketer.0, look, last.0, stop)))
}
