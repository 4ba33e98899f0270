//! Limits by address: a network that asks too fast is told to wait. Loopback is exempt unless set otherwise.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};

use super::client::Client;
use super::error::{Problem, fail};
use super::state::House;
use crate::client::address;

/// Landings, requests and sign-ins a second from one network, in the long run.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// How many may come at once: an office behind one address, after a mailing.
const BURST: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// How often each network asks.
pub struct Limits(DefaultKeyedRateLimiter<IpNet>);

impl Default for Limits {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST)))
    }
}

impl Limits {
    /// Forgets networks that have been quiet.
    pub fn tidy(&self) {
        self.0.retain_recent();
    }
}

/// A request whose network has not asked too often.
pub struct Limited;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Limited {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Ok(house) = House::of(request) else { return Outcome::Success(Self) };
        let Outcome::Success(client) = Client::from_request(request).await else { return Outcome::Success(Self) };
        let exempt = client.address.is_loopback() && !house.config.limit_loopback;
        if exempt || house.limits.0.check_key(&address::network(client.address)).is_ok() {
            return Outcome::Success(Self);
        }
        let sentence = "Too many requests from your network: try again in a few seconds.";
        fail(request, Problem { retry_after: Some(5), ..Problem::new(Status::TooManyRequests, sentence) })
    }
}
