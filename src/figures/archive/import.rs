//! Sessions of the past out of a file: each is brought in once, whatever is asked how often.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::client::agent;
use crate::clock::{Clock, Timestamp};
use crate::domain::archive::{Reason, Told};
use crate::domain::campaign::{Source, USUALLY_QUALIFIED_MS};
use crate::domain::ids::{CampaignId, RepId, SessionId};
use crate::domain::past::Past;
use crate::domain::session::Kind;
use crate::store::archive::{self, Imported, Kept};
use crate::store::queues::DEFAULT_QUEUE;
use crate::store::{Db, StoreError, Tx, accounts, campaigns, leases, line, queues, transact};

/// How many lines are brought in by one transaction.
pub const BATCH: usize = 512;
/// Tickets are taken for so many batches at once, in a transaction of their own: customers who join wait for nothing else.
const BATCHES_OF_TICKETS: usize = 16;
/// How long a database may be away before an import gives up.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is remembered of agents and of banners: more of them are looked up again.
const REMEMBERED: usize = 20_000;

/// A line of the file that can be read.
pub type Line = (u64, Told);

/// What became of the lines of a batch.
#[derive(Debug, Default)]
pub struct Brought {
    /// New here.
    pub imported: usize,
    /// There already, and the same.
    pub there: usize,
    /// Not brought in: the line, and why.
    pub refused: Vec<(u64, Reason)>,
    /// Lines that are the same as an earlier one of this file.
    pub repeated: Vec<u64>,
}

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
            tickets: (0, 0),
        })
    }

    /// Brings a batch in, as a whole. While the database is away it is tried again.
    ///
    /// # Errors
    /// When the database stays away, or does not take it. Then nothing of the batch is in, or all of it, which the next import
    /// finds out.
    pub async fn bring(&mut self, lines: &[Line]) -> Result<Brought, StoreError> {
        let started = Instant::now();
        let mut brought = Brought::default();
        let ready = loop {
            match self.prepare(lines, &mut brought).await {
                Err(error) if is_away(&error) && started.elapsed() < PATIENCE => sleep(Duration::from_secs(1)).await,
                other => break other?,
            }
        };
        let took = Instant::now();
        loop {
            match self.write(&ready, &mut brought).await {
                Err(error) if is_away(&error) && started.elapsed() < PATIENCE => sleep(Duration::from_secs(1)).await,
                other => break other?,
            }
        }
        self.give_way(took.elapsed()).await?;
        Ok(brought)
    }

    /// SQLite has one writer. A server beside gets as much time as the import.
    async fn give_way(&self, took: Duration) -> Result<(), StoreError> {
        if matches!(self.db, Db::Sqlite { .. })
            && leases::any_other(self.db.read().await?.conn(), uuid::Uuid::nil()).await?
        {
            sleep(took).await;
        }
        Ok(())
    }

    /// Looks up what the lines name, and gives each a ticket. The same line twice is brought in once.
    async fn prepare(
        &mut self,
        lines: &[Line],
        brought: &mut Brought,
    ) -> Result<Vec<(u64, Told, Imported)>, StoreError> {
        *brought = Brought::default();
        self.take_tickets(lines.len()).await?;
        let mut first: HashMap<SessionId, &Told> = HashMap::new();
        let mut ready = Vec::with_capacity(lines.len());
        for (line, told) in lines {
            match first.get(&told.id) {
                Some(same) if *same == told => {
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
                    first.insert(told.id, told);
                    ready.push((*line, told.clone(), imported));
                }
                Err(reason) => brought.refused.push((*line, reason)),
            }
        }
        Ok(ready)
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

    /// One transaction: looks what is there, and brings in what is not.
    async fn write(&mut self, ready: &[(u64, Told, Imported)], brought: &mut Brought) -> Result<(), StoreError> {
        let (ids, now) = (ready.iter().map(|(.., imported)| imported.id).collect::<Vec<_>>(), self.clock.now());
        let sources = self.new_sources(ready);
        let there = transact!(&self.db, tx => {
            let there = archive::there(tx.conn(), &ids).await?;
            let there: HashMap<SessionId, Kept> = there.into_iter().map(|kept| (kept.id, kept)).collect();
            let new: Vec<Imported> =
                ready.iter().filter(|(.., one)| !there.contains_key(&one.id)).map(|(.., one)| one.clone()).collect();
            note(tx, &sources).await?;
            archive::insert(tx, &new, now).await?;
            Ok::<_, StoreError>(there)
        })?;
        for (line, told, imported) in ready {
            match there.get(&imported.id) {
                None => brought.imported += 1,
                // This very line: an attempt before this one was thought to be lost.
                Some(kept) if kept.ticket == imported.past.ticket => brought.imported += 1,
                Some(kept) => match difference(told, kept) {
                    Some(reason) => brought.refused.push((*line, reason)),
                    None if self.first_ticket.is_some_and(|first| kept.ticket >= first) => brought.repeated.push(*line),
                    None => brought.there += 1,
                },
            }
        }
        if self.sources.len() > REMEMBERED {
            self.sources.clear();
        }
        self.sources.extend(sources.into_iter().map(|(source, _)| source));
        Ok(())
    }

    /// Banners that this import has not seen, with the first time that it did.
    fn new_sources(&self, ready: &[(u64, Told, Imported)]) -> Vec<(Source, Timestamp)> {
        let mut new: HashMap<Source, Timestamp> = HashMap::new();
        for (.., one) in ready {
            let source = Source { campaign: one.campaign_id.clone(), banner: one.banner_id.clone() };
            if !self.sources.contains(&source) {
                let first = new.entry(source).or_insert(one.past.queued_at);
                *first = one.past.queued_at.min(*first);
            }
        }
        new.into_iter().collect()
    }
}

