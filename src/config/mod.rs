//! Settings: read once at the start, checked, and handed on as types.
//!
//! `Rocket.toml` < `.env` < environment. In the environment our settings are called `BANNERLINE_…`, `DATABASE_URL`,
//! `REDIS_URL` and `GEOIP_DB`; in `Rocket.toml` they stand in the table `bannerline` of a profile, in small letters and
//! without the prefix. Rocket's own settings (`ROCKET_…`) are Rocket's business, apart from the defaults in `house.rs`.

mod database;
mod house;
mod reports;
mod secret;
mod sources;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fmt};

use ipnet::IpNet;
use rocket::figment::Figment;

pub use database::DatabaseUrl;
use database::masked_url;
pub use reports::{Language, ReportSettings, Reports, Webhook};
pub use secret::Secret;
pub use sources::Source;
use sources::{SETTINGS, Setting, Written, is_ours, nearest_word};
pub use values::{AddressKept, Form, LogFormat, LogLevels};
use values::{Choice, ice_urls, networks, origin};

/// Why the start was stopped: one line that names the setting and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }

    fn broken(setting: &Setting, text: Option<&str>, source: &Source) -> Self {
        let shown = match text {
            Some(text) if !setting.secret => format!(" {text:?}"),
            _ => String::new(),
        };
        let hint = text
            .filter(|_| !setting.secret)
            .and_then(|text| nearest_word(text, setting.allowed))
            .map_or_else(String::new, |word| format!("; did you mean {word}?"));
        Self(format!(
            "{name}: the value{shown} ({source}) is not allowed; allowed: {allowed}{hint}",
            name = setting.name,
            allowed = setting.allowed,
        ))
    }
}

/// How browsers reach each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaSettings {
    /// Servers that tell a browser its public address. Empty unless set: we tell no third party about anybody by default.
    pub stun_urls: Vec<String>,
    /// Servers that relay where no direct way is found.
    pub turn_urls: Vec<String>,
    /// The secret shared with the TURN servers; set whenever `turn_urls` is not empty.
    pub turn_secret: Option<Secret<String>>,
    /// How long a TURN credential lasts, in seconds.
    pub turn_ttl: u32,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self { stun_urls: Vec::new(), turn_urls: Vec::new(), turn_secret: None, turn_ttl: 3600 }
    }
}

/// Every setting, checked.
pub struct Config {
    /// Where the data is kept.
    pub database: DatabaseUrl,
    /// Where instances wake each other; without it there is one instance.
    pub redis_url: Option<Secret<String>>,
    /// The file that knows the country of an address.
    pub geoip_db: Option<PathBuf>,
    /// The password of the first user, for the first start on an empty database.
    pub admin_password: Option<Secret<String>>,
    /// The origin that people type, without a slash at its end.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether limits by address hold for this machine's own addresses too.
    pub limit_loopback: bool,
    /// How much the customer's page asks.
    pub form: Form,
    /// How much of a customer's address is stored.
    pub address_kept: AddressKept,
    /// How log lines are written.
    pub log: LogFormat,
    /// What is logged.
    pub log_level: LogLevels,
    /// How browsers reach each other.
    pub media: MediaSettings,
    /// Which reports are made by themselves, and where they go.
    pub reports: ReportSettings,
    /// Where each value that is not a default was found.
    origins: BTreeMap<String, Source>,
    figment: Figment,
}

impl Default for Config {
    /// The defaults, whatever stands in files and in the environment.
    fn default() -> Self {
        Self {
            database: DatabaseUrl::Sqlite(PathBuf::from("data/bannerline.db")),
            redis_url: None,
            geoip_db: None,
            admin_password: None,
            public_url: None,
            trusted_proxies: Vec::new(),
            limit_loopback: false,
            form: Form::default(),
            address_kept: AddressKept::default(),
            log: LogFormat::default(),
            log_level: LogLevels::default(),
            media: MediaSettings::default(),
            reports: ReportSettings::default(),
            origins: BTreeMap::new(),
            figment: house::alone(),
        }
    }
}

