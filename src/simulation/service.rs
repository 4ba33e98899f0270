//! How customers come to representatives: claimed, or rung.

use super::agenda::Happening;
use super::customers::Phase;
use super::dice::{Dice, Matter};
use super::reps::Busy;
use super::world::Service;
use super::{Result, Simulation};
use crate::desk::DeskError;
use crate::domain::ids::OfferId;
use crate::domain::offer::ASKED_AGAIN_AFTER_MILLIS;

/// What a representative does when it rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accepts,
    Declines,
    /// Does not hear it.
    Nothing,
}

/// How long somebody who did not hear it ring needs to be available again.
const BACK_AFTER_MILLIS: i64 = 90_000;

fn answer(dice: &mut Dice) -> (i64, Answer) {
    let after = dice.between(1_200, 6_500);
    let kind = dice.pick(&[(94, Answer::Accepts), (3, Answer::Declines), (3, Answer::Nothing)]).copied();
    (after, kind.unwrap_or(Answer::Accepts))
}

impl Simulation<'_> {
    /// Somebody waits, or somebody is free: brings them together, now.
    pub(super) async fn serve(&mut self) -> Result<()> {
        if self.silent == 0 || !self.reps.iter().any(|rep| rep.busy == Busy::Free) {
            return Ok(());
        }
        match self.world.service {
            Service::Claims => self.claim().await,
            Service::Rings => self.ring().await,
        }
    }

    /// Something may be different by now: a deadline has passed, or somebody may be asked again.
    pub(super) async fn look(&mut self) -> Result<()> {
        if self.world.service == Service::Rings {
            self.ring().await?;
        }
        Ok(())
    }

    /// Whoever has been free longest claims first.
    async fn claim(&mut self) -> Result<()> {
        let mut free: Vec<usize> = (0..self.reps.len()).filter(|who| self.reps[*who].busy == Busy::Free).collect();
        free.sort_by_key(|who| self.reps[*who].free_since);
        for rep in free {
            if self.silent == 0 {
                break;
            }
            let claimed = self.desk.claim(self.reps[rep].id(), false).await?;
            if let Some(customer) = claimed.and_then(|session| self.by_session.get(&session.id).copied()) {
                self.is_taken(customer, rep);
            }
        }
        Ok(())
    }

    /// Lets ring who waits, and listens who rings where.
    async fn ring(&mut self) -> Result<()> {
        self.desk.tend_offers().await?;
        for rep in 0..self.reps.len() {
            if self.reps[rep].busy != Busy::Free {
                continue;
            }
            let Some((offer, session)) = self.desk.offers_to(self.reps[rep].id()).await?.into_iter().next() else {
                continue;
            };
            let Some(customer) = self.by_session.get(&session.id).copied() else { continue };
            if self.customers[customer].phase == (Phase::Waiting { rings: None }) {
                self.silent -= 1;
            }
            self.customers[customer].phase = Phase::Waiting { rings: Some(rep) };
            self.reps[rep].busy = Busy::Ringing(offer.id);
            self.rang += 1;
            let (after, kind) = answer(&mut Dice::of(self.seed, Matter::Ring, self.rang));
            let at = if kind == Answer::Nothing { offer.deadline } else { self.desk.now().plus_millis(after) };
            self.agenda.put(at, Happening::Answers { who: rep, offer: offer.id });
            self.rings.insert(offer.id, (customer, kind == Answer::Declines));
        }
        Ok(())
    }

    /// A representative answers, or the time to do so is up.
    pub(super) async fn answers(&mut self, who: usize, offer: OfferId) -> Result<()> {
        let Some((customer, declines)) = self.rings.remove(&offer) else { return Ok(()) };
        // The customer left meanwhile, and somebody else may ring by now.
        if self.reps[who].busy != Busy::Ringing(offer) {
            return Ok(());
        }
        let id = self.reps[who].id();
        let answered = if declines {
            self.desk.reject(id, offer).await.map(|()| None)
        } else {
            self.desk.accept(id, offer).await.map(Some)
        };
        match answered {
            Ok(Some(_)) => {
                self.is_taken(customer, who);
                Ok(())
            }
            Ok(None) => {
                self.stops_ringing(customer);
                // Nobody else may be there: then the same one is asked again.
                let again = self.desk.now().plus_millis(ASKED_AGAIN_AFTER_MILLIS + 1);
                self.agenda.put(again, Happening::Look);
                self.serve().await
            }
            // Its time was up: whoever did not hear it is not available until they say so.
            Err(DeskError::OfferOver(_)) => {
                self.desk.tend_offers().await?;
                self.stops_ringing(customer);
                self.is_missed(who);
                self.serve().await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The customer waits on, unless the page is closed.
    fn stops_ringing(&mut self, customer: usize) {
        let is_gone = self.customers[customer].is_gone;
        self.leaves_line(customer, if is_gone { Phase::Vanished } else { Phase::Waiting { rings: None } });
        if !is_gone {
            self.silent += 1;
        }
    }

    fn is_missed(&mut self, who: usize) {
        self.reps[who].busy = Busy::Resting;
        let at = self.desk.now().plus_millis(BACK_AFTER_MILLIS);
        self.agenda.put(at, Happening::Shift { who, turn: super::shifts::Turn::IsBack });
    }
}
