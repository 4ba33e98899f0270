//! Rolls sessions and visits up: adds what has ended, and where visits have come to, to the roll-ups, group by group, so that figures
//! need not count it one by one. What is not rolled yet is in every answer all the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use crate::clock::{Clock, Timestamp};
use crate::domain::ids::SessionId;
use crate::domain::rollup::{Ended, Grain, Rollups};
use crate::store::{Db, Result, StoreError, rollups, transact, visit_rollups};

/// Sessions of one transaction: enough that many fall into the same rows, few enough that it is short.
pub const GROUP: usize = 6_000;
/// The same while customers join.
const SMALL_GROUP: usize = 1_000;
/// How often it looks for more when there was none.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Another instance takes over when whoever rolls has not for this long.
const LEASE_MILLIS: i64 = 10_000;
/// While customers join, it rests as long as a group took for each so many joins a second, and once at least: what is rolled
/// later is counted all the same, and a join is waited for.
const JOINS_A_REST: f64 = 50.0;
/// It never rests for longer than so many times what a group took.
const MOST_RESTS: f64 = 20.0;
/// It never rests for longer, or its lease would run out.
const LONGEST_REST: Duration = Duration::from_secs(8);

/// A visit is rolled when it landed so long ago: a page that is still open has said long before how far its person came, and what is
/// said later takes the visit out again.
const SETTLED_AFTER_MILLIS: i64 = 3_600_000;

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// How many sessions, or visits, were rolled.
    pub rolled: usize,
    /// Whether there may be more.
    pub more: bool,
}

const NOTHING: Turn = Turn { rolled: 0, more: false };

/// Sessions that were read, to be rolled together.
#[derive(Debug)]
struct Group {
    sessions: Vec<Ended>,
    sums: Rollups,
    /// Whether there may be more.
    more: bool,
}

impl Group {
    /// Reads so many at most, from the first on or from after one, unless another instance rolls. What has ended does not change any
    /// more, so it is read without a lock.
    async fn read(db: &Db, holder: Uuid, now: Timestamp, after: Option<&Ended>, most: usize) -> Result<Option<Self>> {
        let mut reader = db.read().await?;
        if !rollups::may_roll(reader.conn(), holder, now).await? {
            return Ok(None);
        }
        let found = rollups::unrolled(reader.conn(), after, most).await?;
        drop(reader);
        let more = found.len() == most;
        let readable = found.into_iter().filter_map(|row| {
            row.inspect_err(|error| tracing::error!(%error, "a session was passed by: it is not rolled")).ok()
        });
        let sessions: Vec<Ended> = readable.collect();
        let sums = Rollups::of(&sessions, &Grain::EACH);
        Ok((!sessions.is_empty()).then_some(Self { sessions, sums, more }))
    }

    async fn roll(&self, db: &Db, holder: Uuid, now: Timestamp) -> Result<Turn> {
        let mut ids: Vec<SessionId> = self.sessions.iter().map(|session| session.id).collect();
        ids.sort_unstable();
        let kept = transact!(db, tx => {
            if !rollups::hold(tx, holder, now, now.plus_millis(LEASE_MILLIS)).await? {
                return Ok(false);
            }
            rollups::add(tx, &self.sums).await?;
            rollups::mark(tx, &ids).await?;
            rollups::keep_wrap_ups(tx, &self.sessions).await?;
            Ok::<_, StoreError>(true)
        });
        match kept {
            Ok(true) => Ok(Turn { rolled: ids.len(), more: self.more }),
            // Somebody else has rolled some of them meanwhile: look again.
            Ok(false) | Err(StoreError::Stale) => Ok(NOTHING),
            Err(error) => Err(error),
        }
    }
}

/// Rolls one group of so many sessions at most, unless another instance is at it.
///
/// # Errors
/// The store's; then nothing was rolled, or all of it was.
pub async fn roll(db: &Db, holder: Uuid, now: Timestamp, most: usize) -> Result<Turn> {
    match Group::read(db, holder, now, None, most).await? {
        Some(group) => group.roll(db, holder, now).await,
        None => Ok(NOTHING),
    }
}

/// Rolls one group after the other, and reads the next one while one is written.
#[derive(Debug, Default)]
pub struct Ahead(Option<Group>);

impl Ahead {
    /// Rolls the group that was read last, or the first one there is.
    ///
    /// # Errors
    /// The store's; then nothing was rolled, or all of it was.
    pub async fn roll(&mut self, db: &Db, holder: Uuid, now: Timestamp, most: usize) -> Result<Turn> {
        let group = match self.0.take() {
            Some(group) => group,
            None => match Group::read(db, holder, now, None, most).await? {
                Some(group) => group,
                None => return Ok(NOTHING),
            },
        };
        // On a processor of its own. Whose set is dropped is ended.
        let mut reading = JoinSet::new();
        if let Some(last) = group.sessions.last().filter(|_| group.more).cloned() {
            let db = db.clone();
            reading.spawn(async move { Group::read(&db, holder, now, Some(&last), most).await });
        }
        let rolled = group.roll(db, holder, now).await?;
        if let Some(next) = reading.join_next().await.filter(|_| rolled.more) {
            // Only one that panicked gives no answer: then it is read again.
            self.0 = next.unwrap_or(Ok(None))?;
        }
        Ok(rolled)
    }
}

