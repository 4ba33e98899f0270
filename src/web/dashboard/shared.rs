//! `/shared/…`: a report that somebody shared, for anybody who has the link. Nothing can be changed or chosen there, and no
//! person is named.

use std::sync::Arc;

use rocket::http::{Header, Status};
use rocket::response::content::RawHtml;
use rocket::{Responder, Route, State, get, routes};
use serde::Serialize;

use super::Shown;
use super::filter::Filter;
use crate::clock::Timestamp;
use crate::web::client::Client;
use crate::web::error::{ApiResult, Problem};
use crate::web::limits::Limited;
use crate::web::pages::{Page, PageOf};
use crate::web::scope::may_read;
use crate::web::state::{House, in_time};

/// The routes of shared reports.
pub(super) fn stage() -> Vec<Route> {
    routes![page]
}

#[derive(Serialize)]
struct SharedContext {
    title: Option<String>,
    expires_at: Timestamp,
    #[serde(flatten)]
    shown: Shown,
}

/// A page that no search engine lists.
#[derive(Responder)]
struct Unlisted {
    page: Page,
    robots: Header<'static>,
}

/// The report of a share that is open.
async fn report(house: &House, token: &str, language: &'static str) -> ApiResult<RawHtml<String>> {
    let Some((share, scope)) = in_time(house.desk.shared(token)).await? else {
        let detail = "This link is not open: it has ended, or was closed.".to_owned();
        return Err(Problem { detail, ..Problem::not_found() });
    };
    let filter = Filter::parse(&share.filter)?;
    let read = filter.read(scope, house.desk.now()).map_err(Problem::bad_request)?;
    if let Some(campaign) = &read.wanted.campaign {
        may_read(house, scope, campaign).await?;
    }
    let mut shown = Shown::of(house, &filter, &read).await?;
    shown.content.forget_people();
    let context = SharedContext { title: share.title, expires_at: share.expires_at, shown };
    house.pages.render(house, &PageOf { template: "dashboard/shared.html", language, login: None }, &context)
}

/// A report that somebody shared; a person reads why it cannot be shown, too.
#[get("/shared/<token>")]
async fn page(_limit: Limited, token: &str, client: Client, house: &State<Arc<House>>) -> ApiResult<Unlisted> {
    let page = match report(house, token, client.language).await {
        Ok(html) => (Status::Ok, html),
        Err(problem) if problem.status < 500 => house.pages.problem(house, client.language, None, &problem),
        // With what says when to come back.
        Err(problem) => return Err(problem),
    };
    Ok(Unlisted { page, robots: Header::new("X-Robots-Tag", "noindex") })
}
