//! Where a report goes: into a folder, and to a receiver that knows it by its signature (Standard Webhooks).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook as Signer};

use super::summary::{self, Level, Summary};
use super::turns::Turns;
use crate::clock::Timestamp;
use crate::config::Webhook;
use crate::domain::edition::Edition;
use crate::store::{Db, StoreError, installation};

/// Makes the page of a summary.
pub type Render = Arc<dyn Fn(&Summary) -> Result<String, String> + Send + Sync>;

/// So long a receiver may take.
const TIME_OUT: Duration = Duration::from_secs(10);
/// A message is no longer than this: what does not fit is left out, and the message says so.
const MOST_BYTES: usize = 4 << 20;

/// Why a report was not made, or did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The page.
    #[error("the page could not be made: {0}")]
    Page(String),
    /// The folder.
    #[error("{path} cannot be written: {1}", path = .0.display())]
    File(PathBuf, std::io::Error),
    /// The receiver, or the way to it. Without the address: there may be a secret in it.
    #[error("the receiver cannot be reached: {0}")]
    Unreached(reqwest::Error),
    /// The receiver's answer.
    #[error("the receiver answered {0}")]
    Answered(u16),
    /// The receiver wants no more.
    #[error("the receiver answered 410: it wants no more of this")]
    Gone,
    /// The key.
    #[error("the message cannot be signed: {0}")]
    Unsigned(#[from] standardwebhooks::WebhookError),
}

/// A report, ready to go.
#[derive(Debug)]
pub struct Report {
    edition: Edition,
    made_at: Timestamp,
    summary: Summary,
    html: String,
    csv: String,
}

impl Report {
    /// Makes the report of an edition, when it is its turn among the questions about figures.
    ///
    /// # Errors
    /// When the database does not answer, or the page cannot be made.
    pub async fn make(
        db: &Db,
        turns: &Turns,
        edition: Edition,
        render: &Render,
        now: Timestamp,
    ) -> Result<Self, DeliveryError> {
        let asked = db.clone();
        let summary = turns.ask(async move { summary::of(&asked, edition).await }).await?;
        let html = render(&summary).map_err(DeliveryError::Page)?;
        let csv = summary.csv();
        Ok(Self { edition, made_at: now, summary, html, csv })
    }

    /// Whose report it is.
    #[must_use]
    pub const fn edition(&self) -> Edition {
        self.edition
    }

    /// Writes both files into a folder; where they are. Each has its name only when it is whole.
    ///
    /// # Errors
    /// When the folder or the disk does not take them.
    pub fn write(&self, folder: &Path) -> Result<[PathBuf; 2], DeliveryError> {
        let name = self.edition.file_name();
        let files = [("html", &self.html), ("csv", &self.csv)].map(|(ending, text)| {
            let path = folder.join(format!("{name}.{ending}"));
            let part = folder.join(format!(".{name}.{ending}.{:08x}.part", rand::random::<u32>()));
            let written = write_whole(&part, text).and_then(|()| std::fs::rename(&part, &path));
            written.map(|()| path.clone()).map_err(|error| {
                // It may never have been there.
                let _ = std::fs::remove_file(&part);
                DeliveryError::File(path, error)
            })
        });
        let [html, csv] = files;
        Ok([html?, csv?])
    }

    /// The message, with all that fits. It is the same however often it is sent.
    fn message(&self) -> String {
        let mut message = String::new();
        let (html, csv) = (Some(&self.html), Some(&self.csv));
        for (html, csv, finest) in [
            (html, csv, Level::Banner),
            (None, csv, Level::Banner),
            (None, None, Level::Banner),
            (None, None, Level::Campaign),
            (None, None, Level::All),
        ] {
            let left_out = [
                ("html", html.is_none()),
                ("csv", csv.is_none()),
                ("banners", finest != Level::Banner),
                ("campaigns", finest == Level::All),
            ];
            let left_out: Vec<_> = left_out.into_iter().filter_map(|(name, is_out)| is_out.then_some(name)).collect();
            let data = json!({
                "period": self.summary.period(), "figures": self.summary.figures(finest),
                "html": html, "csv": csv, "leftOut": left_out,
            });
            let kind = format!("report.{}", self.edition.rhythm.as_str());
            message = json!({ "type": kind, "timestamp": self.made_at, "data": data }).to_string();
            if message.len() <= MOST_BYTES {
                break;
            }
        }
        message
    }
}

/// Writes a file, down to the disk.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Sends reports to a receiver.
pub struct Sender {
    client: reqwest::Client,
    webhook: Webhook,
    signer: Signer,
}

impl Sender {
    /// A sender to this receiver.
    ///
    /// # Errors
    /// When there is no TLS, or the key is none.
    pub fn new(webhook: Webhook) -> Result<Self, DeliveryError> {
        let client = reqwest::Client::builder().timeout(TIME_OUT).redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(DeliveryError::Unreached)?;
        let signer = Signer::new(webhook.secret.expose())?;
        Ok(Self { client, webhook, signer })
    }

    /// Sends a report once. The receiver's answer counts by its status; what is in it is not read.
    ///
    /// # Errors
    /// When the receiver did not take it.
    pub async fn send(&self, db: &Db, report: &Report, now: Timestamp) -> Result<(), DeliveryError> {
        let id = message_id(db, report.edition).await?;
        let body = report.message();
        let seconds = now.unix_seconds();
        let signature = self.signer.sign(&id, seconds, body.as_bytes())?;
        let request = self.client.post(self.webhook.url.expose().clone()).header("content-type", "application/json");
        let request = request.header(HEADER_WEBHOOK_ID, id).header(HEADER_WEBHOOK_TIMESTAMP, seconds.to_string());
        let answer = request.header(HEADER_WEBHOOK_SIGNATURE, signature).body(body).send().await;
        let answer = answer.map_err(|error| DeliveryError::Unreached(error.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            reqwest::StatusCode::GONE => Err(DeliveryError::Gone),
            status => Err(DeliveryError::Answered(status.as_u16())),
        }
    }
}

/// What a receiver knows a report by, however often it is sent: the same for the same period of the same installation.
async fn message_id(db: &Db, edition: Edition) -> Result<String, StoreError> {
    let fresh = uuid::Uuid::new_v4();
    let installation = installation::value_or(db, "reports", fresh.as_bytes()).await?;
    let installation = uuid::Uuid::from_slice(&installation).unwrap_or(fresh).simple();
    Ok(format!("msg_{installation}_{}_{}", edition.rhythm.as_str(), edition.from().millis()))
}
