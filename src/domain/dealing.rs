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
/// calls and may serve them; who stands on the list of a busy one moves to the first who is free and has none. Anybody
/// else goes to the one with fewest callers and customers on the list, and then to who has been idle longest. `dealt`
/// are the lists as they are, and what is left on them of others goes.
#[must_use]
pub fn deal(mut waiting: Vec<Waiting<'_>>, dealt: &BTreeMap<SessionId, RepId>, hands: &[Hand]) -> Vec<Move> {
    waiting.sort_unstable_by_key(|customer| customer.place);
    let mut table = Table::new(hands);
    let mut homeless = Vec::new();
    for customer in &waiting {
        let holder = dealt.get(&customer.session).filter(|rep| table.take(customer, **rep));
        if holder.is_none() {
            homeless.push(customer.session);
        }
    }
    let mut moves: Vec<Move> = left_over(&waiting, dealt).collect();
    for customer in &waiting {
        let session = customer.session;
        let to = if homeless.contains(&session) {
            let to = table.least_loaded(customer);
            // Off the list of who takes no calls any more, even if nobody else can.
            if to.is_none() && dealt.contains_key(&session) {
                moves.push(Move { session, to: None });
            }
            to
        } else {
            table.freer(customer, dealt[&session])
        };
        if let Some(rep) = to {
            table.put(rep);
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

/// The representatives, and how many stand on the list of each.
struct Table<'h> {
    hands: &'h [Hand],
    listed: BTreeMap<RepId, usize>,
}

impl<'h> Table<'h> {
    fn new(hands: &'h [Hand]) -> Self {
        Self { hands, listed: hands.iter().map(|hand| (hand.rep, 0)).collect() }
    }

    fn listed(&self, rep: RepId) -> usize {
        self.listed.get(&rep).copied().unwrap_or_default()
    }

    fn put(&mut self, rep: RepId) {
        *self.listed.entry(rep).or_default() += 1;
    }

    /// Leaves a customer where they stand. False when that representative cannot have them any more.
    fn take(&mut self, customer: &Waiting<'_>, rep: RepId) -> bool {
        let stays = self.able(customer).any(|hand| hand.rep == rep);
        if stays {
            self.put(rep);
        }
        stays
    }

    /// Who may serve a customer and has room on the list.
    fn able(&self, customer: &Waiting<'_>) -> impl Iterator<Item = &'h Hand> {
        self.hands
            .iter()
            .filter(|hand| customer.asks.served_by(&hand.skills).reaches(customer.waited_millis))
            .filter(|hand| self.listed(hand.rep) < LIST_LENGTH)
    }

    fn least_loaded(&self, customer: &Waiting<'_>) -> Option<RepId> {
        let load = |hand: &&Hand| {
            let listed = i64::try_from(self.listed(hand.rep)).unwrap_or(i64::MAX);
            (hand.callers.saturating_add(listed), hand.busy, hand.idle_since, hand.rep)
        };
        self.able(customer).min_by_key(load).map(|hand| hand.rep)
    }

    /// Who could take the customer at once, when the one on whose list they stand cannot. Takes them from that list.
    fn freer(&mut self, customer: &Waiting<'_>, from: RepId) -> Option<RepId> {
        let is_busy = self.hands.iter().any(|hand| hand.rep == from && hand.busy);
        let free = self.able(customer).filter(|hand| !hand.busy && self.listed(hand.rep) == 0);
        let to = free.min_by_key(|hand| (hand.callers, hand.idle_since, hand.rep)).filter(|_| is_busy)?.rep;
        if let Some(listed) = self.listed.get_mut(&from) {
            *listed -= 1;
        }
        Some(to)
    }
}

#[cfg(test)]
#[path = "dealing_tests.rs"]
mod tests;
