//! What representatives do: they come, rest, wrap up and go home.

use super::agenda::Happening;
use super::opening::Hired;
use super::shifts::{REST_MILLIS, Turn};
use super::{Result, Simulation};
use crate::clock::Timestamp;
use crate::desk::call::Caller;
use crate::desk::presence::OpenStream;
use crate::desk::wrap_up::Author;
use crate::domain::activity::{Activity, Choice};
use crate::domain::ids::{OfferId, RepId};
use crate::domain::presence::Seat;
use crate::domain::wrap_up::Said;

/// What a representative is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Busy {
    /// Not there.
    Away,
    /// Has a break.
    Resting,
    /// Waits for somebody.
    Free,
    /// Somebody rings.
    Ringing(OfferId),
    /// Has a customer, or wraps up.
    Working,
}

/// A representative at work.
pub(super) struct Working {
    pub(super) hired: Hired,
    pub(super) busy: Busy,
    /// Who has been free longest is first.
    pub(super) free_since: Timestamp,
    /// Calls so far.
    calls: usize,
    /// Goes home when the present call is over.
    goes: bool,
    stream: Option<OpenStream>,
}

/// Who is in the middle of something looks again after so long whether the shift's next turn can come.
const LATER_MILLIS: i64 = 20_000;

impl Working {
    pub(super) const fn new(hired: Hired) -> Self {
        Self { hired, busy: Busy::Away, free_since: Timestamp(0), calls: 0, goes: false, stream: None }
    }

    pub(super) const fn id(&self) -> RepId {
        self.hired.id
    }

    pub(super) const fn caller(&self) -> &Caller {
        &self.hired.caller
    }

    /// Whether a visitor's page would say that somebody is there.
    pub(super) fn is_there(&self) -> bool {
        self.busy != Busy::Away && self.busy != Busy::Resting
    }

    /// Has a customer now.
    pub(super) const fn takes(&mut self) {
        self.busy = Busy::Working;
        self.calls += 1;
    }

    /// Closes the console.
    pub(super) fn leaves(&mut self) {
        self.busy = Busy::Away;
        self.stream = None;
    }

    /// Who rang does not any more.
    pub(super) fn stops_ringing(&mut self) {
        if matches!(self.busy, Busy::Ringing(_)) {
            self.busy = Busy::Free;
        }
    }
}

fn choice(activity: Activity, reason: Option<&str>) -> Choice {
    Choice { activity, reason: reason.map(ToOwned::to_owned) }
}

impl Simulation<'_> {
    /// The shift brings the next thing. Whoever has a customer, or hears it ring, has no time for it yet.
    pub(super) async fn turns(&mut self, who: usize, turn: Turn) -> Result<()> {
        let rep = &mut self.reps[who];
        let id = rep.id();
        match (turn, rep.busy) {
            (Turn::Comes, Busy::Away) => {
                rep.goes = false;
                let mut stream = self.desk.open_stream(Seat::Rep(id), None);
                stream.written().await;
                rep.stream = Some(stream);
                self.is_available(who).await
            }
            // Still there from the shift before.
            (Turn::Comes, _) => {
                rep.goes = false;
                Ok(())
            }
            (Turn::Rests, Busy::Free) => {
                rep.busy = Busy::Resting;
                self.desk.choose(id, &choice(Activity::Break, Some("lunch"))).await?;
                let back = self.desk.now().plus_millis(REST_MILLIS);
                self.agenda.put(back, Happening::Shift { who, turn: Turn::IsBack });
                Ok(())
            }
            (Turn::Goes, Busy::Free | Busy::Resting) => self.goes_home(who).await,
            (Turn::Goes, Busy::Working) => {
                rep.goes = true;
                self.desk.choose_next(id, &choice(Activity::Offline, None)).await?;
                Ok(())
            }
            (Turn::IsBack, Busy::Resting) => self.is_available(who).await,
            (Turn::IsBack, _) | (_, Busy::Away) | (Turn::Rests, Busy::Resting) => Ok(()),
            (Turn::Goes | Turn::Rests, Busy::Ringing(_)) | (Turn::Rests, Busy::Working) => {
                let at = self.desk.now().plus_millis(LATER_MILLIS);
                self.agenda.put(at, Happening::Shift { who, turn });
                Ok(())
            }
        }
    }

    /// The representative can be rung.
    pub(super) async fn is_available(&mut self, who: usize) -> Result<()> {
        let rep = &mut self.reps[who];
        let available = choice(Activity::Available, None);
        self.desk.choose(rep.id(), &available).await?;
        rep.busy = Busy::Free;
        rep.free_since = self.desk.now();
        self.serve().await
    }

    /// Offline first, then the console: a closed tab would do the same, later.
    async fn goes_home(&mut self, who: usize) -> Result<()> {
        let rep = &mut self.reps[who];
        self.desk.choose(rep.id(), &choice(Activity::Offline, None)).await?;
        rep.leaves();
        Ok(())
    }

    /// A call is over. Of a conversation, the representative says what came of it, where the queue gives them time to.
    pub(super) async fn call_is_over(&mut self, who: usize, talked_with: Option<usize>) -> Result<()> {
        let call = self.reps[who].calls;
        let Some((customer, seconds)) = talked_with.map(|customer| (customer, self.wrap_up_seconds(customer))) else {
            return self.is_free(who).await;
        };
        if seconds == 0 {
            return self.is_free(who).await;
        }
        let takes = self.customers[customer].asking.as_ref().and_then(|asking| asking.wrap_up);
        // Whoever never says that they are done is free when the time has run out.
        let (after, about) = match takes.filter(|millis| *millis < seconds * 1_000) {
            Some(millis) => (millis, Some(customer)),
            None => (seconds * 1_000, None),
        };
        self.agenda.put(self.desk.now().plus_millis(after), Happening::Free { who, call, about });
        Ok(())
    }

    /// A wrap-up is over.
    pub(super) async fn is_done(&mut self, who: usize, call: usize, about: Option<usize>) -> Result<()> {
        let rep = &self.reps[who];
        // A later call has begun meanwhile.
        if rep.calls != call || rep.busy != Busy::Working {
            return Ok(());
        }
        let said_of = about.map(|customer| &self.customers[customer]);
        match said_of.and_then(|customer| Some((customer.session?, customer.asking.as_ref()?))) {
            Some((session, asking)) => {
                let author = Author { user: rep.id(), administers: false };
                // The campaign that counts the call may have other words, or none: somebody set them, or the link was broken.
                let words = self.desk.wrapping(author, session).await?.dispositions;
                let disposition = words.into_iter().find(|word| asking.outcome == Some(word));
                let said = Said { disposition, notes: None };
                self.desk.wrap_up(author, session, &said, true).await?;
            }
            None => self.desk.tend_offers().await?,
        }
        self.is_free(who).await
    }

    /// A customer vanished before they were met, and the representative may have been given the next.
    pub(super) async fn is_left(&mut self, who: usize) -> Result<()> {
        let next = self.desk.present_session(self.reps[who].id()).await?;
        match next.and_then(|session| self.by_session.get(&session.id).copied()) {
            Some(customer) => {
                self.is_taken(customer, who);
                Ok(())
            }
            None => self.is_free(who).await,
        }
    }

    /// The representative has nothing more to do with a call.
    pub(super) async fn is_free(&mut self, who: usize) -> Result<()> {
        let rep = &mut self.reps[who];
        rep.free_since = self.desk.now();
        rep.busy = Busy::Free;
        if rep.goes {
            return self.goes_home(who).await;
        }
        self.serve().await
    }
}
