//! `/dashboard`: the figures, for people.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use rocket::{FromForm, Route, State, get, routes};
use serde::Serialize;

use super::auth::{PageAnswer, page_for};
use super::client::Client;
use super::error::ApiResult;
use super::guards::{Login, MaybeStaff};
use super::scope::may_read;
use super::state::{House, in_time};
use crate::clock::Timestamp;
use crate::domain::people::Role;
use crate::figures::report::{self, Dashboard, Subject};
use crate::store::figures::Period;

/// The routes of the dashboard.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![dashboard]
}

/// The filter, as it stands in the address.
#[derive(Debug, Clone, FromForm, Serialize)]
pub struct Filter {
    campaign: Option<String>,
    banner: Option<String>,
    from: Option<String>,
    to: Option<String>,
    tests: Option<String>,
}

#[derive(Serialize)]
struct DashboardContext {
    filter: Filter,
    base_url: String,
    error: Option<String>,
    #[serde(flatten)]
    content: Dashboard,
}

const DAY_MILLIS: i64 = 86_400_000;

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl Filter {
    /// The filter as the form shows it.
    fn shown(&self) -> Self {
        Self { tests: self.tests.clone().filter(|tests| tests == "include"), ..self.clone() }
    }

    /// What it asks for, or what is wrong with it in one sentence.
    fn read(&self) -> Result<(Subject, Period), String> {
        let campaign = given(self.campaign.as_ref()).map(str::parse).transpose();
        let banner = given(self.banner.as_ref()).map(str::parse).transpose();
        let subject = Subject {
            campaign: campaign.map_err(|problem| format!("The campaign {problem}."))?,
            banner: banner.map_err(|problem| format!("The banner {problem}."))?,
        };
        let from = day("first", given(self.from.as_ref()))?;
        // The last day is shown whole.
        let to = day("last", given(self.to.as_ref()))?.map(|day| day.plus_millis(DAY_MILLIS));
        let period = Period {
            from: from.unwrap_or(Timestamp(0)),
            to: to.unwrap_or(Timestamp(i64::MAX)),
            tests: self.tests.as_deref() == Some("include"),
        };
        if period.from >= period.to {
            return Err("The first day must not be after the last.".to_owned());
        }
        Ok((subject, period))
    }
}

/// The start of a day in UTC.
fn day(which: &str, text: Option<&str>) -> Result<Option<Timestamp>, String> {
    let Some(text) = text else { return Ok(None) };
    let date = text.parse::<NaiveDate>().map_err(|_| format!("The {which} day must be a date such as 2026-11-21."))?;
    Ok(Some(Timestamp(date.and_time(NaiveTime::MIN).and_utc().timestamp_millis())))
}

/// The figures of campaigns and banners in a table, and the links that are broken.
#[get("/dashboard?<filter..>")]
async fn dashboard(
    filter: Filter,
    staff: MaybeStaff,
    client: Client,
    host: &rocket::http::uri::Host<'_>,
    server: &rocket::Config,
    house: &State<Arc<House>>,
) -> ApiResult<PageAnswer> {
    let scheme = if server.tls_enabled() { "https" } else { "http" };
    let base_url = house.config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{host}"));
    let content = |login: &Login| {
        let scope = login.scope();
        async move {
            let (asked, error) = match filter.read() {
                Ok(asked) => (asked, None),
                Err(sentence) => (
                    (Subject::default(), Period { from: Timestamp(0), to: Timestamp(0), tests: false }),
                    Some(sentence),
                ),
            };
            if let Some(campaign) = &asked.0.campaign {
                may_read(house, scope, campaign).await?;
            }
            let db = house.desk.db.clone();
            let question = async move { report::dashboard(&db, scope, &asked.0, asked.1).await };
            let mut content = in_time(house.figures.ask(question)).await?;
            if error.is_some() {
                content.clear();
            }
            Ok(("dashboard/page.html", DashboardContext { filter: filter.shown(), base_url, error, content }))
        }
    };
    page_for(house, &client, staff.0, Role::reads_figures, "/dashboard", content).await
}
