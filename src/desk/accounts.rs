//! People and tokens: signing in and out, making users, API tokens.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::clients;
use super::keys::{self, API_PREFIX, LOGIN_PREFIX};
use super::people::{self, Change};
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::people::{Role, Username};
use crate::domain::words::Title;
use crate::passwords;
use crate::store::accounts::{self, NewUser, User};
use crate::store::clients as kept_clients;
use crate::store::tokens::{self, ApiToken, TokenHash};
use crate::store::{Db, StoreError, Tx, transact};

/// Failed sign-ins under one name are counted over this time.
pub const FAILURES_MILLIS: i64 = 15 * 60_000;
/// The most failed sign-ins under one name in that time.
const MAX_FAILURES: i64 = 10;
/// How long a login lasts.
pub const LOGIN_MILLIS: i64 = 12 * 3_600_000;
/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// The use of an API token is noted this often, so that reading figures does not write each time.
const NOTE_USE_EVERY_MILLIS: i64 = 3_600_000;

/// A login that was just made.
pub struct Login {
    /// What the browser or program holds from now on.
    pub token: String,
    /// What cookie-borne writes must carry.
    pub csrf_token: String,
    /// Who.
    pub user: User,
}

impl Desk {
    /// Signs a person in. Takes the same time whether the name exists or not.
    ///
    /// # Errors
    /// [`DeskError::WrongPassword`], [`DeskError::TooManyFailures`], or the store's.
    pub async fn login(&self, username: &str, password: &str) -> Result<Login> {
        let now = self.now();
        // A name nobody could have is not asked for: databases differ in what they take for the same text.
        let Ok(username) = username.parse::<Username>() else {
            passwords::verify_dummy(password).await;
            return Err(DeskError::WrongPassword);
        };
        let folded = username.folded();
        // Counted when its turn has come: those that came at the same moment have failed by then, one at most excepted.
        let _turn = self.sign_ins.acquire().await.map_err(|_| DeskError::Stopping)?;
        let mut reader = self.db.read().await?;
        let failures = accounts::failures_since(reader.conn(), &folded, now.plus_millis(-FAILURES_MILLIS)).await?;
        if failures >= MAX_FAILURES {
            return Err(DeskError::TooManyFailures(FAILURES_MILLIS / 60_000));
        }
        let user = accounts::find(reader.conn(), &folded).await?.filter(|user| user.disabled_at.is_none());
        drop(reader);
        if let Some(user) = right_user(user, password).await {
            return self.open_login(user, now).await;
        }
        transact!(&self.db, tx => accounts::insert_failure(tx, &folded, now).await)?;
        Err(DeskError::WrongPassword)
    }

    async fn open_login(&self, user: User, now: Timestamp) -> Result<Login> {
        let token = keys::random_token(LOGIN_PREFIX);
        let hash = keys::hash(&token);
        let expires = now.plus_millis(LOGIN_MILLIS);
        transact!(&self.db, tx => tokens::insert_login(tx, &hash, user.id, now, expires).await)?;
        Ok(Login { token, csrf_token: self.keys.csrf_token(&hash), user })
    }

    /// Signs out whoever holds this login.
    ///
    /// # Errors
    /// The store's.
    pub async fn logout(&self, hash: &TokenHash) -> Result<()> {
        let now = self.now();
        transact!(&self.db, tx => tokens::revoke_login(tx, hash, now).await)?;
        Ok(())
    }

    /// The user who holds this login, if it is good.
    ///
    /// # Errors
    /// The store's.
    pub async fn user_of_login(&self, hash: &TokenHash) -> Result<Option<User>> {
        let mut reader = self.db.read().await?;
        Ok(tokens::user_of_login(reader.conn(), hash, self.now()).await?)
    }

    /// The API token with this hash, if it is good; its use is noted.
    ///
    /// # Errors
    /// The store's.
    pub async fn api_token(&self, hash: &TokenHash) -> Result<Option<ApiToken>> {
        let now = self.now();
        let mut reader = self.db.read().await?;
        let token = tokens::api_token(reader.conn(), hash).await?;
        drop(reader);
        let due = |token: &ApiToken| token.last_used_at.is_none_or(|last| now.since(last) >= NOTE_USE_EVERY_MILLIS);
        if token.as_ref().is_some_and(due) {
            transact!(&self.db, tx => tokens::api_token_used(tx, hash, now).await)?;
        }
        Ok(token)
    }
}

/// The user, if the password is theirs; as long in coming when there is no such user.
async fn right_user(user: Option<User>, password: &str) -> Option<User> {
    if let Some(user) = user {
        return passwords::verify(password, &user.password_hash).await.then_some(user);
    }
    passwords::verify_dummy(password).await;
    None
}

/// A person to be made a user.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name to sign in with.
    pub username: Username,
    /// The name that customers and colleagues see; the other one when not given.
    pub display_name: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// The client whose campaigns alone a marketer sees.
    pub client: Option<Title>,
}

