//! Makes the report of each day or week when its time has come, and sees to it that it arrives. One instance makes each: the row of
//! a period is noted once, and claimed before anything is done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::delivery::{DeliveryError, Render, Report, Sender};
use super::turns::Turns;
use crate::clock::{Clock, Timestamp};
use crate::domain::edition::{Edition, PATIENCE_MILLIS, Rhythm};
use crate::store::reports::{self, Kept};
use crate::store::{Db, Result};

/// How often it looks whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Another instance takes a report over when whoever has claimed it has not told what came of it for this long.
const CLAIM_MILLIS: i64 = 120_000;
/// How long it waits after each attempt that failed, in seconds. Standard Webhooks has about the same, but begins at 5 seconds.
const PAUSES: [i64; 10] = [1, 5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600];
/// After this it is given up.
const GIVE_UP_AFTER_MILLIS: i64 = 24 * 3_600_000;

/// What is made, and where it goes.
pub struct Job {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// This instance.
    pub holder: Uuid,
    /// Questions about figures take turns.
    pub turns: Turns,
    /// How long the periods are.
    pub rhythm: Rhythm,
    /// Whose clocks say what a day is.
    pub zone: chrono_tz::Tz,
    /// Makes the page.
    pub render: Render,
    /// The folder to write to.
    pub folder: Option<PathBuf>,
    /// Who is sent it.
    pub sender: Option<Sender>,
}

/// Makes reports for as long as the process lives.
pub fn start(job: Job) {
    tokio::spawn(async move {
        let mut memory = Memory::default();
        loop {
            if let Err(error) = job.turn(&mut memory).await {
                tracing::warn!(%error, "no report could be looked after; the next turn tries again");
            }
            sleep(LOOK_EVERY).await;
        }
    });
}

/// What need not be asked or made again.
#[derive(Default)]
struct Memory {
    /// The latest edition that is noted.
    noted: Option<Edition>,
    /// The report that did not arrive yet.
    report: Option<Arc<Report>>,
}

impl Job {
    async fn turn(&self, memory: &mut Memory) -> Result<()> {
        let now = self.clock.now();
        self.note_latest(memory, now).await?;
        let mut reader = self.db.read().await?;
        let due = reports::due(reader.conn(), now).await?;
        drop(reader);
        match due {
            Some(kept) => self.look_after(memory, kept, now).await,
            None => Ok(()),
        }
    }

    /// Notes the latest edition, once its calls are over or have been waited for.
    async fn note_latest(&self, memory: &mut Memory, now: Timestamp) -> Result<()> {
        let latest = Edition::latest(self.rhythm, self.zone, now);
        if memory.noted == Some(latest) {
            return Ok(());
        }
        let (kind, from, to) = (latest.rhythm.as_str(), latest.from(), latest.to());
        let mut reader = self.db.read().await?;
        if !reports::is_noted(reader.conn(), kind, from).await? {
            if now < to.plus_millis(PATIENCE_MILLIS) && reports::not_over(reader.conn(), from, to).await? > 0 {
                return Ok(());
            }
            drop(reader);
            reports::note(&self.db, kind, from, &latest.day.to_string(), latest.zone.name(), now).await?;
        }
        memory.noted = Some(latest);
        Ok(())
    }

