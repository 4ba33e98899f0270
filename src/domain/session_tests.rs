//! Every (state, action) pair, and what the transitions keep.

use super::super::past::Past;
use super::*;

const fn at(millis: i64) -> Timestamp {
    Timestamp(millis)
}

fn rep() -> RepId {
    RepId::from(uuid::Uuid::from_u128(7))
}

fn other_rep() -> RepId {
    RepId::from(uuid::Uuid::from_u128(8))
}

fn joined(party: Party) -> Action {
    Action::Joined { party, rep_name: "Ana".to_owned() }
}

fn every_action() -> [Action; 17] {
    [
        Action::Join { queue: 1, rank: 0, ticket: 9 },
        Action::Offer { rep: rep() },
        Action::PassOver,
        Action::Ring { offers: 2 },
        Action::Unring,
        joined(Party::Customer),
        Action::Requeue { why: Requeue::RepGone },
        Action::Hold,
        Action::Resume,
        Action::End { by: Ender::Customer },
        Action::Transfer { from: 1, queue: 2, rank: 5, rep: rep() },
        Action::Ask { rep: other_rep() },
        Action::HandOver { rep: other_rep() },
        Action::Pick { rep: rep(), before: 3 },
        Action::Consult { rep: other_rep() },
        Action::Part,
        imported(),
    ]
}

fn imported() -> Action {
    Action::Imported(Box::new(Past {
        queue: 2,
        ticket: 8,
        queued_at: at(5),
        started_at: Some(at(7)),
        ended_at: at(9),
        outcome: Outcome::Answered,
        answered_by: Some(rep()),
        representative_name: Some("Ana".to_owned()),
        requeue_ms: 1,
        dropped: false,
    }))
}

/// Applies actions a second apart.
fn live(actions: &[Action]) -> Life {
    actions.iter().zip(1_i64..).fold(Life::new(), |life, (action, second)| {
        match life.apply(action, at(second * 1_000)) {
            Ok(Step::Changed(next)) => *next,
            other => panic!("{action:?} in {:?} gave {other:?}", life.state),
        }
    })
}

fn life_in(state: State) -> Life {
    let [join, offer, _, _, _, customer, _, hold, _, end, ..] = every_action();
    let talking = vec![join.clone(), offer.clone(), customer, joined(Party::Representative)];
    match state {
        State::Created => live(&[]),
        State::Waiting => live(&[join]),
        State::Offered => live(&[join, offer]),
        State::Talking => live(&talking),
        State::Held => live(&[talking, vec![hold]].concat()),
        State::Ended => live(&[join, end]),
    }
}

#[test]
fn every_pair_of_state_and_action_is_decided() {
    // Rows: states in order. Columns: actions in order. > changed, = unchanged, x refused.
    let table = [
        (State::Created, ">xxxxxxxx>xxxxxx>"),
        (State::Waiting, "=>>>=xxxx>xxx>xxx"),
        (State::Offered, "xxxxx>>xx>xxxxxxx"),
        (State::Talking, "xxxxx=>>=>>>xxxxx"),
        (State::Held, "xxxx==>=>>>>>xx=x"),
        (State::Ended, "xxxxxxxxx=xxxxxxx"),
    ];
    assert_eq!(table.len(), State::ALL.len());
    for (state, row) in table {
        let seen: String = every_action()
            .iter()
            .map(|action| match life_in(state).apply(action, at(60_000)) {
                Ok(Step::Changed(next)) => {
                    assert_eq!(next.last_event, life_in(state).last_event + 1);
                    '>'
                }
                Ok(Step::Unchanged) => '=',
                Err(Refused(refused)) => {
                    assert_eq!(refused, state);
                    'x'
                }
            })
            .collect();
        assert_eq!(seen, row, "{state:?}");
    }
}

#[test]
fn the_second_of_the_two_starts_the_conversation() {
    for order in [[Party::Customer, Party::Representative], [Party::Representative, Party::Customer]] {
        let one = Life::apply(&life_in(State::Offered), &joined(order[0]), at(10_000));
        let Ok(Step::Changed(one)) = one else { panic!("{one:?}") };
        assert_eq!((one.state, one.started_at), (State::Offered, None));
        assert_eq!(one.apply(&joined(order[0]), at(11_000)), Ok(Step::Unchanged));
        let Ok(Step::Changed(two)) = one.apply(&joined(order[1]), at(12_000)) else { panic!("not started") };
        assert_eq!((two.state, two.started_at), (State::Talking, Some(at(12_000))));
        assert_eq!(two.representative_name.as_deref(), Some("Ana"));
    }
}

