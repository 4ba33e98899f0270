//! What marketers keep of the dashboard: reports that they share by a link, and views that they come back to.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::keys::{self, SHARE_PREFIX};
use super::{Desk, DeskError, Result};
use crate::domain::ids::{ShareId, ViewId};
use crate::domain::scope::Scope;
use crate::domain::words::{Title, ViewName};
use crate::store::accounts::User;
use crate::store::shares::{self, SavedView, Share};
use crate::store::{StoreError, transact};

/// The most open shares of one person that are listed, and that there can be.
pub const MOST_SHARES: usize = 100;
/// The most views of one person.
pub const MOST_VIEWS: usize = 50;
const DAY_MILLIS: i64 = 86_400_000;

impl Desk {
    /// Shares a filter of the dashboard for so many days. The share, and the token that opens it, told this once.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when there are too many, or the store's.
    pub async fn share(&self, user: &User, filter: &str, title: Option<&Title>, days: i64) -> Result<(Share, String)> {
        if self.shares(user).await?.len() >= MOST_SHARES {
            return Err(DeskError::Invalid(format!("There are {MOST_SHARES} open links; close one of them first.")));
        }
        let (token, now) = (keys::random_token(SHARE_PREFIX), self.now());
        let share = Share {
            id: ShareId::new(now),
            title: title.map(|title| title.as_str().to_owned()),
            filter: filter.to_owned(),
            client_id: Scope::of(user.role, user.client_id).client(),
            created_by: user.id,
            created_at: now,
            expires_at: now.plus_millis(days * DAY_MILLIS),
        };
        let detail = Detail::from_iter([
            ("filter".to_owned(), json!(share.filter)),
            ("expiresAt".to_owned(), json!(share.expires_at)),
        ]);
        transact!(&self.db, tx => {
            shares::insert(tx, &share, &keys::hash(&token)).await?;
            audit::note(tx, &Actor::user(user), "share.add", &share.id.to_string(), &detail, now).await?;
            Ok::<_, StoreError>(())
        })?;
        Ok((share, token))
    }

    /// The share that this token opens now, and whose figures whoever shares it may read. Who reads none any more shares none.
    ///
    /// # Errors
    /// The store's.
    pub async fn shared(&self, token: &str) -> Result<Option<(Share, Scope)>> {
        let mut reader = self.db.read().await?;
        let opened = shares::opened_by(reader.conn(), &keys::hash(token), self.now()).await?;
        let opened = opened.filter(|opened| opened.role.reads_figures());
        Ok(opened.and_then(|opened| {
            let now = Scope::of(opened.role, opened.bound_to).client();
            // Never wider than when it was shared, nor than what its maker may see now; of another client by now, it is closed.
            let client = match (opened.share.client_id, now) {
                (Some(then), Some(now)) if then != now => return None,
                (then, now) => then.or(now),
            };
            Some((opened.share, client.map_or(Scope::Everything, Scope::Client)))
        }))
    }

    /// The open shares of somebody, the latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn shares(&self, user: &User) -> Result<Vec<Share>> {
        let mut reader = self.db.read().await?;
        let most = i64::try_from(MOST_SHARES).unwrap_or(i64::MAX);
        Ok(shares::of_user(reader.conn(), user.id, self.now(), most).await?)
    }

    /// Closes a share: its link opens nothing from now on.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when this person has no such open one, or the store's.
    pub async fn close_share(&self, user: &User, id: ShareId) -> Result<()> {
        let now = self.now();
        let closed = transact!(&self.db, tx => {
            let closed = shares::revoke(tx, id, user.id, now).await?;
            if closed {
                let nothing = Detail::new();
                audit::note(tx, &Actor::user(user), "share.revoke", &id.to_string(), &nothing, now).await?;
            }
            Ok::<_, StoreError>(closed)
        })?;
        if closed { Ok(()) } else { Err(DeskError::NotFound) }
    }

    /// Keeps a filter of the dashboard under a name; one of the same name gives way.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when there are too many, [`DeskError::Contradiction`] when somebody else saves one of this name at
    /// this moment, or the store's.
    pub async fn save_view(&self, user: &User, name: &ViewName, filter: &str) -> Result<SavedView> {
        let known = self.views(user).await?;
        if known.len() >= MOST_VIEWS && known.iter().all(|view| view.name != name.as_str()) {
            return Err(DeskError::Invalid(format!("There are {MOST_VIEWS} views; take one of them away first.")));
        }
        let now = self.now();
        let view = SavedView { id: ViewId::new(now), name: name.as_str().to_owned(), filter: filter.to_owned() };
        match transact!(&self.db, tx => shares::save_view(tx, user.id, &view, now).await) {
            Ok(()) => Ok(view),
            Err(StoreError::Duplicate(_)) => {
                Err(DeskError::Contradiction("A view of this name was saved just now, from somewhere else.".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The views of somebody, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn views(&self, user: &User) -> Result<Vec<SavedView>> {
        let mut reader = self.db.read().await?;
        Ok(shares::views_of(reader.conn(), user.id).await?)
    }

    /// Forgets a view.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when this person has no such one, or the store's.
    pub async fn forget_view(&self, user: &User, id: ViewId) -> Result<()> {
        let gone = transact!(&self.db, tx => shares::forget_view(tx, id, user.id).await).map_err(DeskError::Store)?;
        if gone { Ok(()) } else { Err(DeskError::NotFound) }
    }
}
