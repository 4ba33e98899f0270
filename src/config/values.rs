//! The kinds of value a setting can have, each parsed once and never again.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use rocket::http::uri::Absolute;

/// A setting that is one word of a short list.
pub(super) trait Choice: Copy + PartialEq + 'static {
    /// Every allowed word with its meaning; the first word of a meaning is the one shown.
    const WORDS: &'static [(&'static str, Self)];

    fn parse(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|&(_, value)| value)
    }

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |&(word, _)| word)
    }
}

/// How much the customer's page asks before queuing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Nothing: one button.
    None,
    /// A name and what it is about, both optional.
    #[default]
    Short,
    /// Everything that the page can ask.
    Full,
}

impl Choice for Form {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("short", Self::Short), ("full", Self::Full)];
}

impl Form {
    /// The word in the setting.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }
}

/// Text that names no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be none, short or full")]
pub struct NotAForm;

impl std::str::FromStr for Form {
    type Err = NotAForm;

    fn from_str(text: &str) -> Result<Self, NotAForm> {
        Self::parse(text.trim()).ok_or(NotAForm)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Choice for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

/// How much of a customer's address is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressKept {
    /// All of it.
    #[default]
    Full,
    /// The /24 of an IPv4 address, the /48 of an IPv6 address.
    Truncated,
    /// None of it.
    None,
}

impl Choice for AddressKept {
    const WORDS: &'static [(&'static str, Self)] =
        &[("full", Self::Full), ("truncated", Self::Truncated), ("none", Self::None)];
}

impl Choice for bool {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("true", true),
        ("false", false),
        ("yes", true),
        ("no", false),
        ("on", true),
        ("off", false),
        ("1", true),
        ("0", false),
    ];
}

/// What is logged: a level for Bannerline itself, and levels for libraries by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLevels(String);

const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

impl LogLevels {
    /// Reads `level` or `level,library=level,…`; a filter that only guesses would log everything on a typing error.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(',').map(str::trim);
        let is_level = |level: &str| LEVELS.contains(&level);
        let named = |part: &str| {
            part.split_once('=').is_some_and(|(target, level)| {
                let letter = |c: char| c.is_ascii_alphanumeric() || "_:".contains(c);
                is_level(level) && !target.is_empty() && target.chars().all(letter)
            })
        };
        let good = parts.next().is_some_and(is_level) && parts.all(named);
        good.then(|| Self(text.split(',').map(str::trim).collect::<Vec<_>>().join(",")))
    }

    /// The level of Bannerline itself.
    #[must_use]
    pub fn own(&self) -> &str {
        self.0.split(',').next().unwrap_or("info")
    }

    /// The `library=level` pairs, as they were written.
    pub fn libraries(&self) -> impl Iterator<Item = &str> {
        self.0.split(',').skip(1)
    }
}

impl Default for LogLevels {
    fn default() -> Self {
        Self(String::from("info"))
    }
}

impl fmt::Display for LogLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The members of a comma list; an empty one is dropped, so a trailing comma does no harm.
fn members(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|member| !member.is_empty())
}

/// Networks, or single addresses, separated by commas.
pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    members(text)
        .map(|member| {
            // A single address is a network of one.
            let host = || member.parse::<IpAddr>().ok().map(IpNet::from);
            member.parse().ok().or_else(host)
        })
        .collect()
}

/// Addresses of ICE servers, separated by commas, each beginning with one of `schemes`.
pub(super) fn ice_urls(text: &str, schemes: [&str; 2]) -> Option<Vec<String>> {
    let good = |url: &str| {
        schemes.iter().any(|scheme| {
            url.strip_prefix(scheme).is_some_and(|host| !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic()))
        })
    };
    members(text).map(|url| good(url).then(|| url.to_owned())).collect()
}

/// An origin, `https://help.example.com`; a slash at its end is dropped.
pub(super) fn origin(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let uri = Absolute::parse(&text).ok()?;
    let authority = uri.authority()?;
    let plain = authority.user_info().is_none()
        && uri.path().is_empty()
        && uri.query().is_none()
        && ["http", "https"].iter().any(|scheme| uri.scheme() == *scheme);
    (plain && !authority.host().is_empty()).then(|| text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        let levels = LogLevels::parse("WARN, sqlx=debug ,rocket::server=info").unwrap();
        assert_eq!(levels.own(), "warn");
        assert_eq!(levels.libraries().collect::<Vec<_>>(), ["sqlx=debug", "rocket::server=info"]);
        for text in
            ["", "loud", "info,", "info,sqlx", "sqlx=debug", "info,sqlx=loud", "info,=debug", "info,sq lx=debug"]
        {
            assert_eq!(LogLevels::parse(text), None, "{text}");
        }
    }

    #[test]
    fn networks_and_single_addresses() {
        let nets = networks("10.0.0.0/8, 192.0.2.7,::1, 2001:db8::/32,").unwrap();
        let texts: Vec<_> = nets.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["10.0.0.0/8", "192.0.2.7/32", "::1/128", "2001:db8::/32"]);
        assert_eq!(networks("10.0.0.0/33"), None);
        assert_eq!(networks("10.0.0.1 10.0.0.2"), None);
        assert_eq!(networks("proxy.internal"), None);
    }

    #[test]
    fn ice_servers() {
        let urls = ice_urls("turn:t.example:3478?transport=udp, turns:t.example", ["turn:", "turns:"]);
        assert_eq!(urls.unwrap(), ["turn:t.example:3478?transport=udp", "turns:t.example"]);
        for text in ["stun:s.example", "turn:", "turn:a b", "https://t.example"] {
            assert_eq!(ice_urls(text, ["turn:", "turns:"]), None, "{text}");
        }
    }

    #[test]
    fn origins() {
        assert_eq!(origin("https://Help.example.com/").as_deref(), Some("https://help.example.com"));
        assert_eq!(origin("http://192.0.2.7:8000").as_deref(), Some("http://192.0.2.7:8000"));
        for text in [
            "help.example.com",
            "ftp://h.example",
            "https://",
            "https://h.example/shop",
            "https://h.example?x=1",
            "https://a:b@h.example",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }

    #[test]
    fn words() {
        assert_eq!(Form::parse("FULL"), Some(Form::Full));
        assert_eq!((Form::None.as_str(), AddressKept::Truncated.word()), ("none", "truncated"));
        assert_eq!((bool::parse("on"), bool::parse("maybe")), (Some(true), None));
        assert_eq!((true.word(), false.word()), ("true", "false"));
    }
}
