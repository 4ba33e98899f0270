//! Who is dealt to whom: customers of *list* queues, each on the list of one representative, who picks from it.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{RepId, SessionId};
use super::matching::Waiting;
use super::queue::Skills;
use crate::clock::Timestamp;

/// The most customers on a representative's list.
pub const LIST_LENGTH: usize = 3;

/// A representative to whom customers are dealt.
#[derive(Debug, Clone)]
pub struct Hand {
    /// Who.
    pub rep: RepId,
    /// What they know.
    pub skills: Skills,
    /// The customers they have.
    pub callers: i64,
    /// Whether they could not take one now.
    pub busy: bool,
    /// Since when they have served nobody.
    pub idle_since: Timestamp,
}

/// A change of the lists: the customer stands on this one from now on, or on none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The customer.
    pub session: SessionId,
    /// To whom; from every list when null.
    pub to: Option<RepId>,
}

/// Deals who waits, by rank and then by ticket. Who stands on a list stays there as long as that representative takes
/// calls, may serve them, and has room beside those who come sooner; who stands on the list of a busy one moves to the
/// first who is free and has none. Anybody else goes to the one with fewest callers and customers on the list, and then
/// to who has been idle longest; where every list is full, the last of one makes room. Nobody is dealt to who let them go
/// a moment ago (`let_go`). `dealt` are the lists as they are, and what is left on them of others goes.
#[must_use]
pub fn deal(
    mut waiting: Vec<Waiting<'_>>,
    dealt: &BTreeMap<SessionId, RepId>,
    hands: &[Hand],
    let_go: &BTreeSet<(SessionId, RepId)>,
) -> Vec<Move> {
    waiting.sort_unstable_by_key(|customer| customer.place);
    let mut table = Table::new(hands, let_go);
    for rep in waiting.iter().filter_map(|customer| dealt.get(&customer.session)) {
        *table.listed.entry(*rep).or_default() += 1;
    }
    let mut moves: Vec<Move> = left_over(&waiting, dealt).collect();
    for customer in &waiting {
        let session = customer.session;
        let from = dealt.get(&session).copied();
        let to = match from {
            Some(rep) if table.has_room(customer, rep) => table.freer(customer, rep).or(from),
            _ => table.least_loaded(customer),
        };
        table.put(from, to);
        if to != from {
            moves.push(Move { session, to });
        }
    }
    moves
}

/// Who stands on a list and does not wait there any more.
fn left_over<'d>(waiting: &[Waiting<'_>], dealt: &'d BTreeMap<SessionId, RepId>) -> impl Iterator<Item = Move> + 'd {
    let there: BTreeSet<SessionId> = waiting.iter().map(|customer| customer.session).collect();
    dealt.keys().filter(move |session| !there.contains(session)).map(|session| Move { session: *session, to: None })
}

/// The representatives, and who stands on the list of each.
struct Table<'t> {
    hands: &'t [Hand],
    let_go: &'t BTreeSet<(SessionId, RepId)>,
    /// How many stand there now, those among them who have to make room.
    listed: BTreeMap<RepId, usize>,
    /// How many of them have been looked at and stay: they come sooner than everybody who has not.
    settled: BTreeMap<RepId, usize>,
}

impl<'t> Table<'t> {
    const fn new(hands: &'t [Hand], let_go: &'t BTreeSet<(SessionId, RepId)>) -> Self {
        Self { hands, let_go, listed: BTreeMap::new(), settled: BTreeMap::new() }
    }

    fn listed(&self, rep: RepId) -> usize {
        self.listed.get(&rep).copied().unwrap_or_default()
    }

    /// A customer goes from one list to another, or stays, and is done with.
    fn put(&mut self, from: Option<RepId>, to: Option<RepId>) {
        if let Some(listed) = from.and_then(|rep| self.listed.get_mut(&rep)) {
            *listed -= 1;
        }
        if let Some(rep) = to {
            *self.listed.entry(rep).or_default() += 1;
            *self.settled.entry(rep).or_default() += 1;
        }
    }

    /// Who may serve a customer, and has room beside those who come sooner.
    fn able(&self, customer: &Waiting<'_>) -> impl Iterator<Item = &'t Hand> {
        self.hands
            .iter()
            .filter(|hand| customer.asks.served_by(&hand.skills).reaches(customer.waited_millis))
            .filter(|hand| !self.let_go.contains(&(customer.session, hand.rep)))
            .filter(|hand| self.settled.get(&hand.rep).copied().unwrap_or_default() < LIST_LENGTH)
    }

    fn has_room(&self, customer: &Waiting<'_>, rep: RepId) -> bool {
        self.able(customer).any(|hand| hand.rep == rep)
    }

    fn least_loaded(&self, customer: &Waiting<'_>) -> Option<RepId> {
        let load = |hand: &&Hand| {
            let listed = self.listed(hand.rep);
            let load = hand.callers.saturating_add(i64::try_from(listed).unwrap_or(i64::MAX));
            (listed >= LIST_LENGTH, load, hand.busy, hand.idle_since, hand.rep)
        };
        self.able(customer).min_by_key(load).map(|hand| hand.rep)
    }

    /// Who could take the customer at once, when the one on whose list they stand cannot.
    fn freer(&self, customer: &Waiting<'_>, from: RepId) -> Option<RepId> {
        if !self.hands.iter().any(|hand| hand.rep == from && hand.busy) {
            return None;
        }
        let free = self.able(customer).filter(|hand| !hand.busy && self.listed(hand.rep) == 0);
        free.min_by_key(|hand| (hand.callers, hand.idle_since, hand.rep)).map(|hand| hand.rep)
    }
}

#[cfg(test)]
#[path = "dealing_tests.rs"]
mod tests;
