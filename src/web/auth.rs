//! Signing in and out, and pages that ask for it.

use std::future::Future;
use std::sync::Arc;

use rocket::data::{Data, ToByteUnit};
use rocket::form::FromForm;
use rocket::http::{Cookie, CookieJar, SameSite, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::Redirect;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Either, Responder, Route, State, get, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::body;
use super::client::Client;
use super::error::{ApiResult, Problem, fail};
use super::guards::{COOKIE, Login, Staff, check_origin};
use super::limits::Limited;
use super::pages::{Page, PageOf};
use super::state::{House, in_time};
use super::urlencoded::encoded;
use crate::desk::accounts::LOGIN_MILLIS;
use crate::domain::people::Role;

/// The routes for signing in and out.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![login_page, login, logout]
}

type HouseState = State<Arc<House>>;

/// A page, or the way to log in first.
#[derive(Responder)]
#[expect(clippy::large_enum_variant, reason = "one lives for one answer")]
pub enum PageAnswer {
    /// The page.
    Page(Page),
    /// Log in, and come back.
    Login(Redirect),
}

/// Serves a page to those whose role allows it; others are asked to log in, or told that they may not.
///
/// # Errors
/// The page's own.
pub async fn page_for<F, V>(
    house: &House,
    client: &Client,
    login: Option<Login>,
    allowed: impl Fn(Role) -> bool,
    path: &str,
    content: impl FnOnce(&Login) -> F,
) -> ApiResult<PageAnswer>
where
    F: Future<Output = ApiResult<(&'static str, V)>>,
    V: Serialize,
{
    let Some(login) = login else {
        return Ok(PageAnswer::Login(Redirect::to(format!("/login?next={}", encoded(path)))));
    };
    if !allowed(login.user.role) {
        let problem = Problem::forbidden(format!("{} may not open this page.", login.user.display_name));
        return Ok(PageAnswer::Page(house.pages.problem(house, client.language, Some(&login), &problem)));
    }
    let (template, values) = content(&login).await?;
    let values = Led { led: client.led, values };
    let page = PageOf { template, language: client.language, login: Some(&login) };
    Ok(PageAnswer::Page((Status::Ok, house.pages.render(house, &page, &values)?)))
}

/// Name and password, as JSON or from the login page's form.
#[derive(Debug, Deserialize, FromForm, ToSchema)]
pub struct Credentials {
    /// The name to sign in with.
    username: String,
    /// The password.
    password: String,
    /// Where to go then: a path of ours. Forms only.
    next: Option<String>,
}

/// Who is signed in now.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    id: String,
    username: String,
    name: String,
    role: &'static str,
}

/// What a program gets for its name and password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginAnswer {
    /// Send it as `Authorization: Bearer`.
    token: String,
    /// Who.
    user: UserView,
    /// For writes with the cookie: send it as `X-CSRF-Token`.
    csrf_token: String,
}

/// The areas that a login may open, by the first part of their path.
fn may_open(area: &str, role: Role) -> bool {
    match area {
        "rep" => role.takes_calls(),
        "floor" => role.supervises(),
        "dashboard" => role.reads_figures(),
        "admin" => role == Role::Admin,
        _ => true,
    }
}

