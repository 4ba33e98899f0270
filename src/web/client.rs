//! Who a request comes from: address, country, agent, language. Nothing is believed that anybody can forge.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use rocket::request::{FromRequest, Outcome, Request};

use super::state::House;
use crate::client::{address, agent};
use crate::desk::admission::Origin;

/// Who a request comes from.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address, behind trusted proxies only.
    pub address: IpAddr,
    /// `User-Agent`, whole.
    pub agent: String,
    /// page, prefetch or bot: what a landing counts as.
    pub class: &'static str,
    /// The page's language: `en` or `de`.
    pub language: &'static str,
    /// The area that a login was led away from, because its role may not open it.
    pub led: Option<&'static str>,
}

impl Client {
    /// What of it is kept with a session.
    #[must_use]
    pub fn origin(&self, house: &House) -> Origin {
        let parsed = agent::parse(&self.agent);
        Origin {
            address: address::kept(self.address, house.config.address_kept),
            country: house.countries.lookup(self.address).map(|code| code.as_str().to_owned()),
            user_agent: (!self.agent.is_empty()).then(|| agent::kept(&self.agent)),
            device: Some(parsed.device.as_str().to_owned()),
            browser: parsed.browser.map(|name| name.chars().take(80).collect()),
            os: parsed.os.map(|name| name.chars().take(80).collect()),
        }
    }

    /// The page's language: the first that the browser wants and we have.
    #[must_use]
    pub fn language_of(request: &Request<'_>) -> &'static str {
        language_of(request.headers().get_one("Accept-Language").unwrap_or_default())
    }

    fn of(request: &Request<'_>, house: &House) -> Self {
        let headers = request.headers();
        let peer = request.remote().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.ip());
        let forwarded: Vec<&str> = headers.get("X-Forwarded-For").collect();
        let agent = headers.get_one("User-Agent").unwrap_or_default().to_owned();
        let purpose = ["Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"];
        let prefetched = purpose.iter().filter_map(|name| headers.get_one(name)).any(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("prefetch") || value.contains("prerender") || value.contains("preview")
        });
        let class = match () {
            () if agent::parse(&agent).bot => "bot",
            () if prefetched => "prefetch",
            () => "page",
        };
        Self {
            address: address::client_ip(peer, &forwarded, &house.config.trusted_proxies),
            agent,
            class,
            language: Self::language_of(request),
            led: led(request),
        }
    }
}

/// The area that the address says its reader was led away from.
fn led(request: &Request<'_>) -> Option<&'static str> {
    let said = request.query_value::<&str>("led")?.ok()?;
    ["rep", "floor", "dashboard", "admin"].into_iter().find(|area| *area == said)
}

/// The first language of the header that we have; English otherwise.
fn language_of(header: &str) -> &'static str {
    let wanted = header.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    for tag in wanted {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => return "de",
            "en" => return "en",
            _ => {}
        }
    }
    "en"
}

/// Whether an `Origin` is this site's: the configured public one, or the host that was asked.
#[must_use]
pub fn own_origin(house: &House, request: &Request<'_>, origin: &str) -> bool {
    if house.config.public_url.as_deref() == Some(origin) {
        return true;
    }
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == request.headers().get_one("Host")
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Client {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        match House::of(request) {
            Ok(house) => Outcome::Success(Self::of(request, house)),
            Err(_) => Outcome::Forward(rocket::http::Status::InternalServerError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_we_have_is_taken() {
        for (header, expected) in
            [("", "en"), ("de-AT,de;q=0.9", "de"), ("fr,de;q=0.5,en;q=0.3", "de"), ("fr", "en"), ("EN-us", "en")]
        {
            assert_eq!(language_of(header), expected, "{header}");
        }
    }
}
