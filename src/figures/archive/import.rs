//! Sessions of the past out of a file: each is brought in once, whatever is asked how often. Here lines become sessions; `batch.rs`
//! writes them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::batch::{Batch, Brought, patiently};
use crate::client::agent;
use crate::clock::{Clock, Timestamp};
use crate::domain::archive::{Reason, Told};
use crate::domain::campaign::{Source, USUALLY_QUALIFIED_MS};
use crate::domain::ids::{CampaignId, RepId, SessionId};
use crate::domain::past::Past;
use crate::domain::session::Kind;
use crate::store::archive::Imported;
use crate::store::queues::DEFAULT_QUEUE;
use crate::store::{Db, StoreError, accounts, campaigns, line, queues, transact};

/// How many lines are brought in by one transaction.
pub const BATCH: usize = 512;
/// Tickets are taken for so many batches at once, in a transaction of their own: customers who join wait for nothing else.
const BATCHES_OF_TICKETS: usize = 16;
/// How many batches are written at once: while the database is busy with one, the next one is sent.
const LANES: usize = 2;
/// What is remembered of agents and of banners: more of them are looked up again.
const REMEMBERED: usize = 20_000;

/// A line of the file that can be read.
pub type Line = (u64, Told);

/// Brings lines in, batch after batch.
pub struct Importer {
    db: Db,
    clock: Arc<dyn Clock>,
    queues: HashMap<String, i64>,
    reps: HashMap<String, Option<RepId>>,
    devices: HashMap<String, &'static str>,
    /// From which duration on conversations of a campaign count as qualified.
    qualified: HashMap<CampaignId, i64>,
    sources: HashSet<Source>,
    /// The first ticket of this import: what has it, or a later one, came out of this file.
    first_ticket: Option<i64>,
    /// The lines of the batch before, which may not be there yet.
    before: HashMap<SessionId, Arc<Told>>,
    /// Tickets that are taken and not used: the next, and the first that is not ours.
    tickets: (i64, i64),
}

