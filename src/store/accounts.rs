//! The people who sign in.

use super::types::kept_role;
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::people::{Role, Username};

/// A user.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name, as typed when it was made.
    pub username: String,
    /// The name that customers and colleagues see.
    pub display_name: String,
    /// Argon2id, in the PHC format.
    pub password_hash: String,
    /// What the user may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// The client whose campaigns alone a marketer sees.
    pub client_id: Option<ClientId>,
}

/// A user to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'u> {
    /// The name to sign in with.
    pub username: &'u Username,
    /// The name that customers and colleagues see.
    pub display_name: &'u str,
    /// Argon2id, in the PHC format.
    pub password_hash: &'u str,
    /// What the user may do.
    pub role: Role,
}

/// What is read of a user.
macro_rules! users {
    () => {
        concat!(
            "SELECT u.id, u.username, u.display_name, u.password_hash, ",
            super::types::role_of_user!(),
            ", u.created_at, u.disabled_at, u.client_id "
        )
    };
}
pub(super) use users;

const BY_NAME: &str = concat!(users!(), "FROM users u WHERE u.username_folded = ?");

/// The user with this name, disabled or not.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, folded: &str) -> Result<Option<User>> {
    Ok(on!(conn, c => sqlx::query_as(BY_NAME).bind(folded).fetch_optional(c).await?))
}

/// Every user, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(conn: Conn<'_>) -> Result<Vec<User>> {
    let text = concat!(users!(), "FROM users u ORDER BY u.username_folded");
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

/// Keeps a new user.
///
/// # Errors
/// [`super::StoreError::Duplicate`] when the name is taken.
pub async fn insert(tx: &mut Tx, id: UserId, new: &NewUser<'_>, at: Timestamp) -> Result<()> {
    let text = "INSERT INTO users \
        (id, username, username_folded, display_name, password_hash, role, supervises, created_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let (role, supervises) = kept_role(new.role);
    on!(tx.conn(), c => sqlx::query(text)
        .bind(id)
        .bind(new.username.as_str())
        .bind(new.username.folded())
        .bind(new.display_name)
        .bind(new.password_hash)
        .bind(role)
        .bind(supervises)
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    if new.role.takes_calls() {
        super::reps::insert(tx, id).await?;
    }
    Ok(())
}

/// Changes a user's password.
///
/// # Errors
/// When the database does not take it.
pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("UPDATE users SET password_hash = ? WHERE id = ?").bind(hash).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// Disables a user from `at` on.
///
/// # Errors
/// When the database does not take it.
pub async fn disable(tx: &mut Tx, id: UserId, at: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("UPDATE users SET disabled_at = ? WHERE id = ?").bind(at).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// Lets a disabled user in again.
///
/// # Errors
/// When the database does not take it.
pub async fn enable(tx: &mut Tx, id: UserId) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("UPDATE users SET disabled_at = NULL WHERE id = ?").bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// Locks every administrator's row until the end of the transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_admins(tx: &mut Tx) -> Result<()> {
    let text = "UPDATE users SET role = role WHERE role = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(Role::Admin).execute(c).await?.rows_affected());
    Ok(())
}

/// How many administrators can sign in.
///
/// # Errors
/// When the database does not answer.
pub async fn active_admins(conn: Conn<'_>) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM users WHERE role = ? AND disabled_at IS NULL";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(Role::Admin).fetch_one(c).await?))
}

/// Whether there is any user.
///
/// # Errors
/// When the database does not answer.
pub async fn any(conn: Conn<'_>) -> Result<bool> {
    let found: Option<i64> = on!(conn, c => sqlx::query_scalar("SELECT 1 FROM users LIMIT 1").fetch_optional(c).await?);
    Ok(found.is_some())
}

/// Keeps a failed sign-in.
///
/// # Errors
/// When the database does not take it.
pub async fn insert_failure(tx: &mut Tx, folded: &str, at: Timestamp) -> Result<()> {
    let text = "INSERT INTO login_failures (id, username_folded, at) VALUES (?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(UserId::new(at)).bind(folded).bind(at).execute(c).await?.rows_affected());
    Ok(())
}

/// Failed sign-ins under this name since `since`.
///
/// # Errors
/// When the database does not answer.
pub async fn failures_since(conn: Conn<'_>, folded: &str, since: Timestamp) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM login_failures WHERE username_folded = ? AND at > ?";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(folded).bind(since).fetch_one(c).await?))
}

/// Forgets failed sign-ins older than `before`.
///
/// # Errors
/// When the database does not take it.
pub async fn forget_failures(tx: &mut Tx, before: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("DELETE FROM login_failures WHERE at <= ?").bind(before).execute(c).await?.rows_affected());
    Ok(())
}
