//! What must hold: of what a step touched, of who rings and stands on lists after a turn, and of everything at the end.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bannerline::clock::Timestamp;
use bannerline::domain::figures::Tally;
use bannerline::domain::ids::{RepId, SessionId};
use bannerline::domain::offer::ASKED_AGAIN_AFTER_MILLIS;
use bannerline::domain::presence::PASSED_OVER_MILLIS;
use bannerline::domain::session::State;
use bannerline::figures::{recount, roller};
use bannerline::store::events;
use bannerline::store::figures::{self, Period};
use bannerline::store::sessions::{self, Session};

use super::house::{House, Known, Rep};

/// The most customers on a list.
const LIST_LENGTH: usize = 3;

/// Id, queue, mode, rank, ticket, entry, when the page was gone, and at how many it rings.
type LineRow = (String, i64, String, i64, i64, i64, Option<i64>, i64);

/// Somebody in line, as the row says.
#[derive(Debug)]
struct Waiting {
    id: SessionId,
    queue: i64,
    mode: String,
    place: (i64, i64),
    waited_millis: i64,
    /// Whether the page is there, or was a moment ago.
    is_there: bool,
    rings: bool,
}

/// A representative, as the row says.
#[derive(Debug)]
struct Desk {
    id: RepId,
    callers: i64,
    ringing: i64,
    activity: String,
    next: String,
    is_present: bool,
}

impl Desk {
    /// Whether they take calls now, or will after the present one.
    fn takes_calls(&self, after: &[&str]) -> bool {
        self.activity == "available" || (after.contains(&self.activity.as_str()) && self.next == "available")
    }
}

impl House {
    pub(super) fn watch(&mut self, session: &Session) {
        let known = Known { epoch: session.life.epoch, last_event: session.life.last_event };
        self.known.insert(session.id, known);
    }

    async fn line(&mut self) -> Vec<Waiting> {
        let now = self.office.desk.now();
        let text = "SELECT LOWER(HEX(s.id)), s.queue_id, q.mode, s.queue_rank, s.ticket, s.queued_at, s.closed_at, s.ringing \
            FROM sessions s JOIN queues q ON q.id = s.queue_id WHERE s.state = 'waiting'";
        let rows: Vec<LineRow> = self.raw.rows(text).await;
        let waiting = |(id, queue, mode, rank, ticket, queued_at, closed_at, ringing): LineRow| Waiting {
            id: id.parse().unwrap(),
            queue,
            mode,
            place: (rank, ticket),
            waited_millis: now.since(Timestamp(queued_at)),
            is_there: closed_at.is_none_or(|closed| closed > now.millis() - PASSED_OVER_MILLIS),
            rings: ringing > 0,
        };
        rows.into_iter().map(waiting).collect()
    }

    async fn desks(&mut self) -> Vec<Desk> {
        let text = "SELECT LOWER(HEX(user_id)), callers, ringing, activity, COALESCE(next_activity, ''), \
            CASE WHEN holder IS NOT NULL AND closed_at IS NULL THEN 1 ELSE 0 END FROM reps";
        let rows: Vec<(String, i64, i64, String, String, i64)> = self.raw.rows(text).await;
        let desk = |(id, callers, ringing, activity, next, present): (String, _, _, _, _, i64)| Desk {
            id: id.parse().unwrap(),
            callers,
            ringing,
            activity,
            next,
            is_present: present == 1,
        };
        rows.into_iter().map(desk).collect()
    }

    fn rep(&self, id: RepId) -> &Rep {
        self.reps.iter().find(|rep| rep.id == id).expect("a representative of the house")
    }

    /// Whom *Next customer* has to give.
    pub(super) async fn first_for(&mut self, rep: RepId) -> Option<SessionId> {
        let line = self.line().await;
        let rep = self.rep(rep);
        let able = line.iter().filter(|one| one.is_there && rep.may_serve(one.queue, one.waited_millis));
        able.min_by_key(|one| one.place).map(|one| one.id)
    }

    /// Of every session that changed: the log replays to the row, the epoch did not go back, stamps are in order.
    pub(super) async fn what_was_touched_is_sound(&mut self, step: usize) {
        let place = format!("history {}, step {step}", self.seed);
        if !self.known.is_empty() {
            let ids: Vec<String> = self.known.keys().map(|id| format!("X'{id}'")).collect();
            let text = format!("SELECT LOWER(HEX(id)), last_event FROM sessions WHERE id IN ({})", ids.join(", "));
            let rows: Vec<(String, i64)> = self.raw.rows(&text).await;
            assert_eq!(rows.len(), self.known.len(), "{place}: a session is gone");
            for (id, last_event) in rows {
                let id: SessionId = id.parse().unwrap();
                let known = self.known[&id];
                if last_event != known.last_event {
                    assert!(last_event > known.last_event, "{place}: {id} went back");
                    self.session_is_sound(id, known, &place).await;
                }
            }
        }
        self.counts_are_right(&place).await;
    }

