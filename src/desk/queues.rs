//! How the queues are set, and who sets it.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::{DeskError, Plan, Result};
use crate::clock::Timestamp;
use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};
use crate::domain::queue::{OfferSeconds, OfferTo, QueueName, Rank, RelaxAfter, Service, Skills, WrapUpSeconds};
use crate::domain::words::{Intro, MAX_WORDS, Skill, Title};
use crate::store::queues::{self, Queue};
use crate::store::{Db, StoreError, Tx, line, people, transact};

/// What is to be different; what is `None` stays, what is `Some(None)` is taken away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// What customers choose it by.
    pub title: Option<Option<Title>>,
    /// What its customers read while they wait.
    pub welcome: Option<Option<Intro>>,
    /// The priority of those who join it.
    pub rank: Option<Rank>,
    /// What it asks of who serves it.
    pub skills: Option<Vec<Skill>>,
    /// What it asks until a customer has waited for a while.
    pub preferred_skills: Option<Vec<Skill>>,
    /// For how long.
    pub relax_after: Option<RelaxAfter>,
    /// Whether customers ring.
    pub mode: Option<Mode>,
    /// How long.
    pub offer_seconds: Option<OfferSeconds>,
    /// At how many at once.
    pub offer_to: Option<OfferTo>,
    /// Who is asked first.
    pub offer_order: Option<OfferOrder>,
    /// What follows a call.
    pub after_call: Option<AfterCall>,
    /// For how long a call is wrapped up.
    pub wrap_up_seconds: Option<WrapUpSeconds>,
}

impl Change {
    fn applied_to(&self, before: &Queue) -> Queue {
        let mut after = before.clone();
        if let Some(title) = &self.title {
            after.title = title.as_ref().map(|title| title.as_str().to_owned());
        }
        if let Some(welcome) = &self.welcome {
            after.welcome = welcome.as_ref().map(|welcome| welcome.as_str().to_owned());
        }
        after.queue_rank = self.rank.map_or(before.queue_rank, Rank::get);
        after.relax_after_seconds = self.relax_after.map_or(before.relax_after_seconds, RelaxAfter::get);
        after.asks.relax_after_millis = after.relax_after_seconds * 1_000;
        if let Some(skills) = &self.skills {
            after.asks.required = skills.iter().cloned().collect();
        }
        if let Some(skills) = &self.preferred_skills {
            after.asks.preferred = skills.iter().cloned().collect();
        }
        // What is always asked for is not preferred as well.
        after.asks.preferred = after.asks.preferred.difference(&after.asks.required).cloned().collect();
        let settings = &mut after.settings;
        settings.mode = self.mode.unwrap_or(settings.mode);
        settings.offer_seconds = self.offer_seconds.map_or(settings.offer_seconds, OfferSeconds::get);
        settings.offer_to = self.offer_to.map_or(settings.offer_to, OfferTo::get);
        settings.offer_order = self.offer_order.unwrap_or(settings.offer_order);
        settings.after_call = self.after_call.unwrap_or(settings.after_call);
        settings.wrap_up_seconds = self.wrap_up_seconds.map_or(settings.wrap_up_seconds, WrapUpSeconds::get);
        after
    }
}

/// A queue, and how many people who take calls could serve it.
#[derive(Debug, Clone)]
pub struct Staffed {
    /// The queue.
    pub queue: Queue,
    /// Those who may serve any of its customers, whether or not they are there now.
    pub served_by: usize,
    /// Those who may serve its customers once they have waited for a while.
    pub served_later_by: usize,
}

/// Every queue.
///
/// # Errors
/// The store's.
pub async fn all(db: &Db) -> Result<Vec<Staffed>> {
    let mut reader = db.read().await?;
    let plan = Plan::read(reader.conn()).await?;
    let people = people::all(reader.conn()).await?;
    drop(reader);
    let takers = people.iter().filter(|person| person.disabled_at.is_none() && person.role.takes_calls());
    let known: Vec<Skills> = takers.map(|person| plan.skills_of(person.id)).collect();
    Ok(plan.queues.into_iter().map(|queue| staffed(queue, &known)).collect())
}

