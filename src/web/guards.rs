//! Who is asking: each guard lets one kind of caller in. No credential is 401 before anything else is looked at.

use rocket::futures::future::BoxFuture;
use rocket::http::{CookieJar, Method};
use rocket::request::{FromRequest, Outcome, Request};

use super::client::own_origin;
use super::error::{ApiResult, Problem, fail};
use super::state::House;
use crate::desk::call::Caller;
use crate::desk::keys::{self, API_PREFIX, CUSTOMER_PREFIX, LOGIN_PREFIX};
use crate::domain::ids::SessionId;
use crate::domain::scope::Scope;
use crate::store::accounts::User;
use crate::store::tokens::TokenHash;

/// The cookie of a browser that is logged in.
pub const COOKIE: &str = "__Host-bannerline";
/// The header that cookie-borne writes must carry.
pub const CSRF_HEADER: &str = "X-CSRF-Token";

/// A login and whose it is.
#[derive(Debug, Clone)]
pub struct Login {
    /// What is kept of its token.
    pub hash: TokenHash,
    /// Who.
    pub user: User,
}

/// What a request proves.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A customer's token.
    Customer(SessionId),
    /// A login, by token or cookie.
    Login(Box<Login>),
    /// A token of a program that reads figures.
    Api,
}

/// The two parties of a call: customers and those who take calls.
pub struct Party(pub Caller);
/// The customer of a session.
pub struct Customer(pub SessionId);
/// Somebody who takes calls.
pub struct Rep(pub Login);
/// Somebody, or some program, that reads figures: whose they may be.
pub struct FiguresReader(pub Scope);
/// Somebody who reads figures, and keeps something of them: no program.
pub struct Marketer(pub Login);
/// Somebody who sees and steers the live floor.
pub struct Supervisor(pub Login);
/// An administrator, or a program with a metrics token.
pub struct Monitor;
/// An administrator.
pub struct Admin(pub Login);
/// Anybody who is logged in.
pub struct Staff(pub Login);
/// Whoever is logged in, if anybody; never an error.
pub struct MaybeStaff(pub Option<Login>);

fn bearer<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    let header = request.headers().get_one("Authorization")?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

// What several guards wait for is boxed: otherwise the compiler proves in each of them anew that all of it can be sent between threads,
// which took a fifth of this crate's compilation.

fn login_of<'a>(house: &'a House, token: &'a str) -> BoxFuture<'a, ApiResult<Option<Login>>> {
    Box::pin(async move {
        let hash = keys::hash(token);
        let user = house.desk.user_of_login(&hash).await?;
        Ok(user.map(|user| Login { hash, user }))
    })
}

async fn by_bearer(house: &House, token: &str) -> ApiResult<Credential> {
    let found = if token.starts_with(CUSTOMER_PREFIX) {
        house.desk.keys.session_of(token).map(Credential::Customer)
    } else if token.starts_with(LOGIN_PREFIX) {
        login_of(house, token).await?.map(|login| Credential::Login(Box::new(login)))
    } else if token.starts_with(API_PREFIX) {
        house.desk.api_token(&keys::hash(token)).await?.map(|_| Credential::Api)
    } else {
        None
    };
    found.ok_or_else(Problem::unauthorized)
}

/// A cookie is sent by the browser whoever made the page, so a write must prove that the page is ours.
async fn by_cookie(house: &House, request: &Request<'_>, token: &str) -> ApiResult<Credential> {
    let login = login_of(house, token).await?.ok_or_else(Problem::unauthorized)?;
    if !matches!(request.method(), Method::Get | Method::Head | Method::Options) {
        check_origin(house, request)?;
        let csrf = request.headers().get_one(CSRF_HEADER).unwrap_or_default();
        if !house.desk.keys.csrf_matches(&login.hash, csrf) {
            return Err(Problem::forbidden("A write with the login cookie needs the page's X-CSRF-Token."));
        }
    }
    Ok(Credential::Login(Box::new(login)))
}

