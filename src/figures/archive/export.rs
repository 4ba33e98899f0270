//! Sessions as a file that can be imported: a page at a time, campaign after campaign.

use std::io::{self, Write};

use crate::clock::Timestamp;
use crate::domain::archive::Column;
use crate::domain::figures::seconds;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::scope::Scope;
use crate::domain::session::Outcome;
use crate::figures::format::{self, Format};
use crate::store::archive::{self, Kept};
use crate::store::calls::{Mark, Order, Which};
use crate::store::figures::Period;
use crate::store::{Db, StoreError, recount};

/// Rows that are read at once.
const PAGE: usize = 2_000;

/// Which sessions.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Of this campaign only.
    pub campaign: Option<CampaignId>,
    /// Of this banner only.
    pub banner: Option<BannerId>,
    /// Of this period of queue entry.
    pub period: Period,
}

/// Why a file was not written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes them, oldest queue entry first, campaign after campaign; how many. `advance` is told of each page. What breaks off in the
/// middle says so in its last line.
///
/// # Errors
/// When the database does not answer or the file does not take it.
pub async fn export(
    db: &Db,
    wanted: &Wanted,
    format: Format,
    file: &mut impl Write,
    advance: impl FnMut(usize),
) -> Result<usize, ExportError> {
    let written = pages(db, wanted, format, file, advance).await;
    if matches!(written, Err(ExportError::Store(_))) {
        file.write_all(format.broken_off())?;
    }
    file.flush()?;
    written
}

async fn pages(
    db: &Db,
    wanted: &Wanted,
    format: Format,
    file: &mut impl Write,
    mut advance: impl FnMut(usize),
) -> Result<usize, ExportError> {
    let names: Vec<_> = Column::ALL.iter().map(|column| Some(column.as_str())).collect();
    let mut bytes = Vec::new();
    if format == Format::Csv {
        format::csv(&mut bytes, &names);
    }
    let (mut before, mut written) = (None, 0);
    loop {
        let campaign = match &wanted.campaign {
            Some(one) => Some(one.clone()).filter(|_| before.is_none()),
            None => recount::campaign_after(db.read().await?.conn(), before.as_ref()).await?,
        };
        let Some(campaign) = campaign else { break };
        let which = Which {
            campaign: Some(campaign.clone()),
            banner: wanted.banner.clone(),
            period: wanted.period,
            filters: Vec::new(),
            scope: Scope::Everything,
        };
        let mut mark = Mark::start(Order::OldestFirst);
        loop {
            let page = archive::after(db.read().await?.conn(), &which, mark, i64::try_from(PAGE).unwrap_or(1)).await?;
            for kept in &page {
                row(&mut bytes, format, kept);
                mark = Mark { entry: kept.queued_at, ticket: kept.ticket };
            }
            file.write_all(&bytes)?;
            bytes.clear();
            written += page.len();
            advance(page.len());
            if page.len() < PAGE {
                break;
            }
        }
        before = Some(campaign);
    }
    file.write_all(&bytes)?;
    Ok(written)
}

/// What each column of a session holds, as text.
#[must_use]
pub fn values(kept: &Kept) -> [Option<String>; Column::COUNT] {
    let instant = |at: Timestamp| Some(at.to_string());
    let time = |millis: i64| Some(seconds(millis).to_string());
    [
        Some(kept.campaign_id.to_string()),
        Some(kept.banner_id.to_string()),
        instant(kept.queued_at),
        kept.started_at.and_then(instant),
        kept.ended_at.and_then(instant),
        kept.address.clone(),
        kept.user_agent.clone(),
        kept.country.clone(),
        kept.representative_name.clone(),
        Some(kept.id.to_string()),
        Some(kept.kind.as_str().to_owned()),
        kept.outcome.map(Outcome::as_str).map(str::to_owned),
        kept.device.clone(),
        kept.queue.clone(),
        kept.username.clone(),
        time(kept.answer_within_ms),
        time(kept.gone_early_ms),
        time(kept.qualified_ms),
        time(kept.requeue_ms),
        time(kept.handled_ms),
        time(kept.acw_ms),
        Some(kept.dropped.to_string()),
    ]
}

fn row(bytes: &mut Vec<u8>, format: Format, kept: &Kept) {
    let values = values(kept);
    let row = Column::ALL.iter().zip(&values);
    if format == Format::Csv {
        format::csv(bytes, &values.each_ref().map(Option::as_deref));
    } else {
        format::ndjson(bytes, row.map(|(column, value)| (column.as_str(), value.as_deref(), column.is_bare())));
    }
}