    async fn session_is_sound(&mut self, id: SessionId, known: Known, place: &str) {
        let row = sessions::find(self.raw.conn(), id).await.unwrap().expect("it is there");
        let log = events::of_session(self.raw.conn(), id).await.unwrap();
        assert!(log.iter().map(|event| event.number).eq(1..=row.life.last_event), "{place}: a gap in {log:?}");
        assert!(log.is_sorted_by_key(|event| event.epoch), "{place}: an epoch went back in {log:?}");
        assert!(row.life.epoch >= known.epoch, "{place}: {id}'s epoch went back");
        assert_eq!(events::replay(&log).unwrap().as_ref(), Some(&row.life), "{place}: {id}: {log:?}");
        let stamps: Vec<_> =
            [row.life.queued_at, row.life.started_at, row.life.ended_at].into_iter().flatten().collect();
        assert!(stamps.is_sorted(), "{place}: {id}: {:?}", row.life);
        assert_eq!(row.life.outcome.is_some(), row.life.state == State::Ended, "{place}: {id}: {:?}", row.life);
        for name in log.iter().filter(|event| event.number > known.last_event).map(|event| event.name.as_str()) {
            match name {
                "requeue" => self.saw("requeue"),
                "handOver" => self.saw("hand over"),
                "consult" => self.saw("consult"),
                "passOver" => self.saw("passed over"),
                _ => {}
            }
        }
        if row.life.state == State::Ended {
            self.known.remove(&id);
            self.streams.remove(&bannerline::domain::presence::Seat::Customer(id));
        } else {
            self.watch(&row);
        }
    }

    /// Nobody has more customers than they may, nobody talks with two, and what is counted on a row is so.
    async fn counts_are_right(&mut self, place: &str) {
        let live = "SELECT LOWER(HEX(rep_id)), state FROM sessions WHERE state IN ('offered', 'talking', 'held')";
        let live: Vec<(String, String)> = self.raw.rows(live).await;
        // Both who talk about a customer talk with nobody else, and with somebody.
        let consulted =
            "SELECT LOWER(HEX(rep_id)), LOWER(HEX(consulted)), state FROM sessions WHERE consulted IS NOT NULL";
        let consulted: Vec<(String, String, String)> = self.raw.rows(consulted).await;
        assert!(consulted.iter().all(|(rep, other, state)| state == "held" && rep != other), "{place}: {consulted:?}");
        let pending = "SELECT LOWER(HEX(o.rep_id)), s.state, s.ringing FROM offers o \
            JOIN sessions s ON s.id = o.session_id WHERE o.state = 'pending'";
        let pending: Vec<(String, String, i64)> = self.raw.rows(pending).await;
        // Who is on hold rings at the colleague who was asked.
        let may_ring = |state: &str| state == "waiting" || state == "held";
        assert!(pending.iter().all(|(_, state, ringing)| may_ring(state) && *ringing > 0), "{place}: {pending:?}");
        for desk in self.desks().await {
            let id = desk.id.to_string();
            let consulting = consulted.iter().filter(|(rep, _, _)| *rep == id).count();
            let asked = consulted.iter().filter(|(_, other, _)| *other == id).count();
            let callers = asked + live.iter().filter(|(rep, _)| *rep == id).count();
            let talking =
                live.iter().filter(|(rep, state)| *rep == id && state == "talking").count() + consulting + asked;
            let ringing = pending.iter().filter(|(rep, ..)| *rep == id).count();
            let counted = [desk.callers, desk.ringing].map(|count| usize::try_from(count).unwrap());
            assert_eq!(counted, [callers, ringing], "{place}: {desk:?}");
            assert!(desk.callers <= self.rep(desk.id).capacity && talking <= 1, "{place}: {desk:?} talks to {talking}");
            assert_eq!(desk.activity == "onCall", desk.callers > 0, "{place}: {desk:?}");
        }
    }