#[test]
fn a_requeue_keeps_the_ticket_the_entry_and_the_first_start() {
    let talking = life_in(State::Talking);
    let Ok(Step::Changed(again)) = talking.apply(&Action::Requeue { why: Requeue::RepGone }, at(20_000)) else {
        panic!("refused")
    };
    assert_eq!((again.ticket, again.queued_at, again.started_at), (Some(9), talking.queued_at, talking.started_at));
    assert_eq!(again.epoch, talking.epoch + 1);
    assert!(again.is_requeued());
    let Ok(Step::Changed(ended)) = again.apply(&Action::End { by: Ender::CustomerGone }, at(25_000)) else {
        panic!("refused")
    };
    assert_eq!((ended.outcome, ended.requeue_ms), (Some(Outcome::Answered), 5_000));
}

#[test]
fn stamps_never_run_backwards() {
    let waiting = life_in(State::Waiting);
    let Ok(Step::Changed(ended)) = waiting.apply(&Action::End { by: Ender::CustomerGone }, at(1)) else {
        panic!("refused")
    };
    assert_eq!(ended.ended_at, waiting.queued_at);
    let talking = life_in(State::Talking);
    let Ok(Step::Changed(ended)) = talking.apply(&Action::End { by: Ender::Customer }, at(1)) else {
        panic!("refused")
    };
    assert_eq!(ended.ended_at, talking.started_at);
}

#[test]
fn outcomes_before_a_conversation_depend_on_who_ended_it() {
    let cases = [
        (Ender::Customer, Outcome::Cancelled),
        (Ender::CustomerGone, Outcome::Abandoned),
        (Ender::Representative, Outcome::Missed),
        (Ender::Admin, Outcome::Missed),
        (Ender::Limit, Outcome::Missed),
        (Ender::Media, Outcome::Failed),
    ];
    assert_eq!(cases.len(), Ender::ALL.len());
    for (by, outcome) in cases {
        for (state, expected) in [(State::Offered, outcome), (State::Talking, Outcome::Answered)] {
            let Ok(Step::Changed(ended)) = life_in(state).apply(&Action::End { by }, at(60_000)) else {
                panic!("refused")
            };
            assert_eq!(ended.outcome, Some(expected), "{by:?} in {state:?}");
        }
    }
}

#[test]
fn actions_survive_json() {
    for action in every_action() {
        let text = serde_json::to_string(&action).expect("serialises");
        assert_eq!(serde_json::from_str::<Action>(&text).expect("parses"), action);
    }
}

#[test]
fn who_rings_waits_until_somebody_accepts() {
    let ring = Action::Ring { offers: 2 };
    let waiting = life_in(State::Waiting);
    let ringing = live(&[every_action()[0].clone(), ring.clone()]);
    assert_eq!((ringing.state, ringing.ringing, ringing.epoch), (State::Waiting, 2, waiting.epoch));
    assert_eq!(ringing.apply(&ring, at(9_000)), Ok(Step::Unchanged), "nobody rings twice");
    let quiet = live(&[every_action()[0].clone(), ring.clone(), Action::Unring]);
    assert_eq!(Life { last_event: waiting.last_event, ..quiet }, waiting, "the place in line is what it was");
    for (action, state) in [(Action::Offer { rep: rep() }, State::Offered), (every_action()[9].clone(), State::Ended)] {
        let Ok(Step::Changed(next)) = ringing.apply(&action, at(9_000)) else { panic!("{action:?}") };
        assert_eq!((next.state, next.ringing), (state, 0));
    }
}

#[test]
fn a_customer_passed_on_is_the_same_call_with_a_later_wait() {
    let talking = life_in(State::Talking);
    let transfer = &every_action()[10];
    let Ok(Step::Changed(waits)) = talking.apply(transfer, at(20_000)) else { panic!("refused") };
    assert_eq!((waits.state, waits.queue, waits.rank, waits.rep), (State::Waiting, Some(2), 5, None));
    assert_eq!(
        (waits.ticket, waits.queued_at, waits.started_at),
        (talking.ticket, talking.queued_at, talking.started_at)
    );
    assert_eq!(waits.epoch, talking.epoch + 1);
    let Ok(Step::Changed(given)) = waits.apply(&Action::Offer { rep: other_rep() }, at(23_000)) else {
        panic!("refused")
    };
    assert_eq!((given.requeue_ms, given.answered_by), (3_000, Some(rep())));
}

