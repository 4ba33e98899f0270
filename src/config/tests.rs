use rocket::figment::providers::{Format, Toml};

use super::*;

fn load(environment: &[(&str, &str)], toml: &str) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(name, text)| {
        let (name, source) = match name.strip_suffix("@.env") {
            Some(name) => (name, Source::DotEnv),
            None => (*name, Source::Environment),
        };
        (name.to_owned(), Written { text: (*text).to_owned(), source })
    });
    Config::from_sources(environment, house::alone().merge(Toml::string(toml).nested()))
}

fn refused(environment: &[(&str, &str)], toml: &str) -> String {
    let line = load(environment, toml).expect_err("it must stop the start").to_string();
    assert!(!line.contains('\n'), "one line: {line}");
    line
}

#[test]
fn with_nothing_set_the_defaults_hold() {
    let config = load(&[], "").unwrap();
    assert_eq!(config.database, DatabaseUrl::Sqlite(PathBuf::from("data/bannerline.db")));
    assert_eq!((config.form, config.log, config.address_kept), (Form::Short, LogFormat::Text, AddressKept::Full));
    assert_eq!((config.limit_loopback, config.media.turn_ttl), (false, 3600));
    assert!(config.trusted_proxies.is_empty() && config.media.stun_urls.is_empty());
    assert!(config.redis_url.is_none() && config.geoip_db.is_none() && config.admin_password.is_none());
}