    /// One turn of offers and lists, and its judgement.
    pub(super) async fn tends(&mut self) {
        let place = format!("history {}", self.seed);
        let before: HashSet<String> = self.pending().await.into_iter().map(|(offer, ..)| offer).collect();
        self.desk().tend_offers().await.unwrap_or_else(|error| panic!("{place}: {error}"));
        self.what_was_touched_is_sound(usize::MAX).await;
        let (line, desks) = (self.line().await, self.desks().await);
        let let_go = self.let_go().await;
        for (offer, session, rep) in self.pending().await {
            if before.contains(&offer) {
                continue;
            }
            self.saw("ring");
            let Some(place) = line.iter().find(|one| one.id == session).map(|one| one.place) else { continue };
            let overtaken = self.may_ring(&line, rep, &let_go).into_iter().find(|one| one.place < place);
            assert!(overtaken.is_none(), "history {}: {session} rings at {rep} before {overtaken:?}", self.seed);
        }
        for desk in desks.iter().filter(|desk| desk.is_present && desk.takes_calls(&["onCall"])) {
            let room = self.rep(desk.id).capacity - desk.callers - desk.ringing;
            assert!(room >= 0, "{place}: {desk:?} rings beyond capacity");
            let waits = self.may_ring(&line, desk.id, &let_go);
            assert!(room == 0 || waits.is_empty(), "{place}: {desk:?} is free, and {waits:?} do not ring");
        }
        self.lists_are_right(&line, &desks, &let_go).await;
    }

