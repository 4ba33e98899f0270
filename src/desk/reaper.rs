//! What happens by itself: leases, absences, limits, and the copy of the line. Every instance does it; each step is
//! guarded by the row it changes, so two that do it at once do it once.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use super::consultation::inheritance;
use super::turn::{Search, go_on, pass_by_bad};
use super::{Desk, DeskError, Result, offers};
use crate::clock::{SystemClock, Timestamp};
use crate::domain::activity::{AFTER_CALL, Activity};
use crate::domain::ids::SessionId;
use crate::domain::presence::{
    GRACE_MILLIS, LEASE_MILLIS, NEVER_JOINED_MILLIS, PASSED_OVER_MILLIS, Seat, UNHEARD_MILLIS,
};
use crate::domain::session::{Action, Ender, Requeue, State};
use crate::live::hub::Hint;
use crate::store::presence::Found;
use crate::store::sessions::{self, Session};
use crate::store::{
    StoreError, accounts, activities, idempotency, leases, line, presence as rows, reps, tokens, transact,
};

/// How often absences are looked for.
const REAP_EVERY: Duration = Duration::from_secs(2);
/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// How often the first in line are told their positions.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How often the queues' settings, and what people know, are read again.
const READ_PLAN_EVERY: Duration = Duration::from_millis(500);
/// How often expected waits are worked out.
const LOOK_OUT_EVERY: Duration = Duration::from_secs(2);
/// How often old keys and logins are forgotten.
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// How many sessions are asked after in one statement.
const ASKED_AT_ONCE: usize = 500;
/// The line is read afresh at least every so many tellings.
const READ_LINE_EVERY: u32 = 5;

/// When this instance renewed its lease last. Elapsed time, not a stamp: it is compared with nobody else's.
struct Renewal(Mutex<Instant>);

impl Default for Renewal {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Renewal {
    /// Notes a renewal. True when the lease had run out before it.
    fn was_late(&self) -> bool {
        let late = self.is_overdue();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        late
    }

    /// Whether the lease has run out.
    fn is_overdue(&self) -> bool {
        let renewed_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        renewed_at.elapsed().as_millis() > u128::from(LEASE_MILLIS.unsigned_abs())
    }
}

impl Desk {
    /// Enters this instance, and reads who waits and how the house is set up.
    ///
    /// # Errors
    /// The store's.
    pub async fn enter(&self) -> Result<()> {
        leases::enter(&self.db, self.instance, self.now()).await?;
        self.read_line().await?;
        self.read_plan().await
    }

    /// Enters this instance and starts what happens by itself. `system` gets the offset to the database's clock.
    ///
    /// # Errors
    /// The store's.
    pub async fn start_jobs(self: &Arc<Self>, system: Option<Arc<SystemClock>>) -> Result<()> {
        self.enter().await?;
        let ready_at = Arc::new(AtomicI64::new(self.now().millis()));
        let (held_until, renewal) = (Arc::clone(&ready_at), Arc::new(Renewal::default()));
        let last_renewal = Arc::clone(&renewal);
        every(self, RENEW_EVERY, move |desk, _| {
            let (system, renewal, ready_at) = (system.clone(), Arc::clone(&renewal), Arc::clone(&held_until));
            async move {
                desk.renew_lease(system.as_deref()).await?;
                // The database was away, for the others too: they get a whole grace again to say that they live.
                if renewal.was_late() {
                    ready_at.store(desk.now().millis(), Ordering::Relaxed);
                }
                Ok(())
            }
        });
        every(self, REAP_EVERY, move |desk, _| {
            let ready_at = Timestamp(ready_at.load(Ordering::Relaxed));
            let is_overdue = last_renewal.is_overdue();
            async move { if is_overdue { Ok(()) } else { desk.reap(ready_at).await } }
        });
        every(self, LOOK_OUT_EVERY, |desk, turn| async move { desk.look_out(turn).await });
        every(self, READ_PLAN_EVERY, |desk, _| async move { desk.read_plan().await });
        every(self, TELL_EVERY, |desk, turn| async move { desk.tell_positions(turn).await });
        tokio::spawn(offers::run(Arc::clone(self)));
        every(self, TIDY_EVERY, |desk, _| async move { desk.tidy().await });
        Ok(())
    }

    async fn renew_lease(&self, system: Option<&SystemClock>) -> Result<()> {
        if let Some(system) = system {
            system.set_offset_millis(self.db.clock_offset_millis().await?);
        }
        if !leases::renew(&self.db, self.instance, self.now()).await? {
            tracing::warn!("this instance was taken for dead; entering again");
            leases::enter(&self.db, self.instance, self.now()).await?;
            self.mark_everybody();
        }
        Ok(())
    }

