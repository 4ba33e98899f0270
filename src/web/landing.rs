//! `GET /`: a click reaches the page, and is kept.

use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Route, State, get, post, routes};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

use super::client::Client;
use super::colours;
use super::error::{ApiResult, Problem};
use super::guards::MaybeStaff;
use super::headers::is_head;
use super::limits::Limited;
use super::pages::{Page, PageOf};
use super::state::{House, in_time};
use super::urlencoded;
use crate::domain::campaign::{BrokenId, Link, MAX_QUERY_BYTES, Source, Tags, read_link};
use crate::domain::ids::{DIRECT, VisitId};
use crate::store::campaigns::{self, Campaign};
use crate::store::visits::{Broken, Visit};

/// The routes of this page.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![landing, index_php, seen]
}

/// The query of a landing, whatever it holds, and how it was asked for.
pub struct Query {
    text: String,
    pairs: Vec<(String, String)>,
    head: bool,
}

impl Query {
    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Query {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let query = request.uri().query();
        let text = query.map(|query| query.as_str().to_owned()).unwrap_or_default();
        let pairs = query.map(|query| urlencoded::pairs(query.as_ref())).unwrap_or_default();
        Outcome::Success(Self { text, pairs, head: is_head(request) })
    }
}

#[derive(Serialize)]
struct LandingContext<'c> {
    visit_id: Option<String>,
    campaign_id: &'c str,
    banner_id: &'c str,
    direct: bool,
    broken: Option<&'c [BrokenId]>,
    form: &'c str,
    staff: bool,
    /// The queues that the banner leads to, as a JSON list; with more than one the customer chooses.
    queues: String,
    headline: Option<&'c str>,
    text: Option<&'c str>,
    /// The campaign's colour without its `#`: the name of its stylesheet.
    colour: Option<String>,
}

/// The landing page. It is always served: the click was paid for.
#[get("/")]
async fn landing(
    _limit: Limited,
    query: Query,
    client: Client,
    staff: MaybeStaff,
    house: &State<Arc<House>>,
) -> ApiResult<Page> {
    land(&query, &client, &staff, house).await
}

/// The landing page under the address that older banner links use.
#[get("/index.php")]
async fn index_php(
    _limit: Limited,
    query: Query,
    client: Client,
    staff: MaybeStaff,
    house: &State<Arc<House>>,
) -> ApiResult<Page> {
    land(&query, &client, &staff, house).await
}

async fn land(query: &Query, client: &Client, staff: &MaybeStaff, house: &State<Arc<House>>) -> ApiResult<Page> {
    let (given_campaign, given_banner) = (query.get("campaignId"), query.get("bannerId"));
    let (source, broken) = match read_link(given_campaign, given_banner) {
        Link::Good(source) => (source, Vec::new()),
        Link::Broken(broken) => (Source::direct(), broken),
    };
    let mut visit = visit_of(query, client, &source, &broken, house);
    if staff.0.is_some() {
        // Whoever works here looks at a page; nobody clicked a banner.
        visit.class = "test";
    }
    in_time(house.desk.land(&visit)).await?;
    let campaign = in_time(campaign_of(house, &source)).await?;
    let plan = house.desk.plan();
    let queues = plan.queues_of(&source);
    let choice: Vec<_> = queues.iter().map(|queue| json!({ "name": queue.name, "title": queue.title() })).collect();
    let context = LandingContext {
        visit_id: Some(visit.id.to_string()),
        campaign_id: source.campaign.as_str(),
        banner_id: source.banner.as_str(),
        direct: source.campaign.as_str() == DIRECT && source.banner.as_str() == DIRECT,
        broken: (!broken.is_empty()).then_some(&broken),
        form: campaign.form.as_deref().unwrap_or_else(|| house.config.form.as_str()),
        staff: staff.0.is_some(),
        queues: json!(choice).to_string(),
        headline: campaign.headline.as_deref(),
        text: campaign.intro.as_deref(),
        colour: campaign.colour.as_deref().and_then(colours::name_of),
    };
    let page = PageOf { template: "landing/page.html", language: client.language, login: None };
    Ok((Status::Ok, house.pages.render(house, &page, &context)?))
}

fn visit_of(query: &Query, client: &Client, source: &Source, broken: &[BrokenId], house: &House) -> Visit {
    let now = house.desk.now();
    let raw = |name| query.get(name).map(|text| text.chars().take(200).collect());
    Visit {
        id: VisitId::new(now),
        campaign: source.campaign.clone(),
        banner: source.banner.clone(),
        class: if query.head { "head" } else { client.class },
        landed_at: now,
        broken: broken.first().map(|first| Broken {
            campaign: raw("campaignId"),
            banner: raw("bannerId"),
            reason: first.reason.as_str().to_owned(),
        }),
        query: (!query.text.is_empty()).then(|| cut(&query.text, MAX_QUERY_BYTES)),
        tags: Tags::read(query.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
    }
}

/// The longest beginning of `text` that fits in `most` bytes.
fn cut(text: &str, most: usize) -> String {
    text[..text.floor_char_boundary(most)].to_owned()
}

async fn campaign_of(house: &House, source: &Source) -> ApiResult<Campaign> {
    let mut reader = house.desk.db.read().await?;
    Ok(campaigns::find(reader.conn(), &source.campaign).await?.unwrap_or_default())
}

/// The page's first script call: a person is looking.
#[post("/help/visit/<visit>/seen")]
async fn seen(_limit: Limited, visit: &str, house: &State<Arc<House>>) -> ApiResult<Status> {
    let visit = visit.parse::<VisitId>().map_err(|_| Problem::not_found())?;
    in_time(house.desk.confirm_visit(visit, house.desk.now())).await?;
    Ok(Status::NoContent)
}
