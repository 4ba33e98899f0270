//! `/admin/queues`: how customers come to representatives.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, patch, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{given, page, parsed, words};
use crate::desk::audit::Actor;
use crate::desk::queues::{self, Change, Staffed};
use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};
use crate::domain::queue::Skills;
use crate::domain::words::Skill;
use crate::web::auth::PageAnswer;
use crate::web::body::{self, Json};
use crate::web::client::Client;
use crate::web::error::{ApiResult, Problem};
use crate::web::guards::{Admin, MaybeStaff};
use crate::web::state::{House, in_time};

/// The routes of queues.
pub(super) fn stage() -> Vec<Route> {
    routes![queues_page, list, add, change]
}

type HouseState = State<Arc<House>>;

/// A queue, and how it is set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueSettings {
    /// Its name.
    name: String,
    /// What customers choose it by; its name when null.
    title: Option<String>,
    /// What its customers read while they wait.
    welcome: Option<String>,
    /// Its priority, -100 to 100: customers of a smaller one are served first.
    rank: i64,
    /// What it asks of who serves it.
    skills: Vec<String>,
    /// What it asks until a customer has waited for `relaxAfterSeconds`.
    preferred_skills: Vec<String>,
    /// 0 to 3600.
    relax_after_seconds: i64,
    /// How many people may serve any of its customers.
    served_by: usize,
    /// What is wrong with it: nobody can serve it.
    warning: Option<String>,
    /// Whether customers ring at who is available, or are asked for only.
    mode: Mode,
    /// How long an offer rings, 3 to 120 seconds.
    offer_seconds: i64,
    /// At how many representatives at once, 1 to 5.
    offer_to: i64,
    /// Who is asked first.
    offer_order: OfferOrder,
    /// What follows a call of who was available before it.
    after_call: AfterCall,
    /// For how long a call is wrapped up before that, 0 to 3600 seconds; 0: not at all.
    wrap_up_seconds: i64,
}

impl From<Staffed> for QueueSettings {
    fn from(staffed: Staffed) -> Self {
        let warning = warning_of(&staffed);
        let (queue, settings) = (&staffed.queue, staffed.queue.settings);
        let list = |skills: &Skills| skills.iter().map(|skill| skill.as_str().to_owned()).collect();
        Self {
            name: queue.name.clone(),
            title: queue.title.clone(),
            welcome: queue.welcome.clone(),
            rank: queue.queue_rank,
            skills: list(&queue.asks.required),
            preferred_skills: list(&queue.asks.preferred),
            relax_after_seconds: queue.relax_after_seconds,
            served_by: staffed.served_by,
            warning,
            mode: settings.mode,
            offer_seconds: settings.offer_seconds,
            offer_to: settings.offer_to,
            offer_order: settings.offer_order,
            after_call: settings.after_call,
            wrap_up_seconds: settings.wrap_up_seconds,
        }
    }
}

/// Saved all the same: the people may come later.
fn warning_of(staffed: &Staffed) -> Option<String> {
    let asks = &staffed.queue.asks;
    let list = |skills: &Skills| skills.iter().map(Skill::as_str).collect::<Vec<_>>().join(" and ");
    match (staffed.served_by, staffed.served_later_by) {
        (1.., _) => None,
        (0, 0) if asks.required.is_empty() => {
            Some("Nobody can serve this queue: nobody who takes calls is enabled.".to_owned())
        }
        (0, 0) => Some(format!("Nobody can serve this queue: nobody knows {}.", list(&asks.required))),
        (0, _) => Some(format!(
            "Nobody can serve a customer before {} seconds: nobody knows {} as well.",
            staffed.queue.relax_after_seconds,
            list(&asks.preferred)
        )),
    }
}

