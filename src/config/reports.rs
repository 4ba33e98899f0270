//! Which reports are made by themselves, and where they go.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use reqwest::Url;

use super::values::Choice;
use super::{ConfigError, Secret, masked_url};

/// A language that reports come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Choice for Language {
    const WORDS: &'static [(&'static str, Self)] = &[("en", Self::En), ("de", Self::De)];
}

impl Language {
    /// Its code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }
}

/// Which reports are made by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reports {
    /// None.
    #[default]
    Off,
    /// One of each day.
    Daily,
    /// One of each week.
    Weekly,
}

impl Choice for Reports {
    const WORDS: &'static [(&'static str, Self)] =
        &[("off", Self::Off), ("daily", Self::Daily), ("weekly", Self::Weekly)];
}

/// Who is sent reports, and the key that they are signed with.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The address, which may have a password in it.
    pub url: Secret<Url>,
    /// The key, as `whsec_…`.
    pub secret: Secret<String>,
}

/// Which reports are made by themselves, and where they go.
#[derive(Debug, Clone)]
pub struct ReportSettings {
    /// Which are made by themselves.
    pub made: Reports,
    /// The folder that they are written to.
    pub folder: Option<PathBuf>,
    /// Whose clocks say what a day is.
    pub zone: Tz,
    /// The language they come in.
    pub language: Language,
    url: Option<Secret<Url>>,
    secret: Option<Secret<String>>,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self { made: Reports::Off, folder: None, zone: Tz::UTC, language: Language::default(), url: None, secret: None }
    }
}

impl ReportSettings {
    /// Who is sent them, if somebody is.
    #[must_use]
    pub fn webhook(&self) -> Option<Webhook> {
        let (url, secret) = self.url.clone().zip(self.secret.clone())?;
        Some(Webhook { url, secret })
    }

    /// Takes one value in; `None` when it is not allowed.
    pub(super) fn set(&mut self, name: &str, text: &str) -> Option<()> {
        match name {
            "BANNERLINE_REPORTS" => self.made = Choice::parse(text)?,
            "BANNERLINE_REPORTS_FOLDER" => self.folder = Some(PathBuf::from(text)),
            "BANNERLINE_REPORTS_WEBHOOK" => self.url = Some(receiver(text.trim())?.into()),
            "BANNERLINE_REPORTS_SECRET" => self.secret = Some(key(text.trim())?.into()),
            "BANNERLINE_REPORTS_TZ" => self.zone = text.parse().ok()?,
            "BANNERLINE_REPORTS_LANGUAGE" => self.language = Choice::parse(text)?,
            _ => return None,
        }
        Some(())
    }

    pub(super) fn shown(&self, name: &str) -> String {
        match name {
            "BANNERLINE_REPORTS" => self.made.word().to_owned(),
            "BANNERLINE_REPORTS_FOLDER" => {
                self.folder.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default()
            }
            "BANNERLINE_REPORTS_WEBHOOK" => {
                self.url.as_ref().map(|url| masked_url(url.expose().as_str())).unwrap_or_default()
            }
            "BANNERLINE_REPORTS_SECRET" => self.secret.as_ref().map(|_| "***".to_owned()).unwrap_or_default(),
            "BANNERLINE_REPORTS_TZ" => self.zone.name().to_owned(),
            "BANNERLINE_REPORTS_LANGUAGE" => self.language.as_str().to_owned(),
            _ => String::new(),
        }
    }

    /// Reports that go nowhere, or that nobody can trust, would only be missed when somebody wants them.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let stop = |line: String| Err(ConfigError::new(line));
        match (&self.url, &self.secret) {
            (Some(_), None) => {
                return stop("BANNERLINE_REPORTS_WEBHOOK is set, so BANNERLINE_REPORTS_SECRET must be set too".into());
            }
            (None, Some(_)) => {
                return stop("BANNERLINE_REPORTS_SECRET is set, so BANNERLINE_REPORTS_WEBHOOK must be set too".into());
            }
            _ => {}
        }
        if self.made != Reports::Off && self.folder.is_none() && self.url.is_none() {
            let made = self.made.word();
            return stop(format!(
                "BANNERLINE_REPORTS is {made}, so BANNERLINE_REPORTS_FOLDER or BANNERLINE_REPORTS_WEBHOOK must be set too"
            ));
        }
        Ok(())
    }

    /// Looks whether the folder can be written to, if reports go there by themselves.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check_folder(&self) -> Result<(), ConfigError> {
        let Some(folder) = self.folder.as_deref().filter(|_| self.made != Reports::Off) else { return Ok(()) };
        try_out(folder).map_err(|error| {
            let folder = folder.display();
            ConfigError::new(format!(
                "BANNERLINE_REPORTS_FOLDER: nothing can be written to the folder {folder}: {error}"
            ))
        })
    }
}

/// Writes a file and takes it away again.
fn try_out(folder: &Path) -> std::io::Result<()> {
    let file = folder.join(format!(".bannerline-{}.part", std::process::id()));
    std::fs::write(&file, b"")?;
    std::fs::remove_file(&file)
}

/// An address for reports: over TLS, or to this machine itself.
fn receiver(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    (url.scheme() == "https" || (url.scheme() == "http" && here)).then_some(url)
}

/// A key as Standard Webhooks writes it.
fn key(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
    (24..=64).contains(&bytes.len()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_reached_over_tls_or_are_this_machine() {
        for good in
            ["https://hooks.example.com/b?x=1", "http://127.0.0.1:9000", "http://[::1]:9/x", "http://localhost/"]
        {
            assert!(receiver(good).is_some(), "{good}");
        }
        for bad in [
            "http://hooks.example.com/",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "hooks.example.com",
            "https://",
        ] {
            assert!(receiver(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn keys_are_long_enough() {
        assert!(key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_some());
        for bad in [
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_c2hvcnQ=",
            "whsec_not base64 at all, no, not at all!!",
        ] {
            assert!(key(bad).is_none(), "{bad}");
        }
    }
}
