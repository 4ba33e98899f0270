//! Who rings at whom: customers in their order, each at the first representatives who may serve them.

use std::collections::BTreeSet;

use super::ids::{RepId, SessionId};
use super::offer::OfferOrder;
use super::queue::{Asks, Place, Skills};
use crate::clock::Timestamp;

/// A customer who waits and does not ring yet.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'q> {
    /// Who.
    pub session: SessionId,
    /// Where in line.
    pub place: Place,
    /// Milliseconds since the first queue entry.
    pub waited_millis: i64,
    /// What the queue asks of a representative.
    pub asks: &'q Asks,
    /// Who is asked first.
    pub order: OfferOrder,
    /// At how many representatives at once.
    pub at_once: usize,
}

/// A representative at whom customers may ring.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Who.
    pub rep: RepId,
    /// What they know.
    pub skills: Skills,
    /// The customers they have.
    pub callers: i64,
    /// How many more may ring, at least 1.
    pub room: i64,
    /// Since when they have served nobody.
    pub idle_since: Timestamp,
}

/// A customer who begins to ring, and at whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rings {
    /// The customer.
    pub session: SessionId,
    /// The representatives, in the order in which they are asked.
    pub at: Vec<RepId>,
}

/// Lets customers ring, by rank and then by ticket: each at the first who may serve them, have room, and did not let
/// this very customer go a moment ago (`let_go`). So nobody is overtaken among those whom the same one may serve.
#[must_use]
pub fn rings(
    mut waiting: Vec<Waiting<'_>>,
    mut ready: Vec<Ready>,
    let_go: &BTreeSet<(SessionId, RepId)>,
) -> Vec<Rings> {
    waiting.sort_unstable_by_key(|customer| customer.place);
    let mut all = Vec::new();
    for customer in waiting {
        if ready.is_empty() {
            break;
        }
        let mut able: Vec<&mut Ready> = ready
            .iter_mut()
            .filter(|one| customer.asks.served_by(&one.skills).reaches(customer.waited_millis))
            .filter(|one| !let_go.contains(&(customer.session, one.rep)))
            .collect();
        able.sort_unstable_by_key(|one| (load(one, customer.order), one.idle_since, one.rep));
        able.truncate(customer.at_once);
        if able.is_empty() {
            continue;
        }
        let at = able.iter().map(|one| one.rep).collect();
        for one in able {
            one.room -= 1;
        }
        ready.retain(|one| one.room > 0);
        all.push(Rings { session: customer.session, at });
    }
    all
}

/// Who has less of it is asked first. Who is on a call is not idle.
fn load(one: &Ready, order: OfferOrder) -> i64 {
    match order {
        OfferOrder::Idle => one.callers.min(1),
        OfferOrder::Callers => one.callers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn skills(words: &str) -> Skills {
        words.split_whitespace().map(|word| word.parse().unwrap()).collect()
    }

    fn asks(required: &str, preferred: &str) -> Asks {
        Asks { required: skills(required), preferred: skills(preferred), relax_after_millis: 60_000 }
    }

    fn customer(asks: &Asks, queue_rank: i64, ticket: i64) -> Waiting<'_> {
        let place = Place { queue_rank, ticket };
        let session = SessionId::new(NOW);
        Waiting { session, place, waited_millis: 0, asks, order: OfferOrder::Idle, at_once: 1 }
    }

    fn rep(known: &str, idle: i64) -> Ready {
        let idle_since = Timestamp(idle);
        Ready { rep: RepId::new(NOW), skills: skills(known), callers: 0, room: 1, idle_since }
    }

    fn ring(waiting: &[Waiting<'_>], ready: &[Ready]) -> Vec<Rings> {
        rings(waiting.to_vec(), ready.to_vec(), &BTreeSet::new())
    }

    fn one(customer: &Waiting<'_>, rep: &Ready) -> Rings {
        Rings { session: customer.session, at: vec![rep.rep] }
    }

    #[test]
    fn a_shared_representative_gets_the_oldest_ticket_and_a_smaller_rank_first() {
        let (sales, support) = (asks("sales", ""), asks("support", ""));
        let both = rep("sales support", 1);
        let (older, newer) = (customer(&support, 0, 7), customer(&sales, 0, 8));
        assert_eq!(ring(&[newer, older], std::slice::from_ref(&both)), [one(&older, &both)]);
        let urgent = customer(&sales, -1, 9);
        assert_eq!(ring(&[newer, older, urgent], std::slice::from_ref(&both)), [one(&urgent, &both)]);
    }

    #[test]
    fn who_can_be_served_by_nobody_here_holds_nobody_up() {
        let (sales, support) = (asks("sales", ""), asks("support", ""));
        let seller = rep("sales", 1);
        let (first, second) = (customer(&support, 0, 1), customer(&sales, 0, 2));
        assert_eq!(ring(&[first, second], std::slice::from_ref(&seller)), [one(&second, &seller)]);
    }

    #[test]
    fn a_preferred_skill_is_asked_for_until_the_customer_has_waited() {
        let french = asks("sales", "french");
        let seller = rep("sales", 1);
        let fresh = customer(&french, 0, 1);
        assert_eq!(ring(&[fresh], std::slice::from_ref(&seller)), []);
        let waited = Waiting { waited_millis: 60_000, ..fresh };
        assert_eq!(ring(&[waited], std::slice::from_ref(&seller)), [one(&waited, &seller)]);
    }

    #[test]
    fn who_is_asked_first_is_idle_longest_or_has_fewest_callers() {
        let any = Asks::default();
        let busy = |callers, idle| Ready { callers, room: 2, ..rep("", idle) };
        let (two, one_caller, idle) = (busy(2, 1), busy(1, 2), busy(0, 3));
        let ready = [two.clone(), one_caller.clone(), idle.clone()];
        let at = |order, at_once| ring(&[Waiting { order, at_once, ..customer(&any, 0, 1) }], &ready).remove(0).at;
        assert_eq!(at(OfferOrder::Idle, 5), [idle.rep, two.rep, one_caller.rep]);
        assert_eq!(at(OfferOrder::Callers, 5), [idle.rep, one_caller.rep, two.rep]);
        assert_eq!(at(OfferOrder::Callers, 2), [idle.rep, one_caller.rep]);
    }

    #[test]
    fn nobody_rings_beyond_the_room_nor_where_they_were_let_go() {
        let any = Asks::default();
        let (rita, rosa) = (Ready { room: 2, ..rep("", 1) }, rep("", 2));
        let line: Vec<_> = (1..=4).map(|ticket| customer(&any, 0, ticket)).collect();
        let rung = ring(&line, &[rita.clone(), rosa.clone()]);
        assert_eq!(rung, [one(&line[0], &rita), one(&line[1], &rita), one(&line[2], &rosa)]);
        let let_go = BTreeSet::from([(line[0].session, rita.rep)]);
        let rung = rings(line.clone(), vec![rita.clone(), rosa.clone()], &let_go);
        assert_eq!(rung, [one(&line[0], &rosa), one(&line[1], &rita), one(&line[2], &rita)]);
    }
}
