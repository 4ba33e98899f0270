//! Random histories, by many at once, with absences that the reaper finds: afterwards every log tells its row.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use bannerline::desk::DeskError;
use bannerline::desk::audit::Actor;
use bannerline::desk::transfer::Question;
use bannerline::domain::activity::{Activity, Choice};
use bannerline::domain::ids::{RepId, SessionId};
use bannerline::domain::presence::{GRACE_MILLIS, NEVER_JOINED_MILLIS, PASSED_OVER_MILLIS, UNHEARD_MILLIS};
use bannerline::domain::session::State;
use bannerline::store::{Conn, events, presence, reps, sessions};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::raw::Raw;
use super::{Office, commit, customer, representative, wish};
use crate::support::{Backend, eventually, scale, seconds};

both! {
    every_log_replays_to_its_row,
}

/// The representatives, and how many callers each may have.
const NAMES: [(&str, i64); 4] = [("rita", 1), ("raul", 1), ("rosa", 2), ("remo", 3)];
const ROUNDS: usize = 5;
const LANES: usize = 6;
const DEEDS: usize = 80;

/// A history under way.
struct History {
    office: Office,
    reps: Vec<RepId>,
    sessions: Mutex<Vec<SessionId>>,
}

impl History {
    fn any_session(&self, rng: &mut StdRng) -> Option<SessionId> {
        let sessions = self.sessions.lock().unwrap();
        // Mostly somebody recent: most of the old ones have ended.
        let recent = sessions.len().saturating_sub(40);
        let from = if rng.random_bool(0.8) { recent } else { 0 };
        (!sessions.is_empty()).then(|| sessions[rng.random_range(from..sessions.len())])
    }

    async fn write(&self, sql: String) {
        let mut tx = self.office.desk.db.begin().await.expect("a connection");
        let text = AssertSqlSafe(sql);
        match tx.conn() {
            Conn::Sqlite(c) => sqlx::query(text).execute(c).await.map(|_| ()),
            Conn::MySql(c) => sqlx::query(text).execute(c).await.map(|_| ()),
        }
        .expect("the test's own statement runs");
        commit(&self.office.desk.db, tx).await.expect("the test's own statement is committed");
    }

    /// The customer's page goes away, comes, or is there without a word.
    async fn customer_moves(&self, session: SessionId, rng: &mut StdRng) {
        let now = self.office.desk.now().millis();
        let closed = match rng.random_range(0..3) {
            0 => "NULL".to_owned(),
            _ => (now - rng.random_range(0..12_000)).to_string(),
        };
        let holder = Uuid::from_u128(7).simple();
        let set = format!("UPDATE sessions SET holder = X'{holder}', closed_at = {closed}");
        self.write(format!("{set} WHERE id = X'{session}' AND state <> 'ended'")).await;
    }

    async fn rep_moves(&self, rep: RepId, rng: &mut StdRng) {
        let now = self.office.desk.now().millis();
        let holder = Uuid::from_u128(7).simple();
        let set = match rng.random_range(0..4) {
            0 => "holder = NULL, closed_at = NULL".to_owned(),
            1 => format!("holder = X'{holder}', closed_at = NULL"),
            _ => format!("holder = X'{holder}', closed_at = {}", now - rng.random_range(0..12_000)),
        };
        self.write(format!("UPDATE reps SET {set} WHERE user_id = X'{rep}'")).await;
    }

    /// One random thing that somebody does.
    async fn deed(&self, rng: &mut StdRng) -> Result<(), DeskError> {
        let (desk, rep) = (&self.office.desk, self.reps[rng.random_range(0..self.reps.len())]);
        let dice = rng.random_range(0..100);
        let Some(session) = self.any_session(rng).filter(|_| dice >= 12) else {
            let made = desk.request(wish("5", "3"), None).await?.id;
            self.sessions.lock().unwrap().push(made);
            return Ok(());
        };
        match dice {
            12..30 => drop(desk.join(session, None).await?),
            30..52 => drop(desk.claim(rep, rng.random_bool(0.5)).await?),
            52..80 => self.conversation(rep, session, rng).await?,
            // Mostly another's.
            80..82 => drop(desk.end(&representative(rep), session, None, false).await?),
            82 => drop(desk.end_as_admin(session, &Actor::command_line()).await?),
            83 => desk.leave(session).await?,
            84..92 => self.customer_moves(session, rng).await,
            92..95 => self.rep_moves(rep, rng).await,
            // Backwards, too: entry ≤ start ≤ end has to bear it.
            _ => drop(self.office.clock.advance(rng.random_range(-300..2_000))),
        }
        Ok(())
    }

