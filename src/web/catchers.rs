//! What is answered when no handler did: a problem document for programs, a page for people.

use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use rocket::{Catcher, Either, catch, catchers};

use super::client::Client;
use super::error::Problem;
use super::pages::Page;
use super::state::House;

/// The routes that are pages.
const PAGES: [&str; 5] = ["/", "/index.php", "/login", "/rep", "/dashboard"];

/// A problem as a page, with the headers that programs get too.
struct ProblemPage {
    page: Page,
    problem: Problem,
}

impl<'r> Responder<'r, 'static> for ProblemPage {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build_from(self.page.respond_to(request)?);
        self.problem.add_headers(&mut response);
        response.ok()
    }
}

/// Everything that no handler answered.
#[catch(default)]
fn uncaught(status: Status, request: &Request<'_>) -> Either<ProblemPage, Problem> {
    let problem = match request.local_cache(|| None::<Problem>) {
        Some(problem) => problem.clone(),
        None => told(status),
    };
    match House::of(request) {
        Ok(house) if is_for_a_person(request) => {
            let page = house.pages.problem(house, Client::language_of(request), None, &problem);
            Either::Left(ProblemPage { page, problem })
        }
        _ => Either::Right(problem),
    }
}

/// A browser that was sent to a page, or to an address that is not there.
fn is_for_a_person(request: &Request<'_>) -> bool {
    request.method() == Method::Get
        && request.route().is_none_or(|route| PAGES.contains(&route.uri.path()))
        && request.headers().get("Accept").any(|accept| accept.trim_start().starts_with("text/html"))
}

fn told(status: Status) -> Problem {
    match status.code {
        404 => Problem::not_found(),
        413 => Problem::new(status, "The body is too large."),
        code if code < 500 => Problem::new(status, "The request cannot be understood."),
        _ => Problem::new(status, "That is a mistake of ours; it has been logged."),
    }
}

/// The catchers of the whole house.
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    catchers![uncaught]
}
