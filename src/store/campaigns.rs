//! Campaigns and banners: each appears on first sight, and is unregistered until somebody names it.

use super::{Conn, Result, StoreError, Tx, on};
use crate::clock::Timestamp;
use crate::domain::campaign::Source;
use crate::domain::ids::{BannerId, CampaignId};

/// What a campaign's landing page says, and what else is kept with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Campaign {
    /// Its name, once registered.
    pub name: Option<String>,
    /// Headline of the invitation.
    pub headline: Option<String>,
    /// Text of the invitation.
    pub intro: Option<String>,
    /// none, short or full; the installation's when null.
    pub form: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// The words a call can be closed with, as a JSON list.
    pub outcomes: Option<String>,
    /// From which duration on a conversation counts as qualified; the usual one when null.
    pub qualified_ms: Option<i64>,
    /// The name of the client whose it is.
    pub client: Option<String>,
}

/// A campaign with its id.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// The ad server's id.
    pub id: CampaignId,
    /// When it was seen or registered first.
    pub first_seen_at: Timestamp,
    /// What is kept with it.
    #[sqlx(flatten)]
    pub campaign: Campaign,
    /// The names of the queues that it leads to; none: the default one. Kept a queue a row.
    #[sqlx(skip)]
    pub queues: Vec<String>,
}

/// A banner.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Banner {
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The ad server's id.
    pub id: BannerId,
    /// Its name, once it has one.
    pub name: Option<String>,
    /// When it was seen or named first.
    pub first_seen_at: Timestamp,
    /// The names of the queues that it leads to, where they are not its campaign's. Kept a queue a row.
    #[sqlx(skip)]
    pub queues: Vec<String>,
}

/// The columns of [`Campaign`].
macro_rules! campaigns {
    ($first:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $first,
            "name, headline, intro, form, colour, outcomes, qualified_ms, \
             (SELECT clients.name FROM clients WHERE clients.id = campaigns.client_id) AS client FROM campaigns ",
            $rest
        )
    };
}

const BY_ID: &str = campaigns!("", "WHERE id = ?");

/// The campaign with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: &CampaignId) -> Result<Option<Campaign>> {
    Ok(on!(conn, c => sqlx::query_as(BY_ID).bind(id).fetch_optional(c).await?))
}

const KNOWN: &str = campaigns!("id, first_seen_at, ", "WHERE id = ?");
const LISTED: &str = campaigns!(
    "id, first_seen_at, ",
    "WHERE ? = '' OR INSTR(LOWER(id), ?) > 0 OR INSTR(COALESCE(name, ''), ?) > 0 OR INSTR(LOWER(COALESCE(name, '')), ?) > 0 \
     ORDER BY CASE WHEN name IS NULL THEN 1 ELSE 0 END, CASE WHEN name IS NULL THEN -first_seen_at ELSE 0 END, name, id LIMIT ?"
);

/// The campaign with this id, and when it was first seen.
///
/// # Errors
/// When the database does not answer.
pub async fn known(conn: Conn<'_>, id: &CampaignId) -> Result<Option<Known>> {
    Ok(on!(conn, c => sqlx::query_as(KNOWN).bind(id).fetch_optional(c).await?))
}

/// Campaigns that have this in their id or name: those with a name first, then those that were seen last. SQLite knows
/// the small letters of ASCII only; so others are found as they are written.
///
/// # Errors
/// When the database does not answer.
pub async fn listed(conn: Conn<'_>, search: &str, most: i64) -> Result<Vec<Known>> {
    let lower = search.to_lowercase();
    // No id has a blank. MySQL does not compare other text with what is ASCII.
    let in_id = if lower.is_ascii() { lower.as_str() } else { " " };
    Ok(on!(conn, c => sqlx::query_as(LISTED)
        .bind(search)
        .bind(in_id)
        .bind(search)
        .bind(&lower)
        .bind(most)
        .fetch_all(c)
        .await?))
}

/// A campaign's banners: those with a name first, then those that were seen last.
///
/// # Errors
/// When the database does not answer.
pub async fn banners(conn: Conn<'_>, campaign: &CampaignId, most: i64) -> Result<Vec<Banner>> {
    let text = "SELECT campaign_id, id, name, first_seen_at FROM banners WHERE campaign_id = ? \
        ORDER BY CASE WHEN name IS NULL THEN 1 ELSE 0 END, CASE WHEN name IS NULL THEN -first_seen_at ELSE 0 END, name, id \
        LIMIT ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(campaign).bind(most).fetch_all(c).await?))
}

/// One banner.
///
/// # Errors
/// When the database does not answer.
pub async fn banner(conn: Conn<'_>, source: &Source) -> Result<Option<Banner>> {
    let text = "SELECT campaign_id, id, name, first_seen_at FROM banners WHERE campaign_id = ? AND id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(&source.campaign).bind(&source.banner).fetch_optional(c).await?))
}

/// Keeps what is said of a campaign. Its row, which must be there, stays locked until the end of the transaction.
///
/// # Errors
/// When the database does not take it.
pub async fn set(tx: &mut Tx, id: &CampaignId, campaign: &Campaign) -> Result<()> {
    let text = "UPDATE campaigns SET name = ?, headline = ?, intro = ?, form = ?, colour = ?, outcomes = ?, \
        qualified_ms = ? WHERE id = ?";
    on!(tx.conn(), c => sqlx::query(text)
        .bind(&campaign.name)
        .bind(&campaign.headline)
        .bind(&campaign.intro)
        .bind(&campaign.form)
        .bind(&campaign.colour)
        .bind(&campaign.outcomes)
        .bind(campaign.qualified_ms)
        .bind(id)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Keeps a banner's name. Its row must be there.
///
/// # Errors
/// When the database does not take it.
pub async fn set_banner(tx: &mut Tx, source: &Source, name: Option<&str>) -> Result<()> {
    let text = "UPDATE banners SET name = ? WHERE campaign_id = ? AND id = ?";
    on!(tx.conn(), c => sqlx::query(text)
        .bind(name)
        .bind(&source.campaign)
        .bind(&source.banner)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Makes sure that a campaign's row is there, and locks it until the end of the transaction.
///
/// # Errors
/// When the database does not take it.
pub async fn open(tx: &mut Tx, id: &CampaignId, at: Timestamp) -> Result<()> {
    let lock = "UPDATE campaigns SET first_seen_at = first_seen_at WHERE id = ?";
    if on!(tx.conn(), c => sqlx::query(lock).bind(id).execute(c).await?.rows_affected()) == 0 {
        note_campaign(tx, id, at).await?;
    }
    Ok(())
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
    note_campaign(tx, &source.campaign, at).await?;
    let banner = "INSERT INTO banners (campaign_id, id, first_seen_at) VALUES (?, ?, ?)";
    ignore_duplicate(on!(tx.conn(), c => sqlx::query(banner)
        .bind(&source.campaign)
        .bind(&source.banner)
        .bind(at)
        .execute(c)
        .await
        .map(|_| ())))
}

async fn note_campaign(tx: &mut Tx, id: &CampaignId, at: Timestamp) -> Result<()> {
    let text = "INSERT INTO campaigns (id, first_seen_at) VALUES (?, ?)";
    ignore_duplicate(on!(tx.conn(), c => sqlx::query(text).bind(id).bind(at).execute(c).await.map(|_| ())))
}

fn ignore_duplicate(result: std::result::Result<(), sqlx::Error>) -> Result<()> {
    match result.map_err(StoreError::from) {
        Err(StoreError::Duplicate(_)) => Ok(()),
        other => other,
    }
}
