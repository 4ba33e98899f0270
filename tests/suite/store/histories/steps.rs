//! What somebody does in a history.

use bannerline::desk::DeskError;
use bannerline::desk::admission::Wish;
use bannerline::desk::audit::Actor;
use bannerline::desk::transfer::Question;
use bannerline::domain::activity::Choice;
use bannerline::domain::ids::{RepId, SessionId};
use bannerline::domain::presence::Seat;
use bannerline::domain::session::State;
use bannerline::store::sessions::Session;
use rand::RngExt;

use super::super::{customer, representative, wish};
use super::house::{House, QUEUES};

const NAMES: [&str; 5] = ["rita", "raul", "rosa", "remo", "rene"];
/// The most sessions that are not over.
const MOST: usize = 25;

type Done = Result<(), DeskError>;

impl House {
    /// One step, and its judgement.
    pub(super) async fn step(&mut self, number: usize) {
        let dice = self.rng.random_range(0..250);
        let done = match dice {
            0..40 if self.known.len() < MOST => self.somebody_comes().await,
            0..55 => self.a_page_comes_or_goes().await,
            55..62 => self.a_customer_leaves().await,
            62..82 => self.a_rep_chooses().await,
            82..110 => self.a_rep_asks_for_the_next().await,
            110..130 => self.a_rep_answers().await,
            130..140 => self.a_rep_picks().await,
            140..190 => self.a_conversation_goes_on().await,
            190..194 => self.an_old_page_speaks().await,
            194..199 => self.a_supervisor_steps_in().await,
            199 => {
                self.crashes().await;
                self.saw("crash");
                Ok(())
            }
            200..203 => self.a_queue_is_set().await,
            _ => self.time_passes().await,
        };
        match done {
            Ok(())
            | Err(
                DeskError::NotFound
                | DeskError::NotNow(_)
                | DeskError::AtCapacity(_)
                | DeskError::Stale(_)
                | DeskError::OfferOver(_)
                | DeskError::Contradiction(_),
            ) => {}
            Err(error) => panic!("history {}, step {number} ({dice}): {error}", self.seed),
        }
        self.what_was_touched_is_sound(number).await;
        if self.rng.random_bool(0.4) {
            self.tends().await;
        }
    }

    fn any_rep(&mut self) -> RepId {
        let index = self.rng.random_range(0..self.reps.len());
        self.reps[index].id
    }

    fn any_session(&mut self) -> Option<SessionId> {
        let mut live: Vec<SessionId> = self.known.keys().copied().collect();
        // A map has no order, and a history must be the same whenever it is told.
        live.sort_unstable();
        (!live.is_empty()).then(|| live[self.rng.random_range(0..live.len())])
    }

    async fn somebody_comes(&mut self) -> Done {
        let queue = QUEUES[self.rng.random_range(0..QUEUES.len())].name.to_owned();
        let session = self.desk().request(Wish { queue: Some(queue), ..wish("5", "3") }, None).await?;
        self.sessions.push(session.id);
        self.watch(&session);
        if self.rng.random_bool(0.9) {
            self.opens(Seat::Customer(session.id)).await;
        }
        if self.rng.random_bool(0.95) {
            self.desk().join(session.id, None).await?;
            let ticket = self.office.session(session.id).await.life.ticket.expect("who joined has a ticket");
            assert!(ticket > self.last_ticket, "tickets are in the order in which joins were answered");
            self.last_ticket = ticket;
        }
        Ok(())
    }

    async fn a_page_comes_or_goes(&mut self) -> Done {
        let rep = self.any_rep();
        let seat = match self.any_session() {
            Some(session) if self.rng.random_bool(0.7) => Seat::Customer(session),
            _ => Seat::Rep(rep),
        };
        if self.streams.contains_key(&seat) {
            self.closes(seat).await;
            self.saw("page gone");
        } else {
            self.opens(seat).await;
            self.saw("page back");
        }
        Ok(())
    }

    async fn a_customer_leaves(&mut self) -> Done {
        let Some(session) = self.any_session() else { return Ok(()) };
        if self.rng.random_bool(0.5) {
            self.desk().leave(session).await
        } else {
            let failed = self.rng.random_bool(0.3);
            self.desk().end(&customer(session), session, None, failed).await.map(drop)
        }
    }

