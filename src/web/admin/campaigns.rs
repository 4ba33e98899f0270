//! `/admin/campaigns`: what campaigns are called, what their pages say, and the links for ad servers.

use std::sync::Arc;

use rocket::http::uri::Host;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, put, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{base_url, client_names, given, page, words};
use crate::desk::audit::Actor;
use crate::desk::campaigns::{self, BannerChange as Naming, Change, WithBanners, outcomes_of};
use crate::desk::queues;
use crate::domain::campaign::Source;
use crate::domain::ids::{BannerId, CampaignId, DIRECT, IdProblem};
use crate::domain::links::{self, AD_SERVERS};
use crate::store::campaigns::Banner;
use crate::web::auth::PageAnswer;
use crate::web::body::{self, Json};
use crate::web::client::Client;
use crate::web::error::{ApiResult, Problem};
use crate::web::guards::{Admin, MaybeStaff};
use crate::web::state::{House, in_time};

/// The routes of campaigns.
pub(super) fn stage() -> Vec<Route> {
    routes![campaigns_page, list, set, set_banner]
}

type HouseState = State<Arc<House>>;

/// A link for an ad server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    /// revive, google, meta, microsoft or tiktok.
    ad_server: &'static str,
    /// Its name.
    name: &'static str,
    /// What to paste there; it fills in the rest.
    link: String,
}

/// A banner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BannerView {
    /// The id in the ad server.
    banner_id: String,
    /// Its name, once it has one.
    name: Option<String>,
    /// The queues that its customers choose from; none: those of the campaign.
    queues: Vec<String>,
    /// When it was seen or named first.
    first_seen_at: String,
    /// The link of this banner, with nothing left to fill in.
    link: String,
}

/// A campaign with its banners.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignView {
    /// The id in the ad server.
    campaign_id: String,
    /// Whether it has a name.
    registered: bool,
    /// Its name.
    name: Option<String>,
    /// The headline of its page; the page's own when null, and so are the next three.
    headline: Option<String>,
    /// The text of its page.
    intro: Option<String>,
    /// The colour of its page, `#rrggbb`.
    colour: Option<String>,
    /// What its page asks: none, short or full.
    form: Option<String>,
    /// What can come of a call, in the campaign's words.
    outcomes: Vec<String>,
    /// From how many seconds on a conversation counts as qualified; 60 when null.
    qualified_seconds: Option<i64>,
    /// The client whose it is; null: nobody's.
    client: Option<String>,
    /// The queues that its customers choose from; none: they come to the default one.
    queues: Vec<String>,
    /// When it was seen or registered first.
    first_seen_at: String,
    /// Its links with the ad servers' own placeholders for the banner.
    links: Vec<LinkView>,
    /// Its banners: those with a name first, then those that were seen last; 100 at most.
    banners: Vec<BannerView>,
    /// Whether it has more banners.
    more_banners: bool,
}

/// A queue that campaigns and banners can lead to.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueTitle {
    /// Its name.
    name: String,
    /// What customers choose it by.
    title: Option<String>,
}

/// Campaigns.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignsView {
    /// Links for every campaign of an ad server: it fills in both ids.
    links: Vec<LinkView>,
    /// Those with a name first, then those that were seen last; 100 at most.
    campaigns: Vec<CampaignView>,
    /// Whether there are more: `search` finds them.
    more: bool,
    /// The queues that they can lead to.
    queues: Vec<QueueTitle>,
    /// The clients whose they can be, by name.
    clients: Vec<String>,
}

fn banner_view(base: &str, banner: Banner) -> BannerView {
    BannerView {
        link: links::fixed(base, &banner.campaign_id, &banner.id),
        banner_id: banner.id.into(),
        name: banner.name,
        queues: banner.queues,
        first_seen_at: banner.first_seen_at.to_string(),
    }
}

fn campaign_view(base: &str, WithBanners { campaign: known, banners, more_banners }: WithBanners) -> CampaignView {
    // A direct visit is one that no ad server sent.
    let servers = AD_SERVERS.iter().filter(|_| known.id.as_str() != DIRECT);
    let links = servers
        .map(|server| LinkView { ad_server: server.key, name: server.name, link: server.link_of(base, &known.id) })
        .collect();
    let campaign = known.campaign;
    CampaignView {
        campaign_id: known.id.into(),
        registered: campaign.name.is_some(),
        name: campaign.name,
        headline: campaign.headline,
        intro: campaign.intro,
        colour: campaign.colour,
        form: campaign.form,
        outcomes: outcomes_of(campaign.outcomes.as_deref()),
        qualified_seconds: campaign.qualified_ms.map(|millis| millis / 1_000),
        client: campaign.client,
        queues: known.queues,
        first_seen_at: known.first_seen_at.to_string(),
        links,
        banners: banners.into_iter().map(|banner| banner_view(base, banner)).collect(),
        more_banners,
    }
}

