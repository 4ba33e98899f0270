//! Rolls sessions up: adds what has ended to the roll-ups, group by group, so that figures need not count it one by one.
//! A session that is not rolled yet is in every answer all the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use uuid::Uuid;

use crate::clock::{Clock, Timestamp};
use crate::domain::ids::SessionId;
use crate::domain::rollup::{Ended, Grain, Rollups};
use crate::store::{Db, Result, StoreError, rollups, transact};

/// Sessions of one transaction: enough that many fall into the same rows, few enough that it is short.
pub const GROUP: usize = 4_000;
/// The same while customers join.
const SMALL_GROUP: usize = 1_000;
/// How often it looks for more when there was none.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Another instance takes over when whoever rolls has not for this long.
const LEASE_MILLIS: i64 = 10_000;
/// While customers join, it rests this many times as long as a group took: what is rolled later is counted all the same,
/// and a join is waited for.
const RESTS_TIMES: u32 = 20;
/// It never rests for longer, or its lease would run out.
const LONGEST_REST: Duration = Duration::from_secs(8);

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// How many sessions were rolled.
    pub rolled: usize,
    /// Whether there may be more.
    pub more: bool,
}

const NOTHING: Turn = Turn { rolled: 0, more: false };

/// Rolls one group of so many sessions at most, unless another instance is at it.
///
/// # Errors
/// The store's; then nothing was rolled, or all of it was.
pub async fn roll(db: &Db, holder: Uuid, now: Timestamp, most: usize) -> Result<Turn> {
    let mut reader = db.read().await?;
    if !rollups::may_roll(reader.conn(), holder, now).await? {
        return Ok(NOTHING);
    }
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let found = rollups::unrolled(reader.conn(), limit).await?;
    drop(reader);
    let more = found.len() == most;
    let readable = found.into_iter().filter_map(|row| {
        row.inspect_err(|error| tracing::error!(%error, "a session was passed by: it is not rolled")).ok()
    });
    let mut group: Vec<Ended> = readable.collect();
    if group.is_empty() {
        return Ok(NOTHING);
    }
    // What has ended does not change any more, so it was read without a lock.
    group.sort_unstable_by_key(|session| session.id);
    let ids: Vec<SessionId> = group.iter().map(|session| session.id).collect();
    let sums = Rollups::of(&group, &Grain::EACH);
    let kept = transact!(db, tx => {
        if !rollups::hold(tx, holder, now, now.plus_millis(LEASE_MILLIS)).await? {
            return Ok(false);
        }
        rollups::add(tx, &sums).await?;
        rollups::mark(tx, &ids).await?;
        rollups::keep_wrap_ups(tx, &group).await?;
        Ok::<_, StoreError>(true)
    });
    match kept {
        Ok(true) => Ok(Turn { rolled: ids.len(), more }),
        // Somebody else has rolled some of them meanwhile: look again.
        Ok(false) | Err(StoreError::Stale) => Ok(NOTHING),
        Err(error) => Err(error),
    }
}

/// Rolls for as long as the process lives.
pub fn start(db: Db, clock: Arc<dyn Clock>, holder: Uuid) {
    tokio::spawn(async move {
        let mut joins = Joins::default();
        loop {
            sleep(match go_on(&db, clock.as_ref(), holder, &mut joins).await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::warn!(%error, "sessions could not be rolled; the next turn tries again");
                    LOOK_EVERY
                }
            })
            .await;
        }
    });
}

/// Rolls a group; how long to rest before the next one.
async fn go_on(db: &Db, clock: &dyn Clock, holder: Uuid, joins: &mut Joins) -> Result<Duration> {
    let is_busy = joins.went_on(db).await?;
    let started = Instant::now();
    let turn = roll(db, holder, clock.now(), if is_busy { SMALL_GROUP } else { GROUP }).await?;
    Ok(match (turn.more, is_busy) {
        (false, _) => LOOK_EVERY,
        (true, false) => Duration::ZERO,
        (true, true) => (started.elapsed() * RESTS_TIMES).min(LONGEST_REST),
    })
}

/// Whether customers have joined since it was asked last, on any instance: it shows at the tickets.
#[derive(Debug, Default)]
struct Joins {
    last_ticket: i64,
}

impl Joins {
    async fn went_on(&mut self, db: &Db) -> Result<bool> {
        let mut reader = db.read().await?;
        let last = rollups::last_ticket(reader.conn()).await?;
        let before = std::mem::replace(&mut self.last_ticket, last);
        Ok(last != before)
    }
}
