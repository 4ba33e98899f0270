//! What belongs to the installation as a whole: its keys.

use super::{Conn, Db, Result, StoreError, on};

/// The value kept under `name`; `fresh` is kept, and returned, when there is none yet.
///
/// # Errors
/// When the database does not answer.
pub async fn value_or(db: &Db, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
    if let Some(value) = find(db.read().await?.conn(), name).await? {
        return Ok(value);
    }
    let mut tx = db.begin().await?;
    let text = "INSERT INTO installation (name, value) VALUES (?, ?)";
    let inserted = on!(tx.conn(), c => sqlx::query(text).bind(name).bind(fresh).execute(c).await.map(|_| ()));
    match inserted.map_err(StoreError::from) {
        Ok(()) => tx.commit().await?,
        // Another instance that starts at the same moment was first.
        Err(StoreError::Duplicate(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(find(db.read().await?.conn(), name).await?.unwrap_or_else(|| fresh.to_vec()))
}

async fn find(conn: Conn<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    let text = "SELECT value FROM installation WHERE name = ?";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(name).fetch_optional(c).await?))
}
