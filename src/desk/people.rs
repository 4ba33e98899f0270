//! People as administrators change them: what each may do, how many callers, what each knows.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;
use uuid::Uuid;

use super::accounts::{hash_of, keep_an_administrator};
use super::audit::{self, Actor, Detail};
use super::clients;
use super::keep::Changes;
use super::out::take_out;
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::people::{Capacity, Role, Username};
use crate::domain::words::{DisplayName, MAX_WORDS, Skill, Title};
use crate::store::people::{self, Person};
use crate::store::{Db, StoreError, Tx, accounts, clients as kept_clients, leases, reps, tokens, transact};

/// What is to be different; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The name that customers and colleagues see.
    pub display_name: Option<DisplayName>,
    /// What the person may do.
    pub role: Option<Role>,
    /// How many callers at a time.
    pub capacity: Option<Capacity>,
    /// All that the person knows.
    pub skills: Option<BTreeSet<Skill>>,
    /// The client whose campaigns alone the person sees; none: everybody's.
    pub client: Option<Option<Title>>,
    /// Whether the person is locked out.
    pub disabled: Option<bool>,
    /// A new password.
    pub password: Option<String>,
}

/// A person with their skills.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who.
    pub person: Person,
    /// What they know, in order.
    pub skills: Vec<String>,
}

/// Everybody, by name.
///
/// # Errors
/// The store's.
pub async fn all(db: &Db) -> Result<Vec<Known>> {
    let mut reader = db.read().await?;
    let mut skills = HashMap::<_, Vec<_>>::new();
    for (user, skill) in people::all_skills(reader.conn()).await? {
        skills.entry(user).or_default().push(skill);
    }
    let everybody = people::all(reader.conn()).await?.into_iter();
    Ok(everybody.map(|person| Known { skills: skills.remove(&person.id).unwrap_or_default(), person }).collect())
}

/// The person with this name.
///
/// # Errors
/// [`DeskError::NotFound`], or the store's.
pub async fn find(db: &Db, name: &Username) -> Result<Known> {
    let mut reader = db.read().await?;
    let person = people::find(reader.conn(), &name.folded()).await?.ok_or(DeskError::NotFound)?;
    let skills = people::skills_of(reader.conn(), person.id).await?;
    Ok(Known { person, skills })
}

/// Changes a person, for whoever has no desk. Whoever is locked out, gets a new password or does not take calls any more
/// is signed out everywhere; the customers of one who may not take calls any more go back to the queue. The person as
/// they are then.
///
/// # Errors
/// [`DeskError::NotFound`], [`DeskError::Invalid`], [`DeskError::Contradiction`] for the last administrator, or the
/// store's.
pub async fn change(db: &Db, name: &Username, change: Change, by: &Actor, now: Timestamp) -> Result<Known> {
    let changed = write(db, name, change, by, now).await?;
    if !changed.sessions.is_empty() {
        // Servers look whether they are behind while another instance is entered; nobody renews this one.
        leases::enter(db, Uuid::new_v4(), now).await?;
    }
    find(db, name).await
}

impl Desk {
    /// Changes a person, and tells everybody whom it concerns. The person as they are then.
    ///
    /// # Errors
    /// As [`change`].
    pub async fn change_person(&self, name: &Username, change: Change, by: &Actor) -> Result<Known> {
        let changed = write(&self.db, name, change, by, self.now()).await?;
        if changed.is_out {
            self.announce_out(changed.who, &changed.sessions);
        }
        find(&self.db, name).await
    }
}

/// What a change came to.
struct Changed {
    who: UserId,
    /// Whether they may not take calls any more.
    is_out: bool,
    /// Whom they had.
    sessions: Changes,
}

async fn write(db: &Db, name: &Username, change: Change, by: &Actor, now: Timestamp) -> Result<Changed> {
    if change.skills.as_ref().is_some_and(|skills| skills.len() > MAX_WORDS) {
        return Err(DeskError::Invalid(format!("A person has at most {MAX_WORDS} skills.")));
    }
    let hash = match change.password.clone() {
        Some(password) => Some(hash_of(password).await?),
        None => None,
    };
    transact!(db, tx => {
        if change.role.is_some() || change.disabled.is_some() {
            // Two who disable each other at the same moment would each see the other.
            accounts::lock_admins(tx).await?;
        }
        people::lock(tx, &name.folded()).await?;
        let before = people::find(tx.conn(), &name.folded()).await?.ok_or(DeskError::NotFound)?;
        let detail = apply(tx, &before, &change, hash.as_deref(), now).await?;
        if before.role == Role::Admin && (change.role.is_some() || change.disabled == Some(true)) {
            keep_an_administrator(tx, &before.username).await?;
        }
        if !detail.is_empty() {
            audit::note(tx, by, "user.change", &before.username, &detail, now).await?;
        }
        let stops = before.role.takes_calls() && !change.role.unwrap_or(before.role).takes_calls();
        let is_out = stops || change.disabled == Some(true);
        let sessions = if is_out { take_out(tx, before.id, now).await? } else { Changes::new() };
        Ok::<_, DeskError>(Changed { who: before.id, is_out, sessions })
    })
}

