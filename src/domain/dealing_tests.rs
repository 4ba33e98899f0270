use super::*;
use crate::domain::offer::OfferOrder;
use crate::domain::queue::{Asks, Place};

const NOW: Timestamp = Timestamp(1_000_000);

fn skills(words: &str) -> Skills {
    words.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

fn line(asks: &Asks, count: i64) -> Vec<Waiting<'_>> {
    let one = |ticket| Waiting {
        session: SessionId::new(NOW),
        place: Place { queue_rank: 0, ticket },
        waited_millis: 0,
        asks,
        order: OfferOrder::Idle,
        at_once: 1,
    };
    (1..=count).map(one).collect()
}

fn hand(idle: i64) -> Hand {
    Hand { rep: RepId::new(NOW), skills: Skills::new(), callers: 0, busy: false, idle_since: Timestamp(idle) }
}

fn on_a_call(idle: i64) -> Hand {
    Hand { callers: 1, busy: true, ..hand(idle) }
}

fn deal(waiting: Vec<Waiting<'_>>, dealt: &BTreeMap<SessionId, RepId>, hands: &[Hand]) -> Vec<Move> {
    super::deal(waiting, dealt, hands, &BTreeSet::new())
}

fn lists(pairs: &[(&Waiting<'_>, &Hand)]) -> BTreeMap<SessionId, RepId> {
    pairs.iter().map(|(customer, hand)| (customer.session, hand.rep)).collect()
}

fn to(customer: &Waiting<'_>, hand: &Hand) -> Move {
    Move { session: customer.session, to: Some(hand.rep) }
}

fn off(customer: &Waiting<'_>) -> Move {
    Move { session: customer.session, to: None }
}

#[test]
fn who_has_fewest_is_dealt_to_first_and_nobody_more_than_three() {
    let any = Asks::default();
    let waiting = line(&any, 8);
    let (rita, rosa) = (hand(2), on_a_call(1));
    let moves = deal(waiting.clone(), &BTreeMap::new(), &[rosa.clone(), rita.clone()]);
    // Rita has nobody; then both have one each, and who is not busy goes first.
    let expected = [(0, &rita), (1, &rita), (2, &rosa), (3, &rita), (4, &rosa), (5, &rosa)];
    assert_eq!(moves, expected.map(|(index, hand)| to(&waiting[index], hand)));
}

#[test]
fn the_order_is_the_lines_whatever_order_they_come_in() {
    let any = Asks::default();
    let waiting = line(&any, 5);
    let rita = hand(1);
    let backwards = waiting.iter().rev().copied().collect();
    let moves = deal(backwards, &BTreeMap::new(), std::slice::from_ref(&rita));
    assert_eq!(moves, [0, 1, 2].map(|index: usize| to(&waiting[index], &rita)));
}

#[test]
fn who_stands_on_a_list_stays_there() {
    let any = Asks::default();
    let waiting = line(&any, 3);
    let (rita, rosa) = (hand(1), hand(2));
    let dealt = lists(&[(&waiting[0], &rita), (&waiting[1], &rita), (&waiting[2], &rita)]);
    assert_eq!(deal(waiting, &dealt, &[rita, rosa]), [], "nobody is busy, so nobody is moved");
}

#[test]
fn who_stands_on_the_list_of_a_busy_one_moves_to_one_who_is_free() {
    let any = Asks::default();
    let waiting = line(&any, 3);
    let (rita, rosa) = (on_a_call(1), hand(2));
    let dealt = lists(&[(&waiting[0], &rita), (&waiting[1], &rita), (&waiting[2], &rita)]);
    let both = [rita.clone(), rosa.clone()];
    assert_eq!(deal(waiting.clone(), &dealt, &both), [to(&waiting[0], &rosa)], "the first, and one is enough");
    let then = lists(&[(&waiting[0], &rosa), (&waiting[1], &rita), (&waiting[2], &rita)]);
    assert_eq!(deal(waiting.clone(), &then, &both), [], "who has one to take is not given more of another's");
    assert_eq!(deal(waiting, &dealt, &[rita, on_a_call(2)]), [], "from one who is busy to another is no help");
}

#[test]
fn who_takes_no_calls_any_more_has_no_list() {
    let any = Asks::default();
    let waiting = line(&any, 2);
    let (rita, rosa) = (hand(1), on_a_call(2));
    let dealt = lists(&[(&waiting[0], &rita), (&waiting[1], &rita)]);
    let moves = deal(waiting.clone(), &dealt, std::slice::from_ref(&rosa));
    assert_eq!(moves, [to(&waiting[0], &rosa), to(&waiting[1], &rosa)]);
    assert_eq!(deal(waiting.clone(), &dealt, &[]), [off(&waiting[0]), off(&waiting[1])]);
}

#[test]
fn who_left_is_taken_off_and_makes_room() {
    let any = Asks::default();
    let waiting = line(&any, 4);
    let rita = hand(1);
    let dealt = lists(&[(&waiting[0], &rita), (&waiting[1], &rita), (&waiting[2], &rita)]);
    let moves = deal(waiting[1..].to_vec(), &dealt, std::slice::from_ref(&rita));
    assert_eq!(moves, [off(&waiting[0]), to(&waiting[3], &rita)]);
}

#[test]
fn nobody_is_dealt_to_who_may_not_serve_them() {
    let asks = Asks { required: skills("sales"), preferred: skills("french"), relax_after_millis: 60_000 };
    let waiting = line(&asks, 1);
    let (seller, other) = (Hand { skills: skills("sales"), ..hand(1) }, hand(2));
    let both = [other, seller.clone()];
    assert_eq!(deal(waiting.clone(), &BTreeMap::new(), &both), [], "it is not French that they speak");
    let waited = Waiting { waited_millis: 60_000, ..waiting[0] };
    assert_eq!(deal(vec![waited], &BTreeMap::new(), &both), [to(&waited, &seller)]);
}

#[test]
fn who_comes_sooner_takes_the_place_of_the_last() {
    let any = Asks::default();
    let mut waiting = line(&any, 4);
    // The first was taken back to the queue, or is of a queue with a smaller rank.
    let rita = hand(1);
    let dealt = lists(&[(&waiting[1], &rita), (&waiting[2], &rita), (&waiting[3], &rita)]);
    let moves = deal(waiting.clone(), &dealt, std::slice::from_ref(&rita));
    assert_eq!(moves, [to(&waiting[0], &rita), off(&waiting[3])]);
    // Where another has room, nobody has to go.
    let rosa = Hand { callers: 9, ..hand(2) };
    assert_eq!(deal(waiting.clone(), &dealt, &[rita.clone(), rosa.clone()]), [to(&waiting[0], &rosa)]);
    // Who comes later does not take it.
    waiting[0].place.ticket = 9;
    assert_eq!(deal(waiting, &dealt, &[rita]), []);
}

#[test]
fn nobody_is_dealt_to_who_let_them_go() {
    let any = Asks::default();
    let waiting = line(&any, 1);
    let (rita, rosa) = (hand(1), on_a_call(2));
    let let_go = BTreeSet::from([(waiting[0].session, rita.rep)]);
    let both = [rita.clone(), rosa.clone()];
    let moves = super::deal(waiting.clone(), &BTreeMap::new(), &both, &let_go);
    assert_eq!(moves, [to(&waiting[0], &rosa)]);
    let dealt = lists(&[(&waiting[0], &rosa)]);
    assert_eq!(super::deal(waiting, &dealt, &both, &let_go), [], "however free who passed them on is");
}