    /// Tries what is left to do with a report, unless another instance does.
    async fn look_after(&self, memory: &mut Memory, mut kept: Kept, now: Timestamp) -> Result<()> {
        if !reports::claim(&self.db, &kept, self.holder, now.plus_millis(CLAIM_MILLIS)).await? {
            return Ok(());
        }
        let name = format!("{} {}", kept.kind, kept.day);
        let failure = match self.attempt(memory, &mut kept).await {
            Ok(failure) => failure,
            Err(Lost) => return Ok(()),
        };
        let now = self.clock.now();
        let has_time = now.since(kept.noted_at) < GIVE_UP_AFTER_MILLIS;
        let again = failure.filter(|error| {
            if has_time {
                tracing::warn!(report = name, %error, attempt = kept.attempts + 1, "a report did not arrive; it is tried again");
            } else {
                tracing::error!(report = name, %error, "a report did not arrive within a day; it is given up");
            }
            has_time
        });
        if again.is_none() {
            memory.report = None;
        }
        let pause = PAUSES.get(usize::try_from(kept.attempts).unwrap_or(0)).or(PAUSES.last()).copied().unwrap_or(1);
        let next = now.plus_millis(1_000 * pause).min(kept.noted_at.plus_millis(GIVE_UP_AFTER_MILLIS));
        let settled = again.is_none().then_some(now);
        reports::tried(&self.db, &kept, self.holder, next, settled).await
    }

    /// Makes the report, unless it is there from the attempt before, and does what is left to do with it. What has failed, if
    /// something is to be tried again.
    async fn attempt(&self, memory: &mut Memory, kept: &mut Kept) -> std::result::Result<Option<DeliveryError>, Lost> {
        let Some(edition) = edition_of(kept) else {
            tracing::error!(kind = kept.kind, day = kept.day, zone = kept.zone, "the row of a report cannot be read");
            return Ok(None);
        };
        let remembered = memory.report.take().filter(|report| report.edition() == edition);
        let report = match remembered {
            Some(report) => report,
            None => match Report::make(&self.db, &self.turns, edition, &self.render, self.clock.now()).await {
                Ok(report) => Arc::new(report),
                Err(error) => return Ok(Some(error)),
            },
        };
        memory.report = Some(Arc::clone(&report));
        let now = self.clock.now();
        // Making it may have taken longer than the claim lasts.
        match reports::hold_on(&self.db, kept, self.holder, now.plus_millis(CLAIM_MILLIS)).await {
            Ok(true) => {}
            Ok(false) => return Err(Lost),
            Err(error) => return Ok(Some(error.into())),
        }
        kept.made_at = kept.made_at.or(Some(now));
        let written = self.write(kept, &report).await.err();
        let sent = self.send(kept, &report).await.err();
        if let (Some(error), Some(_)) = (&written, &sent) {
            tracing::warn!(report = %edition, %error, "a report could not be written either");
        }
        Ok(sent.or(written))
    }

    async fn write(&self, kept: &mut Kept, report: &Arc<Report>) -> std::result::Result<(), DeliveryError> {
        let Some(folder) = self.folder.clone().filter(|_| kept.written_at.is_none()) else { return Ok(()) };
        let (whole, place) = (Arc::clone(report), folder.clone());
        let written = tokio::task::spawn_blocking(move || whole.write(&place)).await;
        let [html, csv] = written.map_err(|error| DeliveryError::File(folder, error.into()))??;
        kept.written_at = Some(self.clock.now());
        tracing::info!(report = %report.edition(), html = %html.display(), csv = %csv.display(), "a report was written");
        Ok(())
    }

    async fn send(&self, kept: &mut Kept, report: &Report) -> std::result::Result<(), DeliveryError> {
        let is_open = kept.sent_at.is_none() && kept.refused_at.is_none();
        let Some(sender) = self.sender.as_ref().filter(|_| is_open) else { return Ok(()) };
        match sender.send(&self.db, report, self.clock.now()).await {
            Ok(()) => {
                kept.sent_at = Some(self.clock.now());
                tracing::info!(report = %report.edition(), attempt = kept.attempts + 1, "a report was sent");
                Ok(())
            }
            Err(error @ DeliveryError::Gone) => {
                kept.refused_at = Some(self.clock.now());
                tracing::error!(report = %report.edition(), %error, "a report is not sent again");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Another instance has the report meanwhile.
struct Lost;

fn edition_of(kept: &Kept) -> Option<Edition> {
    let rhythm = Rhythm::try_from(kept.kind.clone()).ok()?;
    Some(Edition { rhythm, day: kept.day.parse().ok()?, zone: kept.zone.parse().ok()? })
}
