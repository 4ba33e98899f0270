//! Reports that are shared by a link, and filters of the dashboard that have a name.

use super::tokens::TokenHash;
use super::types::role_of_user;
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::{ClientId, ShareId, UserId, ViewId};
use crate::domain::people::Role;

/// A report that anybody with its link may read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Share {
    /// Its id: names it, and does not open it.
    pub id: ShareId,
    /// Its heading.
    pub title: Option<String>,
    /// The dashboard's filter, as it stands in an address.
    pub filter: String,
    /// The client whose campaigns alone it shows.
    pub client_id: Option<ClientId>,
    /// Who shares it.
    pub created_by: UserId,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Keeps a share.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &mut Tx, share: &Share, hash: &TokenHash) -> Result<()> {
    let text = "INSERT INTO shares (id, token_hash, title, filter, client_id, created_by, created_at, expires_at) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text)
        .bind(share.id)
        .bind(&hash[..])
        .bind(&share.title)
        .bind(&share.filter)
        .bind(share.client_id)
        .bind(share.created_by)
        .bind(share.created_at)
        .bind(share.expires_at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A share, and whoever shares it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Opened {
    /// The share.
    #[sqlx(flatten)]
    pub share: Share,
    /// What that person may do now.
    pub role: Role,
    /// The client to whom that person is bound.
    pub bound_to: Option<ClientId>,
}

const OPENED_BY: &str = concat!(
    "SELECT s.id, s.title, s.filter, s.client_id, s.created_by, s.created_at, s.expires_at, ",
    role_of_user!(),
    ", u.client_id AS bound_to FROM shares s JOIN users u ON u.id = s.created_by \
     WHERE s.token_hash = ? AND s.expires_at > ? AND s.revoked_at IS NULL AND u.disabled_at IS NULL"
);

/// The share that a token opens, unless it is over, was revoked, or is of somebody who is locked out.
///
/// # Errors
/// When the database does not answer.
pub async fn opened_by(conn: Conn<'_>, hash: &TokenHash, now: Timestamp) -> Result<Option<Opened>> {
    Ok(on!(conn, c => sqlx::query_as(OPENED_BY).bind(&hash[..]).bind(now).fetch_optional(c).await?))
}

/// The open shares of somebody, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_user(conn: Conn<'_>, user: UserId, now: Timestamp, most: i64) -> Result<Vec<Share>> {
    let text = "SELECT id, title, filter, client_id, created_by, created_at, expires_at FROM shares \
                WHERE created_by = ? AND expires_at > ? AND revoked_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(user).bind(now).bind(most).fetch_all(c).await?))
}

/// Closes a share of somebody. False when there is no such open one.
///
/// # Errors
/// When the database does not take it.
pub async fn revoke(tx: &mut Tx, id: ShareId, user: UserId, at: Timestamp) -> Result<bool> {
    let text = "UPDATE shares SET revoked_at = ? WHERE id = ? AND created_by = ? AND revoked_at IS NULL";
    Ok(on!(tx.conn(), c => sqlx::query(text).bind(at).bind(id).bind(user).execute(c).await?.rows_affected()) == 1)
}

/// A filter of the dashboard that somebody has given a name.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SavedView {
    /// Its id.
    pub id: ViewId,
    /// What it is called.
    pub name: String,
    /// The filter, as it stands in an address.
    pub filter: String,
}

/// Keeps a view; one of the same name gives way.
///
/// # Errors
/// When the database does not take it.
pub async fn save_view(tx: &mut Tx, user: UserId, view: &SavedView, at: Timestamp) -> Result<()> {
    let text = "DELETE FROM saved_views WHERE user_id = ? AND name = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(user).bind(&view.name).execute(c).await?.rows_affected());
    let text = "INSERT INTO saved_views (id, user_id, name, filter, created_at) VALUES (?, ?, ?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text)
        .bind(view.id)
        .bind(user)
        .bind(&view.name)
        .bind(&view.filter)
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// The views of somebody, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn views_of(conn: Conn<'_>, user: UserId) -> Result<Vec<SavedView>> {
    let text = "SELECT id, name, filter FROM saved_views WHERE user_id = ? ORDER BY name";
    Ok(on!(conn, c => sqlx::query_as(text).bind(user).fetch_all(c).await?))
}

/// Forgets a view of somebody. False when there is no such one.
///
/// # Errors
/// When the database does not take it.
pub async fn forget_view(tx: &mut Tx, id: ViewId, user: UserId) -> Result<bool> {
    let text = "DELETE FROM saved_views WHERE id = ? AND user_id = ?";
    Ok(on!(tx.conn(), c => sqlx::query(text).bind(id).bind(user).execute(c).await?.rows_affected()) == 1)
}
