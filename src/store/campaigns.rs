//! Campaigns and banners: each appears on first sight, and is unregistered until somebody names it.

use super::{Conn, Result, StoreError, Tx, on};
use crate::clock::Timestamp;
use crate::domain::campaign::Source;
use crate::domain::ids::CampaignId;

/// What a campaign's landing page says.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct Campaign {
    /// Its name, once registered.
    pub name: Option<String>,
    /// Headline of the invitation.
    pub headline: Option<String>,
    /// Text of the invitation.
    pub intro: Option<String>,
    /// none, short or full; the installation's when null.
    pub form: Option<String>,
}

/// The campaign with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: &CampaignId) -> Result<Option<Campaign>> {
    let text = "SELECT name, headline, intro, form FROM campaigns WHERE id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(id).fetch_optional(c).await?))
}

/// Whether this banner was seen before.
///
/// # Errors
/// When the database does not answer.
pub async fn is_known(conn: Conn<'_>, source: &Source) -> Result<bool> {
    let text = "SELECT 1 FROM banners WHERE campaign_id = ? AND id = ?";
    let found: Option<i64> =
        on!(conn, c => sqlx::query_scalar(text).bind(&source.campaign).bind(&source.banner).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// Notes the first sight of a banner and of its campaign. Seen at once by two: noted once.
///
/// # Errors
/// When the database does not take it.
pub async fn note(tx: &mut Tx, source: &Source, at: Timestamp) -> Result<()> {
    let campaign = "INSERT INTO campaigns (id, first_seen_at) VALUES (?, ?)";
    ignore_duplicate(
        on!(tx.conn(), c => sqlx::query(campaign).bind(&source.campaign).bind(at).execute(c).await.map(|_| ())),
    )?;
    let banner = "INSERT INTO banners (campaign_id, id, first_seen_at) VALUES (?, ?, ?)";
    ignore_duplicate(on!(tx.conn(), c => sqlx::query(banner)
        .bind(&source.campaign)
        .bind(&source.banner)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ())))
}

fn ignore_duplicate(result: std::result::Result<(), sqlx::Error>) -> Result<()> {
    match result.map_err(StoreError::from) {
        Err(StoreError::Duplicate(_)) => Ok(()),
        other => other,
    }
}
