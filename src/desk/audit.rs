//! The audit log: every change by an administrator, in the transaction that makes it.

use serde_json::{Map, Value};

use super::Result;
use crate::clock::Timestamp;
use crate::domain::ids::{AuditId, UserId};
use crate::store::accounts::User;
use crate::store::audit::{self, Entry};
use crate::store::{Db, StoreError, Tx};

/// The entries that the page shows.
const SHOWN: i64 = 200;

/// Who changes something.
#[derive(Debug, Clone)]
pub struct Actor {
    id: Option<UserId>,
    name: String,
}

impl Actor {
    /// Whoever types commands on the server's machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self { id: None, name: "command line".to_owned() }
    }

    /// The first start of the installation.
    #[must_use]
    pub fn first_start() -> Self {
        Self { id: None, name: "first start".to_owned() }
    }

    /// Somebody who is signed in.
    #[must_use]
    pub fn user(user: &User) -> Self {
        Self { id: Some(user.id), name: user.username.clone() }
    }
}

/// What a change was: which fields are what since then. No secrets.
pub(super) type Detail = Map<String, Value>;

/// Notes a change within its transaction.
pub(super) async fn note(
    tx: &mut Tx,
    by: &Actor,
    action: &str,
    subject: &str,
    detail: &Detail,
    at: Timestamp,
) -> std::result::Result<(), StoreError> {
    let entry = Entry {
        id: AuditId::new(at),
        at,
        actor_id: by.id,
        actor_name: by.name.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: serde_json::to_string(detail)?,
    };
    audit::insert(tx, &entry).await
}

/// The latest entries, newest first.
///
/// # Errors
/// The store's.
pub async fn latest(db: &Db) -> Result<Vec<Entry>> {
    let mut reader = db.read().await?;
    Ok(audit::latest(reader.conn(), SHOWN).await?)
}
