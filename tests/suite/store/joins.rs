//! Joins that share a commit: each gets what it would have got alone, whoever else was in the group.

use bannerline::clock::Timestamp;
use bannerline::desk::DeskError;
use bannerline::desk::admission::Joined;
use bannerline::domain::ids::SessionId;
use bannerline::domain::session::{Action, Life, State};
use bannerline::store::events;
use bannerline::store::line::{self, Destination};
use futures_util::future::join_all;

use super::{Office, TEN, customer, poll_once};
use crate::support::Backend;

both! {
    two_hundred_at_once_get_what_they_would_get_one_by_one,
    one_odd_member_hurts_nobody_else,
    those_of_another_instance_keep_their_order,
    nobody_is_written_beside_whoever_is_not_there,
}

/// The session's life, and its log, which must be a request and one join that says the same.
async fn life_of(office: &Office, id: SessionId) -> Life {
    let life = office.session(id).await.life;
    let mut raw = office.raw().await;
    let log = events::of_session(raw.conn(), id).await.unwrap();
    let told: Vec<_> = log.iter().map(|event| (event.number, event.name.as_str(), event.at, event.epoch)).collect();
    assert_eq!(told, [(1, "created", TEN, 1), (2, "join", TEN, 1)]);
    let action: Action = serde_json::from_str(&log[1].data).unwrap();
    assert_eq!(action, Action::Join { queue: 1, rank: 0, ticket: life.ticket.unwrap() });
    assert_eq!(events::replay(&log).unwrap().as_ref(), Some(&life));
    life
}

async fn two_hundred_at_once_get_what_they_would_get_one_by_one(backend: Backend) {
    let together = Office::open(backend).await;
    let sessions = together.requests(200).await;
    let answers = join_all(sessions.iter().map(|id| together.desk.join(*id, None))).await;
    let mut grouped = Vec::new();
    for (id, answer) in sessions.iter().zip(answers) {
        let joined = answer.expect("everybody joins");
        assert_eq!(joined.queue_id, together.session(*id).await.queue_entry);
        grouped.push((life_of(&together, *id).await, joined.position));
    }
    grouped.sort_by_key(|(life, _)| life.ticket);

    let alone = Office::open(backend).await;
    let mut one_by_one = Vec::new();
    for id in alone.requests(200).await {
        let joined = alone.desk.join(id, None).await.expect("everybody joins");
        one_by_one.push((life_of(&alone, id).await, joined.position));
    }
    assert_eq!(grouped, one_by_one);
    let tickets: Vec<_> = grouped.iter().map(|(life, position)| (life.ticket, *position)).collect();
    assert_eq!(tickets, (1..=200).map(|n| (Some(n), usize::try_from(n).unwrap())).collect::<Vec<_>>());

    let (batches, of_one) = (&together.desk.metrics.join_batch, &alone.desk.metrics.join_batch);
    assert!(batches.get_sample_count() < 100, "{} commits: they were not grouped", batches.get_sample_count());
    assert_eq!(of_one.get_sample_count(), 200, "the other half was not one by one");
}

/// What is odd about one member of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Odd {
    Ended,
    Foreign,
    Twice,
    Waits,
    Offered,
    Talks,
}

/// The odd member, with the place it has already.
async fn odd_member(office: &Office, odd: Odd, members: &[SessionId]) -> (SessionId, Option<Joined>) {
    let desk = &office.desk;
    match odd {
        Odd::Ended => {
            let id = office.requested().await;
            desk.end(&customer(id), id, None, false).await.unwrap();
            (id, None)
        }
        Odd::Foreign => (SessionId::new(TEN), None),
        Odd::Twice => (members[2], None),
        Odd::Waits => {
            let id = office.requested().await;
            let place = desk.join(id, None).await.unwrap();
            (id, Some(place))
        }
        Odd::Offered | Odd::Talks => {
            let (id, rep) = (office.waiting().await, office.rep("rita").await);
            assert_eq!(desk.claim(rep, false).await.unwrap().unwrap().id, id);
            if odd == Odd::Talks {
                desk.joined(&customer(id), id, None).await.unwrap();
                desk.joined(&super::representative(rep), id, None).await.unwrap();
            }
            (id, None)
        }
    }
}

/// Joins all of these in one group: nobody is served before all have asked, because the ticket is held.
async fn join_in_one_group(office: &Office, all: &[SessionId]) -> Vec<Result<Joined, DeskError>> {
    let mut held = office.desk.db.begin().await.unwrap();
    line::take_tickets(&mut held, 1).await.unwrap();
    let mut joins = std::pin::pin!(join_all(all.iter().map(|id| office.desk.join(*id, None))));
    assert!(poll_once(joins.as_mut()).await.is_none(), "somebody was served while the ticket was held");
    drop(held);
    joins.await
}