/// Rolls one group of so many visits at most, of one campaign and day, unless another instance is at it.
///
/// # Errors
/// The store's; then nothing was rolled, or all of it was.
pub async fn roll_visits(db: &Db, holder: Uuid, now: Timestamp, most: usize) -> Result<Turn> {
    let mut reader = db.read().await?;
    if !rollups::may_roll(reader.conn(), holder, now).await? {
        return Ok(NOTHING);
    }
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let found = visit_rollups::unrolled(reader.conn(), now.plus_millis(-SETTLED_AFTER_MILLIS), limit).await?;
    drop(reader);
    let Some(mut group) = found else { return Ok(NOTHING) };
    group.visits.sort_unstable();
    let rolled = transact!(db, tx => {
        if !rollups::hold(tx, holder, now, now.plus_millis(LEASE_MILLIS)).await? {
            return Ok(0);
        }
        visit_rollups::roll(tx, &group).await
    });
    match rolled {
        // Other days and campaigns may have some.
        Ok(rolled) => Ok(Turn { rolled, more: rolled > 0 }),
        // Somebody else has rolled some of them meanwhile: look again.
        Err(StoreError::Stale) => Ok(NOTHING),
        Err(error) => Err(error),
    }
}

/// Rolls for as long as the process lives.
pub fn start(db: Db, clock: Arc<dyn Clock>, holder: Uuid) {
    tokio::spawn(async move {
        let (mut joins, mut ahead) = (Joins::default(), Ahead::default());
        loop {
            sleep(match go_on(&db, clock.as_ref(), holder, &mut joins, &mut ahead).await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::warn!(%error, "sessions or visits could not be rolled; the next turn tries again");
                    LOOK_EVERY
                }
            })
            .await;
        }
    });
}

/// Rolls a group of sessions, and one of visits; how long to rest before the next one.
async fn go_on(db: &Db, clock: &dyn Clock, holder: Uuid, joins: &mut Joins, ahead: &mut Ahead) -> Result<Duration> {
    let rests = joins.look(db).await?.rests();
    let started = Instant::now();
    let (sessions, most) = if rests > 0.0 {
        // What is read now is not to wait for the rest to be over.
        *ahead = Ahead::default();
        (roll(db, holder, clock.now(), SMALL_GROUP).await?, SMALL_GROUP)
    } else {
        (ahead.roll(db, holder, clock.now(), GROUP).await?, GROUP)
    };
    // Visits wait for their sessions: while many of those are left, looking for visits that need not wait would find few.
    let visits = if sessions.more { NOTHING } else { roll_visits(db, holder, clock.now(), most).await? };
    let took = started.elapsed();
    Ok(if sessions.more || visits.more {
        took.mul_f64(rests).min(LONGEST_REST.saturating_sub(took))
    } else {
        LOOK_EVERY
    })
}

/// How customers join, on any instance: it shows at the tickets.
#[derive(Debug, Default)]
struct Joins {
    /// The last ticket, and when it was looked at.
    last: Option<(i64, Instant)>,
    /// Joins between the last two looks; none before there were two.
    per_second: Option<f64>,
}

impl Joins {
    async fn look(&mut self, db: &Db) -> Result<&Self> {
        let mut reader = db.read().await?;
        let ticket = rollups::last_ticket(reader.conn()).await?;
        let now = Instant::now();
        let before = self.last.replace((ticket, now));
        self.per_second = before.map(|(last, at)| per_second(ticket - last, now - at));
        Ok(self)
    }

    /// How many times as long as a group took to rest after it.
    fn rests(&self) -> f64 {
        match self.per_second {
            Some(none) if none <= 0.0 => 0.0,
            Some(some) => (some / JOINS_A_REST).clamp(1.0, MOST_RESTS),
            None => MOST_RESTS,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "tickets of a few seconds")]
fn per_second(tickets: i64, time: Duration) -> f64 {
    tickets as f64 / time.as_secs_f64().max(0.001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_longer_the_more_customers_join() {
        let joins = |tickets| Joins { per_second: Some(per_second(tickets, Duration::from_secs(1))), last: None };
        let known = [0, 1, 50, 150, 5_000].map(joins);
        let all: Vec<f64> = known.iter().chain([&Joins::default()]).map(Joins::rests).collect();
        assert_eq!(all, [0.0, 1.0, 1.0, 3.0, 20.0, 20.0]);
    }
}