async fn note(tx: &mut Tx, sources: &[(Source, Timestamp)]) -> Result<(), StoreError> {
    for (source, at) in sources {
        if !campaigns::is_known(tx.conn(), source).await? {
            campaigns::note(tx, source, *at).await?;
        }
    }
    Ok(())
}

/// Keeps what was looked up, unless there is too much of it.
fn remember<K: std::hash::Hash + Eq, V>(known: &mut HashMap<K, V>, key: K, value: V) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, value);
}

const fn is_away(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::Lost(_) | StoreError::Conflict(_) | StoreError::Stale)
}

/// In what a line contradicts the session that is there. What a line does not say contradicts nothing; that it has no start says that
/// there was none. A user name is looked up, not kept.
fn difference(told: &Told, kept: &Kept) -> Option<Reason> {
    let different = [
        ("CampaignId", told.campaign_id != kept.campaign_id),
        ("BannerId", told.banner_id != kept.banner_id),
        ("QueueEntryTime", told.queued_at != kept.queued_at),
        ("ConversationStartTime", told.started_at != kept.started_at),
        ("SessionEndTime", Some(told.ended_at) != kept.ended_at),
        ("UserIpAddress", differs(told.address.as_ref(), kept.address.as_ref())),
        ("UserAgent", differs(told.user_agent.as_ref(), kept.user_agent.as_ref())),
        ("UserCountry", differs(told.country.as_ref(), kept.country.as_ref())),
        ("RepresentativeName", differs(told.representative_name.as_ref(), kept.representative_name.as_ref())),
        ("Kind", told.kind.is_some_and(|kind| kind != kept.kind)),
        ("Outcome", differs(told.outcome.as_ref(), kept.outcome.as_ref())),
        ("Device", differs(told.device.as_ref(), kept.device.as_ref())),
        ("QueueName", differs(told.queue.as_ref(), kept.queue.as_ref())),
        ("AnswerWithinSeconds", told.answer_within_ms.is_some_and(|millis| millis != kept.answer_within_ms)),
        ("GoneEarlySeconds", told.gone_early_ms.is_some_and(|millis| millis != kept.gone_early_ms)),
        ("QualifiedSeconds", told.qualified_ms.is_some_and(|millis| millis != kept.qualified_ms)),
        ("RequeueSeconds", told.requeue_ms.is_some_and(|millis| millis != kept.requeue_ms)),
        ("HandleSeconds", told.handled_ms.is_some_and(|millis| millis != kept.handled_ms)),
        ("WrapUpSeconds", told.acw_ms.is_some_and(|millis| millis != kept.acw_ms)),
        ("DroppedAfterAnswer", told.dropped.is_some_and(|dropped| dropped != kept.dropped)),
    ];
    let (name, _) = different.into_iter().find(|(_, is_different)| *is_different)?;
    Some(format!("session {} is there already, with another {name}; nothing was changed", kept.id))
}

fn differs<T: PartialEq>(told: Option<&T>, kept: Option<&T>) -> bool {
    told.is_some() && told != kept
}