    /// Ends, or takes back to the queue, what was left alone. Nothing before one full grace since the start: a
    /// restart must not abandon the whole queue. The server does it by itself.
    ///
    /// # Errors
    /// The store's.
    pub async fn reap(&self, ready_at: Timestamp) -> Result<()> {
        let now = self.now();
        self.close_silent_streams();
        go_on("catching up", self.catch_up().await)?;
        // Who was claimed after the start has had every chance to speak.
        go_on("silent customers", self.take_back_silent_customers(now, ready_at).await)?;
        if now.since(ready_at) < GRACE_MILLIS {
            return Ok(());
        }
        // The dead are buried after the absences were looked at: whom a burial leaves alone has until the next turn,
        // and grace for as long as a lease takes to run out.
        go_on("abandoned sessions", self.end_abandoned(now).await)?;
        go_on("sessions that never joined", self.end_never_joined(now).await)?;
        go_on("consultations", self.end_left_consultations(now).await)?;
        go_on("representatives who are gone", self.take_back_from_gone_reps(now).await)?;
        go_on("representatives who are offline", self.send_gone_reps_offline(now).await)?;
        self.bury_dead_instances(now).await
    }

    async fn bury_dead_instances(&self, now: Timestamp) -> Result<()> {
        let mut reader = self.db.read().await?;
        let dead = leases::run_out(reader.conn(), now.plus_millis(-LEASE_MILLIS)).await?;
        drop(reader);
        for lease in dead.into_iter().filter(|lease| lease.id != self.instance) {
            transact!(&self.db, tx => {
                if leases::remove(tx, lease).await? {
                    rows::close_all_of(tx, lease.id, lease.renewed_at).await?;
                }
                Ok::<_, StoreError>(())
            })?;
        }
        Ok(())
    }

    /// What another instance did may not have been heard of: asks the database, and tells whoever is behind.
    async fn catch_up(&self) -> Result<()> {
        let mut reader = self.db.read().await?;
        if !leases::any_other(reader.conn(), self.instance).await? {
            return Ok(());
        }
        let mut customers = Vec::new();
        for seat in self.hub.seats() {
            match seat {
                Seat::Customer(session) => customers.push(session),
                Seat::Rep(_) => {
                    self.hub.tell(seat, Hint::Changed);
                }
            }
        }
        for group in customers.chunks(ASKED_AT_ONCE) {
            for (session, event) in sessions::last_events(reader.conn(), group).await? {
                let seat = Seat::Customer(session);
                if self.hub.is_behind(seat, event) {
                    self.hub.tell(seat, Hint::Changed);
                }
            }
        }
        Ok(())
    }

    async fn end_abandoned(&self, now: Timestamp) -> Result<()> {
        let before = now.plus_millis(-GRACE_MILLIS);
        let mut search = Search::default();
        while let Some(limit) = search.limit() {
            let mut reader = self.db.read().await?;
            let gone = rows::customers_gone(reader.conn(), before, limit).await?;
            drop(reader);
            for found in search.news(gone) {
                pass_by_bad(found.id, self.end_as_gone(found.id, before).await)?;
            }
        }
        Ok(())
    }

    /// Ends a session whose customer is gone, dated when the stream closed, not when the grace ended.
    async fn end_as_gone(&self, id: SessionId, before: Timestamp) -> Result<()> {
        let is_gone = |session: &Session| session.closed_at.is_some_and(|closed_at| closed_at <= before);
        let done = transact!(&self.db, tx => {
            let present = sessions::find(tx.conn(), id).await?.filter(is_gone).ok_or(DeskError::NotFound)?;
            let closed_at = present.closed_at.unwrap_or(before);
            let after = self.keep(tx, &present, &Action::End { by: Ender::CustomerGone }, closed_at).await?;
            // The row is locked by now: a page that came back in between is seen, and nothing has happened.
            sessions::find(tx.conn(), id).await?.filter(is_gone).ok_or(DeskError::NotFound)?;
            Ok::<_, DeskError>((present, after))
        });
        let (before, after) = done?;
        self.announce(&before, &after);
        Ok(())
    }

    async fn end_never_joined(&self, now: Timestamp) -> Result<()> {
        let before = now.plus_millis(-NEVER_JOINED_MILLIS);
        let mut search = Search::default();
        while let Some(limit) = search.limit() {
            let mut reader = self.db.read().await?;
            let forgotten = rows::never_joined(reader.conn(), before, limit).await?;
            drop(reader);
            for found in search.news(forgotten) {
                let ended = self.act(found.id, now, |session| match session.life.state {
                    State::Created => Ok(Action::End { by: Ender::Limit }),
                    _ => Err(DeskError::NotFound),
                });
                pass_by_bad(found.id, ended.await)?;
            }
        }
        Ok(())
    }

    async fn take_back_from_gone_reps(&self, now: Timestamp) -> Result<()> {
        let (closed, unheard) = (now.plus_millis(-GRACE_MILLIS), now.plus_millis(-UNHEARD_MILLIS));
        let mut search = Search::default();
        while let Some(limit) = search.limit() {
            let mut reader = self.db.read().await?;
            let left = rows::reps_gone(reader.conn(), closed, unheard, limit).await?;
            drop(reader);
            for found in search.news(left) {
                pass_by_bad(found.id, self.take_back_from_gone_rep(found, now).await)?;
            }
        }
        Ok(())
    }

