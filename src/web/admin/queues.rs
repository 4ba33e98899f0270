//! `/admin/queues`: how customers come to representatives.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, patch, routes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::page;
use crate::desk::audit::Actor;
use crate::desk::queues::{self, Change};
use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};
use crate::store::queue::Named;
use crate::web::auth::PageAnswer;
use crate::web::body::Json;
use crate::web::client::Client;
use crate::web::error::{ApiResult, Problem};
use crate::web::guards::{Admin, MaybeStaff};
use crate::web::state::{House, in_time};

/// The routes of queues.
pub(super) fn stage() -> Vec<Route> {
    routes![queues_page, list, change]
}

type HouseState = State<Arc<House>>;

/// A queue, and how it is set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueSettings {
    /// Its name.
    name: String,
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

impl From<Named> for QueueSettings {
    fn from(queue: Named) -> Self {
        let settings = queue.settings;
        Self {
            name: queue.name,
            mode: settings.mode,
            offer_seconds: settings.offer_seconds,
            offer_to: settings.offer_to,
            offer_order: settings.offer_order,
            after_call: settings.after_call,
            wrap_up_seconds: settings.wrap_up_seconds,
        }
    }
}

/// What is to be different; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct QueueChange {
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
    fn read(&self) -> ApiResult<Change> {
        let seconds = self.offer_seconds.map(TryInto::try_into).transpose();
        let to = self.offer_to.map(TryInto::try_into).transpose();
        let wrap_up = self.wrap_up_seconds.map(TryInto::try_into).transpose();
        Ok(Change {
            mode: self.mode,
            offer_seconds: seconds.map_err(|error| Problem::bad_request(format!("offerSeconds {error}.")))?,
            offer_to: to.map_err(|error| Problem::bad_request(format!("offerTo {error}.")))?,
            offer_order: self.offer_order,
            after_call: self.after_call,
            wrap_up_seconds: wrap_up.map_err(|error| Problem::bad_request(format!("wrapUpSeconds {error}.")))?,
        })
    }
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

/// Changes how a queue is set.
#[patch("/admin/api/queues/<queue>", data = "<body>")]
async fn change(
    admin: Admin,
    queue: &str,
    body: Json<QueueChange>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<QueueSettings>> {
    let (change, actor, now) = (body.value.read()?, Actor::user(&admin.0.user), house.desk.now());
    Ok(JsonAnswer(in_time(queues::change(&house.desk.db, queue, change, &actor, now)).await?.into()))
}
