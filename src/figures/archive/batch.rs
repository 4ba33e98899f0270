//! A batch of an import: sessions that are ready, in one transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::clock::{Clock, Timestamp};
use crate::domain::archive::{Reason, Told};
use crate::domain::campaign::Source;
use crate::domain::ids::SessionId;
use crate::store::archive::{self, Imported, Kept};
use crate::store::{Db, StoreError, Tx, campaigns, leases, transact};

/// How long a database may be away before an import gives up.
const PATIENCE: Duration = Duration::from_mins(1);

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

/// Lines that are ready to be written.
pub struct Batch {
    db: Db,
    clock: Arc<dyn Clock>,
    /// The line, what it says, and what it becomes.
    ready: Vec<(u64, Arc<Told>, Imported)>,
    /// Banners that no batch before it had, with the first time that this one did.
    sources: Vec<(Source, Timestamp)>,
    /// The first ticket of the import: what has it, or a later one, came out of this file.
    first_ticket: i64,
    brought: Brought,
}

impl Batch {
    /// What was found out about lines so far.
    pub(super) const fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        ready: Vec<(u64, Arc<Told>, Imported)>,
        sources: Vec<(Source, Timestamp)>,
        first_ticket: i64,
        brought: Brought,
    ) -> Self {
        Self { db, clock, ready, sources, first_ticket, brought }
    }

    /// Whether batches after it count on what it writes.
    #[must_use]
    pub const fn must_be_first(&self) -> bool {
        !self.sources.is_empty()
    }

    /// Brings the batch in, as a whole. While the database is away it is tried again.
    ///
    /// # Errors
    /// When the database stays away, or does not take it. Then nothing of the batch is in, or all of it, which the next import
    /// finds out.
    pub async fn write(self) -> Result<Brought, StoreError> {
        let mut took = Duration::ZERO;
        let there = patiently(async || {
            let started = Instant::now();
            let there = self.attempt().await?;
            took = started.elapsed();
            Ok(there)
        })
        .await?;
        self.give_way(took).await?;
        Ok(self.what_became(&there))
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

    /// One transaction: looks what is there, and brings in what is not.
    async fn attempt(&self) -> Result<HashMap<SessionId, Kept>, StoreError> {
        let (ids, now) = (self.ready.iter().map(|(.., one)| one.id).collect::<Vec<_>>(), self.clock.now());
        transact!(&self.db, tx => {
            let there = archive::there(tx.conn(), &ids).await?;
            let there: HashMap<SessionId, Kept> = there.into_iter().map(|kept| (kept.id, kept)).collect();
            let is_new = |one: &&Imported| !there.contains_key(&one.id);
            let new: Vec<&Imported> = self.ready.iter().map(|(.., one)| one).filter(is_new).collect();
            note(tx, &self.sources).await?;
            archive::insert(tx, &new, now).await?;
            Ok::<_, StoreError>(there)
        })
    }

    /// What became of the lines, where these sessions were there before.
    fn what_became(self, there: &HashMap<SessionId, Kept>) -> Brought {
        let mut brought = self.brought;
        for (line, told, imported) in &self.ready {
            match there.get(&imported.id) {
                None => brought.imported += 1,
                // This very line: an attempt before this one was thought to be lost.
                Some(kept) if kept.ticket == imported.past.ticket => brought.imported += 1,
                Some(kept) => match difference(told, kept) {
                    Some(reason) => brought.refused.push((*line, reason)),
                    None if kept.ticket >= self.first_ticket => brought.repeated.push(*line),
                    None => brought.there += 1,
                },
            }
        }
        brought
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

/// Makes attempts, one a second, while the database is away.
pub(super) async fn patiently<T>(mut attempt: impl AsyncFnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut away_since = None;
    loop {
        match attempt().await {
            Err(error) if is_away(&error) && away_since.get_or_insert_with(Instant::now).elapsed() < PATIENCE => {
                sleep(Duration::from_secs(1)).await;
            }
            other => return other,
        }
    }
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
