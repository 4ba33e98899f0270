//! Who may call a route, and how they prove it.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::desk::keys::{API_PREFIX, CUSTOMER_PREFIX, LOGIN_PREFIX};
use crate::web::guards::{COOKIE, CSRF_HEADER};

const CUSTOMER_TOKEN: &str = "customerToken";
const LOGIN_TOKEN: &str = "loginToken";
const API_TOKEN: &str = "apiToken";
const LOGIN_COOKIE: &str = "loginCookie";
const CSRF_TOKEN: &str = "csrfToken";

/// Who may call a route.
#[derive(Debug, Clone, Copy)]
pub struct Who {
    /// The customer, with the session's token.
    customer: bool,
    /// People in these roles, with a login's token or cookie.
    roles: &'static [&'static str],
    /// Programs, with an API token.
    program: bool,
    /// Whoever it is: credentials may be sent, and change what is answered.
    pub open: bool,
}

const NOBODY: Who = Who { customer: false, roles: &[], program: false, open: false };
const TAKE_CALLS: &[&str] = &["rep", "admin"];
const SUPERVISE: &[&str] = &["supervisor", "admin"];
const READ_FIGURES: &[&str] = &["marketer", "supervisor", "admin"];
const EVERY_ROLE: &[&str] = &["rep", "marketer", "supervisor", "admin"];

impl Who {
    /// Whoever it is.
    pub const ANYBODY: Self = Self { open: true, ..NOBODY };
    /// Whoever it is; for somebody who is logged in it is a test.
    pub const ANYBODY_OR_STAFF: Self = Self { open: true, roles: EVERY_ROLE, ..NOBODY };
    /// The customer of a session.
    pub const CUSTOMER: Self = Self { customer: true, ..NOBODY };
    /// The customer of a session, or an administrator.
    pub const CUSTOMER_OR_ADMIN: Self = Self { customer: true, roles: &["admin"], ..NOBODY };
    /// The two parties of a call.
    pub const PARTIES: Self = Self { customer: true, roles: TAKE_CALLS, ..NOBODY };
    /// Those who take calls.
    pub const REPS: Self = Self { roles: TAKE_CALLS, ..NOBODY };
    /// Those who take calls; others are told to log in, by a page.
    pub const REPS_OR_LOGIN: Self = Self { open: true, ..Self::REPS };
    /// Everybody who is logged in.
    pub const STAFF: Self = Self { roles: EVERY_ROLE, ..NOBODY };
    /// People and programs that read figures.
    pub const READERS: Self = Self { roles: READ_FIGURES, program: true, ..NOBODY };
    /// People who read figures.
    pub const MARKETERS: Self = Self { roles: READ_FIGURES, ..NOBODY };
    /// Those who read figures; others are told to log in, by a page.
    pub const READERS_OR_LOGIN: Self = Self { open: true, roles: READ_FIGURES, ..NOBODY };
    /// Those who see and steer the live floor.
    pub const SUPERVISORS: Self = Self { roles: SUPERVISE, ..NOBODY };
    /// Those who see and steer the live floor; others are told to log in, by a page.
    pub const SUPERVISORS_OR_LOGIN: Self = Self { open: true, ..Self::SUPERVISORS };
    /// Administrators.
    pub const ADMINS: Self = Self { roles: &["admin"], ..NOBODY };
    /// Administrators; others are told to log in, by a page.
    pub const ADMINS_OR_LOGIN: Self = Self { open: true, ..Self::ADMINS };
    /// Administrators and programs.
    pub const MONITORS: Self = Self { roles: &["admin"], program: true, ..NOBODY };

    /// The ways to call, one of which is enough. A write with the cookie needs the page's token too.
    pub fn ways(self, writes: bool) -> Vec<SecurityRequirement> {
        let none: [&str; 0] = [];
        let mut ways = Vec::new();
        if self.open && !self.roles.is_empty() {
            ways.push(SecurityRequirement::default());
        }
        if self.customer {
            ways.push(SecurityRequirement::new(CUSTOMER_TOKEN, none));
        }
        if !self.roles.is_empty() {
            let cookie = SecurityRequirement::new(LOGIN_COOKIE, self.roles.iter().copied());
            ways.push(SecurityRequirement::new(LOGIN_TOKEN, self.roles.iter().copied()));
            ways.push(if writes && !self.open { cookie.add(CSRF_TOKEN, none) } else { cookie });
        }
        if self.program {
            ways.push(SecurityRequirement::new(API_TOKEN, none));
        }
        ways
    }
}

/// The ways to prove who is calling, under the names that the routes use.
pub fn schemes() -> [(&'static str, SecurityScheme); 5] {
    let bearer = |prefix: &str, about| {
        let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format!("{prefix}…"));
        SecurityScheme::Http(http.description(Some(about)).build())
    };
    let csrf = "The `csrfToken` of the login, which our pages carry too: for writes with the cookie.";
    [
        (CUSTOMER_TOKEN, bearer(CUSTOMER_PREFIX, "The token of `POST /help/session`: the customer of that session.")),
        (LOGIN_TOKEN, bearer(LOGIN_PREFIX, "The token of `POST /login`: a person, in the roles that are listed.")),
        (API_TOKEN, bearer(API_PREFIX, "The token of `bannerline token add`: a program that reads figures.")),
        (
            LOGIN_COOKIE,
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                COOKIE,
                "The cookie that `POST /login` sets: a person, in the roles that are listed.",
            ))),
        ),
        (CSRF_TOKEN, SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(CSRF_HEADER, csrf)))),
    ]
}