    /// Who does not ring, and could at this representative.
    fn may_ring<'l>(&self, line: &'l [Waiting], rep: RepId, let_go: &BTreeSet<(SessionId, RepId)>) -> Vec<&'l Waiting> {
        let rep = self.rep(rep);
        line.iter()
            .filter(|one| one.mode == "offer" && one.is_there && !one.rings)
            .filter(|one| rep.may_serve(one.queue, one.waited_millis) && !let_go.contains(&(one.id, rep.id)))
            .collect()
    }

    async fn pending(&mut self) -> Vec<(String, SessionId, RepId)> {
        let text =
            "SELECT LOWER(HEX(id)), LOWER(HEX(session_id)), LOWER(HEX(rep_id)) FROM offers WHERE state = 'pending'";
        let rows: Vec<(String, String, String)> = self.raw.rows(text).await;
        rows.into_iter().map(|(offer, session, rep)| (offer, session.parse().unwrap(), rep.parse().unwrap())).collect()
    }

    async fn let_go(&mut self) -> BTreeSet<(SessionId, RepId)> {
        let since = self.office.desk.now().millis() - ASKED_AGAIN_AFTER_MILLIS;
        let text = format!(
            "SELECT LOWER(HEX(session_id)), LOWER(HEX(rep_id)) FROM offers \
             WHERE state IN ('rejected', 'timedOut') AND decided_at > {since} \
             UNION SELECT LOWER(HEX(session_id)), LOWER(HEX(from_rep)) FROM transfers \
             WHERE to_queue IS NOT NULL AND at > {since}"
        );
        let rows: Vec<(String, String)> = self.raw.rows(&text).await;
        rows.into_iter().map(|(session, rep)| (session.parse().unwrap(), rep.parse().unwrap())).collect()
    }

    /// Three a list at most, of who takes calls and may serve them; nobody is on none while there is room on one, or
    /// somebody who comes later on it.
    async fn lists_are_right(&mut self, line: &[Waiting], desks: &[Desk], let_go: &BTreeSet<(SessionId, RepId)>) {
        let text = "SELECT LOWER(HEX(d.session_id)), LOWER(HEX(d.rep_id)) FROM deals d JOIN sessions s \
            ON s.id = d.session_id WHERE s.state = 'waiting' AND d.dealt_at >= s.waiting_since";
        let rows: Vec<(String, String)> = self.raw.rows(text).await;
        let dealt: BTreeMap<SessionId, RepId> =
            rows.into_iter().map(|(session, rep)| (session.parse().unwrap(), rep.parse().unwrap())).collect();
        let place = format!("history {}", self.seed);
        let listed = |rep: RepId| -> Vec<&Waiting> {
            line.iter().filter(|one| one.mode == "list" && dealt.get(&one.id) == Some(&rep)).collect()
        };
        let takes = |desk: &&Desk| desk.is_present && desk.takes_calls(&["onCall", "wrapUp"]);
        for desk in desks {
            let rep = self.rep(desk.id);
            let on_list = listed(desk.id);
            assert!(on_list.len() <= LIST_LENGTH, "{place}: {on_list:?} on the list of {desk:?}");
            let able = on_list.iter().all(|one| rep.may_serve(one.queue, one.waited_millis));
            assert!(on_list.is_empty() || (able && takes(&desk)), "{place}: {on_list:?} on the list of {desk:?}");
        }
        for desk in desks.iter().filter(takes) {
            let (rep, on_list) = (self.rep(desk.id), listed(desk.id));
            let last = on_list.iter().map(|one| one.place).max().filter(|_| on_list.len() == LIST_LENGTH);
            let forgotten = line.iter().find(|one| {
                let waits = one.mode == "list" && one.is_there && !one.rings && !dealt.contains_key(&one.id);
                let able = rep.may_serve(one.queue, one.waited_millis) && !let_go.contains(&(one.id, rep.id));
                waits && able && last.is_none_or(|last| one.place < last)
            });
            assert!(forgotten.is_none(), "{place}: {forgotten:?} is on no list, and {desk:?} has {on_list:?}");
        }
    }

    /// Every session of this history has one outcome, nobody has or rings anybody, and the figures are a recount.
    pub(super) async fn everything_is_over(&mut self) {
        let place = format!("history {}, the end", self.seed);
        self.what_was_touched_is_sound(usize::MAX).await;
        assert!(self.known.is_empty(), "{place}: left over are {:?}", self.known);
        for id in self.sessions.clone() {
            self.session_is_sound(id, Known { epoch: 1, last_event: 1 }, &place).await;
        }
        for desk in self.desks().await {
            assert_eq!((desk.callers, desk.ringing), (0, 0), "{place}: {desk:?}");
            assert_eq!(desk.activity, "offline", "{place}: {desk:?}");
        }
        assert_eq!(self.raw.number("SELECT COUNT(*) FROM offers WHERE state = 'pending'").await, 0, "{place}");
        let wrong = "SELECT COUNT(*) FROM offers WHERE decided_at IS NULL OR decided_at < made_at";
        assert_eq!(self.raw.number(wrong).await, 0, "{place}");
        let answered = "SELECT COUNT(*) FROM sessions WHERE (started_at IS NOT NULL) <> (outcome = 'answered')";
        assert_eq!(self.raw.number(answered).await, 0, "{place}");
        self.figures_are_a_recount(&place).await;
    }

    /// What was rolled while it happened, all of it by now, is what a plain count gives.
    async fn figures_are_a_recount(&mut self, place: &str) {
        while self.rolls().await > 0 {}
        let left = "SELECT COUNT(*) FROM sessions WHERE rolled = 0 AND ended_at IS NOT NULL";
        assert_eq!(self.raw.number(left).await, 0, "{place}");
        let db = &self.office.desk.db;
        let mut found = Vec::new();
        recount::verify(db, |difference| found.push(difference), |_| ()).await.unwrap();
        assert_eq!(found, [], "{place}");
        let period = Period { from: Timestamp(0), to: Timestamp(i64::MAX), tests: false };
        let mut reader = db.read().await.unwrap();
        let told = figures::tally(reader.conn(), &"5".parse().unwrap(), None, period).await.unwrap();
        let plain = "SELECT COUNT(*), COUNT(started_at), COUNT(CASE WHEN started_at IS NULL THEN ended_at END), \
            CAST(SUM(COALESCE(started_at, ended_at) - queued_at) AS SIGNED), \
            CAST(SUM(ended_at - COALESCE(started_at, ended_at)) AS SIGNED) FROM sessions WHERE queued_at > 0";
        let plain: Vec<(i64, i64, i64, i64, i64)> = self.raw.rows(plain).await;
        let Tally { total, answered, not_answered, queue_ms, talk_ms, .. } = told;
        assert_eq!((total, answered, not_answered, queue_ms, talk_ms), plain[0], "{place}");
    }

    /// What has ended is added to the roll-ups, by whichever instance this is now.
    pub(super) async fn rolls(&self) -> usize {
        let desk = self.desk();
        let turn = roller::roll(&desk.db, desk.instance, desk.now(), roller::GROUP).await;
        turn.unwrap_or_else(|error| panic!("history {}: {error}", self.seed)).rolled
    }
}

/// Enough of everything happened to prove something.
pub(super) fn has_seen_everything(seen: &BTreeMap<&'static str, usize>) {
    let kinds = [
        "claim",
        "empty",
        "ring",
        "accept",
        "reject",
        "pick",
        "conversation",
        "hold",
        "resume",
        "requeue",
        "passed over",
        "page gone",
        "page back",
        "old page",
        "supervisor",
        "pass on",
        "ask",
        "hand over",
        "consult",
        "crash",
        "rolled",
    ];
    for kind in kinds {
        assert!(seen.get(kind).is_some_and(|count| *count >= 2), "too little {kind}: {seen:?}");
    }
}