#[test]
fn every_setting_is_taken_in() {
    let config = load(
        &[
            ("DATABASE_URL", "mysql://joe:hunter2@db/b"),
            ("REDIS_URL", "redis://:hunter3@127.0.0.1:6379/1"),
            ("GEOIP_DB", "/var/lib/geo.mmdb"),
            ("BANNERLINE_ADMIN_PASSWORD", " 012345 "),
            ("BANNERLINE_PUBLIC_URL", "https://help.example.com/"),
            ("BANNERLINE_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8"),
            ("BANNERLINE_LIMIT_LOOPBACK", "true"),
            ("BANNERLINE_FORM", "full"),
            ("BANNERLINE_ADDRESS_KEPT", "truncated"),
            ("BANNERLINE_LOG", " json "),
            ("BANNERLINE_LOG_LEVEL", "debug,sqlx=info"),
            ("BANNERLINE_STUN_URLS", "stun:s.example:3478"),
            ("BANNERLINE_TURN_URLS", "turn:t.example?transport=udp,turns:t.example"),
            ("BANNERLINE_TURN_SECRET", "north"),
            ("BANNERLINE_TURN_TTL", "600"),
            ("BANNERLINE_REPORTS", "weekly"),
            ("BANNERLINE_REPORTS_FOLDER", "/var/reports"),
            ("BANNERLINE_REPORTS_WEBHOOK", "https://joe:hunter4@hooks.example.com/b?key=hunter5"),
            ("BANNERLINE_REPORTS_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("BANNERLINE_REPORTS_TZ", "Europe/Berlin"),
            ("BANNERLINE_REPORTS_LANGUAGE", "de"),
        ],
        "",
    )
    .unwrap();
    assert_eq!(config.database.to_string(), "mysql://joe:***@db/b");
    assert_eq!(config.redis_url.as_ref().unwrap().expose(), "redis://:hunter3@127.0.0.1:6379/1");
    assert_eq!(config.geoip_db.as_deref(), Some(std::path::Path::new("/var/lib/geo.mmdb")));
    assert_eq!(config.admin_password.as_ref().unwrap().expose(), " 012345 ", "a password is kept as typed");
    assert_eq!(config.public_url.as_deref(), Some("https://help.example.com"));
    assert_eq!(config.trusted_proxies.len(), 2);
    assert!(config.limit_loopback);
    assert_eq!((config.form, config.log, config.address_kept), (Form::Full, LogFormat::Json, AddressKept::Truncated));
    assert_eq!(config.log_level.to_string(), "debug,sqlx=info");
    assert_eq!((config.media.stun_urls.len(), config.media.turn_urls.len(), config.media.turn_ttl), (1, 2, 600));
    assert_eq!(config.media.turn_secret.as_ref().unwrap().expose(), "north");

    let shown = format!("{config:?} {}", config.show().join("\n"));
    for secret in ["hunter", "0123", "north", "MfKQ9"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    // Whatever can be set is shown.
    for setting in SETTINGS {
        let line = config.show().into_iter().find(|line| line.starts_with(&format!("{} = ", setting.name)));
        assert!(line.is_some_and(|line| line.ends_with("(environment)")), "{}", setting.name);
    }
}

#[test]
fn the_file_is_below_dotenv_is_below_the_environment() {
    let toml = "[default.bannerline]\nform = \"full\"\nlog = \"json\"\nturn_ttl = 600\nlimit_loopback = true\n\
                trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n[debug.bannerline]\nturn_ttl = 700\n[release.bannerline]\nturn_ttl = 700";
    let config = load(&[("BANNERLINE_LOG", "text"), ("BANNERLINE_FORM@.env", "none")], toml).unwrap();
    assert_eq!((config.form, config.log), (Form::None, LogFormat::Text));
    assert_eq!(
        (config.media.turn_ttl, config.limit_loopback),
        (700, true),
        "the profile's table lies over the default's"
    );
    assert_eq!(config.trusted_proxies.len(), 2);
    let lines = config.show();
    for line in [
        "BANNERLINE_FORM = none  (.env)",
        "BANNERLINE_LOG = text  (environment)",
        "BANNERLINE_TURN_TTL = 700  (Rocket.toml)",
        "BANNERLINE_ADDRESS_KEPT = full  (default)",
        "GEOIP_DB is not set",
        "ROCKET_PORT = 8000  (default)",
    ] {
        assert!(lines.iter().any(|shown| shown == line), "{line} in {lines:#?}");
    }
}

#[test]
fn an_empty_value_is_as_good_as_none() {
    let config = load(&[("BANNERLINE_FORM", " "), ("BANNERLINE_TURN_SECRET", ""), ("DATABASE_URL", "")], "").unwrap();
    assert_eq!((config.form, config.media.turn_secret), (Form::Short, None));
    let toml = "[default.bannerline]\nform = \"full\"";
    assert_eq!(load(&[("BANNERLINE_FORM", "")], toml).unwrap().form, Form::Short, "it switches the file's off");
}

#[test]
fn an_unknown_setting_stops_the_start() {
    for (name, near) in [
        ("BANNERLINE_FROM", "did you mean BANNERLINE_FORM?"),
        ("BANNERLINE_TRUSTED_PROXY", "did you mean BANNERLINE_TRUSTED_PROXIES?"),
        ("BANNERLINE_DATABASE_URL", "did you mean DATABASE_URL?"),
        ("BANNERLINE_PORT", "did you mean ROCKET_PORT?"),
        ("bannerline_form", "did you mean BANNERLINE_FORM?"),
        ("BANNERLINE_COFFEE_MACHINE", "`bannerline config show` lists the settings"),
    ] {
        let line = refused(&[(name, "x")], "");
        assert!(line.starts_with(name) && line.contains(near), "{line}");
    }
    let line = refused(&[], "[default.bannerline]\nfrom = \"full\"");
    assert!(line.starts_with("from ") && line.contains("BANNERLINE_FORM"), "{line}");
    assert!(load(&[("PATH", "/bin"), ("ROCKET_WHATEVER", "1")], "").is_ok(), "other people's variables are theirs");
}

#[test]
fn what_kubernetes_says_about_a_service_of_our_name_is_no_setting() {
    let link = "tcp://10.0.0.7:8000";
    for name in
        ["BANNERLINE_SERVICE_HOST", "BANNERLINE_SERVICE_PORT_HTTP", "BANNERLINE_PORT", "BANNERLINE_PORT_8000_TCP_ADDR"]
    {
        assert!(load(&[(name, link)], "").is_ok(), "{name}");
    }
    assert!(load(&[("BANNERLINE_PORT_RANGE", link)], "").is_err());
}

#[test]
fn a_broken_value_stops_the_start_and_names_what_is_allowed() {
    for (name, text, says) in [
        (
            "BANNERLINE_FORM",
            "shrot",
            "\"shrot\" (environment) is not allowed; allowed: none, short or full; did you mean short?",
        ),
        ("BANNERLINE_LOG_LEVEL", "loud", "off, error, warn, info, debug or trace"),
        ("BANNERLINE_LIMIT_LOOPBACK", "maybe", "true or false"),
        ("BANNERLINE_TURN_TTL", "59", "60 to 86400"),
        ("BANNERLINE_TURN_TTL", "86401", "60 to 86400"),
        ("BANNERLINE_TURN_TTL", "1h", "60 to 86400"),
        ("BANNERLINE_TRUSTED_PROXIES", "10.0.0.0/33", "addresses or networks"),
        ("BANNERLINE_STUN_URLS", "https://s.example", "stun: or stuns:"),
        ("BANNERLINE_PUBLIC_URL", "help.example.com", "origin"),
    ] {
        let line = refused(&[(name, text)], "");
        assert!(line.starts_with(name) && line.contains(says), "{line}");
    }
    assert!(refused(&[("BANNERLINE_FORM@.env", "x")], "").contains("(.env)"));
    assert!(
        refused(&[], "[default.bannerline]\nform = 7").starts_with("BANNERLINE_FORM: the value \"7\" (Rocket.toml)")
    );
    assert!(refused(&[], "[default.bannerline.form]\na = 1").starts_with("BANNERLINE_FORM: "));
}

#[test]
fn a_broken_secret_is_not_repeated() {
    let long = "hunter2".repeat(200);
    for (name, text) in [
        ("DATABASE_URL", "postgres://joe:hunter2@db/b"),
        ("DATABASE_URL", "mysql://joe:hunter2@db"),
        ("REDIS_URL", "http://:hunter2@r"),
        ("BANNERLINE_ADMIN_PASSWORD", long.as_str()),
    ] {
        let line = refused(&[(name, text)], "");
        assert!(line.starts_with(name) && !line.contains("hunter2"), "{line}");
    }
    let error = dotenvy::Error::LineParse("mysql://joe:hunter2=x y@db/b".into(), 20);
    let line = unreadable_dotenv(&error, Some("BANNERLINE_FORM")).to_string();
    assert!(line.starts_with(".env: the setting after BANNERLINE_FORM cannot be read"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn turn_needs_both_halves() {
    let urls = ("BANNERLINE_TURN_URLS", "turn:t.example");
    let secret = ("BANNERLINE_TURN_SECRET", "north");
    assert!(refused(&[urls], "").ends_with("BANNERLINE_TURN_SECRET must be set too"));
    assert!(refused(&[secret], "").ends_with("BANNERLINE_TURN_URLS must be set too"));
    assert!(load(&[urls, secret], "").is_ok());
}

#[test]
fn reports_need_somewhere_to_go_and_a_key() {
    let daily = ("BANNERLINE_REPORTS", "daily");
    assert!(refused(&[daily], "").contains("BANNERLINE_REPORTS_FOLDER or BANNERLINE_REPORTS_WEBHOOK"));
    let webhook = ("BANNERLINE_REPORTS_WEBHOOK", "https://hooks.example.com/");
    assert!(refused(&[webhook], "").ends_with("BANNERLINE_REPORTS_SECRET must be set too"));
    let secret = ("BANNERLINE_REPORTS_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert!(refused(&[secret], "").ends_with("BANNERLINE_REPORTS_WEBHOOK must be set too"));
    let config = load(&[daily, webhook, secret], "").unwrap();
    assert!(config.reports.webhook().is_some() && config.reports.check_folder().is_ok());
    let nowhere = [daily, ("BANNERLINE_REPORTS_FOLDER", "/no/such/folder")];
    let line = load(&nowhere, "").unwrap().reports.check_folder().unwrap_err().to_string();
    assert!(line.contains("/no/such/folder") && !line.contains('\n'), "{line}");
    assert!(load(&nowhere[1..], "").unwrap().reports.check_folder().is_ok(), "nothing is written there");
}

#[test]
fn a_table_outside_a_profile_is_no_silent_loss() {
    assert!(refused(&[], "[bannerline]\nform = \"full\"").contains("[default.bannerline]"));
    assert!(refused(&[], "[default]\nbannerline = 1").contains("must be a table"));
}

#[test]
fn rockets_own_settings_are_checked_in_one_line_too() {
    let line = refused(&[], "[default]\nport = \"high\"");
    assert!(line.starts_with("Rocket.toml: port: ") && line.contains("u16"), "{line}");
    let line = refused(&[], "[default.bannerline]\nturn_secret = \"hunter2");
    assert!(line.starts_with("Rocket.toml: ") && !line.contains("hunter2"), "{line}");
}

#[test]
fn the_house_settings_reach_rocket() {
    let config = load(&[], "[default]\nport = 9000\nip_header = \"X-Real-IP\"\nshutdown = { grace = 1 }").unwrap();
    for profile in ["debug", "release", "anything"] {
        let own = rocket::Config::from(config.rocket_figment().select(profile));
        assert_eq!((own.address.to_string(), own.port), ("127.0.0.1".into(), 9000));
        assert_eq!(own.ip_header, None, "nobody may switch it on: {profile}");
        assert_eq!((own.shutdown.grace, own.shutdown.mercy), (1, 3));
        assert!(own.shutdown.signals.contains(&rocket::config::Sig::Term) && own.shutdown.ctrlc);
        assert_eq!(own.ident.as_str(), Some("Bannerline"));
        assert_eq!((own.log_level, own.cli_colors), (rocket::config::LogLevel::Off, false));
    }
    assert_eq!(rocket::Config::from(Config::default().rocket_figment()).shutdown.grace, 5);
}