impl Config {
    /// Reads `Rocket.toml`, `.env` and the environment. Call it before any thread is started: `.env` is put into the
    /// environment of this process, where it never takes the place of what is already there.
    ///
    /// # Errors
    /// When a setting of ours is unknown, or any setting is broken.
    pub fn load() -> Result<Self, ConfigError> {
        let real: BTreeSet<_> = env::vars_os().map(|(name, _)| name).collect();
        if let Err(error) = dotenvy::dotenv()
            && !error.not_found()
        {
            let good = dotenvy::dotenv_iter().ok().and_then(|lines| lines.map_while(Result::ok).last());
            return Err(unreadable_dotenv(&error, good.as_ref().map(|(name, _)| name.as_str())));
        }
        let mut environment = Vec::new();
        for (name, text) in env::vars_os() {
            let source = if real.contains(&name) { Source::Environment } else { Source::DotEnv };
            let Some(name) = name.to_str().map(ToOwned::to_owned) else {
                continue;
            };
            let known = name.starts_with("ROCKET_") || SETTINGS.iter().any(|setting| setting.name == name);
            if !known && !is_ours(&name) {
                continue;
            }
            let Ok(text) = text.into_string() else {
                return Err(ConfigError::new(format!("{name}: the value ({source}) is not UTF-8 text")));
            };
            environment.push((name, Written { text, source }));
        }
        Self::from_sources(environment, house::with_files())
    }

    fn from_sources(
        environment: impl IntoIterator<Item = (String, Written)>,
        figment: Figment,
    ) -> Result<Self, ConfigError> {
        house::checked(&figment)?;
        let environment: Vec<_> = environment.into_iter().collect();
        let mut config = Self { figment, ..Self::default() };
        // Rocket reads its part by itself, so all that is to be kept of it is what came from `.env`.
        config.origins = environment
            .iter()
            .filter(|(name, written)| name.starts_with("ROCKET_") && written.source == Source::DotEnv)
            .map(|(name, written)| (name.clone(), written.source.clone()))
            .collect();
        let written = sources::collect(environment, &config.figment)?;
        for setting in SETTINGS {
            if let Some(written) = written.get(setting.name) {
                // A blank at either end is a slip, except in a password.
                let text = if setting.secret { &written.text } else { written.text.trim() };
                config
                    .set(setting.name, text)
                    .ok_or_else(|| ConfigError::broken(setting, Some(text), &written.source))?;
                config.origins.insert(setting.name.to_owned(), written.source.clone());
            }
        }
        config.check_turn()?;
        config.reports.check()?;
        Ok(config)
    }

    /// Takes one value in; `None` when it is not allowed.
    fn set(&mut self, name: &str, text: &str) -> Option<()> {
        match name {
            "DATABASE_URL" => self.database = DatabaseUrl::parse(text.trim())?,
            "REDIS_URL" => {
                redis::Client::open(text.trim()).ok()?;
                self.redis_url = Some(text.trim().to_owned().into());
            }
            "GEOIP_DB" => self.geoip_db = Some(PathBuf::from(text)),
            "BANNERLINE_ADMIN_PASSWORD" => {
                self.admin_password =
                    Some((text.chars().count() >= 8 && text.len() <= 1024).then(|| text.to_owned())?.into());
            }
            "BANNERLINE_PUBLIC_URL" => self.public_url = Some(origin(text)?),
            "BANNERLINE_TRUSTED_PROXIES" => self.trusted_proxies = networks(text)?,
            "BANNERLINE_LIMIT_LOOPBACK" => self.limit_loopback = Choice::parse(text)?,
            "BANNERLINE_FORM" => self.form = Choice::parse(text)?,
            "BANNERLINE_ADDRESS_KEPT" => self.address_kept = Choice::parse(text)?,
            "BANNERLINE_LOG" => self.log = Choice::parse(text)?,
            "BANNERLINE_LOG_LEVEL" => self.log_level = LogLevels::parse(text)?,
            "BANNERLINE_STUN_URLS" => self.media.stun_urls = ice_urls(text, ["stun:", "stuns:"])?,
            "BANNERLINE_TURN_URLS" => self.media.turn_urls = ice_urls(text, ["turn:", "turns:"])?,
            "BANNERLINE_TURN_SECRET" => self.media.turn_secret = Some(text.to_owned().into()),
            "BANNERLINE_TURN_TTL" => {
                self.media.turn_ttl = text.parse().ok().filter(|ttl| (60..=86_400).contains(ttl))?;
            }
            name => return self.reports.set(name, text),
        }
        Some(())
    }

