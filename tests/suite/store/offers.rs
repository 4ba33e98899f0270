//! What offers leave behind: each settled once, nothing that rings without an offer, and a log that replays.

use std::sync::Arc;

use bannerline::desk::DeskError;
use bannerline::domain::activity::Choice;
use bannerline::domain::ids::RepId;
use bannerline::domain::session::State;
use bannerline::store::events;
use tokio::task::JoinSet;

use super::{Office, customer, representative};
use crate::support::{Backend, scale};

both! {
    each_way_to_settle_an_offer_is_kept,
    every_change_of_activity_is_kept,
    who_is_on_a_call_is_asked_last_and_may_miss_too,
    a_storm_of_answers_leaves_the_counts_right,
}

impl Office {
    /// A representative whose console is open, and who is available.
    pub(super) async fn available(&self, name: &str) -> RepId {
        let rep = self.rep(name).await;
        self.raw().await.execute("UPDATE reps SET holder = X'00000000000000000000000000000001'").await;
        self.chooses(rep, "available").await;
        rep
    }

    async fn chooses(&self, rep: RepId, activity: &str) {
        self.desk.choose(rep, &Choice::parse(activity, None).unwrap()).await.unwrap();
    }

    /// Nothing rings without an offer, no offer rings for nobody, and every log replays.
    pub(super) async fn is_consistent(&self) {
        let mut raw = self.raw().await;
        let wrong = "SELECT COUNT(*) FROM reps r WHERE r.ringing <> \
            (SELECT COUNT(*) FROM offers o WHERE o.rep_id = r.user_id AND o.state = 'pending')";
        assert_eq!(raw.number(wrong).await, 0, "a representative's count of what rings is wrong");
        let wrong = "SELECT COUNT(*) FROM sessions s WHERE (s.ringing > 0) <> \
            EXISTS (SELECT 1 FROM offers o WHERE o.session_id = s.id AND o.state = 'pending')";
        assert_eq!(raw.number(wrong).await, 0, "a session rings without an offer, or the other way round");
        let wrong = "SELECT COUNT(*) FROM reps r WHERE r.callers <> (SELECT COUNT(*) FROM sessions s \
            WHERE s.rep_id = r.user_id AND s.state IN ('offered', 'talking', 'held'))";
        assert_eq!(raw.number(wrong).await, 0, "a representative's count of callers is wrong");
        let wrong = "SELECT COUNT(*) FROM reps WHERE (activity = 'onCall') <> (callers > 0)";
        assert_eq!(raw.number(wrong).await, 0, "on a call without a caller, or the other way round");
        for id in raw.texts("SELECT LOWER(HEX(id)) FROM sessions").await {
            let id = id.parse().unwrap();
            let log = events::of_session(raw.conn(), id).await.unwrap();
            assert_eq!(events::replay(&log).unwrap(), Some(self.session(id).await.life), "{id}");
        }
    }
}

async fn each_way_to_settle_an_offer_is_kept(backend: Backend) {
    let office = Office::open(backend).await;
    let desk = &office.desk;
    let rita = office.available("rita").await;
    // Rita has been idle longer.
    office.clock.advance(1_000);
    let rosa = office.available("rosa").await;
    let first = office.waiting().await;
    desk.tend_offers().await.unwrap();
    let offer = desk.offers_to(rita).await.unwrap().remove(0).0;
    assert_eq!((offer.session_id, offer.deadline.since(offer.made_at)), (first, 10_000));
    desk.reject(rita, offer.id).await.unwrap();
    office.is_consistent().await;
    desk.tend_offers().await.unwrap();
    assert!(desk.offers_to(rita).await.unwrap().is_empty(), "she is not asked again at once");
    office.clock.advance(10_000);
    let late = desk.offers_to(rosa).await.unwrap();
    assert!(late.is_empty(), "past its deadline it does not ring, even if nobody has noted it yet");
    desk.tend_offers().await.unwrap();
    office.is_consistent().await;

    let second = office.waiting().await;
    desk.tend_offers().await.unwrap();
    assert_eq!(desk.offers_to(rita).await.unwrap()[0].0.session_id, second, "the first was hers to reject");
    desk.leave(second).await.unwrap();
    office.is_consistent().await;
    office.clock.advance(30_000);
    desk.tend_offers().await.unwrap();
    office.chooses(rita, "break").await;
    desk.tend_offers().await.unwrap();
    office.chooses(rita, "available").await;
    office.clock.advance(30_000);
    desk.tend_offers().await.unwrap();
    let offer = desk.offers_to(rita).await.unwrap().remove(0).0;
    assert_eq!(desk.accept(rita, offer.id).await.unwrap().id, first);
    office.is_consistent().await;
    let states = "SELECT state FROM offers ORDER BY decided_at";
    let expected = ["rejected", "timedOut", "canceled", "rescinded", "accepted"];
    assert_eq!(office.raw().await.texts(states).await, expected);
    let undated = "SELECT COUNT(*) FROM offers WHERE decided_at IS NULL OR decided_at < made_at";
    assert_eq!(office.raw().await.number(undated).await, 0);
}

