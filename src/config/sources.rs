//! Where settings are written down, and which of them there are.

use std::collections::BTreeMap;
use std::fmt;

use rocket::figment::value::Dict;
use rocket::figment::{Figment, Metadata};

use super::ConfigError;

/// One setting that can be made.
pub(super) struct Setting {
    /// Its name in the environment; in `Rocket.toml` it is [`Setting::key`].
    pub name: &'static str,
    /// What is allowed, in words.
    pub allowed: &'static str,
    /// A value that must not be repeated in a message.
    pub secret: bool,
}

impl Setting {
    /// Its name in the table `bannerline` of `Rocket.toml`.
    pub fn key(&self) -> String {
        let name = self.name.strip_prefix(PREFIX).unwrap_or(self.name);
        name.to_ascii_lowercase()
    }
}

const PREFIX: &str = "BANNERLINE_";

const fn open(name: &'static str, allowed: &'static str) -> Setting {
    Setting { name, allowed, secret: false }
}

const fn secret(name: &'static str, allowed: &'static str) -> Setting {
    Setting { name, allowed, secret: true }
}

/// Every setting of ours, in the order in which they are shown.
pub(super) const SETTINGS: &[Setting] = &[
    secret("DATABASE_URL", "sqlite://path or mysql://user:password@host:port/name"),
    secret("REDIS_URL", "redis://[user:password@]host[:port][/number]"),
    open("GEOIP_DB", "the path of an .mmdb file"),
    secret("BANNERLINE_ADMIN_PASSWORD", "8 characters to 1024 bytes"),
    open("BANNERLINE_PUBLIC_URL", "an origin without a path, such as https://help.example.com"),
    open("BANNERLINE_TRUSTED_PROXIES", "addresses or networks separated by commas, such as 127.0.0.1,10.0.0.0/8"),
    open("BANNERLINE_LIMIT_LOOPBACK", "true or false"),
    open("BANNERLINE_FORM", "none, short or full"),
    open("BANNERLINE_ADDRESS_KEPT", "full, truncated or none"),
    open("BANNERLINE_LOG", "text or json"),
    open("BANNERLINE_LOG_LEVEL", "off, error, warn, info, debug or trace, then if wanted ,library=level"),
    open("BANNERLINE_STUN_URLS", "stun: or stuns: addresses separated by commas"),
    open("BANNERLINE_TURN_URLS", "turn: or turns: addresses separated by commas"),
    secret("BANNERLINE_TURN_SECRET", "the static-auth-secret of the TURN server"),
    open("BANNERLINE_TURN_TTL", "whole seconds, 60 to 86400"),
    open("BANNERLINE_REPORTS", "off, daily or weekly"),
    open("BANNERLINE_REPORTS_FOLDER", "the path of a folder"),
    secret(
        "BANNERLINE_REPORTS_WEBHOOK",
        "an address that begins with https://, or http:// and this machine itself, such as http://127.0.0.1:9000/",
    ),
    secret("BANNERLINE_REPORTS_SECRET", "whsec_ and then 24 to 64 bytes in base64"),
    open("BANNERLINE_REPORTS_TZ", "a time zone's name in the IANA database, such as Europe/Berlin or UTC"),
    open("BANNERLINE_REPORTS_LANGUAGE", "en or de"),
];

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: it is the default.
    Default,
    /// In this file of Rocket's.
    File(String),
    /// In the file `.env`.
    DotEnv,
    /// In the environment.
    Environment,
}

impl Source {
    /// What figment remembers about a value of its own.
    pub(super) fn of(metadata: Option<&Metadata>) -> Self {
        let Some(metadata) = metadata else {
            return Self::Default;
        };
        match metadata.source.as_ref().and_then(|source| source.file_path()) {
            Some(path) => Self::File(path.display().to_string()),
            None if metadata.name.contains("environment") => Self::Environment,
            None if metadata.name.contains("TOML") => Self::File(String::from("Rocket.toml")),
            None => Self::Default,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => f.write_str(path),
            Self::DotEnv => f.write_str(".env"),
            Self::Environment => f.write_str("environment"),
        }
    }
}

/// A value as it was written, and where. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) struct Written {
    pub text: String,
    pub source: Source,
}