/// Refuses a write that another site's page sent.
///
/// # Errors
/// 403 when there is an `Origin` and it is not ours.
pub fn check_origin(house: &House, request: &Request<'_>) -> ApiResult<()> {
    match request.headers().get_one("Origin") {
        Some(origin) if !own_origin(house, request, origin) => {
            Err(Problem::forbidden("This request comes from another site's page."))
        }
        _ => Ok(()),
    }
}

fn credential<'r>(request: &'r Request<'_>) -> BoxFuture<'r, ApiResult<Credential>> {
    Box::pin(async move {
        let house = House::of(request)?;
        if let Some(token) = bearer(request) {
            return by_bearer(house, token).await;
        }
        match request.cookies().get(COOKIE) {
            Some(cookie) => by_cookie(house, request, cookie.value()).await,
            None => Err(Problem::unauthorized()),
        }
    })
}

/// The login that a page's cookie proves; reading only.
pub async fn login_by_cookie(house: &House, cookies: &CookieJar<'_>) -> ApiResult<Option<Login>> {
    match cookies.get(COOKIE) {
        Some(cookie) => login_of(house, cookie.value()).await,
        None => Ok(None),
    }
}

/// Declares a guard that lets in what its closure accepts.
macro_rules! guard {
    ($guard:ident: $credential:ident => $accept:expr) => {
        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $guard {
            type Error = ();

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
                let accepted = credential(request).await.and_then(|$credential| $accept);
                match accepted {
                    Ok(guard) => Outcome::Success(guard),
                    Err(problem) => fail(request, problem),
                }
            }
        }
    };
}

fn wrong_role<T>() -> ApiResult<T> {
    Err(Problem::forbidden("Your credential does not allow this."))
}

guard!(Credential: credential => Ok(credential));
guard!(Party: credential => match credential {
    Credential::Customer(session) => Ok(Self(Caller::Customer(session))),
    Credential::Login(login) if login.user.role.takes_calls() => {
        Ok(Self(Caller::Rep(login.user.id, login.user.display_name)))
    }
    _ => wrong_role(),
});
guard!(Customer: credential => match credential {
    Credential::Customer(session) => Ok(Self(session)),
    _ => wrong_role(),
});
guard!(Rep: credential => match credential {
    Credential::Login(login) if login.user.role.takes_calls() => Ok(Self(*login)),
    _ => wrong_role(),
});
guard!(FiguresReader: credential => match credential {
    Credential::Login(login) if login.user.role.reads_figures() => Ok(Self(login.scope())),
    Credential::Api => Ok(Self(Scope::Everything)),
    _ => wrong_role(),
});
guard!(Marketer: credential => match credential {
    Credential::Login(login) if login.user.role.reads_figures() => Ok(Self(*login)),
    _ => wrong_role(),
});
guard!(Supervisor: credential => match credential {
    Credential::Login(login) if login.user.role.supervises() => Ok(Self(*login)),
    _ => wrong_role(),
});
guard!(Monitor: credential => match credential {
    Credential::Login(login) if login.user.role == crate::domain::people::Role::Admin => Ok(Self),
    Credential::Api => Ok(Self),
    _ => wrong_role(),
});
guard!(Admin: credential => match credential {
    Credential::Login(login) if login.user.role.administers() => Ok(Self(*login)),
    _ => wrong_role(),
});
guard!(Staff: credential => match credential {
    Credential::Login(login) => Ok(Self(*login)),
    _ => wrong_role(),
});

#[rocket::async_trait]
impl<'r> FromRequest<'r> for MaybeStaff {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Ok(house) = House::of(request) else { return Outcome::Success(Self(None)) };
        let login = match bearer(request) {
            // If both are sent, Bearer decides: a customer's token is nobody's login, whatever the cookie says.
            Some(token) if token.starts_with(LOGIN_PREFIX) => login_of(house, token).await,
            Some(_) => Ok(None),
            None => login_by_cookie(house, request.cookies()).await,
        };
        // An unreadable login is no login: the page is for everybody.
        Outcome::Success(Self(login.ok().flatten()))
    }
}
