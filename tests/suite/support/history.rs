//! Judges a storm by what its clients saw: intervals between sending and answer, on one clock. Only what the
//! intervals *prove* counts as a violation; two requests under way at once may have taken effect in either order.

use std::collections::HashMap;
use std::time::Instant;

/// A request from its sending to its complete answer; it took effect somewhere between.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub sent: Instant,
    pub answered: Instant,
}

impl Span {
    /// True when this one's effect was certainly before the other's.
    pub fn before(self, other: Self) -> bool {
        self.answered < other.sent
    }
}

/// What the clients of a storm saw.
#[derive(Debug, Default)]
pub struct History {
    /// Every acknowledged join, by session.
    pub joins: HashMap<String, Span>,
    /// Every claim that brought a customer: the representative, the session, the interval.
    pub claims: Vec<(usize, String, Span)>,
    /// Every claim that was told that nobody waits.
    pub empty: Vec<Span>,
}

impl History {
    /// Adds what another client saw.
    pub fn merge(&mut self, other: Self) {
        self.joins.extend(other.joins);
        self.claims.extend(other.claims);
        self.empty.extend(other.empty);
    }

    /// Every promise that was certainly broken, in words.
    pub fn violations(&self) -> Vec<String> {
        let mut found = self.not_exactly_once();
        found.extend(self.overtaken());
        found.extend(self.wrongly_empty());
        found
    }

    fn not_exactly_once(&self) -> Vec<String> {
        let mut times: HashMap<&str, usize> = self.joins.keys().map(|session| (session.as_str(), 0)).collect();
        for (_, session, _) in &self.claims {
            *times.entry(session).or_default() += 1;
        }
        let wrong = times.into_iter().filter(|(_, count)| *count != 1);
        wrong.map(|(session, count)| format!("{session} was given out {count} times")).collect()
    }

    /// B was offered before A although A's join was acknowledged before B's was sent.
    fn overtaken(&self) -> Vec<String> {
        let mut given: Vec<(Span, Span, &str)> = self
            .claims
            .iter()
            .filter_map(|(_, session, claim)| Some((*self.joins.get(session)?, *claim, session.as_str())))
            .collect();
        // Nobody who was claimed certainly later may have joined certainly earlier.
        given.sort_by_key(|(_, claim, _)| claim.answered);
        let mut found = Vec::new();
        for (index, (joined_b, claim_b, b)) in given.iter().enumerate() {
            for (joined_a, claim_a, a) in &given[index + 1..] {
                if claim_b.before(*claim_a) && joined_a.before(*joined_b) {
                    found.push(format!("{b} was offered before {a}, who had joined before {b} asked to"));
                }
            }
        }
        found
    }

    /// "Nobody waits" was said although somebody certainly waited all along.
    fn wrongly_empty(&self) -> Vec<String> {
        let claimed: HashMap<&str, Span> =
            self.claims.iter().map(|(_, session, span)| (session.as_str(), *span)).collect();
        let mut waits: Vec<(Span, Option<Span>, &str)> = self
            .joins
            .iter()
            .map(|(session, join)| (*join, claimed.get(session.as_str()).copied(), session.as_str()))
            .collect();
        waits.sort_by_key(|(join, _, _)| join.answered);
        let waited_through = |empty: &Span| {
            let joined = waits.iter().take_while(|(join, _, _)| join.before(*empty));
            joined.filter(|(_, claim, _)| claim.is_none_or(|claim| empty.before(claim))).map(|wait| wait.2).next()
        };
        let wrong = self.empty.iter().filter_map(|empty| Some((empty, waited_through(empty)?)));
        wrong.map(|(_, session)| format!("a claim was told that nobody waits while {session} did")).collect()
    }
}

/// The judge is judged: each kind of violation is seen, and what merely could be one is not.
mod tests {
    use std::time::Duration;

    use super::*;

    struct Clock(Instant);

    impl Clock {
        fn span(&self, sent: u64, answered: u64) -> Span {
            Span { sent: self.0 + Duration::from_millis(sent), answered: self.0 + Duration::from_millis(answered) }
        }
    }

    /// Joins and claims as (sent, answered) of A, then of B.
    fn history(joins: [(u64, u64); 2], claims: [(u64, u64); 2]) -> History {
        let clock = Clock(Instant::now());
        let mut history = History::default();
        for (index, name) in ["A", "B"].into_iter().enumerate() {
            history.joins.insert(name.to_owned(), clock.span(joins[index].0, joins[index].1));
            history.claims.push((index, name.to_owned(), clock.span(claims[index].0, claims[index].1)));
        }
        history
    }

    #[test]
    fn order_kept_is_no_violation() {
        assert!(history([(0, 1), (2, 3)], [(4, 5), (6, 7)]).violations().is_empty());
    }

    #[test]
    fn overtaking_is_seen() {
        let found = history([(0, 1), (2, 3)], [(6, 7), (4, 5)]).violations();
        assert_eq!(found, ["B was offered before A, who had joined before B asked to"]);
    }

    #[test]
    fn joins_or_claims_under_way_at_once_prove_nothing() {
        assert!(history([(0, 3), (2, 3)], [(6, 7), (4, 5)]).violations().is_empty());
        assert!(history([(0, 1), (2, 3)], [(5, 7), (4, 6)]).violations().is_empty());
    }

    #[test]
    fn twice_or_never_is_seen() {
        let mut twice = history([(0, 1), (2, 3)], [(4, 5), (6, 7)]);
        twice.claims.push(twice.claims[0].clone());
        assert_eq!(twice.violations(), ["A was given out 2 times"]);
        let mut never = history([(0, 1), (2, 3)], [(4, 5), (6, 7)]);
        never.claims.pop();
        assert_eq!(never.violations(), ["B was given out 0 times"]);
    }

    #[test]
    fn an_empty_answer_counts_only_when_somebody_waited_all_along() {
        let clock = Clock(Instant::now());
        for (empty, wrong) in [((2, 3), true), ((0, 3), false), ((2, 5), false)] {
            let mut history = History::default();
            history.joins.insert("A".to_owned(), clock.span(0, 1));
            history.claims.push((0, "A".to_owned(), clock.span(4, 6)));
            history.empty.push(clock.span(empty.0, empty.1));
            assert_eq!(!history.violations().is_empty(), wrong, "{empty:?}");
        }
    }
}