async fn listed(house: &House, base: &str, search: &str) -> ApiResult<CampaignsView> {
    let (list, more) = in_time(campaigns::list(&house.desk.db, search)).await?;
    let queues = in_time(queues::all(&house.desk.db)).await?;
    let link_of = |server: &links::AdServer| {
        let link = server.link(base)?;
        Some(LinkView { ad_server: server.key, name: server.name, link })
    };
    Ok(CampaignsView {
        links: AD_SERVERS.iter().filter_map(link_of).collect(),
        campaigns: list.into_iter().map(|campaign| campaign_view(base, campaign)).collect(),
        more,
        clients: client_names(house).await?,
        queues: queues.into_iter().map(|one| QueueTitle { name: one.queue.name, title: one.queue.title }).collect(),
    })
}

/// The page about campaigns.
#[get("/admin/campaigns?<search>")]
async fn campaigns_page(
    search: Option<&str>,
    staff: MaybeStaff,
    client: Client,
    host: &Host<'_>,
    house: &HouseState,
) -> ApiResult<PageAnswer> {
    let base = base_url(house, host);
    let values = listed(house, &base, search.unwrap_or_default());
    page(house, &client, staff, ("admin/campaigns.html", "/admin/campaigns"), values).await
}

/// Campaigns with their banners and links.
#[get("/admin/api/campaigns?<search>")]
async fn list(
    _admin: Admin,
    search: Option<&str>,
    host: &Host<'_>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<CampaignsView>> {
    let base = base_url(house, host);
    Ok(JsonAnswer(listed(house, &base, search.unwrap_or_default()).await?))
}

/// What is to be different of a campaign: what is absent stays, null or an empty text takes it away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "what was not sent is not what was sent as null")]
pub struct CampaignChange {
    /// Its name, which registers it: 1 to 200 characters.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// The headline of its page: 1 to 200 characters.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    headline: Option<Option<String>>,
    /// The text of its page: 1 to 1,000 characters.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    intro: Option<Option<String>>,
    /// The colour of its page, `#rrggbb`.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    colour: Option<Option<String>>,
    /// What its page asks: none, short or full.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    form: Option<Option<String>>,
    /// What can come of a call, in the campaign's words: at most 20, of 1 to 60 characters.
    outcomes: Option<Vec<String>>,
    /// From how many seconds on a conversation counts as qualified: 1 to 86,400; 60 when taken away. Calls that were asked for
    /// before stay as they are.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<i64>)]
    qualified_seconds: Option<Option<i64>>,
    /// The client whose it is.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    client: Option<Option<String>>,
    /// The names of the queues that its customers choose from; none: they come to the default one.
    queues: Option<Vec<String>>,
}

/// The ids of a path, or what is wrong with one.
fn id_of<T: std::str::FromStr<Err = IdProblem>>(name: &str, text: &str) -> ApiResult<T> {
    text.parse().map_err(|problem| Problem::bad_request(format!("{name} {problem}.")))
}

/// Names a campaign, and says what its page says.
#[put("/admin/api/campaigns/<campaign>", data = "<body>")]
async fn set(
    admin: Admin,
    campaign: &str,
    body: Json<CampaignChange>,
    host: &Host<'_>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<CampaignView>> {
    let id: CampaignId = id_of("campaignId", campaign)?;
    let sent = body.value;
    let change = Change {
        name: given("name", sent.name)?,
        headline: given("headline", sent.headline)?,
        intro: given("intro", sent.intro)?,
        colour: given("colour", sent.colour)?,
        form: given("form", sent.form)?,
        outcomes: words("outcomes: each", sent.outcomes)?,
        qualified: given("qualifiedSeconds", sent.qualified_seconds.map(|sent| sent.map(|number| number.to_string())))?,
        client: given("client", sent.client)?,
        queues: sent.queues,
    };
    let (actor, now) = (Actor::user(&admin.0.user), house.desk.now());
    let campaign = in_time(campaigns::set(&house.desk.db, &id, change, &actor, now)).await?;
    Ok(JsonAnswer(campaign_view(&base_url(house, host), campaign)))
}

/// What is to be different of a banner: what is absent stays, null or an empty text takes it away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "what was not sent is not what was sent as null")]
pub struct BannerChange {
    /// Its name, which registers it: 1 to 200 characters.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// The names of the queues that its customers choose from; none: those of the campaign.
    queues: Option<Vec<String>>,
}

/// Names a banner, or leads it to queues of its own.
#[put("/admin/api/campaigns/<campaign>/banners/<banner>", data = "<body>")]
async fn set_banner(
    admin: Admin,
    campaign: &str,
    banner: &str,
    body: Json<BannerChange>,
    host: &Host<'_>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<BannerView>> {
    let (campaign, banner): (CampaignId, BannerId) = (id_of("campaignId", campaign)?, id_of("bannerId", banner)?);
    let change = Naming { name: given("name", body.value.name)?, queues: body.value.queues };
    let source = Source { campaign, banner };
    let (actor, now) = (Actor::user(&admin.0.user), house.desk.now());
    let banner = in_time(campaigns::set_banner(&house.desk.db, &source, change, &actor, now)).await?;
    Ok(JsonAnswer(banner_view(&base_url(house, host), banner)))
}
