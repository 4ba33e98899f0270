//! Rocket's own settings, with the house's defaults below them and the house's rules above.

use rocket::config::{Ident, LogLevel, Shutdown};
use rocket::figment::providers::{Env, Format, Serialized, Toml};
use rocket::figment::{Figment, Profile};

use super::ConfigError;

/// The defaults that `Rocket.toml` and `ROCKET_*` may change.
fn defaults() -> rocket::Config {
    rocket::Config {
        ident: Ident::try_new("Bannerline").unwrap_or_else(|_| Ident::none()),
        // Streams are told to reconnect and requests finish; together under the ten seconds we promise.
        shutdown: Shutdown { grace: 5, mercy: 3, ..Shutdown::default() },
        cli_colors: false,
        // Rocket's log lines go through ours; this one counts where ours is not set up, as in tests.
        log_level: LogLevel::Off,
        ip_header: None,
        ..rocket::Config::default()
    }
}

/// Rules that nobody may change, because the code relies on them.
fn with_rules(figment: Figment) -> Figment {
    // Rocket would believe X-Real-IP from anybody; `client::address` believes configured proxies only.
    figment.merge(Serialized::global("ip_header", false))
}

/// The house's settings alone: no file, no environment.
pub(super) fn alone() -> Figment {
    with_rules(Figment::from(defaults()))
}

/// The house's settings with `Rocket.toml` and the environment, as Rocket itself would read them.
pub(super) fn with_files() -> Figment {
    with_rules(
        Figment::from(defaults())
            .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
            .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE"]).global())
            .select(Profile::from_env_or("ROCKET_PROFILE", rocket::Config::DEFAULT_PROFILE)),
    )
}

/// Reads Rocket's part, or says in one line what is wrong with it.
pub(super) fn checked(figment: &Figment) -> Result<rocket::Config, ConfigError> {
    rocket::Config::try_from(figment).map_err(|errors| {
        let Some(error) = errors.into_iter().next() else {
            return ConfigError::new("Rocket's settings are broken");
        };
        let text = error.kind.to_string();
        let place = match &error.metadata {
            Some(metadata) if metadata.name.contains("environment") => {
                format!("ROCKET_{}", error.path.join(".").to_ascii_uppercase())
            }
            _ if error.path.is_empty() => String::from("Rocket.toml"),
            _ => format!("Rocket.toml: {}", error.path.join(".")),
        };
        // A TOML error quotes the broken line, and a secret may stand in it.
        let plain: Vec<_> = text.lines().filter(|line| !line.contains('|')).map(str::trim).collect();
        ConfigError::new(format!("{place}: {}", plain.join(" ")))
    })
}