fn staffed(queue: Queue, known: &[Skills]) -> Staffed {
    let count =
        |wanted: fn(&Service) -> bool| known.iter().map(|skills| queue.asks.served_by(skills)).filter(wanted).count();
    let served_by = count(|service| *service == Service::Everybody);
    let served_later_by = count(|service| matches!(service, Service::WhoWaited(_)));
    Staffed { queue, served_by, served_later_by }
}

async fn find(db: &Db, name: &str) -> Result<Staffed> {
    all(db).await?.into_iter().find(|one| one.queue.name == name).ok_or(DeskError::NotFound)
}

/// Makes a queue. Nobody comes to it before a campaign or a banner leads there.
///
/// # Errors
/// [`DeskError::Contradiction`] when there is one of this name, [`DeskError::Invalid`], or the store's.
pub async fn add(db: &Db, name: &QueueName, change: &Change, by: &Actor, now: Timestamp) -> Result<Staffed> {
    check(change)?;
    let added = transact!(db, tx => {
        let id = queues::insert(tx, name).await?;
        let fresh = Queue { id, name: name.as_str().to_owned(), ..Queue::default() };
        let queue = change.applied_to(&fresh);
        queues::set(tx, &queue).await?;
        audit::note(tx, by, "queue.add", name.as_str(), &difference(&fresh, &queue), now).await
    });
    match added {
        Err(StoreError::Duplicate(_)) => {
            Err(DeskError::Contradiction(format!("There is a queue {} already.", name.as_str())))
        }
        Err(error) => Err(error.into()),
        Ok(()) => find(db, name.as_str()).await,
    }
}

/// Changes how a queue is set; servers notice within a second. The queue as it is then.
///
/// # Errors
/// [`DeskError::NotFound`], [`DeskError::Invalid`], or the store's.
pub async fn change(db: &Db, name: &str, change: &Change, by: &Actor, now: Timestamp) -> Result<Staffed> {
    check(change)?;
    transact!(db, tx => {
        let id = named(tx, name).await?.id;
        // Nobody is let ring by settings that are being changed, and two changes do not undo each other.
        line::lock(tx, &[id]).await?;
        let before = named(tx, name).await?;
        let after = change.applied_to(&before);
        let detail = difference(&before, &after);
        if !detail.is_empty() {
            queues::set(tx, &after).await?;
            audit::note(tx, by, "queue.change", name, &detail, now).await?;
        }
        Ok::<_, DeskError>(())
    })?;
    find(db, name).await
}

fn check(change: &Change) -> Result<()> {
    let too_many = |skills: &Option<Vec<Skill>>| skills.as_ref().is_some_and(|skills| skills.len() > MAX_WORDS);
    if too_many(&change.skills) || too_many(&change.preferred_skills) {
        return Err(DeskError::Invalid(format!("A queue asks for at most {MAX_WORDS} skills of each kind.")));
    }
    Ok(())
}

async fn named(tx: &mut Tx, name: &str) -> Result<Queue> {
    queues::all(tx.conn()).await?.into_iter().find(|queue| queue.name == name).ok_or(DeskError::NotFound)
}

/// Which settings are what since then.
fn difference(before: &Queue, after: &Queue) -> Detail {
    let words = |skills: &Skills| json!(skills.iter().map(Skill::as_str).collect::<Vec<_>>());
    let fields = |queue: &Queue| {
        let settings = queue.settings;
        [
            ("title", json!(queue.title)),
            ("welcome", json!(queue.welcome)),
            ("rank", json!(queue.queue_rank)),
            ("skills", words(&queue.asks.required)),
            ("preferredSkills", words(&queue.asks.preferred)),
            ("relaxAfterSeconds", json!(queue.relax_after_seconds)),
            ("mode", json!(settings.mode)),
            ("offerSeconds", json!(settings.offer_seconds)),
            ("offerTo", json!(settings.offer_to)),
            ("offerOrder", json!(settings.offer_order)),
            ("afterCall", json!(settings.after_call)),
            ("wrapUpSeconds", json!(settings.wrap_up_seconds)),
        ]
    };
    let pairs = fields(before).into_iter().zip(fields(after));
    let changed = pairs.filter(|(before, after)| before != after);
    changed.map(|(_, (name, value))| (name.to_owned(), value)).collect()
}