    /// A TURN server refuses everybody without its secret, and the fault would only show in a customer's browser.
    fn check_turn(&self) -> Result<(), ConfigError> {
        let missing = match (self.media.turn_urls.is_empty(), &self.media.turn_secret) {
            (false, None) => ("BANNERLINE_TURN_URLS", "BANNERLINE_TURN_SECRET"),
            (true, Some(_)) => ("BANNERLINE_TURN_SECRET", "BANNERLINE_TURN_URLS"),
            _ => return Ok(()),
        };
        Err(ConfigError::new(format!("{} is set, so {} must be set too", missing.0, missing.1)))
    }

    /// Rocket's settings, ready for `rocket::custom`.
    #[must_use]
    pub fn rocket_figment(&self) -> Figment {
        self.figment.clone()
    }

    /// One line a setting: its name, its value and where that comes from. Secrets are masked.
    #[must_use]
    pub fn show(&self) -> Vec<String> {
        let ours = SETTINGS.iter().map(|setting| (setting.name, self.shown(setting.name), None));
        let mut lines: Vec<_> = ours.collect();
        if let Ok(own) = house::checked(&self.figment) {
            let from = |key: &str| Some(Source::of(self.figment.find_metadata(key)));
            let tls = if own.tls_enabled() { "set" } else { "" };
            lines.push(("ROCKET_ADDRESS", own.address.to_string(), from("address")));
            lines.push(("ROCKET_PORT", own.port.to_string(), from("port")));
            lines.push(("ROCKET_WORKERS", own.workers.to_string(), from("workers")));
            lines.push(("ROCKET_TLS", tls.to_owned(), from("tls")));
        }
        lines
            .into_iter()
            .map(|(name, value, source)| {
                let source = self.origins.get(name).cloned().or(source).unwrap_or(Source::Default);
                match value.as_str() {
                    "" => format!("{name} is not set"),
                    value => format!("{name} = {value}  ({source})"),
                }
            })
            .collect()
    }

    fn shown(&self, name: &str) -> String {
        let secret = |value: &Option<Secret<String>>| value.as_ref().map(|_| String::from("***"));
        match name {
            "DATABASE_URL" => self.database.to_string(),
            "REDIS_URL" => self.redis_url.as_ref().map(|url| masked_url(url.expose())).unwrap_or_default(),
            "GEOIP_DB" => self.geoip_db.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
            "BANNERLINE_ADMIN_PASSWORD" => secret(&self.admin_password).unwrap_or_default(),
            "BANNERLINE_PUBLIC_URL" => self.public_url.clone().unwrap_or_default(),
            "BANNERLINE_TRUSTED_PROXIES" => {
                self.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
            }
            "BANNERLINE_LIMIT_LOOPBACK" => self.limit_loopback.word().to_owned(),
            "BANNERLINE_FORM" => self.form.word().to_owned(),
            "BANNERLINE_ADDRESS_KEPT" => self.address_kept.word().to_owned(),
            "BANNERLINE_LOG" => self.log.word().to_owned(),
            "BANNERLINE_LOG_LEVEL" => self.log_level.to_string(),
            "BANNERLINE_STUN_URLS" => self.media.stun_urls.join(","),
            "BANNERLINE_TURN_URLS" => self.media.turn_urls.join(","),
            "BANNERLINE_TURN_SECRET" => secret(&self.media.turn_secret).unwrap_or_default(),
            "BANNERLINE_TURN_TTL" => self.media.turn_ttl.to_string(),
            name => self.reports.shown(name),
        }
    }
}

impl fmt::Debug for Config {
    /// What [`Config::show`] says: the values as they were written would give the secrets away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.show()).finish()
    }
}

/// The parser's own message repeats the line, and a secret may stand in it; so this one names the last line that was good.
fn unreadable_dotenv(error: &dotenvy::Error, last_good: Option<&str>) -> ConfigError {
    match error {
        dotenvy::Error::LineParse(_, at) => {
            let place = last_good.map_or_else(|| String::from("first setting"), |name| format!("setting after {name}"));
            ConfigError::new(format!(
                ".env: the {place} cannot be read, near character {at}; \
                 put a value with blanks, # or $ in single quotes"
            ))
        }
        other => ConfigError::new(format!(".env cannot be read: {other}")),
    }
}

#[cfg(test)]
mod tests;