    /// Something between a representative and who they have now; with nobody, it is said of a session that is not theirs.
    async fn conversation(&self, rep: RepId, otherwise: SessionId, rng: &mut StdRng) -> Result<(), DeskError> {
        let desk = &self.office.desk;
        let mut id = desk.present_session(rep).await?.map_or(otherwise, |session| session.id);
        let dice = rng.random_range(0..24);
        if dice >= 10 {
            // Mostly one with whom it can happen: to turn to one is to leave another.
            let held = (13..16).contains(&dice) || (dice > 16 && dice % 2 == 1);
            let fit = if held { State::Held } else { State::Talking };
            let theirs = desk.callers_of(rep).await?;
            id = theirs.iter().find(|session| session.life.state == fit).map_or(id, |session| session.id);
        }
        match dice {
            16.. => self.passing_on(rep, id, dice, rng).await?,
            0..4 => drop(desk.joined(&customer(id), id, None).await?),
            4..8 => drop(desk.joined(&representative(rep), id, None).await?),
            8 => drop(desk.end(&representative(rep), id, None, false).await?),
            10..13 => drop(desk.hold(&representative(rep), id, None).await?),
            13..16 => drop(desk.resume(&representative(rep), id, None).await?),
            _ => drop(desk.end(&customer(id), id, None, rng.random_bool(0.2)).await?),
        }
        Ok(())
    }

    /// A customer is passed on to the other queue, or a colleague is asked, who answers.
    async fn passing_on(&self, rep: RepId, id: SessionId, dice: u32, rng: &mut StdRng) -> Result<(), DeskError> {
        let (desk, by) = (&self.office.desk, representative(rep));
        let colleague = rng.random_range(0..self.reps.len());
        match dice {
            16..18 => drop(desk.pass_to_queue(&by, id, None, ["default", "other"][colleague % 2], Some("why")).await?),
            18 => drop(desk.cancel_transfer(&by, id).await?),
            _ => self.ask_somebody(rep, id, rng).await?,
        }
        Ok(())
    }