/// Makes a user. Works without a desk, beside a running server.
///
/// # Errors
/// [`DeskError::Invalid`] for a short password, or a client that is not there or not for this role;
/// [`DeskError::Contradiction`] when the name is taken, or the store's.
pub async fn add_user(db: &Db, person: Person, password: String, by: &Actor, now: Timestamp) -> Result<UserId> {
    let password_hash = hash_of(password).await?;
    let id = UserId::new(now);
    let Person { username, display_name, role, client } = person;
    if client.is_some() && role != Role::Marketer {
        return Err(DeskError::Invalid("Only marketers are bound to a client.".to_owned()));
    }
    let display_name = display_name.as_deref().unwrap_or(username.as_str());
    let new = NewUser { username: &username, display_name, password_hash: &password_hash, role };
    let made = transact!(db, tx => {
        accounts::insert(tx, id, &new, now).await?;
        let told = [("role", json!(role)), ("displayName", json!(display_name))];
        let mut detail: Detail = told.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        if let Some(client) = &client {
            let bound = clients::named(tx, client.as_str()).await?;
            kept_clients::bind_user(tx, id, Some(bound)).await?;
            detail.insert("client".to_owned(), json!(client.as_str()));
        }
        audit::note(tx, by, "user.add", username.as_str(), &detail, now).await?;
        Ok::<_, DeskError>(())
    });
    match made {
        Err(DeskError::Store(StoreError::Duplicate(_))) => {
            Err(DeskError::Contradiction(format!("There is a user {} already.", username.as_str())))
        }
        other => other.map(|()| id),
    }
}

/// Gives a user a new password, and signs them out everywhere. The user, who may be disabled still.
///
/// # Errors
/// [`DeskError::NotFound`], [`DeskError::Invalid`] for a short password, or the store's.
pub async fn set_password(
    db: &Db,
    name: &Username,
    password: String,
    by: &Actor,
    now: Timestamp,
) -> Result<people::Known> {
    people::change(db, name, Change { password: Some(password), ..Change::default() }, by, now).await
}

/// Disables a user, and signs them out everywhere.
///
/// # Errors
/// [`DeskError::NotFound`], [`DeskError::Contradiction`] for the last administrator, or the store's.
pub async fn disable_user(db: &Db, name: &Username, by: &Actor, now: Timestamp) -> Result<()> {
    people::change(db, name, Change { disabled: Some(true), ..Change::default() }, by, now).await.map(drop)
}

/// Lets a disabled user sign in again.
///
/// # Errors
/// [`DeskError::NotFound`], or the store's.
pub async fn enable_user(db: &Db, name: &Username, by: &Actor, now: Timestamp) -> Result<()> {
    people::change(db, name, Change { disabled: Some(false), ..Change::default() }, by, now).await.map(drop)
}

/// Refuses what would leave nobody who can sign in as an administrator. The rows of administrators are locked.
pub(super) async fn keep_an_administrator(tx: &mut Tx, name: &str) -> Result<()> {
    if accounts::active_admins(tx.conn()).await? == 0 {
        let sentence = format!("{name} is the last administrator: add another one first.");
        return Err(DeskError::Contradiction(sentence));
    }
    Ok(())
}

/// Makes an API token; it can be shown this once.
///
/// # Errors
/// [`DeskError::Contradiction`] when the name is taken, or the store's.
pub async fn add_api_token(db: &Db, name: &str, by: &Actor, now: Timestamp) -> Result<String> {
    if !(1..=60).contains(&name.chars().count()) {
        return Err(DeskError::Invalid("A token's name is 1 to 60 characters.".to_owned()));
    }
    let token = keys::random_token(API_PREFIX);
    let hash = keys::hash(&token);
    let made = transact!(db, tx => {
        tokens::insert_api_token(tx, &hash, name, now).await?;
        audit::note(tx, by, "token.add", name, &Detail::new(), now).await
    });
    match made {
        Err(StoreError::Duplicate(_)) => Err(DeskError::Contradiction(format!("There is a token {name} already."))),
        other => Ok(other.map(|()| token)?),
    }
}

/// Revokes an API token by name.
///
/// # Errors
/// [`DeskError::NotFound`], or the store's.
pub async fn revoke_api_token(db: &Db, name: &str, by: &Actor, now: Timestamp) -> Result<()> {
    let revoked = transact!(db, tx => {
        let revoked = tokens::revoke_api_token(tx, name, now).await?;
        if revoked {
            audit::note(tx, by, "token.revoke", name, &Detail::new(), now).await?;
        }
        Ok::<_, StoreError>(revoked)
    })?;
    if revoked { Ok(()) } else { Err(DeskError::NotFound) }
}

/// Checks a new password, and makes what is kept of it.
pub(super) async fn hash_of(password: String) -> Result<String> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(DeskError::Invalid(format!("A password has at least {MIN_PASSWORD_CHARS} characters.")));
    }
    passwords::hash(password).await.map_err(|error| DeskError::Invalid(error.to_string()))
}