/// Everything that was written down, by the setting's name in the environment: the environment laid over the table
/// `bannerline` of the chosen profile. An empty value is as good as none.
pub(super) fn collect(
    environment: impl IntoIterator<Item = (String, Written)>,
    figment: &Figment,
) -> Result<BTreeMap<&'static str, Written>, ConfigError> {
    let mut found = from_file(figment)?;
    for (name, written) in environment {
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) {
            found.insert(setting.name, written);
        } else if is_ours(&name) && !from_orchestrator(&name, &written.text) {
            return Err(unknown(&name, &format!("({})", written.source)));
        }
    }
    found.retain(|_, written| !written.text.trim().is_empty());
    Ok(found)
}

fn from_file(figment: &Figment) -> Result<BTreeMap<&'static str, Written>, ConfigError> {
    // Without a profile around it Rocket takes the table for a profile of that name, and nothing in it would count.
    if figment.profiles().any(|profile| profile == "bannerline") {
        return Err(ConfigError::new(
            "Rocket.toml: the table [bannerline] must stand in a profile; write [default.bannerline]",
        ));
    }
    let mut found = BTreeMap::new();
    if !figment.contains("bannerline") {
        return Ok(found);
    }
    let Ok(table) = figment.extract_inner::<Dict>("bannerline") else {
        return Err(ConfigError::new("Rocket.toml: bannerline must be a table, [default.bannerline]"));
    };
    for (key, value) in table {
        let source = Source::of(figment.get_metadata(value.tag()));
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key() == key) else {
            return Err(unknown(&key, &format!("in the table bannerline ({source})")));
        };
        let text = value.deserialize().ok().and_then(|value| as_text(&value));
        let Some(text) = text else {
            return Err(ConfigError::broken(setting, None, &source));
        };
        found.insert(setting.name, Written { text, source });
    }
    Ok(found)
}

/// TOML knows numbers, truth values and lists; in the environment everything is text.
fn as_text(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(members) => {
            let texts: Option<Vec<_>> = members.iter().map(as_text).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// Names that only we use, in whatever letters.
pub(super) fn is_ours(name: &str) -> bool {
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Kubernetes tells every container of a service named `bannerline` where it is, in variables that look like ours.
fn from_orchestrator(name: &str, value: &str) -> bool {
    let rest = &name[PREFIX.len()..];
    let link = value.starts_with("tcp://") || value.starts_with("udp://");
    rest == "SERVICE_HOST"
        || rest.starts_with("SERVICE_PORT")
        || (rest == "PORT" && link)
        || rest.strip_prefix("PORT_").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn unknown(name: &str, place: &str) -> ConfigError {
    let hint = nearest(name).map_or_else(
        || String::from("`bannerline config show` lists the settings"),
        |near| format!("did you mean {near}?"),
    );
    ConfigError::new(format!("{name} {place} is not a setting of Bannerline; {hint}"))
}

/// The setting whose name is so near that it was probably meant. Prefixes do not count: they are what people mix up.
fn nearest(name: &str) -> Option<&'static str> {
    fn bare(name: &str) -> String {
        let name = name.to_ascii_uppercase();
        let bare = name.strip_prefix(PREFIX).or_else(|| name.strip_prefix("ROCKET_"));
        bare.unwrap_or(&name).to_owned()
    }
    let wanted = bare(name);
    SETTINGS
        .iter()
        .map(|setting| setting.name)
        .chain(["ROCKET_ADDRESS", "ROCKET_PORT", "ROCKET_PROFILE"])
        .map(|known| (distance(&wanted, &bare(known)), known))
        .min()
        .filter(|&(steps, _)| steps <= 1 + wanted.len() / 5)
        .map(|(_, known)| known)
}

/// The word of a list that was probably meant.
pub(super) fn nearest_word(text: &str, allowed: &str) -> Option<String> {
    let words = allowed.split([' ', ',']).filter(|word| word.len() > 2);
    let text = text.to_ascii_lowercase();
    words
        .map(|word| (distance(&text, word), word))
        .min()
        .filter(|&(steps, word)| steps <= 2 && steps < word.len() / 2)
        .map(|(_, word)| word.to_owned())
}

/// Letters to add, drop, change or swap with their neighbour to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut steps = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                steps = steps.min(rows[i - 2][j - 2] + 1);
            }
            row.push(steps);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
