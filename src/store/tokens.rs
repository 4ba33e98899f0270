//! What signed-in browsers and programs hold: only hashes are kept, and each can be revoked.

use super::accounts::{User, users};
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::UserId;

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// Keeps a login.
///
/// # Errors
/// When the database does not take it.
pub async fn insert_login(
    tx: &mut Tx,
    hash: &TokenHash,
    user: UserId,
    at: Timestamp,
    expires: Timestamp,
) -> Result<()> {
    let text = "INSERT INTO logins (token_hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(&hash[..]).bind(user).bind(at).bind(expires).execute(c).await?.rows_affected());
    Ok(())
}

const USER_OF_LOGIN: &str = concat!(
    users!(),
    "FROM logins l JOIN users u ON u.id = l.user_id \
     WHERE l.token_hash = ? AND l.expires_at > ? AND l.revoked_at IS NULL AND u.disabled_at IS NULL"
);

/// The user who holds this login, unless it expired, was revoked, or the user was disabled.
///
/// # Errors
/// When the database does not answer.
pub async fn user_of_login(conn: Conn<'_>, hash: &TokenHash, now: Timestamp) -> Result<Option<User>> {
    Ok(on!(conn, c => sqlx::query_as(USER_OF_LOGIN).bind(&hash[..]).bind(now).fetch_optional(c).await?))
}

/// Revokes one login.
///
/// # Errors
/// When the database does not take it.
pub async fn revoke_login(tx: &mut Tx, hash: &TokenHash, at: Timestamp) -> Result<()> {
    let text = "UPDATE logins SET revoked_at = ? WHERE token_hash = ? AND revoked_at IS NULL";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(&hash[..]).execute(c).await?.rows_affected());
    Ok(())
}

/// Revokes every login of a user.
///
/// # Errors
/// When the database does not take it.
pub async fn revoke_logins_of(tx: &mut Tx, user: UserId, at: Timestamp) -> Result<()> {
    let text = "UPDATE logins SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(user).execute(c).await?.rows_affected());
    Ok(())
}

/// Forgets logins that ended before `before`.
///
/// # Errors
/// When the database does not take it.
pub async fn forget_logins(tx: &mut Tx, before: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("DELETE FROM logins WHERE expires_at <= ?").bind(before).execute(c).await?.rows_affected());
    Ok(())
}

/// A token of a program that reads the figures.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ApiToken {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps an API token.
///
/// # Errors
/// [`super::StoreError::Duplicate`] when the name is taken.
pub async fn insert_api_token(tx: &mut Tx, hash: &TokenHash, name: &str, at: Timestamp) -> Result<()> {
    let text = "INSERT INTO api_tokens (token_hash, name, created_at) VALUES (?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(&hash[..]).bind(name).bind(at).execute(c).await?.rows_affected());
    Ok(())
}

/// The API token with this hash, unless it was revoked.
///
/// # Errors
/// When the database does not answer.
pub async fn api_token(conn: Conn<'_>, hash: &TokenHash) -> Result<Option<ApiToken>> {
    let text =
        "SELECT name, created_at, last_used_at, revoked_at FROM api_tokens WHERE token_hash = ? AND revoked_at IS NULL";
    Ok(on!(conn, c => sqlx::query_as(text).bind(&hash[..]).fetch_optional(c).await?))
}

/// Every API token, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all_api_tokens(conn: Conn<'_>) -> Result<Vec<ApiToken>> {
    let text = "SELECT name, created_at, last_used_at, revoked_at FROM api_tokens ORDER BY name";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

/// Notes that an API token was used.
///
/// # Errors
/// When the database does not take it.
pub async fn api_token_used(tx: &mut Tx, hash: &TokenHash, at: Timestamp) -> Result<()> {
    let text = "UPDATE api_tokens SET last_used_at = ? WHERE token_hash = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(&hash[..]).execute(c).await?.rows_affected());
    Ok(())
}

/// Revokes an API token by name. False when there is none, or it was revoked before.
///
/// # Errors
/// When the database does not take it.
pub async fn revoke_api_token(tx: &mut Tx, name: &str, at: Timestamp) -> Result<bool> {
    let text = "UPDATE api_tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL";
    Ok(on!(tx.conn(), c => sqlx::query(text).bind(at).bind(name).execute(c).await?.rows_affected()) == 1)
}
