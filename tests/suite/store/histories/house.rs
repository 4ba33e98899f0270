//! The house in which histories happen: four queues of every kind, three skills, representatives of every capacity.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bannerline::clock::Timestamp;
use bannerline::desk::presence::OpenStream;
use bannerline::desk::{Desk, Parts};
use bannerline::domain::ids::{RepId, SessionId};
use bannerline::domain::presence::{GRACE_MILLIS, LEASE_MILLIS, NEVER_JOINED_MILLIS, Seat, UNHEARD_MILLIS};
use bannerline::live::bus::Bus;
use bannerline::live::hub::Hub;
use bannerline::telemetry::Metrics;
use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::super::raw::Raw;
use super::super::{Keys, Office, TEN};
use crate::support::Backend;

/// A queue: its name, rank, how its customers come, what it always asks for, and what it prefers, for 20 seconds.
pub(super) struct Queue {
    pub(super) name: &'static str,
    pub(super) rank: i64,
    pub(super) mode: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) preferred: &'static [&'static str],
}

/// For how long a queue asks for what it prefers.
pub(super) const RELAX_MILLIS: i64 = 20_000;

/// By number, from 1.
pub(super) const QUEUES: [Queue; 4] = [
    Queue { name: "default", rank: 0, mode: "offer", required: &[], preferred: &[] },
    Queue { name: "sales", rank: 0, mode: "offer", required: &["sales"], preferred: &["french"] },
    Queue { name: "support", rank: 0, mode: "list", required: &["support"], preferred: &[] },
    Queue { name: "urgent", rank: -1, mode: "pull", required: &[], preferred: &["sales"] },
];

const REPS: [(&str, i64, &[&str]); 5] = [
    ("rita", 1, &["sales", "french"]),
    ("raul", 1, &[]),
    ("rosa", 2, &["support", "sales"]),
    ("remo", 3, &["sales", "support", "french"]),
    ("rene", 1, &["support"]),
];

pub(super) struct Rep {
    pub(super) id: RepId,
    pub(super) capacity: i64,
    pub(super) skills: BTreeSet<&'static str>,
}

impl Rep {
    /// Whether they may serve a customer of this queue who has waited for so long.
    pub(super) fn may_serve(&self, queue: i64, waited_millis: i64) -> bool {
        let queue = &QUEUES[usize::try_from(queue - 1).unwrap()];
        let knows = |skills: &[&str]| skills.iter().all(|skill| self.skills.contains(skill));
        knows(queue.required) && (knows(queue.preferred) || waited_millis >= RELAX_MILLIS)
    }
}

/// What was known of a session after the last step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) epoch: i64,
    pub(super) last_event: i64,
}

pub(super) struct House {
    pub(super) office: Office,
    pub(super) raw: Raw,
    pub(super) rng: StdRng,
    /// Which history this is, for what a failure says.
    pub(super) seed: u64,
    pub(super) reps: Vec<Rep>,
    pub(super) streams: HashMap<Seat, OpenStream>,
    /// The sessions of this history.
    pub(super) sessions: Vec<SessionId>,
    pub(super) known: HashMap<SessionId, Known>,
    pub(super) last_ticket: i64,
    /// When this instance was ready: whoever it finds alone has a grace from then on.
    pub(super) ready_at: Timestamp,
    /// What has happened so far, by kind.
    pub(super) seen: BTreeMap<&'static str, usize>,
}