/// What is to be different; what is absent stays. Null or an empty text takes a text away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "what was not sent is not what was sent as null")]
pub struct QueueChange {
    /// Of a new queue only: 1 to 40 small letters, digits and hyphens.
    name: Option<String>,
    /// ≤ 200 characters.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    /// ≤ 1,000 characters.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    welcome: Option<Option<String>>,
    /// -100 to 100.
    rank: Option<i64>,
    /// At most 20 words.
    skills: Option<Vec<String>>,
    /// At most 20 words.
    preferred_skills: Option<Vec<String>>,
    /// 0 to 3600.
    relax_after_seconds: Option<i64>,
    /// Whether customers ring.
    mode: Option<Mode>,
    /// 3 to 120.
    offer_seconds: Option<i64>,
    /// 1 to 5.
    offer_to: Option<i64>,
    /// Who is asked first.
    offer_order: Option<OfferOrder>,
    /// What follows a call.
    after_call: Option<AfterCall>,
    /// 0 to 3600.
    wrap_up_seconds: Option<i64>,
}

impl QueueChange {
    fn read(self) -> ApiResult<Change> {
        if self.name.is_some() {
            return Err(Problem::bad_request("A queue keeps its name: links and programs know it by that."));
        }
        Ok(Change {
            title: given("title", self.title)?,
            welcome: given("welcome", self.welcome)?,
            rank: number("rank", self.rank)?,
            skills: words("skills: each", self.skills)?,
            preferred_skills: words("preferredSkills: each", self.preferred_skills)?,
            relax_after: number("relaxAfterSeconds", self.relax_after_seconds)?,
            mode: self.mode,
            offer_seconds: number("offerSeconds", self.offer_seconds)?,
            offer_to: number("offerTo", self.offer_to)?,
            offer_order: self.offer_order,
            after_call: self.after_call,
            wrap_up_seconds: number("wrapUpSeconds", self.wrap_up_seconds)?,
        })
    }
}

/// A number within its bounds, or what is wrong with it.
fn number<T: TryFrom<i64, Error: std::fmt::Display>>(field: &str, sent: Option<i64>) -> ApiResult<Option<T>> {
    sent.map(TryInto::try_into).transpose().map_err(|error| Problem::bad_request(format!("{field} {error}.")))
}

async fn every_queue(house: &House) -> ApiResult<Vec<QueueSettings>> {
    Ok(in_time(queues::all(&house.desk.db)).await?.into_iter().map(Into::into).collect())
}

/// The page about queues.
#[get("/admin/queues")]
async fn queues_page(staff: MaybeStaff, client: Client, house: &HouseState) -> ApiResult<PageAnswer> {
    let values = async { Ok(json!({ "queues": every_queue(house).await? })) };
    page(house, &client, staff, ("admin/queues.html", "/admin/queues"), values).await
}

/// Every queue, and how it is set.
#[get("/admin/api/queues")]
async fn list(_admin: Admin, house: &HouseState) -> ApiResult<JsonAnswer<Vec<QueueSettings>>> {
    Ok(JsonAnswer(every_queue(house).await?))
}

/// Makes a queue.
#[post("/admin/api/queues", data = "<body>")]
async fn add(
    admin: Admin,
    mut body: Json<QueueChange>,
    house: &HouseState,
) -> ApiResult<(Status, JsonAnswer<QueueSettings>)> {
    let name = body.value.name.take().unwrap_or_default();
    let (name, change) = (parsed("name", &name)?, body.value.read()?);
    let (actor, now) = (Actor::user(&admin.0.user), house.desk.now());
    let queue = in_time(queues::add(&house.desk.db, &name, &change, &actor, now)).await?;
    Ok((Status::Created, JsonAnswer(queue.into())))
}

/// Changes how a queue is set.
#[patch("/admin/api/queues/<queue>", data = "<body>")]
async fn change(
    admin: Admin,
    queue: &str,
    body: Json<QueueChange>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<QueueSettings>> {
    let (change, actor, now) = (body.value.read()?, Actor::user(&admin.0.user), house.desk.now());
    Ok(JsonAnswer(in_time(queues::change(&house.desk.db, queue, &change, &actor, now)).await?.into()))
}