async fn one_odd_member_hurts_nobody_else(backend: Backend) {
    for odd in [Odd::Ended, Odd::Foreign, Odd::Twice, Odd::Waits, Odd::Offered, Odd::Talks] {
        let office = Office::open(backend).await;
        let members = office.requests(9).await;
        let (id, place) = odd_member(&office, odd, &members).await;
        let before = if odd == Odd::Foreign { None } else { Some(office.session(id).await) };
        let mut all = members.clone();
        all.insert(5, id);
        let mut answers = join_in_one_group(&office, &all).await;
        let answer = answers.remove(5);
        match odd {
            Odd::Ended => assert!(is_not_now(&answer, State::Ended), "{answer:?}"),
            Odd::Offered => assert!(is_not_now(&answer, State::Offered), "{answer:?}"),
            Odd::Talks => assert!(is_not_now(&answer, State::Talking), "{answer:?}"),
            Odd::Foreign => assert!(matches!(answer, Err(DeskError::NotFound)), "{answer:?}"),
            Odd::Waits => assert_eq!(answer.ok(), place),
            Odd::Twice => assert_eq!(answer.ok(), answers[2].as_ref().ok().copied()),
        }
        if let Some(before) = before.filter(|_| odd != Odd::Twice) {
            assert_eq!(office.session(id).await.life, before.life, "{odd:?} was touched");
        }
        let ahead = usize::from(odd == Odd::Waits);
        let mut tickets = Vec::new();
        for (index, (member, answer)) in members.iter().zip(&answers).enumerate() {
            let joined = answer.as_ref().unwrap_or_else(|error| panic!("{odd:?} hurt {index}: {error}"));
            assert_eq!(joined.position, ahead + index + 1, "{odd:?}");
            tickets.push(life_of(&office, *member).await.ticket);
        }
        assert!(tickets.is_sorted_by(|a, b| a < b), "{odd:?}: {tickets:?}");
        let mut raw = office.raw().await;
        let waiting = line::places(raw.conn()).await.unwrap();
        assert_eq!(waiting.len(), 9 + ahead, "{odd:?}: everybody waits exactly once");
    }
}

/// What one instance remembers and what it looks up come together in the order of asking.
async fn those_of_another_instance_keep_their_order(backend: Backend) {
    let office = Office::open(backend).await;
    let elsewhere = office.second_desk().await;
    let mut all = Vec::new();
    for number in 0..21 {
        let desk = if number % 3 == 1 { &office.desk } else { &elsewhere };
        all.push(desk.request(super::wish("5", "3"), None).await.expect("a session is made").id);
    }
    // Not the order of their ids: that is how a database would list them.
    all.reverse();
    for (index, answer) in join_in_one_group(&office, &all).await.into_iter().enumerate() {
        assert_eq!(answer.expect("everybody joins").position, index + 1);
    }
    for (session, ticket) in all.iter().zip(1..) {
        assert_eq!(life_of(&office, *session).await.ticket, Some(ticket));
    }
    // The first may have gone ahead of the others.
    assert!(office.desk.metrics.join_batch.get_sample_count() <= 2, "they were not grouped");
}

/// Where somebody goes was read before; whether somebody is there to go is what the rows say when it is written.
async fn nobody_is_written_beside_whoever_is_not_there(backend: Backend) {
    let office = Office::open(backend).await;
    let (here, waits) = (office.requested().await, office.waiting().await);
    for stranger in [SessionId::new(TEN), waits] {
        let group = [here, stranger].map(|id| Destination { id, for_queue: 1, for_rank: 0 });
        let mut tx = office.desk.db.begin().await.unwrap();
        let first = line::take_tickets(&mut tx, 2).await.unwrap();
        assert!(!line::join(&mut tx, first, &group, TEN).await.unwrap());
        drop(tx);
        assert_eq!(office.session(here).await.life.state, State::Created);
    }
}

fn is_not_now(answer: &Result<Joined, DeskError>, state: State) -> bool {
    matches!(answer, Err(DeskError::NotNow(session)) if session.life.state == state)
}

/// A group is dated by one reading of the clock.
#[test]
fn a_group_has_one_instant() {
    crate::support::run(async {
        let office = Office::open(Backend::Sqlite).await;
        let sessions = office.requests(20).await;
        office.clock.set(Timestamp(TEN.0 + 777));
        for answer in join_in_one_group(&office, &sessions).await {
            answer.expect("everybody joins");
        }
        let at = "SELECT COUNT(*) FROM sessions WHERE queued_at = 1795255200777 AND waiting_since = queued_at";
        assert_eq!(office.raw().await.number(at).await, 20);
    });
}
