//! Queues: how each is set, what it asks of who serves it, and which of them a banner leads to.

use super::{Conn, Result, StoreError, Tx, on};
use crate::domain::activity::AfterCall;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::offer::{Mode, OfferOrder};
use crate::domain::queue::{Asks, QueueName, Skills};

/// The queue that serves every campaign for which no other is chosen.
pub const DEFAULT_QUEUE: i64 = 1;

/// How the customers of a queue come to representatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Settings {
    /// Whether they ring.
    pub mode: Mode,
    /// How long an offer rings.
    pub offer_seconds: i64,
    /// At how many representatives at once, 1 to 5.
    pub offer_to: i64,
    /// Who is asked first.
    pub offer_order: OfferOrder,
    /// What follows a call.
    pub after_call: AfterCall,
    /// For how long a call is wrapped up before that; 0: not at all.
    pub wrap_up_seconds: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let (mode, offer_order, after_call) = (Mode::Offer, OfferOrder::Idle, AfterCall::Available);
        Self { mode, offer_seconds: 10, offer_to: 1, offer_order, after_call, wrap_up_seconds: 0 }
    }
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Queue {
    /// Its number.
    pub id: i64,
    /// Its name, as programs and links write it.
    pub name: String,
    /// What customers choose it by; its name when null.
    pub title: Option<String>,
    /// What its customers read while they wait.
    pub welcome: Option<String>,
    /// The priority of those who join it, smaller is sooner.
    pub queue_rank: i64,
    /// After so long a customer's preferred skills are not asked for any more.
    pub relax_after_seconds: i64,
    /// How its customers come to representatives.
    #[sqlx(flatten)]
    pub settings: Settings,
    /// What it asks of who serves it. Kept a skill a row.
    #[sqlx(skip)]
    pub asks: Asks,
}

impl Queue {
    /// What customers choose it by.
    #[must_use]
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            id: DEFAULT_QUEUE,
            name: "default".to_owned(),
            title: None,
            welcome: None,
            queue_rank: 0,
            relax_after_seconds: 60,
            settings: Settings::default(),
            asks: Asks::default(),
        }
    }
}

const ALL: &str = "SELECT id, name, title, welcome, queue_rank, relax_after_seconds, mode, offer_seconds, offer_to, \
    offer_order, after_call, wrap_up_seconds FROM queues ORDER BY id";

/// Every queue, in the order in which they were made.
///
/// # Errors
/// When the database does not answer.
pub async fn all(mut conn: Conn<'_>) -> Result<Vec<Queue>> {
    let mut queues: Vec<Queue> = on!(conn.reborrow(), c => sqlx::query_as(ALL).fetch_all(c).await?);
    let text = "SELECT queue_id, skill, preferred FROM queue_skills";
    let asked: Vec<(i64, String, bool)> = on!(conn, c => sqlx::query_as(text).fetch_all(c).await?);
    for queue in &mut queues {
        queue.asks.relax_after_millis = queue.relax_after_seconds * 1_000;
        for (_, skill, preferred) in asked.iter().filter(|(id, ..)| *id == queue.id) {
            let list = if *preferred { &mut queue.asks.preferred } else { &mut queue.asks.required };
            list.extend(skill.parse());
        }
    }
    Ok(queues)
}

/// Makes a queue with settings of its own. Its number.
///
/// # Errors
/// [`StoreError::Duplicate`] when there is one of this name, or the database does not take it.
pub async fn insert(tx: &mut Tx, name: &QueueName) -> Result<i64> {
    // Whoever makes another one at the same moment waits for this one's number.
    let lock = "UPDATE queues SET version = version + 1 WHERE id = ?";
    on!(tx.conn(), c => sqlx::query(lock).bind(DEFAULT_QUEUE).execute(c).await?.rows_affected());
    let last = "SELECT CAST(MAX(id) AS SIGNED) FROM queues";
    let last: i64 = on!(tx.conn(), c => sqlx::query_scalar(last).fetch_one(c).await?);
    let text = "INSERT INTO queues (id, name) VALUES (?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(last + 1).bind(name.as_str()).execute(c).await.map_err(StoreError::from)?.rows_affected());
    Ok(last + 1)
}