    async fn a_rep_chooses(&mut self) -> Done {
        let rep = self.any_rep();
        let activity = ["available", "available", "available", "break", "offline"][self.rng.random_range(0..5)];
        let choice = Choice::parse(activity, None).unwrap();
        if self.rng.random_bool(0.2) {
            self.desk().choose_next(rep, &choice).await.map(drop)
        } else {
            self.desk().choose(rep, &choice).await.map(drop)
        }
    }

    async fn a_rep_asks_for_the_next(&mut self) -> Done {
        let rep = self.any_rep();
        let before: Vec<SessionId> = self.desk().callers_of(rep).await?.iter().map(|session| session.id).collect();
        let first = self.first_for(rep).await;
        let another = self.rng.random_bool(0.6);
        let claimed = self.desk().claim(rep, another).await?;
        match claimed.map(|session| session.id) {
            Some(id) if before.contains(&id) => assert!(!another, "who asks for another gets another"),
            claimed => {
                assert_eq!(claimed, first, "history {}: the first whom the representative may serve", self.seed);
                self.saw(if claimed.is_some() { "claim" } else { "empty" });
            }
        }
        Ok(())
    }

    async fn a_rep_answers(&mut self) -> Done {
        let mut ringing = Vec::new();
        for index in 0..self.reps.len() {
            let rep = self.reps[index].id;
            ringing.extend(self.desk().offers_to(rep).await?.into_iter().map(|(offer, _)| (rep, offer.id)));
        }
        if ringing.is_empty() {
            return Ok(());
        }
        let (rep, offer) = ringing[self.rng.random_range(0..ringing.len())];
        if self.rng.random_bool(0.7) {
            let session = self.desk().accept(rep, offer).await?;
            let again = self.desk().accept(rep, offer).await?;
            assert_eq!(
                (again.id, again.life.epoch),
                (session.id, session.life.epoch),
                "accepted twice, it is accepted once"
            );
            self.saw("accept");
        } else {
            self.desk().reject(rep, offer).await?;
            self.saw("reject");
        }
        Ok(())
    }

    async fn a_rep_picks(&mut self) -> Done {
        let mut lists = Vec::new();
        for index in 0..self.reps.len() {
            let rep = self.reps[index].id;
            lists.extend(self.desk().list_of(rep).await?.into_iter().map(|session| (rep, session.id)));
        }
        if lists.is_empty() {
            return Ok(());
        }
        let (rep, session) = lists[self.rng.random_range(0..lists.len())];
        self.desk().pick(rep, session).await?;
        self.saw("pick");
        Ok(())
    }

    /// Something between a representative and one of those whom they have.
    async fn a_conversation_goes_on(&mut self) -> Done {
        let mut pairs: Vec<(RepId, Session)> = Vec::new();
        for index in 0..self.reps.len() {
            let rep = self.reps[index].id;
            pairs.extend(self.desk().callers_of(rep).await?.into_iter().map(|session| (rep, session)));
        }
        if pairs.is_empty() {
            return Ok(());
        }
        let (rep, session) = pairs.swap_remove(self.rng.random_range(0..pairs.len()));
        let (id, of_rep, of_customer) = (session.id, representative(rep), customer(session.id));
        let desk = self.desk();
        let dice = self.rng.random_range(0..10);
        if let Some(colleague) = session.life.consulted.filter(|_| dice < 7) {
            return self.a_consultation_goes_on(rep, colleague, id, dice).await;
        }
        match (session.life.state, dice) {
            (State::Offered, 0..8) => {
                desk.joined(&of_customer, id, None).await?;
                let talking = desk.joined(&of_rep, id, None).await?;
                assert_eq!(talking.life.state, State::Talking);
                self.saw("conversation");
            }
            (State::Talking, 0..4) => {
                desk.hold(&of_rep, id, None).await?;
                self.saw("hold");
            }
            (State::Held, 0..6) => {
                desk.resume(&of_rep, id, None).await?;
                self.saw("resume");
            }
            (State::Talking, 4..8) | (State::Held, 6..8) => self.a_rep_passes_on(rep, id).await?,
            (_, 8) => drop(desk.end(&of_customer, id, None, false).await?),
            _ => drop(desk.end(&of_rep, id, None, false).await?),
        }
        Ok(())
    }