#[test]
fn a_colleague_who_is_asked_has_the_customer_only_when_they_accept() {
    let talking = life_in(State::Talking);
    let [_, ask, hand_over] = [10, 11, 12].map(|index| every_action()[index].clone());
    let Ok(Step::Changed(asked)) = talking.apply(&ask, at(20_000)) else { panic!("refused") };
    assert_eq!((asked.state, asked.ringing, asked.rep, asked.epoch), (State::Held, 1, Some(rep()), talking.epoch));
    assert_eq!(asked.apply(&ask, at(21_000)), Ok(Step::Unchanged), "one at a time");
    for (action, state) in [(Action::Unring, State::Held), (Action::Resume, State::Talking)] {
        let Ok(Step::Changed(next)) = asked.apply(&action, at(21_000)) else { panic!("{action:?}") };
        assert_eq!((next.state, next.ringing, next.epoch), (state, 0, talking.epoch), "{action:?}");
    }
    let Ok(Step::Changed(given)) = asked.apply(&hand_over, at(25_000)) else { panic!("refused") };
    assert_eq!((given.state, given.rep, given.ringing), (State::Offered, Some(other_rep()), 0));
    assert_eq!((given.epoch, given.requeue_ms), (talking.epoch + 1, 0), "another leg, and no wait in line");
    assert_eq!((given.started_at, given.answered_by), (talking.started_at, Some(rep())));
}

/// On hold, and the colleague rings, or is talked with.
fn asked() -> Life {
    let talking = life_in(State::Talking);
    let Ok(Step::Changed(asked)) = talking.apply(&every_action()[11], at(20_000)) else { panic!("refused") };
    *asked
}

fn consulting() -> Life {
    let Ok(Step::Changed(life)) = asked().apply(&every_action()[14], at(25_000)) else { panic!("refused") };
    *life
}

#[test]
fn every_action_is_decided_while_it_rings_and_while_two_talk_about_a_customer() {
    for (life, row) in [(asked(), "xxxx>=>=>>>=>x>=x"), (consulting(), "xxxx==>=>>>x>xx>x")] {
        let word = |action: &Action| match life.apply(action, at(60_000)) {
            Ok(Step::Changed(next)) => {
                assert!(next.ringing == 0 && (next.consulted.is_none() || *action == every_action()[14]), "{action:?}");
                '>'
            }
            Ok(Step::Unchanged) => '=',
            Err(Refused(_)) => 'x',
        };
        assert_eq!(every_action().iter().map(word).collect::<String>(), row, "{life:?}");
    }
}

#[test]
fn a_colleague_who_is_consulted_has_nothing_until_it_is_handed_over() {
    let (asked, consulting) = (asked(), consulting());
    assert_eq!((consulting.state, consulting.rep, consulting.epoch), (State::Held, Some(rep()), asked.epoch));
    assert_eq!((consulting.ringing, consulting.consulted), (0, Some(other_rep())));
    assert!(consulting.occupies().eq([rep(), other_rep()]), "both are busy with it");
    let Ok(Step::Changed(parted)) = consulting.apply(&Action::Part, at(30_000)) else { panic!("refused") };
    assert_eq!(*parted, Life { consulted: None, last_event: consulting.last_event + 1, ..consulting.clone() });
    assert_eq!(
        consulting.apply(&Action::HandOver { rep: rep() }, at(30_000)),
        Err(Refused(State::Held)),
        "not to another"
    );
    let Ok(Step::Changed(given)) = consulting.apply(&every_action()[12], at(30_000)) else { panic!("refused") };
    assert_eq!((given.state, given.rep, given.consulted), (State::Offered, Some(other_rep()), None));
    assert_eq!(given.epoch, consulting.epoch + 1);
    assert!(given.occupies().eq([other_rep()]));
}

#[test]
fn what_was_imported_is_over_and_nobody_has_it() {
    let past = imported();
    let Ok(Step::Changed(life)) = Life::unborn().apply(&past, at(90_000)) else { panic!("refused") };
    assert_eq!((life.state, life.outcome, life.epoch, life.last_event), (State::Ended, Some(Outcome::Answered), 2, 1));
    assert_eq!((life.queued_at, life.started_at, life.ended_at), (Some(at(5)), Some(at(7)), Some(at(9))));
    assert_eq!((life.rep, life.offered_at, life.answered_by), (None, None, Some(rep())));
    assert_eq!((life.occupies().count(), life.is_requeued()), (0, false));
    let text = serde_json::to_string(&past).unwrap();
    assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), past, "{text}");
}