async fn every_change_of_activity_is_kept(backend: Backend) {
    let office = Office::open(backend).await;
    let rita = office.available("rita").await;
    let lunch = Choice::parse("break", Some("lunch")).unwrap();
    for second in 1..=2 {
        office.clock.advance(1_000);
        let id = office.waiting().await;
        let claimed = office.desk.claim(rita, false).await.unwrap().unwrap();
        assert_eq!(claimed.id, id);
        if second == 2 {
            office.desk.choose(rita, &lunch).await.unwrap();
        }
        office.clock.advance(1_000);
        office.desk.joined(&customer(id), id, None).await.unwrap();
        office.desk.joined(&representative(rita), id, None).await.unwrap();
        office.desk.end(&representative(rita), id, None, false).await.unwrap();
    }
    let log = "SELECT activity, COALESCE(reason, ''), cause, at - 1795255200000 FROM rep_activities ORDER BY at, id";
    let rows: Vec<(String, String, String, i64)> = office.raw().await.rows(log).await;
    let rows: Vec<_> = rows.iter().map(|(a, r, c, at)| (a.as_str(), r.as_str(), c.as_str(), *at)).collect();
    let expected = [
        ("available", "", "chosen", 0),
        ("onCall", "", "call", 1_000),
        ("available", "", "callOver", 2_000),
        ("onCall", "", "call", 3_000),
        ("break", "lunch", "callOver", 4_000),
    ];
    assert_eq!(rows, expected);
    office.is_consistent().await;
}

async fn who_is_on_a_call_is_asked_last_and_may_miss_too(backend: Backend) {
    let office = Office::open(backend).await;
    let desk = &office.desk;
    let rita = office.available("rita").await;
    office.raw().await.execute("UPDATE reps SET capacity = 2").await;
    office.waiting().await;
    desk.claim(rita, false).await.unwrap().unwrap();
    office.clock.advance(1_000);
    let rosa = office.available("rosa").await;
    let customer = office.waiting().await;
    desk.tend_offers().await.unwrap();
    assert!(desk.offers_to(rita).await.unwrap().is_empty(), "she was idle before Rosa, but is on a call");
    let offer = desk.offers_to(rosa).await.unwrap().remove(0).0;

    // Taken back for no fault of theirs, it may ring at the same one again at once.
    office.chooses(rosa, "break").await;
    desk.tend_offers().await.unwrap();
    let offer_at_rita = desk.offers_to(rita).await.unwrap().remove(0).0;
    assert_eq!((offer.session_id, offer_at_rita.session_id), (customer, customer), "there is room for another");
    office.chooses(rosa, "available").await;
    office.clock.advance(10_000);
    desk.tend_offers().await.unwrap();
    let duty = desk.duty(rita).await.unwrap();
    assert_eq!((duty.activity.as_str(), duty.next_reason.as_deref()), ("onCall", Some("missed")));
    assert_eq!(desk.offers_to(rosa).await.unwrap()[0].0.session_id, customer, "and the next one is asked");
    office.is_consistent().await;
}

async fn a_storm_of_answers_leaves_the_counts_right(backend: Backend) {
    let office = Office::open(backend).await;
    office.raw().await.execute("UPDATE queues SET offer_to = 3").await;
    let mut reps = Vec::new();
    for index in 0..6 {
        reps.push(office.available(&format!("rep{index}")).await);
    }
    let crowd = 12 * scale();
    for _ in 0..crowd {
        office.waiting().await;
    }
    let mut storm = JoinSet::new();
    for (index, rep) in reps.iter().copied().enumerate() {
        let (desk, clock) = (Arc::clone(&office.desk), Arc::clone(&office.clock));
        storm.spawn(async move {
            let mut served = 0;
            for turn in 0.. {
                desk.tend_offers().await.unwrap();
                let ringing = desk.offers_to(rep).await.unwrap();
                let Some((offer, _)) = ringing.into_iter().next() else {
                    if desk.line.waiting(1) == 0 || turn > 4_000 {
                        return served;
                    }
                    // Who rejected is asked again after a while.
                    clock.advance(500);
                    tokio::task::yield_now().await;
                    continue;
                };
                if (turn + index) % 4 == 0 {
                    let rejected = desk.reject(rep, offer.id).await;
                    assert!(matches!(rejected, Ok(()) | Err(DeskError::OfferOver(_))), "{rejected:?}");
                    continue;
                }
                match desk.accept(rep, offer.id).await {
                    Ok(session) => {
                        assert_eq!((session.life.state, session.life.rep), (State::Offered, Some(rep)));
                        desk.end(&representative(rep), session.id, None, false).await.unwrap();
                        served += 1;
                        desk.choose(rep, &Choice::parse("available", None).unwrap()).await.unwrap();
                    }
                    Err(DeskError::OfferOver(_)) => {
                        // Too late: the clock runs fast here.
                        desk.choose(rep, &Choice::parse("available", None).unwrap()).await.unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            served
        });
    }
    let served: usize = storm.join_all().await.into_iter().sum();
    office.is_consistent().await;
    assert_eq!(served, crowd, "each once");
    let twice = "SELECT COUNT(*) - COUNT(DISTINCT session_id) FROM offers WHERE state = 'accepted'";
    assert_eq!(office.raw().await.number(twice).await, 0);
}