    /// Asks the first colleague who can be asked, who mostly accepts.
    async fn ask_somebody(&self, rep: RepId, id: SessionId, rng: &mut StdRng) -> Result<(), DeskError> {
        let desk = &self.office.desk;
        let available = Choice { activity: Activity::Available, reason: None };
        let warm = rng.random_bool(0.6);
        let holder = Uuid::from_u128(7).simple();
        for ((name, _), asked) in NAMES.iter().zip(&self.reps).filter(|(_, other)| **other != rep) {
            let set = format!("UPDATE reps SET holder = X'{holder}', closed_at = NULL");
            self.write(format!("{set} WHERE user_id = X'{asked}'")).await;
            desk.choose(*asked, &available).await?;
            let question = Question { colleague: name, note: None, warm };
            match desk.ask_colleague(&representative(rep), id, None, &question).await {
                Err(DeskError::Contradiction(_)) => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        for asked in &self.reps {
            let offers = desk.offers_to(*asked).await?;
            if let Some((offer, _)) = offers.iter().find(|(_, session)| session.id == id)
                && rng.random_bool(0.8)
            {
                desk.accept(*asked, offer.id).await?;
                match rng.random_range(0..3) {
                    _ if !warm => {}
                    0 => drop(desk.cancel_transfer(&representative(*asked), id).await?),
                    1 => drop(desk.hand_over(&representative(rep), id, None).await?),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Every representative takes somebody, half of them start to talk, and all their consoles go away.
    async fn consoles_go_away(&self) -> Result<(), DeskError> {
        let desk = &self.office.desk;
        let holder = Uuid::from_u128(7).simple();
        for (number, rep) in self.reps.iter().enumerate() {
            let waiting = desk.request(wish("5", "3"), None).await?.id;
            self.sessions.lock().unwrap().push(waiting);
            desk.join(waiting, None).await?;
            self.write(format!("UPDATE reps SET holder = X'{holder}', closed_at = NULL WHERE user_id = X'{rep}'"))
                .await;
            match desk.claim(*rep, true).await {
                Ok(_) | Err(DeskError::AtCapacity(_)) => {}
                Err(error) => return Err(error),
            }
            if let Some(session) = desk.present_session(*rep).await?.filter(|_| number % 2 == 0) {
                desk.joined(&customer(session.id), session.id, None).await?;
                desk.joined(&representative(*rep), session.id, None).await?;
            }
            let now = desk.now().millis();
            self.write(format!("UPDATE reps SET closed_at = {now} WHERE user_id = X'{rep}'")).await;
        }
        Ok(())
    }

    /// Lets everybody who is away be away for long enough, and waits until the reaper has found them all.
    async fn absence(&self, millis: i64) {
        let now = self.office.clock.advance(millis);
        let before = |millis: i64| now.plus_millis(-millis);
        eventually("the reaper has found everybody", seconds(30), async || {
            let mut raw = self.office.raw().await;
            let gone = presence::customers_gone(raw.conn(), before(GRACE_MILLIS), 9).await.unwrap();
            let never = presence::never_joined(raw.conn(), before(NEVER_JOINED_MILLIS), 9).await.unwrap();
            let left = presence::reps_gone(raw.conn(), before(GRACE_MILLIS), before(UNHEARD_MILLIS), 9).await.unwrap();
            let silent = presence::customers_silent(raw.conn(), before(PASSED_OVER_MILLIS), 9).await.unwrap();
            [gone, never, left, silent].iter().all(Vec::is_empty).then_some(())
        })
        .await;
    }
}

async fn lane(history: Arc<History>, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    for _ in 0..DEEDS {
        match history.deed(&mut rng).await {
            Ok(())
            | Err(
                DeskError::NotFound
                | DeskError::NotNow(_)
                | DeskError::AtCapacity(_)
                | DeskError::Stale(_)
                | DeskError::Contradiction(_)
                | DeskError::Invalid(_)
                | DeskError::OfferOver(_),
            ) => {}
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
}

async fn every_log_replays_to_its_row(backend: Backend) {
    let kinds = [
        "created", "join", "offer", "passOver", "joined", "hold", "resume", "requeue", "again", "end", "transfer",
        "ask", "handOver", "consult", "part",
    ];
    let mut told = BTreeMap::new();
    let too_little =
        |told: &BTreeMap<String, usize>| kinds.into_iter().find(|kind| told.get(*kind).is_none_or(|count| *count < 3));
    // What happens is chance: where something was rare, another history follows.
    let mut seed = 0;
    while seed < scale() || (seed < scale() + 5 && too_little(&told).is_some()) {
        history(backend, 1_000 * seed as u64, &mut told).await;
        seed += 1;
    }
    assert_eq!(too_little(&told), None, "too little happened to prove anything: {told:?}");
}

/// One history from its beginning, and its judgement after each round.
async fn history(backend: Backend, seed: u64, told: &mut BTreeMap<String, usize>) {
    let office = Office::open(backend).await;
    let mut reps = Vec::new();
    let other = "INSERT INTO queues (id, name, mode) VALUES (2, 'other', 'pull')";
    office.raw().await.execute(other).await;
    for (name, capacity) in NAMES {
        let rep = office.rep(name).await;
        let text = format!("UPDATE reps SET capacity = {capacity} WHERE user_id = X'{rep}'");
        office.raw().await.execute(&text).await;
        reps.push(rep);
    }
    office.desk.start_jobs(None).await.expect("the reaper starts");
    let history = Arc::new(History { office, reps, sessions: Mutex::default() });
    for round in 0..ROUNDS {
        let mut lanes = JoinSet::new();
        for number in 0..LANES {
            lanes.spawn(lane(Arc::clone(&history), seed + (round * LANES + number) as u64));
        }
        lanes.join_all().await;
        judge(&history, false, told).await;
        history.consoles_go_away().await.expect("the desk answers");
        let millis = [16_000, 6_000, 26_000, NEVER_JOINED_MILLIS][round % 4];
        history.absence(millis).await;
        judge(&history, round == ROUNDS - 1, told).await;
    }
}

/// Everything that must hold, in one view of all rows.
async fn judge(history: &History, count: bool, told: &mut BTreeMap<String, usize>) {
    let mut raw = history.office.raw().await;
    raw.freeze().await;
    let all = history.sessions.lock().unwrap().clone();
    let (mut live, mut tickets) = (BTreeMap::<RepId, i64>::new(), HashSet::new());
    let mut talking = HashSet::new();
    for id in all {
        let row = sessions::find(raw.conn(), id).await.unwrap().expect("what was made is there");
        let log = events::of_session(raw.conn(), id).await.unwrap();
        let names: Vec<_> = log.iter().map(|event| event.name.as_str()).collect();
        assert!(log.iter().map(|event| event.number).eq(1..=row.life.last_event), "{id}: a gap in {names:?}");
        assert!(log.is_sorted_by_key(|event| event.epoch), "{id}: an epoch went back in {log:?}");
        assert_eq!(events::replay(&log).unwrap().as_ref(), Some(&row.life), "{id}: {log:?}");
        let stamps: Vec<_> =
            [row.life.queued_at, row.life.started_at, row.life.ended_at].into_iter().flatten().collect();
        assert!(stamps.is_sorted(), "{id}: {:?}", row.life);
        if let Some(ticket) = row.life.ticket {
            assert!(tickets.insert(ticket), "{id}: the ticket {ticket} is another's too");
        }
        for rep in row.life.occupies() {
            *live.entry(rep).or_default() += 1;
            let talks = row.life.state == State::Talking || row.life.consulted.is_some();
            assert!(!talks || talking.insert(rep), "{id}: its representative talks twice");
        }
        // Back in the queue out of a conversation: the first start is kept.
        let again = row.life.started_at.is_some_and(|start| row.life.waiting_since > Some(start)).then_some("again");
        for name in names.iter().chain(&again).filter(|_| count) {
            *told.entry((*name).to_owned()).or_default() += 1;
        }
    }
    check_reps(&mut raw, &history.reps, &live).await;
}

async fn check_reps(raw: &mut Raw, all: &[RepId], live: &BTreeMap<RepId, i64>) {
    for id in all {
        let rep = reps::find(raw.conn(), *id).await.unwrap().expect("the representative is there");
        assert_eq!(rep.callers, live.get(id).copied().unwrap_or(0), "{}'s live sessions", rep.name);
        assert!(rep.callers <= rep.capacity, "{} has {} callers", rep.name, rep.callers);
    }
}
