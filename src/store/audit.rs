//! Who changed what: written in the transaction of the change, never changed.

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::{AuditId, UserId};

/// An entry of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it; nobody in particular on the command line.
    pub actor_id: Option<UserId>,
    /// The name of whoever did it, as it was then.
    pub actor_name: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// How it is since then, as JSON, without secrets.
    pub detail: String,
}

/// Keeps an entry.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &mut Tx, entry: &Entry) -> Result<()> {
    let text = "INSERT INTO audit (id, at, actor_id, actor_name, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text)
        .bind(entry.id)
        .bind(entry.at)
        .bind(entry.actor_id)
        .bind(&entry.actor_name)
        .bind(&entry.action)
        .bind(&entry.subject)
        .bind(&entry.detail)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// The latest entries, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(conn: Conn<'_>, most: i64) -> Result<Vec<Entry>> {
    let text =
        "SELECT id, at, actor_id, actor_name, action, subject, detail FROM audit ORDER BY at DESC, id DESC LIMIT ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(most).fetch_all(c).await?))
}