const SET: &str = "UPDATE queues SET title = ?, welcome = ?, queue_rank = ?, relax_after_seconds = ?, mode = ?, \
    offer_seconds = ?, offer_to = ?, offer_order = ?, after_call = ?, wrap_up_seconds = ? WHERE id = ?";

/// Keeps how a queue is set, and what it asks.
///
/// # Errors
/// When the database does not take it.
pub async fn set(tx: &mut Tx, queue: &Queue) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(SET)
        .bind(&queue.title)
        .bind(&queue.welcome)
        .bind(queue.queue_rank)
        .bind(queue.relax_after_seconds)
        .bind(queue.settings.mode)
        .bind(queue.settings.offer_seconds)
        .bind(queue.settings.offer_to)
        .bind(queue.settings.offer_order)
        .bind(queue.settings.after_call)
        .bind(queue.settings.wrap_up_seconds)
        .bind(queue.id)
        .execute(c)
        .await?
        .rows_affected());
    let forget = "DELETE FROM queue_skills WHERE queue_id = ?";
    on!(tx.conn(), c => sqlx::query(forget).bind(queue.id).execute(c).await?.rows_affected());
    ask(tx, queue.id, &queue.asks.required, false).await?;
    ask(tx, queue.id, &queue.asks.preferred, true).await
}

async fn ask(tx: &mut Tx, queue: i64, skills: &Skills, preferred: bool) -> Result<()> {
    for skill in skills {
        let text = "INSERT INTO queue_skills (queue_id, skill, preferred) VALUES (?, ?, ?)";
        on!(tx.conn(), c => sqlx::query(text)
            .bind(queue)
            .bind(skill.as_str())
            .bind(preferred)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(())
}

/// A queue that a campaign or a banner leads to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Leads {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The banner; empty for the whole campaign.
    pub banner_id: String,
    /// The queue.
    pub queue_id: i64,
}

/// Every choice of a queue by a campaign or a banner, in the order in which customers are asked.
///
/// # Errors
/// When the database does not answer.
pub async fn leads(conn: Conn<'_>) -> Result<Vec<Leads>> {
    let text = "SELECT campaign_id, banner_id, queue_id FROM source_queues ORDER BY campaign_id, banner_id, place";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

const LED_TO: &str = "SELECT s.banner_id, q.name FROM source_queues s JOIN queues q ON q.id = s.queue_id \
    WHERE s.campaign_id = ? ORDER BY s.banner_id, s.place";

/// The names of the queues that a campaign (an empty banner) and its banners lead to.
///
/// # Errors
/// When the database does not answer.
pub async fn led_to(conn: Conn<'_>, campaign: &CampaignId) -> Result<Vec<(String, String)>> {
    Ok(on!(conn, c => sqlx::query_as(LED_TO).bind(campaign).fetch_all(c).await?))
}

/// Keeps which queues a campaign leads to, or a banner of it, in this order.
///
/// # Errors
/// When the database does not take it.
pub async fn lead(tx: &mut Tx, campaign: &CampaignId, banner: Option<&BannerId>, queues: &[i64]) -> Result<()> {
    let banner = banner.map_or("", BannerId::as_str);
    let forget = "DELETE FROM source_queues WHERE campaign_id = ? AND banner_id = ?";
    on!(tx.conn(), c => sqlx::query(forget).bind(campaign).bind(banner).execute(c).await?.rows_affected());
    for (place, queue) in (1_i64..).zip(queues) {
        let text = "INSERT INTO source_queues (campaign_id, banner_id, place, queue_id) VALUES (?, ?, ?, ?)";
        on!(tx.conn(), c => sqlx::query(text)
            .bind(campaign)
            .bind(banner)
            .bind(place)
            .bind(queue)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(())
}
