//! What is answered when no handler did: a problem document for programs, a page for people.

use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::{Catcher, Either, catch, catchers};

use super::client::Client;
use super::error::Problem;
use super::pages::Page;
use super::state::House;

/// Everything that no handler answered.
#[catch(default)]
fn uncaught(status: Status, request: &Request<'_>) -> Either<Page, Problem> {
    let problem = match request.local_cache(|| None::<Problem>) {
        Some(problem) => problem.clone(),
        None => told(status),
    };
    match House::of(request) {
        Ok(house) if is_a_person(request) => {
            Either::Left(house.pages.problem(house, Client::language_of(request), None, &problem))
        }
        _ => Either::Right(problem),
    }
}

/// A browser that was sent to an address, rather than a program or a page's script.
fn is_a_person(request: &Request<'_>) -> bool {
    request.method() == Method::Get
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
