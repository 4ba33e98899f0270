//! `/admin/audit`: who changed what.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, routes};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::desk::audit;
use crate::domain::people::Role;
use crate::store::audit::Entry;
use crate::web::auth::{PageAnswer, page_for};
use crate::web::client::Client;
use crate::web::error::ApiResult;
use crate::web::guards::{Admin, MaybeStaff};
use crate::web::state::{House, in_time};

/// The routes of the audit log.
pub(super) fn stage() -> Vec<Route> {
    routes![audit_page, list]
}

type HouseState = State<Arc<House>>;

/// A change that was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditView {
    /// When.
    at: String,
    /// The id of whoever made it; null for the command line.
    actor_id: Option<String>,
    /// The name of whoever made it, as it was then.
    actor: String,
    /// What was done: `user.add`, `user.change`, `campaign.set`, `banner.set`, `queue.change`, `token.add`
    /// or `token.revoke`.
    action: String,
    /// To what.
    subject: String,
    /// How it is since then. A password is told as `new`.
    detail: Map<String, Value>,
}

impl From<Entry> for AuditView {
    fn from(entry: Entry) -> Self {
        Self {
            at: entry.at.to_string(),
            actor_id: entry.actor_id.map(|id| id.to_string()),
            actor: entry.actor_name,
            action: entry.action,
            subject: entry.subject,
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
        }
    }
}

async fn latest(house: &House) -> ApiResult<Vec<AuditView>> {
    Ok(in_time(audit::latest(&house.desk.db)).await?.into_iter().map(Into::into).collect())
}

/// A field of a change, as people read it.
#[derive(Serialize)]
struct Field {
    name: String,
    text: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    at: String,
    actor: String,
    action: String,
    subject: String,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct AuditContext {
    entries: Vec<Shown>,
}

fn readable(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Array(items) => {
            let items: Vec<_> = items.into_iter().filter_map(readable).collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
        other => Some(other.to_string()),
    }
}

fn shown(entry: AuditView) -> Shown {
    let fields = entry.detail.into_iter().map(|(name, value)| Field { name, text: readable(value) }).collect();
    Shown { at: entry.at, actor: entry.actor, action: entry.action, subject: entry.subject, fields }
}

/// The page of the audit log.
#[get("/admin/audit")]
async fn audit_page(staff: MaybeStaff, client: Client, house: &HouseState) -> ApiResult<PageAnswer> {
    let content = |_: &_| async {
        let entries = latest(house).await?.into_iter().map(shown).collect();
        Ok(("admin/audit.html", AuditContext { entries }))
    };
    page_for(house, &client, staff.0, Role::administers, "/admin/audit", content).await
}

/// The latest 200 changes.
#[get("/admin/api/audit")]
async fn list(_admin: Admin, house: &HouseState) -> ApiResult<JsonAnswer<Vec<AuditView>>> {
    Ok(JsonAnswer(latest(house).await?))
}
