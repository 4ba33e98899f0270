//! Where the data is kept, and how its address is shown.

use std::fmt;
use std::path::PathBuf;

use reqwest::Url;
use rocket::http::RawStr;

use super::Secret;

/// Where the data is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A `mysql://` address, password and all.
    MySql(Secret<String>),
}

impl DatabaseUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            // Often copied from elsewhere; a missing file is made in any case.
            let path = rest.strip_suffix("?mode=rwc").unwrap_or(rest);
            // The readers and the writer are separate connections, so a database in memory would be several.
            if path.is_empty() || path.contains([':', '?']) {
                return None;
            }
            let path = RawStr::new(path).percent_decode().ok()?;
            return Some(Self::Sqlite(PathBuf::from(path.into_owned())));
        }
        let known = text.starts_with("mysql://") || text.starts_with("mariadb://");
        let url = known.then(|| Url::parse(text).ok())??;
        let complete = url.host_str().is_some_and(|host| !host.is_empty()) && url.path().len() > 1;
        complete.then(|| Self::MySql(Secret::new(text.to_owned())))
    }
}

impl fmt::Display for DatabaseUrl {
    /// The address with its password masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::MySql(url) => f.write_str(&masked_url(url.expose())),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL as it may be shown: the password becomes `***`, and so does everything after `?`.
pub(super) fn masked_url(url: &str) -> String {
    let (url, query) = url.split_once('?').map_or((url, ""), |(url, _)| (url, "?***"));
    let Some((scheme, rest)) = url.split_once("://") else {
        return String::from("***");
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let shown = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:***@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    format!("{scheme}://{shown}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(path: &str) -> DatabaseUrl {
        DatabaseUrl::Sqlite(PathBuf::from(path))
    }

    #[test]
    fn sqlite_paths() {
        assert_eq!(DatabaseUrl::parse("sqlite://data/b.db"), Some(sqlite("data/b.db")));
        assert_eq!(DatabaseUrl::parse("sqlite:data/b.db"), Some(sqlite("data/b.db")));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/b.db"), Some(sqlite("/var/b.db")));
        assert_eq!(DatabaseUrl::parse("sqlite://b.db?mode=rwc"), Some(sqlite("b.db")));
        assert_eq!(DatabaseUrl::parse("sqlite://my%20data/b.db"), Some(sqlite("my data/b.db")));
        for text in ["sqlite://", "sqlite:", "sqlite::memory:", "sqlite://:memory:", "sqlite://b.db?mode=ro"] {
            assert_eq!(DatabaseUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn mysql_addresses_need_a_database() {
        let url = "mysql://joe:p%40ss@db.internal:3307/bannerline";
        assert_eq!(DatabaseUrl::parse(url), Some(DatabaseUrl::MySql(Secret::new(url.into()))));
        assert!(DatabaseUrl::parse("mariadb://joe@localhost/b").is_some());
        for text in ["mysql://joe@localhost", "mysql://joe@localhost/", "mysql://", "postgres://joe@h/b", "b.db", ""] {
            assert_eq!(DatabaseUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn passwords_are_masked() {
        for (url, shown) in [
            ("mysql://joe:hunter2@h:3306/b", "mysql://joe:***@h:3306/b"),
            ("mysql://joe:hun@ter2@h/b", "mysql://joe:***@h/b"),
            ("mysql://joe@h/b", "mysql://joe@h/b"),
            ("redis://:hunter2@h:6379/0", "redis://:***@h:6379/0"),
            ("redis+unix:///run/r.sock?pass=hunter2", "redis+unix:///run/r.sock?***"),
            ("hunter2", "***"),
        ] {
            assert_eq!(masked_url(url), shown);
        }
        let url = DatabaseUrl::parse("mysql://joe:hunter2@h/b").unwrap();
        assert!(!format!("{url} {url:?}").contains("hunter2"));
    }
}
