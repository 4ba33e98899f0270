//! Clients as administrators see and change them, and what somebody who is bound to one may see.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::{DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::{CampaignId, ClientId};
use crate::domain::scope::Scope;
use crate::domain::words::Title;
use crate::store::clients::{self, Client};
use crate::store::{Db, StoreError, Tx, transact};

/// Adds a client.
///
/// # Errors
/// [`DeskError::Contradiction`] when there is one of this name, or the store's.
pub async fn add(db: &Db, name: &Title, by: &Actor, now: Timestamp) -> Result<()> {
    let made = transact!(db, tx => {
        clients::insert(tx, ClientId::new(now), name.as_str(), now).await?;
        audit::note(tx, by, "client.add", name.as_str(), &Detail::new(), now).await
    });
    match made {
        Err(StoreError::Duplicate(_)) => {
            Err(DeskError::Contradiction(format!("There is a client {} already.", name.as_str())))
        }
        other => Ok(other?),
    }
}

/// Every client, by name.
///
/// # Errors
/// The store's.
pub async fn all(db: &Db) -> Result<Vec<Client>> {
    let mut reader = db.read().await?;
    Ok(clients::all(reader.conn()).await?)
}

/// Whether the figures of a campaign may be read.
///
/// # Errors
/// The store's.
pub async fn may_read(db: &Db, scope: Scope, campaign: &CampaignId) -> Result<bool> {
    let mut reader = db.read().await?;
    Ok(clients::may_read(reader.conn(), scope, campaign).await?)
}

/// What a change of somebody's or something's client comes to: whose it is to be, where that is another one than before. It goes to
/// `detail`.
///
/// # Errors
/// [`DeskError::Invalid`] when there is no client of that name, or the store's.
pub(super) async fn changed(
    tx: &mut Tx,
    before: Option<&str>,
    wanted: Option<&Option<Title>>,
    detail: &mut Detail,
) -> Result<Option<Option<ClientId>>> {
    let Some(wanted) = wanted else { return Ok(None) };
    let name = wanted.as_ref().map(Title::as_str);
    if name == before {
        return Ok(None);
    }
    let id = match name {
        Some(name) => Some(named(tx, name).await?),
        None => None,
    };
    detail.insert("client".to_owned(), json!(name));
    Ok(Some(id))
}

/// The client of this name.
///
/// # Errors
/// [`DeskError::Invalid`] when there is none, or the store's.
pub(super) async fn named(tx: &mut Tx, name: &str) -> Result<ClientId> {
    let found = clients::find(tx.conn(), name).await?;
    found.ok_or_else(|| DeskError::Invalid(format!("There is no client {name}. To add one: bannerline client add")))
}
