//! `/admin`: people, campaigns and what was changed, for administrators. Pages, and the same calls as JSON.

mod audit;
pub mod campaigns;
pub mod people;
pub mod queues;

use std::future::Future;

use rocket::http::uri::Host;
use rocket::response::Redirect;
use rocket::{Route, get, routes};
use serde::Serialize;

use super::auth::{PageAnswer, page_for};
use super::client::Client;
use super::error::{ApiResult, Problem};
use super::guards::MaybeStaff;
use super::pages::{data_block, mistake};
use super::state::{House, in_time};
use crate::desk::clients;
use crate::domain::people::Role;

pub use audit::AuditView;

/// The routes under `/admin`.
#[must_use]
pub fn stage() -> Vec<Route> {
    let mut routes = routes![index];
    routes.extend(people::stage());
    routes.extend(campaigns::stage());
    routes.extend(queues::stage());
    routes.extend(audit::stage());
    routes
}

/// The first page of the administration.
#[get("/admin")]
fn index() -> Redirect {
    Redirect::to("/admin/people")
}

/// What a page's script starts with.
#[derive(Serialize)]
struct Data {
    data_json: String,
}

/// A page for administrators, whose script starts with these values.
async fn page<F, V>(
    house: &House,
    client: &Client,
    staff: MaybeStaff,
    (template, path): (&'static str, &'static str),
    values: F,
) -> ApiResult<PageAnswer>
where
    F: Future<Output = ApiResult<V>>,
    V: Serialize,
{
    let content = |_: &_| async move {
        let data_json = data_block(&values.await?).map_err(|error| mistake(&error.to_string()))?;
        Ok((template, Data { data_json }))
    };
    page_for(house, client, staff.0, Role::administers, path, content).await
}

/// The clients that people and campaigns can be given to.
async fn client_names(house: &House) -> ApiResult<Vec<String>> {
    Ok(in_time(clients::all(&house.desk.db)).await?.into_iter().map(|client| client.name).collect())
}

/// The address that people type, for links.
fn base_url(house: &House, host: &Host<'_>) -> String {
    house.config.public_url.clone().unwrap_or_else(|| format!("http://{host}"))
}

/// A field as its type, or what is wrong with it.
fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> ApiResult<T> {
    text.parse().map_err(|error| Problem::bad_request(format!("{field} {error}.")))
}

/// A field that can be taken away, by null or by an empty text.
#[expect(clippy::option_option, reason = "what was not sent is not what was sent as null")]
fn given<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &str,
    sent: Option<Option<String>>,
) -> ApiResult<Option<Option<T>>> {
    let Some(sent) = sent else { return Ok(None) };
    let text = sent.filter(|text| !text.trim().is_empty());
    Ok(Some(text.map(|text| parsed(field, &text)).transpose()?))
}

/// A list of words as their type.
fn words<T, L>(field: &str, sent: Option<Vec<String>>) -> ApiResult<Option<L>>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
    L: FromIterator<T>,
{
    sent.map(|words| words.iter().map(|word| parsed(field, word)).collect()).transpose()
}