    async fn take_back_from_gone_rep(&self, found: Found, now: Timestamp) -> Result<()> {
        let session = self.as_found(found).await?;
        self.take_back(&session, Requeue::RepGone, now).await
    }

    async fn take_back_silent_customers(&self, now: Timestamp, ready_at: Timestamp) -> Result<()> {
        let before = now.plus_millis(-PASSED_OVER_MILLIS);
        let mut search = Search::default();
        while let Some(limit) = search.limit() {
            let mut reader = self.db.read().await?;
            let silent = rows::customers_silent(reader.conn(), before, limit).await?;
            drop(reader);
            for found in search.news(silent) {
                pass_by_bad(found.id, self.take_back_silent_customer(found, now, ready_at).await)?;
            }
        }
        Ok(())
    }

    /// The session, unless something happened to it since it was found.
    async fn as_found(&self, found: Found) -> Result<Session> {
        let session = self.session(found.id).await?;
        if session.life.last_event == found.last_event { Ok(session) } else { Err(DeskError::NotFound) }
    }

    async fn take_back_silent_customer(&self, found: Found, now: Timestamp, ready_at: Timestamp) -> Result<()> {
        let session = self.as_found(found).await?;
        let restarted = now.since(ready_at) < GRACE_MILLIS;
        if restarted && session.life.offered_at < Some(ready_at) {
            return Ok(());
        }
        self.take_back(&session, Requeue::CustomerSilent, now).await?;
        self.give_next(&session).await
    }

    /// The representative was ready for a customer, and gets the next one; one without a console asks again.
    async fn give_next(&self, taken_back: &Session) -> Result<()> {
        let Some(rep) = taken_back.life.rep else { return Ok(()) };
        let mut reader = self.db.read().await?;
        let present = reps::find(reader.conn(), rep).await?.is_some_and(|rep| rep.is_present());
        // Who has chosen a break for after the call has it now.
        let duty = activities::of_rep(reader.conn(), rep).await?;
        let rests = duty.is_some_and(|duty| {
            duty.activity == Activity::Break && duty.activity_reason.as_deref() != Some(AFTER_CALL)
        });
        drop(reader);
        match if present && !rests { self.claim(rep, false).await } else { Ok(None) } {
            Ok(_) | Err(DeskError::AtCapacity(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Back to the queue with the same ticket, or to the colleague who is talked with, if it is still as it was read.
    async fn take_back(&self, left: &Session, why: Requeue, now: Timestamp) -> Result<()> {
        let done = transact!(&self.db, tx => {
            let present = sessions::find(tx.conn(), left.id).await?.ok_or(DeskError::NotFound)?;
            if present.life.last_event != left.life.last_event {
                return Err(DeskError::NotFound);
            }
            let action = inheritance(tx.conn(), left, why).await?;
            let after = self.keep(tx, left, &action, now).await?;
            if let (Requeue::CustomerSilent, Some(at)) = (why, left.life.offered_at) {
                rows::take_for_gone(tx, left.id, at).await?;
            }
            Ok::<_, DeskError>(after)
        });
        match done {
            Ok(after) => {
                self.hub.note_taken_for_gone(Seat::Customer(left.id));
                self.announce(left, &after);
                Ok(())
            }
            Err(DeskError::NotFound | DeskError::NotNow(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads the copy of the line afresh.
    pub(super) async fn read_line(&self) -> Result<()> {
        // One at a time: what moves meanwhile is kept for one reading.
        let _reading = self.reading.lock().await;
        self.line.begin_reading();
        let mut reader = self.db.read().await?;
        let standing = line::places(reader.conn()).await?;
        if self.line.finish_reading(standing.into_iter().map(|one| (one.queue_id, one.place))) {
            self.hub.tell_reps();
        }
        Ok(())
    }

    async fn tell_positions(&self, turn: u32) -> Result<()> {
        if turn.is_multiple_of(READ_LINE_EVERY) {
            self.read_line().await?;
        }
        if self.line.take_changed() {
            self.hub.tell_positions(|queue, place| self.line.near_position(queue, place));
        }
        self.hub.sweep(self.now());
        Ok(())
    }

    async fn tidy(&self) -> Result<()> {
        let now = self.now();
        transact!(&self.db, tx => {
            idempotency::forget(tx, now.plus_millis(-super::admission::KEY_LIFE_MILLIS)).await?;
            accounts::forget_failures(tx, now.plus_millis(-super::accounts::FAILURES_MILLIS)).await?;
            tokens::forget_logins(tx, now).await
        })?;
        Ok(())
    }
}

/// Runs `job` every `period` until the process stops; a failure is logged, and the next turn tries again.
fn every<J, F>(desk: &Arc<Desk>, period: Duration, job: J)
where
    J: Fn(Arc<Desk>, u32) -> F + Send + 'static,
    F: Future<Output = Result<()>> + Send,
{
    let desk = Arc::clone(desk);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        for turn in 1_u32.. {
            ticks.tick().await;
            if let Err(error) = job(Arc::clone(&desk), turn).await {
                tracing::warn!(%error, "a periodic job failed; the next turn tries again");
            }
        }
    });
}
