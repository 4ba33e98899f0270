//! `/dashboard`: the figures, for people.

mod filter;
pub mod kept;
mod list;
mod live;
mod shared;

use std::sync::Arc;

use chrono::NaiveDate;
use rocket::http::{Cookie, CookieJar};
use rocket::{Route, State, get, routes};
use serde::Serialize;

use super::auth::{PageAnswer, page_for};
use super::client::Client;
use super::error::ApiResult;
use super::guards::{Login, MaybeStaff};
use super::pages::{data_block, mistake};
use super::questions::Names;
use super::scope::may_read;
use super::state::{House, in_time};
use super::urlencoded::encoded;
use crate::clock::Timestamp;
use crate::domain::people::Role;
use crate::figures::dashboard::{self, Dashboard, Wanted};
use filter::{Filter, Read};
use kept::{ShareView, ViewOfDashboard};

/// The routes of the dashboard.
#[must_use]
pub fn stage() -> Vec<Route> {
    [routes![page], kept::stage(), live::stage(), shared::stage()].concat()
}

/// The viewer's zone, as the page's script found it out.
const ZONE_COOKIE: &str = "bannerline-zone";

/// The figures as the templates show them.
#[derive(Serialize)]
struct Shown {
    filter: Filter,
    /// The filter as it stands in an address.
    query: String,
    /// Whose clocks count.
    zone: &'static str,
    /// The days that are compared with.
    compared: Option<(NaiveDate, NaiveDate)>,
    /// What the plots are drawn from, for the script.
    plots_json: String,
    #[serde(flatten)]
    content: Dashboard,
}

impl Shown {
    /// Nothing, because the filter was not understood.
    fn nothing(filter: &Filter) -> Self {
        Self {
            filter: filter.shown(),
            query: filter.query(),
            zone: chrono_tz::Tz::UTC.name(),
            compared: None,
            plots_json: "null".to_owned(),
            content: Dashboard::default(),
        }
    }

    /// What a filter that was understood shows.
    async fn of(house: &House, filter: &Filter, read: &Read) -> ApiResult<Self> {
        let (db, wanted) = (house.desk.db.clone(), read.wanted.clone());
        let question = async move { dashboard::dashboard(&db, &wanted).await };
        let content = in_time(house.figures.ask(question)).await?;
        Ok(Self {
            filter: filter.shown(),
            query: filter.query(),
            zone: read.wanted.zone.name(),
            compared: read.compared,
            plots_json: data_block(&content.plots).map_err(|error| mistake(&error.to_string()))?,
            content,
        })
    }
}

#[derive(Serialize)]
struct DashboardContext {
    #[serde(flatten)]
    shown: Shown,
    /// Where the calls can be had, without the format.
    export: Option<String>,
    base_url: String,
    error: Option<String>,
    /// The calls that are filtered; none of so many that sorting them would take too long.
    calls: Option<list::Table>,
    views: Vec<ViewOfDashboard>,
    shares: Vec<ShareView>,
}

/// Where `/getFullMetrics` has exactly what is filtered.
fn export(wanted: &Wanted) -> String {
    let ids = wanted.campaign.as_ref().map(|campaign| {
        let banner = wanted.banner.as_ref().map(|banner| format!("/{}", encoded(banner.as_str())));
        format!("/{}{}", encoded(campaign.as_str()), banner.unwrap_or_default())
    });
    let address = format!("/getFullMetrics{}", ids.unwrap_or_default());
    let of_filter = wanted.filters.iter().map(|(dimension, value)| (dimension.as_str(), encoded(value)));
    let mut query: Vec<String> = of_filter.map(|(name, value)| format!("{name}={value}")).collect();
    let of_any_campaign = wanted.banner.as_ref().filter(|_| wanted.campaign.is_none());
    query.extend(of_any_campaign.map(|banner| format!("banner={}", encoded(banner.as_str()))));
    let (from, to) = (wanted.period.from, wanted.period.to);
    query.extend((from > Timestamp(0)).then(|| format!("from={from}")));
    query.extend((to < Timestamp(i64::MAX)).then(|| format!("to={to}")));
    query.extend(wanted.period.tests.then(|| "tests=include".to_owned()));
    format!("{address}?{}", query.join("&"))
}

/// The figures in tiles, plots and tables, and the links that are broken.
#[get("/dashboard?<sort>&<page>&<filter..>")]
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
async fn page(
    sort: Option<&str>,
    page: Option<&str>,
    filter: Filter,
    names: Names,
    staff: MaybeStaff,
    client: Client,
    cookies: &CookieJar<'_>,
    host: &rocket::http::uri::Host<'_>,
    server: &rocket::Config,
    house: &State<Arc<House>>,
) -> ApiResult<PageAnswer> {
    let scheme = if server.tls_enabled() { "https" } else { "http" };
    let base_url = house.config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{host}"));
    // Whoever has to log in first comes back to the same report.
    let address = format!("/dashboard?{}", filter.query()).trim_end_matches('?').to_owned();
    let filter = filter.in_zone(cookies.get(ZONE_COOKIE).map(Cookie::value));
    let content = |login: &Login| {
        let (user, scope) = (login.user.clone(), login.scope());
        async move {
            let views = in_time(house.desk.views(&user)).await?.into_iter().map(Into::into).collect();
            let shares = in_time(house.desk.shares(&user)).await?;
            let shares = shares.into_iter().map(|share| ShareView::of(share, None)).collect();
            let read = filter.once(&names).and_then(|()| filter.read(scope, house.desk.now()));
            let read = read.and_then(|read| Ok((read, list::read(sort, page)?)));
            let (shown, calls, export, error) = match read {
                Ok((mut read, list)) => {
                    read.wanted.list = Some(list);
                    if let Some(campaign) = &read.wanted.campaign {
                        may_read(house, scope, campaign).await?;
                    }
                    let mut shown = Shown::of(house, &filter, &read).await?;
                    let (calls, total) = (shown.content.calls.take(), shown.content.total_of_calls);
                    (shown, calls.map(|calls| list::Table::of(list, calls, total)), Some(export(&read.wanted)), None)
                }
                Err(sentence) => (Shown::nothing(&filter), None, None, Some(sentence)),
            };
            Ok(("dashboard/page.html", DashboardContext { shown, export, base_url, error, calls, views, shares }))
        }
    };
    page_for(house, &client, staff.0, Role::reads_figures, &address, content).await
}
