//! What marketers keep of the dashboard: links that share it, and views that they come back to.

use std::sync::Arc;

use rocket::http::Status;
use rocket::response::status::{Created, NoContent};
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, delete, get, post, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::Filter;
use crate::clock::Timestamp;
use crate::domain::scope::Scope;
use crate::domain::words::{Title, ViewName};
use crate::store::shares::{SavedView, Share};
use crate::web::body::Json;
use crate::web::error::{ApiResult, Problem};
use crate::web::guards::Marketer;
use crate::web::questions::Names;
use crate::web::scope::may_read;
use crate::web::state::{House, in_time};

/// The routes of what is kept.
pub(super) fn stage() -> Vec<Route> {
    routes![share, shares, close_share, save_view, views, forget_view]
}

type HouseState = State<Arc<House>>;

/// The most characters of a filter in an address.
const MOST_FILTER: usize = 2_000;
/// For how many days a link can open a report.
const MOST_DAYS: i64 = 366;
const USUAL_DAYS: i64 = 30;

/// A report to share.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ShareRequest {
    /// The dashboard's filter, as it stands in its address; empty: everything.
    filter: String,
    /// A heading, ≤ 200 characters.
    title: Option<String>,
    /// For how many days the link opens it: 1 to 366, 30 unless told.
    days: Option<i64>,
}

/// A report that is shared.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShareView {
    /// Its id, to close it.
    share_id: String,
    title: Option<String>,
    /// The dashboard's filter, as it stands in its address.
    filter: String,
    /// Where anybody may read it; told when it is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl ShareView {
    pub(super) fn of(share: Share, token: Option<&str>) -> Self {
        Self {
            share_id: share.id.to_string(),
            title: share.title,
            filter: share.filter,
            path: token.map(|token| format!("/shared/{token}")),
            created_at: share.created_at,
            expires_at: share.expires_at,
        }
    }
}

/// A view to keep.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ViewRequest {
    /// What it is called, ≤ 80 characters; one of the same name gives way.
    name: String,
    /// The dashboard's filter, as it stands in its address.
    filter: String,
}

/// A view that was kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViewOfDashboard {
    /// Its id, to forget it.
    view_id: String,
    name: String,
    /// The dashboard's filter, as it stands in its address.
    filter: String,
}

impl From<SavedView> for ViewOfDashboard {
    fn from(view: SavedView) -> Self {
        Self { view_id: view.id.to_string(), name: view.name, filter: view.filter }
    }
}

/// A filter that the dashboard understands, in its one spelling.
async fn filter(house: &House, scope: Scope, text: &str) -> ApiResult<String> {
    let filter = Filter::parse(text)?;
    let read = filter.once(&Names::within(text)).and_then(|()| filter.read(scope, house.desk.now()));
    let read = read.map_err(Problem::bad_request)?;
    if let Some(campaign) = &read.wanted.campaign {
        may_read(house, scope, campaign).await?;
    }
    let filter = filter.query();
    if filter.len() > MOST_FILTER {
        return Err(Problem::bad_request(format!("filter must have at most {MOST_FILTER} characters.")));
    }
    Ok(filter)
}

/// Shares a report by a link.
#[post("/dashboard/api/shares", data = "<body>")]
async fn share(
    marketer: Marketer,
    body: Json<ShareRequest>,
    house: &HouseState,
) -> ApiResult<Created<JsonAnswer<ShareView>>> {
    let asked = body.value;
    let title = asked.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let title = title.map(str::parse::<Title>).transpose();
    let title = title.map_err(|problem| Problem::bad_request(format!("title {problem}.")))?;
    let days = asked.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Problem::bad_request(format!("days must be a whole number from 1 to {MOST_DAYS}.")));
    }
    let filter = filter(house, marketer.0.scope(), &asked.filter).await?;
    let (share, token) = in_time(house.desk.share(&marketer.0.user, &filter, title.as_ref(), days)).await?;
    let view = ShareView::of(share, Some(&token));
    Ok(Created::new(view.path.clone().unwrap_or_default()).body(JsonAnswer(view)))
}

/// One's own open links.
#[get("/dashboard/api/shares")]
async fn shares(marketer: Marketer, house: &HouseState) -> ApiResult<JsonAnswer<Vec<ShareView>>> {
    let shares = in_time(house.desk.shares(&marketer.0.user)).await?;
    Ok(JsonAnswer(shares.into_iter().map(|share| ShareView::of(share, None)).collect()))
}

/// Closes a link.
#[delete("/dashboard/api/shares/<id>")]
async fn close_share(marketer: Marketer, id: &str, house: &HouseState) -> ApiResult<NoContent> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    in_time(house.desk.close_share(&marketer.0.user, id)).await?;
    Ok(NoContent)
}

/// Keeps a filter under a name.
#[post("/dashboard/api/views", data = "<body>")]
async fn save_view(
    marketer: Marketer,
    body: Json<ViewRequest>,
    house: &HouseState,
) -> ApiResult<(Status, JsonAnswer<ViewOfDashboard>)> {
    let name: ViewName = body.value.name.parse().map_err(|problem| Problem::bad_request(format!("name {problem}.")))?;
    let filter = filter(house, marketer.0.scope(), &body.value.filter).await?;
    let view = in_time(house.desk.save_view(&marketer.0.user, &name, &filter)).await?;
    Ok((Status::Created, JsonAnswer(view.into())))
}

/// One's own views.
#[get("/dashboard/api/views")]
async fn views(marketer: Marketer, house: &HouseState) -> ApiResult<JsonAnswer<Vec<ViewOfDashboard>>> {
    let views = in_time(house.desk.views(&marketer.0.user)).await?;
    Ok(JsonAnswer(views.into_iter().map(Into::into).collect()))
}

/// Forgets a view.
#[delete("/dashboard/api/views/<id>")]
async fn forget_view(marketer: Marketer, id: &str, house: &HouseState) -> ApiResult<NoContent> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    in_time(house.desk.forget_view(&marketer.0.user, id)).await?;
    Ok(NoContent)
}
