//! `/admin/people`: who signs in, and what each may do.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, patch, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{client_names, given, page, parsed, words};
use crate::desk::accounts::{self, Person};
use crate::desk::audit::Actor;
use crate::desk::people::{self, Change, Known};
use crate::domain::people::{Capacity, Username};
use crate::domain::words::DisplayName;
use crate::web::auth::PageAnswer;
use crate::web::body::{self, Json};
use crate::web::client::Client;
use crate::web::error::{ApiResult, Problem};
use crate::web::guards::{Admin, MaybeStaff};
use crate::web::state::{House, in_time};

/// The routes of people.
pub(super) fn stage() -> Vec<Route> {
    routes![people_page, list, add, change]
}

type HouseState = State<Arc<House>>;

/// What a role may do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "a table has a column for each")]
pub struct May {
    /// Take calls at `/rep`.
    take_calls: bool,
    /// See and steer the live floor.
    supervise: bool,
    /// Read the figures.
    read_figures: bool,
    /// Change people and campaigns.
    administer: bool,
}

/// Somebody who signs in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// The name to sign in with.
    username: String,
    /// The name that customers and colleagues see.
    display_name: String,
    /// rep, marketer, supervisor or admin.
    role: &'static str,
    /// What the role may do.
    may: May,
    /// How many callers at a time, 1 to 5; null for those who take no calls.
    capacity: Option<i64>,
    /// What the person knows, in order.
    skills: Vec<String>,
    /// The client whose campaigns alone a marketer sees; null: everybody's.
    client: Option<String>,
    /// Whether the person is locked out.
    disabled: bool,
    /// Since when.
    disabled_at: Option<String>,
    /// When the user was made.
    created_at: String,
}

impl From<Known> for PersonView {
    fn from(Known { person, skills }: Known) -> Self {
        let role = person.role;
        let takes = role.takes_calls();
        Self {
            username: person.username,
            display_name: person.display_name,
            role: role.as_str(),
            may: May {
                take_calls: takes,
                supervise: role.supervises(),
                read_figures: role.reads_figures(),
                administer: role.administers(),
            },
            capacity: person.capacity.filter(|_| takes),
            skills: if takes { skills } else { Vec::new() },
            client: person.client,
            disabled: person.disabled_at.is_some(),
            disabled_at: person.disabled_at.map(|at| at.to_string()),
            created_at: person.created_at.to_string(),
        }
    }
}

/// Somebody to be let in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPerson {
    /// The name to sign in with: 1 to 60 characters without spaces.
    username: String,
    /// At least 8 characters.
    password: String,
    /// The name that customers and colleagues see; the other one when absent.
    display_name: Option<String>,
    /// rep, marketer, supervisor or admin.
    role: String,
    /// The client whose campaigns alone a marketer sees.
    client: Option<String>,
}

/// What is to be different; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "what was not sent is not what was sent as null")]
pub struct PersonChange {
    /// The name that customers and colleagues see.
    display_name: Option<String>,
    /// rep, marketer, supervisor or admin.
    role: Option<String>,
    /// How many callers at a time, 1 to 5.
    capacity: Option<i64>,
    /// All that the person knows, a word each.
    skills: Option<Vec<String>>,
    /// The client whose campaigns alone a marketer sees; null or an empty text takes it away.
    #[serde(deserialize_with = "body::given")]
    #[schema(value_type = Option<String>)]
    client: Option<Option<String>>,
    /// Whether the person is locked out.
    disabled: Option<bool>,
    /// A new password; ends the logins made with the old one.
    password: Option<String>,
}

impl PersonChange {
    fn read(self) -> ApiResult<Change> {
        let capacity = self.capacity.map(Capacity::try_from).transpose();
        Ok(Change {
            display_name: self.display_name.map(|name| parsed("displayName", &name)).transpose()?,
            role: self.role.map(|role| role_of(&role)).transpose()?,
            capacity: capacity.map_err(|error| Problem::bad_request(format!("capacity {error}.")))?,
            skills: words("skills: each", self.skills)?,
            client: given("client", self.client)?,
            disabled: self.disabled,
            password: self.password,
        })
    }
}

fn role_of(text: &str) -> ApiResult<crate::domain::people::Role> {
    text.parse().map_err(|_| Problem::bad_request("role must be rep, marketer, supervisor or admin."))
}

fn name_of(username: &str) -> ApiResult<Username> {
    username.parse().map_err(|_| Problem::not_found())
}

async fn everybody(house: &House) -> ApiResult<Vec<PersonView>> {
    Ok(in_time(people::all(&house.desk.db)).await?.into_iter().map(Into::into).collect())
}

/// The page about people.
#[get("/admin/people")]
async fn people_page(staff: MaybeStaff, client: Client, house: &HouseState) -> ApiResult<PageAnswer> {
    let values = async { Ok(json!({ "people": everybody(house).await?, "clients": client_names(house).await? })) };
    page(house, &client, staff, ("admin/people.html", "/admin/people"), values).await
}

/// Everybody who signs in.
#[get("/admin/api/people")]
async fn list(_admin: Admin, house: &HouseState) -> ApiResult<JsonAnswer<Vec<PersonView>>> {
    Ok(JsonAnswer(everybody(house).await?))
}

/// Lets somebody in.
#[post("/admin/api/people", data = "<body>")]
async fn add(admin: Admin, body: Json<NewPerson>, house: &HouseState) -> ApiResult<(Status, JsonAnswer<PersonView>)> {
    let new = body.value;
    let name = new.display_name.filter(|name| !name.trim().is_empty());
    let display_name = name.map(|name| parsed::<DisplayName>("displayName", &name)).transpose()?;
    let username: Username = new
        .username
        .parse()
        .map_err(|_| Problem::bad_request("username must be 1 to 60 characters without spaces."))?;
    let person = Person {
        username: username.clone(),
        display_name: display_name.map(|name| name.as_str().to_owned()),
        role: role_of(&new.role)?,
        client: given("client", Some(new.client))?.flatten(),
    };
    let (db, now) = (&house.desk.db, house.desk.now());
    in_time(accounts::add_user(db, person, new.password, &Actor::user(&admin.0.user), now)).await?;
    Ok((Status::Created, JsonAnswer(in_time(people::find(db, &username)).await?.into())))
}

/// Changes somebody.
#[patch("/admin/api/people/<username>", data = "<body>")]
async fn change(
    admin: Admin,
    username: &str,
    body: Json<PersonChange>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<PersonView>> {
    let (username, change) = (name_of(username)?, body.value.read()?);
    let actor = Actor::user(&admin.0.user);
    Ok(JsonAnswer(in_time(house.desk.change_person(&username, change, &actor)).await?.into()))
}