/// Writes what is different, and says it.
async fn apply(tx: &mut Tx, before: &Person, change: &Change, hash: Option<&str>, now: Timestamp) -> Result<Detail> {
    let mut detail = Detail::new();
    let role = change.role.unwrap_or(before.role);
    let display_name = change.display_name.as_ref().map_or(before.display_name.as_str(), DisplayName::as_str);
    if display_name != before.display_name {
        detail.insert("displayName".to_owned(), json!(display_name));
    }
    if role != before.role {
        detail.insert("role".to_owned(), json!(role));
    }
    if !detail.is_empty() {
        people::set(tx, before.id, display_name, role).await?;
    }
    if role.takes_calls() && before.capacity.is_none() {
        reps::insert(tx, before.id).await?;
    }
    let of_calls = of_calls(tx, before, change, role).await?;
    detail.extend(of_calls);
    bind(tx, before, change, role, &mut detail).await?;
    let stops = before.role.takes_calls() && !role.takes_calls();
    let access = access(tx, before, change, hash, now).await?;
    if stops || access.contains_key("password") || access.get("disabled") == Some(&json!(true)) {
        tokens::revoke_logins_of(tx, before.id, now).await?;
    }
    detail.extend(access);
    Ok(detail)
}

/// Whose campaigns alone the person sees. Who is no marketer any more is bound to nobody.
async fn bind(tx: &mut Tx, before: &Person, change: &Change, role: Role, detail: &mut Detail) -> Result<()> {
    if role != Role::Marketer && matches!(change.client, Some(Some(_))) {
        let sentence = format!("{} is no marketer: only marketers are bound to a client.", before.username);
        return Err(DeskError::Invalid(sentence));
    }
    let nobody = (role != Role::Marketer).then_some(None);
    let wanted = nobody.as_ref().or(change.client.as_ref());
    if let Some(client) = clients::changed(tx, before.client.as_deref(), wanted, detail).await? {
        kept_clients::bind_user(tx, before.id, client).await?;
    }
    Ok(())
}

/// What only those have who take calls.
async fn of_calls(tx: &mut Tx, before: &Person, change: &Change, role: Role) -> Result<Detail> {
    let mut detail = Detail::new();
    if !role.takes_calls() && (change.capacity.is_some() || change.skills.is_some()) {
        let sentence = format!("{} does not take calls: capacity and skills are for those who do.", before.username);
        return Err(DeskError::Invalid(sentence));
    }
    if let Some(capacity) = change.capacity.filter(|capacity| before.capacity.unwrap_or(1) != capacity.get()) {
        people::set_capacity(tx, before.id, capacity).await?;
        detail.insert("capacity".to_owned(), json!(capacity.get()));
    }
    if let Some(skills) = &change.skills {
        let words: Vec<_> = skills.iter().map(Skill::as_str).collect();
        if people::skills_of(tx.conn(), before.id).await? != words {
            people::set_skills(tx, before.id, skills).await?;
            detail.insert("skills".to_owned(), json!(words));
        }
    }
    Ok(detail)
}

/// Whether and how the person gets in.
async fn access(
    tx: &mut Tx,
    before: &Person,
    change: &Change,
    hash: Option<&str>,
    now: Timestamp,
) -> std::result::Result<Detail, StoreError> {
    let mut detail = Detail::new();
    match change.disabled {
        Some(true) if before.disabled_at.is_none() => {
            accounts::disable(tx, before.id, now).await?;
            detail.insert("disabled".to_owned(), json!(true));
        }
        Some(false) if before.disabled_at.is_some() => {
            accounts::enable(tx, before.id).await?;
            detail.insert("disabled".to_owned(), json!(false));
        }
        _ => {}
    }
    if let Some(hash) = hash {
        accounts::set_password(tx, before.id, hash).await?;
        detail.insert("password".to_owned(), json!("new"));
    }
    Ok(detail)
}