impl House {
    pub(super) async fn open(backend: Backend) -> Self {
        let office = Office::open(backend).await;
        let mut raw = office.raw().await;
        for (number, queue) in (1..).zip(&QUEUES) {
            let Queue { name, rank, mode, required, preferred } = queue;
            raw.execute(&format!("DELETE FROM queues WHERE id = {number}")).await;
            let columns = "id, name, queue_rank, mode, offer_to, relax_after_seconds, wrap_up_seconds, after_call";
            let (to, wrap_up) = (1 + number % 2, if number == 2 { 5 } else { 0 });
            let after = if number == 4 { "next" } else { "available" };
            let values = format!("{number}, '{name}', {rank}, '{mode}', {to}, 20, {wrap_up}, '{after}'");
            raw.execute(&format!("INSERT INTO queues ({columns}) VALUES ({values})")).await;
            for (skills, preferred) in [(required, 0), (preferred, 1)] {
                for skill in *skills {
                    raw.execute(&format!("INSERT INTO queue_skills VALUES ({number}, '{skill}', {preferred})")).await;
                }
            }
            raw.execute(&format!("INSERT INTO source_queues VALUES ('5', '', {number}, {number})")).await;
        }
        let mut reps = Vec::new();
        for (name, capacity, skills) in REPS {
            let id = office.rep(name).await;
            raw.execute(&format!("UPDATE reps SET capacity = {capacity} WHERE user_id = X'{id}'")).await;
            for skill in skills {
                raw.execute(&format!("INSERT INTO rep_skills VALUES (X'{id}', '{skill}')")).await;
            }
            reps.push(Rep { id, capacity, skills: skills.iter().copied().collect() });
        }
        office.desk.enter().await.expect("the desk enters");
        Self {
            office,
            raw,
            rng: StdRng::seed_from_u64(0),
            seed: 0,
            reps,
            streams: HashMap::new(),
            sessions: Vec::new(),
            known: HashMap::new(),
            last_ticket: 0,
            ready_at: TEN,
            seen: BTreeMap::new(),
        }
    }

    /// Another history begins in an empty house.
    pub(super) async fn begin(&mut self, seed: u64) {
        self.seed = seed;
        self.rng = StdRng::seed_from_u64(seed);
        for index in 0..self.reps.len() {
            self.opens(Seat::Rep(self.reps[index].id)).await;
        }
    }

    pub(super) fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    pub(super) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.office.desk)
    }

    /// A page opens its stream.
    pub(super) async fn opens(&mut self, seat: Seat) {
        let mut stream = self.office.desk.open_stream(seat, None);
        stream.written().await;
        self.streams.insert(seat, stream);
    }

    /// A page is gone without a word; it is known when this returns.
    pub(super) async fn closes(&mut self, seat: Seat) {
        if self.streams.remove(&seat).is_none() {
            return;
        }
        let text = match seat {
            Seat::Customer(id) => format!("SELECT COUNT(*) FROM sessions WHERE id = X'{id}' AND closed_at IS NULL"),
            Seat::Rep(id) => format!("SELECT COUNT(*) FROM reps WHERE user_id = X'{id}' AND closed_at IS NULL"),
        };
        while self.raw.number(&text).await > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// The instance is killed, with every stream, and another one takes its place.
    pub(super) async fn crashes(&mut self) {
        // Nothing of it is told any more: not even that its streams are closed.
        for (_, stream) in self.streams.drain() {
            std::mem::forget(stream);
        }
        let office = &mut self.office;
        let (hub, instance) = (Arc::new(Hub::default()), Uuid::new_v4());
        let bus = Bus::local(Arc::clone(&hub), office.clock.clone(), instance);
        let metrics = Arc::new(Metrics::new().expect("the counters are made"));
        let (db, clock) = (office.desk.db.clone(), office.clock.clone());
        office.desk = Desk::open(Parts { db, clock, hub, bus, keys: Keys::new([7; 32]), instance, metrics });
        office.desk.enter().await.expect("the next instance enters");
        self.ready_at = office.desk.now();
    }

    /// What happens by itself, happens.
    pub(super) async fn jobs(&self) {
        self.office.desk.tend_offers().await.unwrap_or_else(|error| panic!("history {}: {error}", self.seed));
        self.office.desk.reap(self.ready_at).await.unwrap_or_else(|error| panic!("history {}: {error}", self.seed));
        self.office.desk.tend_offers().await.unwrap_or_else(|error| panic!("history {}: {error}", self.seed));
    }

    /// Everybody goes without a word, and nobody is left in any state but the last.
    pub(super) async fn close(&mut self) {
        for seat in self.streams.keys().copied().collect::<Vec<_>>() {
            self.closes(seat).await;
        }
        // Who never had a page is a program, which has to say that it leaves.
        for session in self.sessions.clone() {
            if self.office.session(session).await.holder.is_none() {
                self.office.desk.leave(session).await.expect("the desk answers");
            }
        }
        // A lease, the grace of who is found dead, two turns of the reaper; then those who never joined.
        for millis in [LEASE_MILLIS, UNHEARD_MILLIS, GRACE_MILLIS, GRACE_MILLIS, GRACE_MILLIS, NEVER_JOINED_MILLIS] {
            self.office.clock.advance(millis);
            self.jobs().await;
        }
        self.everything_is_over().await;
        self.sessions.clear();
        self.known.clear();
    }
}
