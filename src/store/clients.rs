//! Clients: those for whom an agency works, their campaigns, and the marketers who see no others.

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId, ClientId, UserId};
use crate::domain::scope::Scope;

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// How many campaigns are its.
    pub campaigns: i64,
}

/// Keeps a new client.
///
/// # Errors
/// [`super::StoreError::Duplicate`] when there is one of this name, or the database does not take it.
pub async fn insert(tx: &mut Tx, id: ClientId, name: &str, at: Timestamp) -> Result<()> {
    let text = "INSERT INTO clients (id, name, created_at) VALUES (?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(id).bind(name).bind(at).execute(c).await?.rows_affected());
    Ok(())
}

/// Every client, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(conn: Conn<'_>) -> Result<Vec<Client>> {
    let text = "SELECT name, created_at, (SELECT COUNT(*) FROM campaigns WHERE campaigns.client_id = clients.id) AS campaigns \
        FROM clients ORDER BY name";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

/// The client of this name.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, name: &str) -> Result<Option<ClientId>> {
    let text = "SELECT id FROM clients WHERE name = ?";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(name).fetch_optional(c).await?))
}

/// Whether the figures of a campaign may be read. The one place that decides it.
///
/// # Errors
/// When the database does not answer.
pub async fn may_read(conn: Conn<'_>, scope: Scope, campaign: &CampaignId) -> Result<bool> {
    let Scope::Client(client) = scope else { return Ok(true) };
    let text = "SELECT COUNT(*) FROM campaigns WHERE id = ? AND client_id = ?";
    let found: i64 = on!(conn, c => sqlx::query_scalar(text).bind(campaign).bind(client).fetch_one(c).await?);
    Ok(found == 1)
}

/// A client's campaigns.
///
/// # Errors
/// When the database does not answer.
pub async fn campaigns(conn: Conn<'_>, client: ClientId) -> Result<Vec<CampaignId>> {
    let text = "SELECT id FROM campaigns WHERE client_id = ?";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(client).fetch_all(c).await?))
}

/// Whoever opens a page makes a campaign; those without a call may be many. A scalar subquery, because MariaDB would make a join with
/// all calls of EXISTS.
const NEXT_CAMPAIGN: &str = "SELECT id FROM campaigns WHERE id > ? AND (? IS NULL OR client_id = ?) \
    AND (? IS NULL OR (SELECT COUNT(*) FROM banners WHERE campaign_id = campaigns.id AND banners.id = ?) > 0) \
    AND (SELECT queued_at FROM sessions WHERE campaign_id = campaigns.id AND queued_at > 0 ORDER BY queued_at LIMIT 1) IS NOT NULL \
    ORDER BY id LIMIT 1";

/// The next campaign of a scope with a call, and with this banner, in the order of their ids; or the first one.
///
/// # Errors
/// When the database does not answer.
pub async fn next_campaign(
    conn: Conn<'_>,
    scope: Scope,
    banner: Option<&BannerId>,
    after: Option<&CampaignId>,
) -> Result<Option<CampaignId>> {
    let (after, client) = (after.map_or("", CampaignId::as_str), scope.client());
    Ok(on!(conn, c => sqlx::query_scalar(NEXT_CAMPAIGN)
        .bind(after)
        .bind(client)
        .bind(client)
        .bind(banner)
        .bind(banner)
        .fetch_optional(c)
        .await?))
}

/// Binds a user to a client, or to none.
///
/// # Errors
/// When the database does not take it.
pub async fn bind_user(tx: &mut Tx, user: UserId, client: Option<ClientId>) -> Result<()> {
    let text = "UPDATE users SET client_id = ? WHERE id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(client).bind(user).execute(c).await?.rows_affected());
    Ok(())
}

/// Gives a campaign, whose row must be there, to a client, or to none.
///
/// # Errors
/// When the database does not take it.
pub async fn give_campaign(tx: &mut Tx, campaign: &CampaignId, client: Option<ClientId>) -> Result<()> {
    let text = "UPDATE campaigns SET client_id = ? WHERE id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(client).bind(campaign).execute(c).await?.rows_affected());
    Ok(())
}
