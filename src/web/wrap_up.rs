//! `/help/session/…/wrap-up`: what a representative says about a conversation.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, post, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, flag, given};
use super::error::{ApiResult, Problem};
use super::guards::{Login, Rep};
use super::state::{House, in_time};
use super::view::SessionView;
use super::visitors;
use crate::clock::Timestamp;
use crate::desk::wrap_up::{Author, Wrapping};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::wrap_up::Said;
use crate::store::activities::Duty;

/// The routes of wrap-ups.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![wrapping, wrap_up]
}

type HouseState = State<Arc<House>>;

/// Room for 2,000 characters, even where each is written as two escapes.
const MAX_BYTES: usize = 32 * 1_024;

/// What is said about a conversation; what is absent stays, what is null or empty is taken away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[expect(clippy::option_option, reason = "absent is not null")]
pub struct WrapUpRequest {
    /// What came of it: one of the campaign's outcomes.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    disposition: Option<Option<String>>,
    /// ≤ 2,000 characters.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    notes: Option<Option<String>>,
    /// Ends the wrap-up, if that is what the representative is doing.
    #[serde(deserialize_with = "flag")]
    #[schema(value_type = Option<bool>)]
    done: Option<bool>,
}

/// A conversation that is or can be wrapped up.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrapUpView {
    /// Which.
    session: SessionView,
    /// The words there are for what came of it: the campaign's outcomes.
    dispositions: Vec<String>,
    /// The one that was chosen.
    disposition: Option<String>,
    /// As they were typed.
    notes: Option<String>,
    /// Until when it is what the representative is doing, at most; null when it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

impl WrapUpView {
    fn of(house: &House, wrapping: Wrapping) -> Self {
        let Wrapping { session, said, dispositions, until } = wrapping;
        Self {
            session: SessionView::bare(&session).in_queue(house, &session),
            dispositions,
            disposition: said.disposition().map(str::to_owned),
            notes: said.notes().map(str::to_owned),
            until,
        }
    }
}

/// The call that a representative wraps up, for their console.
///
/// # Errors
/// The store's.
pub async fn present(house: &House, rep: RepId, duty: &Duty) -> ApiResult<Option<WrapUpView>> {
    let Some(wrapping) = in_time(house.desk.present_wrap_up(rep, duty)).await? else { return Ok(None) };
    let visitor = visitors::known_of(house, &wrapping.session).await?;
    let mut view = WrapUpView::of(house, wrapping);
    view.session.visitor = Some(visitor);
    Ok(Some(view))
}

fn author(login: &Login) -> Author {
    Author { user: login.user.id, administers: login.user.role.administers() }
}

fn parse(id: &str) -> ApiResult<SessionId> {
    id.parse().map_err(|_| Problem::not_found())
}

/// What was said about a session so far, and what there is to say.
#[get("/help/session/<id>/wrap-up")]
async fn wrapping(rep: Rep, id: &str, house: &HouseState) -> ApiResult<JsonAnswer<WrapUpView>> {
    Ok(JsonAnswer(WrapUpView::of(house, in_time(house.desk.wrapping(author(&rep.0), parse(id)?)).await?)))
}

/// Keeps what is said about a conversation; said again, the newer word counts.
#[post("/help/session/<id>/wrap-up", data = "<body>")]
async fn wrap_up(
    rep: Rep,
    id: &str,
    body: Json<WrapUpRequest, { MAX_BYTES }>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<WrapUpView>> {
    let WrapUpRequest { disposition, notes, done } = body.value;
    let said =
        Said { disposition: disposition.map(Option::unwrap_or_default), notes: notes.map(Option::unwrap_or_default) };
    let kept = house.desk.wrap_up(author(&rep.0), parse(id)?, &said, done.unwrap_or(false));
    Ok(JsonAnswer(WrapUpView::of(house, in_time(kept).await?)))
}