/// Where a person goes after the login: only to a path of ours, and to the own area, which says why, instead of one
/// that is another role's.
fn own_path(next: Option<&str>, role: Role) -> String {
    let own =
        next.filter(|path| path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']));
    let home = match role {
        Role::Rep | Role::Admin => "/rep",
        Role::Supervisor => "/floor",
        Role::Marketer => "/dashboard",
    };
    let Some(own) = own else { return home.to_owned() };
    let area = own.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
    if may_open(area, role) { own.to_owned() } else { format!("{home}?led={area}") }
}

/// A page's values, and the area that its reader asked for but may not open.
#[derive(Serialize)]
struct Led<V> {
    led: Option<&'static str>,
    #[serde(flatten)]
    values: V,
}

/// The login page.
#[get("/login?<next>")]
fn login_page(next: Option<&str>, client: Client, house: &HouseState) -> ApiResult<Page> {
    login_form(house, &client, next, None, Status::Ok)
}

fn login_form(
    house: &House,
    client: &Client,
    next: Option<&str>,
    error: Option<&str>,
    status: Status,
) -> ApiResult<Page> {
    let page = PageOf { template: "auth/login.html", language: client.language, login: None };
    Ok((status, house.pages.render(house, &page, &json!({ "next": next, "error": error }))?))
}

/// A request that does not come from another site's page.
struct SameSiteRequest {
    is_form: bool,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SameSiteRequest {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let checked = House::of(request).and_then(|house| check_origin(house, request));
        match checked {
            Ok(()) => Outcome::Success(Self { is_form: request.content_type().is_some_and(|kind| kind.is_form()) }),
            Err(problem) => fail(request, problem),
        }
    }
}

type LoginResponse = Either<JsonAnswer<LoginAnswer>, Either<Redirect, Page>>;

/// Signs in: a cookie for browsers, a token for programs.
#[post("/login", data = "<data>")]
async fn login(
    _limit: Limited,
    request: SameSiteRequest,
    client: Client,
    cookies: &CookieJar<'_>,
    data: Data<'_>,
    house: &HouseState,
) -> ApiResult<LoginResponse> {
    let bytes = body::read(data, usize::try_from(16.kibibytes().as_u64()).unwrap_or(16_384)).await?;
    let given = read_credentials(&bytes, request.is_form)?;
    match in_time(house.desk.login(&given.username, &given.password)).await {
        Ok(login) => {
            set_cookie(cookies, login.token.clone());
            if request.is_form {
                let next = own_path(given.next.as_deref(), login.user.role);
                return Ok(Either::Right(Either::Left(Redirect::to(next))));
            }
            let user = UserView {
                id: login.user.id.to_string(),
                username: login.user.username,
                name: login.user.display_name,
                role: login.user.role.as_str(),
            };
            Ok(Either::Left(JsonAnswer(LoginAnswer { token: login.token, user, csrf_token: login.csrf_token })))
        }
        Err(problem) if request.is_form && problem.status < 500 => {
            let page = login_form(house, &client, given.next.as_deref(), Some(&problem.detail), problem.status())?;
            Ok(Either::Right(Either::Right(page)))
        }
        Err(problem) => Err(problem),
    }
}

fn read_credentials(bytes: &[u8], is_form: bool) -> ApiResult<Credentials> {
    if is_form {
        let text = std::str::from_utf8(bytes).map_err(|_| Problem::bad_request("The form is not readable."))?;
        return rocket::form::Form::parse_encoded(rocket::http::RawStr::new(text))
            .map_err(|_| Problem::bad_request("The form needs username and password."));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::bad_request(format!("The body is not the JSON that belongs here: {error}.")))
}

fn set_cookie(cookies: &CookieJar<'_>, token: String) {
    let lifetime = rocket::time::Duration::milliseconds(LOGIN_MILLIS);
    let cookie = Cookie::build((COOKIE, token)).path("/").secure(true).http_only(true).same_site(SameSite::Lax);
    cookies.add(cookie.max_age(lifetime));
}

/// Signs out; a form goes to the login page then.
#[post("/logout")]
async fn logout(
    staff: Staff,
    request: SameSiteRequest,
    cookies: &CookieJar<'_>,
    house: &HouseState,
) -> ApiResult<Either<Status, Redirect>> {
    in_time(house.desk.logout(&staff.0.hash)).await?;
    cookies.remove(Cookie::build(COOKIE).path("/").secure(true));
    Ok(if request.is_form { Either::Right(Redirect::to("/login")) } else { Either::Left(Status::NoContent) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_site() {
        for (next, expected) in [
            (Some("/rep?x=1"), "/rep?x=1"),
            (Some("//evil.example"), "/rep"),
            (Some("https://evil.example"), "/rep"),
            (Some("/\\evil.example"), "/rep"),
            (None, "/rep"),
            (Some("/dashboard"), "/rep?led=dashboard"),
            (Some("/admin/people"), "/rep?led=admin"),
            (Some("/reports"), "/reports"),
        ] {
            assert_eq!(own_path(next, Role::Rep), expected);
        }
        assert_eq!(own_path(None, Role::Marketer), "/dashboard");
        assert_eq!(own_path(Some("/rep"), Role::Marketer), "/dashboard?led=rep");
        assert_eq!(own_path(Some("/admin?x"), Role::Admin), "/admin?x");
        assert_eq!(own_path(None, Role::Supervisor), "/floor");
        assert_eq!(own_path(Some("/dashboard?campaign=5"), Role::Supervisor), "/dashboard?campaign=5");
        assert_eq!(own_path(Some("/admin/people"), Role::Supervisor), "/floor?led=admin");
        assert_eq!(own_path(Some("/floor"), Role::Rep), "/rep?led=floor");
        assert_eq!(own_path(Some("/floor"), Role::Admin), "/floor");
    }
}
