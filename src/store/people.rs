//! People as administrators see and change them: the user, and what makes one a representative.

use super::types::{kept_role, role_of_user};
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::people::{Capacity, Role};
use crate::domain::words::Skill;

/// A person, with what belongs to one who takes calls.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Person {
    /// The user's id.
    pub id: UserId,
    /// The name, as typed when it was made.
    pub username: String,
    /// The name that customers and colleagues see.
    pub display_name: String,
    /// What the person may do.
    pub role: Role,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user was disabled.
    pub disabled_at: Option<Timestamp>,
    /// The most callers at a time; kept when the person does not take calls any more.
    pub capacity: Option<i64>,
    /// The name of the client whose campaigns alone a marketer sees.
    pub client: Option<String>,
}

/// What is read of a person.
macro_rules! people {
    () => {
        concat!(
            "SELECT u.id, u.username, u.display_name, ",
            role_of_user!(),
            ", u.created_at, u.disabled_at, r.capacity, \
             (SELECT clients.name FROM clients WHERE clients.id = u.client_id) AS client \
             FROM users u LEFT JOIN reps r ON r.user_id = u.id "
        )
    };
}

const ALL: &str = concat!(people!(), "ORDER BY u.username_folded");
const BY_NAME: &str = concat!(people!(), "WHERE u.username_folded = ?");

/// Everybody, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(conn: Conn<'_>) -> Result<Vec<Person>> {
    Ok(on!(conn, c => sqlx::query_as(ALL).fetch_all(c).await?))
}

/// The person with this name, disabled or not.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, folded: &str) -> Result<Option<Person>> {
    Ok(on!(conn, c => sqlx::query_as(BY_NAME).bind(folded).fetch_optional(c).await?))
}

/// Locks a user's row until the end of the transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, folded: &str) -> Result<()> {
    let text = "UPDATE users SET role = role WHERE username_folded = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(folded).execute(c).await?.rows_affected());
    Ok(())
}

/// Every skill, with whose it is, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn all_skills(conn: Conn<'_>) -> Result<Vec<(UserId, String)>> {
    let text = "SELECT user_id, skill FROM rep_skills ORDER BY user_id, skill";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

/// One person's skills, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn skills_of(conn: Conn<'_>, id: UserId) -> Result<Vec<String>> {
    let text = "SELECT skill FROM rep_skills WHERE user_id = ? ORDER BY skill";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(id).fetch_all(c).await?))
}

/// Changes the name that customers and colleagues see, and the role.
///
/// # Errors
/// When the database does not take it.
pub async fn set(tx: &mut Tx, id: UserId, display_name: &str, role: Role) -> Result<()> {
    let text = "UPDATE users SET display_name = ?, role = ?, supervises = ? WHERE id = ?";
    let (role, supervises) = kept_role(role);
    on!(tx.conn(), c => sqlx::query(text)
        .bind(display_name)
        .bind(role)
        .bind(supervises)
        .bind(id)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Changes how many callers a representative may have. One who has more keeps them.
///
/// # Errors
/// When the database does not take it.
pub async fn set_capacity(tx: &mut Tx, id: UserId, capacity: Capacity) -> Result<()> {
    let text = "UPDATE reps SET capacity = ? WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(capacity.get()).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// Changes what a representative knows.
///
/// # Errors
/// When the database does not take it.
pub async fn set_skills<'s>(tx: &mut Tx, id: UserId, skills: impl IntoIterator<Item = &'s Skill>) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("DELETE FROM rep_skills WHERE user_id = ?").bind(id).execute(c).await?.rows_affected());
    for skill in skills {
        let text = "INSERT INTO rep_skills (user_id, skill) VALUES (?, ?)";
        on!(tx.conn(), c => sqlx::query(text).bind(id).bind(skill.as_str()).execute(c).await?.rows_affected());
    }
    Ok(())
}