impl Importer {
    /// Nothing brought in yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn new(db: Db, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let known = queues::all(db.read().await?.conn()).await?;
        let queues = known.into_iter().map(|queue| (queue.name, queue.id)).collect();
        Ok(Self {
            db,
            clock,
            queues,
            reps: HashMap::new(),
            devices: HashMap::new(),
            qualified: HashMap::new(),
            sources: HashSet::new(),
            first_ticket: None,
            before: HashMap::new(),
            tickets: (0, 0),
        })
    }

    /// How many batches may be written at once. SQLite has one writer.
    #[must_use]
    pub const fn lanes(&self) -> usize {
        match self.db {
            Db::Sqlite { .. } => 1,
            Db::MySql { .. } => LANES,
        }
    }

    /// Looks up what the lines of a batch name, and what they become. While the database is away it is tried again.
    ///
    /// # Errors
    /// When the database stays away, or does not answer.
    pub async fn prepare(&mut self, lines: &[Line]) -> Result<Batch, StoreError> {
        patiently(async || self.ready(lines).await).await
    }

    /// Gives each line a ticket. The same line twice is brought in once.
    async fn ready(&mut self, lines: &[Line]) -> Result<Batch, StoreError> {
        let mut brought = Brought::default();
        self.take_tickets(lines.len()).await?;
        let mut first: HashMap<SessionId, Arc<Told>> = HashMap::new();
        let mut ready = Vec::with_capacity(lines.len());
        for (line, told) in lines {
            match first.get(&told.id).or_else(|| self.before.get(&told.id)) {
                Some(same) if **same == *told => {
                    brought.repeated.push(*line);
                    continue;
                }
                Some(_) => {
                    let reason = format!("an earlier line has Sessionid {} too, and says something else", told.id);
                    brought.refused.push((*line, reason));
                    continue;
                }
                None => {}
            }
            match self.imported(told).await? {
                Ok(imported) => {
                    let told = Arc::new(told.clone());
                    first.insert(told.id, Arc::clone(&told));
                    ready.push((*line, told, imported));
                }
                Err(reason) => brought.refused.push((*line, reason)),
            }
        }
        let sources = self.new_sources(&ready);
        self.before = first;
        let first_ticket = self.first_ticket.unwrap_or(self.tickets.0);
        Ok(Batch::new(self.db.clone(), Arc::clone(&self.clock), ready, sources, first_ticket, brought))
    }

    async fn take_tickets(&mut self, lines: usize) -> Result<(), StoreError> {
        let (next, end) = self.tickets;
        let wanted = i64::try_from(lines).unwrap_or(i64::MAX);
        if end - next >= wanted {
            return Ok(());
        }
        let batches = if lines < BATCH { 1 } else { i64::try_from(BATCHES_OF_TICKETS).unwrap_or(1) };
        let taken = wanted * batches;
        let first = transact!(&self.db, tx => line::take_tickets(tx, taken).await)?;
        self.tickets = (first, first + taken);
        self.first_ticket.get_or_insert(first);
        Ok(())
    }

    /// What a line becomes here.
    async fn imported(&mut self, told: &Told) -> Result<Result<Imported, Reason>, StoreError> {
        let queue = match &told.queue {
            None => DEFAULT_QUEUE,
            Some(name) => match self.queues.get(name) {
                Some(queue) => *queue,
                None => {
                    return Ok(Err(format!(
                        "there is no queue {name:?} here: bannerline queue add {name}, and once more"
                    )));
                }
            },
        };
        let answered_by = match &told.username {
            None => None,
            Some(name) => self.rep(name).await?,
        };
        let usually = self.usually_qualified(&told.campaign_id).await?;
        let ticket = self.tickets.0;
        self.tickets.0 += 1;
        Ok(Ok(Imported {
            id: told.id,
            campaign_id: told.campaign_id.clone(),
            banner_id: told.banner_id.clone(),
            kind: told.kind.unwrap_or(Kind::Call),
            address: told.address.clone(),
            user_agent: told.user_agent.clone(),
            country: told.country.clone(),
            device: told.device.clone().or_else(|| self.device(told.user_agent.as_deref())),
            answer_within_ms: told.answer_within_ms.unwrap_or(20_000),
            gone_early_ms: told.gone_early_ms.unwrap_or(5_000),
            qualified_ms: told.qualified_ms.unwrap_or(usually),
            handled_ms: told.handled_ms(),
            acw_ms: told.acw_ms.unwrap_or(0),
            past: Past {
                queue,
                ticket,
                queued_at: told.queued_at,
                started_at: told.started_at,
                ended_at: told.ended_at,
                outcome: told.outcome(),
                answered_by,
                representative_name: told.representative_name.clone(),
                requeue_ms: told.requeue_ms.unwrap_or(0),
                dropped: told.dropped.unwrap_or(false),
            },
        }))
    }

    /// Who logs in with this name here, if anybody does.
    async fn rep(&mut self, name: &str) -> Result<Option<RepId>, StoreError> {
        let folded = name.to_lowercase();
        if let Some(known) = self.reps.get(&folded) {
            return Ok(*known);
        }
        let found = accounts::find(self.db.read().await?.conn(), &folded).await?.map(|user| user.id);
        remember(&mut self.reps, folded, found);
        Ok(found)
    }

    async fn usually_qualified(&mut self, campaign: &CampaignId) -> Result<i64, StoreError> {
        if let Some(known) = self.qualified.get(campaign) {
            return Ok(*known);
        }
        let found = campaigns::find(self.db.read().await?.conn(), campaign).await?;
        let millis = found.and_then(|campaign| campaign.qualified_ms).unwrap_or(USUALLY_QUALIFIED_MS);
        remember(&mut self.qualified, campaign.clone(), millis);
        Ok(millis)
    }

    fn device(&mut self, agent: Option<&str>) -> Option<String> {
        let text = agent?;
        if let Some(known) = self.devices.get(text) {
            return Some((*known).to_owned());
        }
        let device = agent::parse(text).device.as_str();
        remember(&mut self.devices, text.to_owned(), device);
        Some(device.to_owned())
    }

    /// Banners that this import has not seen, with the first time that it did.
    fn new_sources(&mut self, ready: &[(u64, Arc<Told>, Imported)]) -> Vec<(Source, Timestamp)> {
        let mut new: HashMap<Source, Timestamp> = HashMap::new();
        for (.., one) in ready {
            let source = Source { campaign: one.campaign_id.clone(), banner: one.banner_id.clone() };
            if !self.sources.contains(&source) {
                let first = new.entry(source).or_insert(one.past.queued_at);
                *first = one.past.queued_at.min(*first);
            }
        }
        if self.sources.len() > REMEMBERED {
            self.sources.clear();
        }
        self.sources.extend(new.keys().cloned());
        new.into_iter().collect()
    }
}

/// Keeps what was looked up, unless there is too much of it.
fn remember<K: std::hash::Hash + Eq, V>(known: &mut HashMap<K, V>, key: K, value: V) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, value);
}