    /// Two talk about a customer who is on hold with the first of them.
    async fn a_consultation_goes_on(&mut self, rep: RepId, colleague: RepId, id: SessionId, dice: u32) -> Done {
        let (desk, of_rep, of_colleague) = (self.desk(), representative(rep), representative(colleague));
        match dice {
            0..3 => {
                for _ in 0..2 {
                    let given = desk.hand_over(&of_rep, id, None).await?;
                    assert_eq!(given.life.rep, Some(colleague), "history {}: handed over", self.seed);
                }
            }
            3 => drop(desk.cancel_transfer(&of_rep, id).await?),
            4 => drop(desk.cancel_transfer(&of_colleague, id).await?),
            5 => drop(desk.resume(&of_rep, id, None).await?),
            _ => assert!(desk.hand_over(&of_colleague, id, None).await.is_err(), "only who has the customer"),
        }
        Ok(())
    }

    async fn a_rep_passes_on(&mut self, rep: RepId, id: SessionId) -> Done {
        let (desk, of_rep) = (self.desk(), representative(rep));
        match self.rng.random_range(0..5) {
            0 => drop(desk.cancel_transfer(&of_rep, id).await?),
            1 => {
                let queue = QUEUES[self.rng.random_range(0..QUEUES.len())].name;
                desk.pass_to_queue(&of_rep, id, None, queue, None).await?;
                self.saw("pass on");
            }
            _ => {
                let first = self.rng.random_range(0..NAMES.len());
                let warm = self.rng.random_bool(0.6);
                for name in NAMES.iter().cycle().skip(first).take(NAMES.len()) {
                    match desk
                        .ask_colleague(&of_rep, id, None, &Question { colleague: name, note: Some("a note"), warm })
                        .await
                    {
                        // Not this one: the reasons are many.
                        Err(DeskError::Contradiction(_)) => {}
                        asked => {
                            asked?;
                            self.saw("ask");
                            break;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// A page that has slept says what was true before the session changed hands: nothing may come of it.
    async fn an_old_page_speaks(&mut self) -> Done {
        let Some(id) = self.any_session() else { return Ok(()) };
        let before = self.office.session(id).await;
        if before.life.epoch < 2 || before.life.state == State::Ended {
            return Ok(());
        }
        let old = Some(before.life.epoch - 1);
        let desk = self.desk();
        let refused = match self.rng.random_range(0..3) {
            0 => desk.joined(&customer(id), id, old).await,
            1 => desk.end(&customer(id), id, old, false).await,
            _ => desk.hold(&representative(before.life.rep.unwrap_or(self.reps[0].id)), id, old).await,
        };
        assert!(refused.is_err(), "history {}: {refused:?} by an old epoch", self.seed);
        assert_eq!(self.office.session(id).await.life, before.life, "an old epoch has no effect");
        self.saw("old page");
        Ok(())
    }

    async fn a_supervisor_steps_in(&mut self) -> Done {
        let Some(id) = self.any_session() else { return Ok(()) };
        let (reason, by) = ("a trial".parse().unwrap(), Actor::command_line());
        match self.rng.random_range(0..3) {
            0 => drop(self.desk().end_as_supervisor(id, &reason, &by).await?),
            1 => drop(self.desk().take_back_as_supervisor(id, &reason, &by).await?),
            _ => {
                let name = NAMES[self.rng.random_range(0..NAMES.len())];
                drop(self.desk().set_offline(&name.parse().unwrap(), &reason, &by).await?);
            }
        }
        self.saw("supervisor");
        Ok(())
    }

    async fn a_queue_is_set(&mut self) -> Done {
        let number = self.rng.random_range(1..=4);
        // Mostly back to what it was.
        let usual = QUEUES[number - 1].mode;
        let mode = [usual, usual, "offer", "pull", "list"][self.rng.random_range(0..5)];
        self.raw.execute(&format!("UPDATE queues SET mode = '{mode}' WHERE id = {number}")).await;
        self.desk().read_plan().await
    }

    async fn time_passes(&mut self) -> Done {
        let millis = match self.rng.random_range(0..10) {
            0 => self.rng.random_range(9_000..30_000),
            // Backwards, too: entry ≤ start ≤ end has to bear it.
            1 => self.rng.random_range(-300..0),
            _ => self.rng.random_range(200..4_000),
        };
        self.office.clock.advance(millis);
        self.tends().await;
        self.desk().reap(self.ready_at).await?;
        if self.rolls().await > 0 {
            self.saw("rolled");
        }
        self.what_was_touched_is_sound(usize::MAX).await;
        self.tends().await;
        Ok(())
    }
}
