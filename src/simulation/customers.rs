//! What customers do, one thing after the other.

use std::time::Duration;

use super::agenda::{Deed, Happening};
use super::reps::Working;
use super::story::{Asking, BrokenLink, Landing, Story};
use super::world::Customers;
use super::{Result, Simulation, number_of};
use crate::clock::Timestamp;
use crate::desk::admission::Wish;
use crate::desk::call::Caller;
use crate::desk::presence::OpenStream;
use crate::domain::campaign::{Source, Tags};
use crate::domain::funnel::PageStep;
use crate::domain::ids::{DIRECT, IdProblem, SessionId, VisitId};
use crate::domain::presence::{GRACE_MILLIS, NEVER_JOINED_MILLIS, Seat};
use crate::domain::session::State;
use crate::store::visits::{Broken, Visit};

/// How far a customer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// On the page.
    Page,
    /// In line; `rings` at this representative.
    Waiting {
        /// At whom.
        rings: Option<usize>,
    },
    /// With a representative, not yet connected.
    Taken(usize),
    /// In conversation.
    Talking(usize),
    /// Not in line any more as far as they are concerned: the page is closed, and the grace runs.
    Vanished,
    /// Over.
    Over,
}

/// Somebody who came.
pub(super) struct Customer {
    /// The campaign's place in the world.
    campaign: usize,
    visit: Option<VisitId>,
    landing: Option<Landing>,
    pub(super) asking: Option<Asking>,
    pub(super) session: Option<SessionId>,
    pub(super) phase: Phase,
    /// The queue that they come to, or are in; the default one when absent.
    queue: Option<&'static str>,
    /// How often they were passed on.
    leg: u32,
    /// Of those only who are going to close it.
    stream: Option<OpenStream>,
    /// The page is closed: they may still ring, and be taken, in vain.
    pub(super) is_gone: bool,
}

/// How often the row of a page that was closed is looked at until it says so.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

impl Simulation<'_> {
    pub(super) fn put(&mut self, who: usize, after_millis: i64, does: Deed) {
        let at = self.desk.now().plus_millis(after_millis);
        self.agenda.put(at, Happening::Customer { who, does });
    }

    /// Somebody comes by a banner.
    pub(super) async fn lands(&mut self, banner: usize) -> Result<()> {
        let who = self.customers.len();
        let world = self.world;
        let (campaign, own, _) = self.banners[banner];
        let came_by = &world.campaigns[campaign];
        let story = Story::of(self.seed, number_of(who), world.customers, came_by, &came_by.banners[own]);
        let mut visit = None;
        if let Some(landing) = &story.landing {
            let kept = self.visit_of(campaign, own, who, landing);
            self.desk.land(&kept).await?;
            self.told.visits += 1;
            visit = Some(kept.id);
            if let Some(after) = landing.seen_after {
                self.put(who, after, Deed::Looks);
            }
            for (step, (after, _)) in landing.steps.iter().enumerate() {
                self.put(who, *after, Deed::Steps(step));
            }
        }
        let (after, asking) = story.asks.unzip();
        if let Some(after) = after {
            self.put(who, after, Deed::Asks);
        }
        let landing = story.landing;
        let is_broken = landing.as_ref().is_some_and(|landing| landing.broken.is_some());
        let queue = came_by.queue.filter(|_| !is_broken);
        let (session, phase, stream, is_gone, leg) = (None, Phase::Page, None, false, 0);
        self.customers.push(Customer { campaign, visit, landing, asking, session, phase, queue, leg, stream, is_gone });
        Ok(())
    }

    fn visit_of(&self, campaign: usize, own: usize, who: usize, landing: &Landing) -> Visit {
        let (now, came_by) = (self.desk.now(), &self.world.campaigns[campaign]);
        let (id, banner) = (came_by.id.as_str(), came_by.banners[own].id.as_str());
        let query = match (landing.broken, id) {
            (Some(BrokenLink::NoBanner), _) => Some(format!("campaignId={id}")),
            (Some(BrokenLink::Macro), _) => Some(format!("campaignId={id}&bannerId={{bannerid}}")),
            (None, DIRECT) => None,
            (None, _) => Some(format!("campaignId={id}&bannerId={banner}")),
        };
        let click = landing.tag.map(|tag| (tag, format!("simulated-{who}")));
        let tagged = query.map(|query| match &click {
            Some((tag, click)) => format!("{query}&{tag}={click}"),
            None => query,
        });
        let source = match (landing.broken, id.parse(), banner.parse()) {
            (None, Ok(campaign), Ok(banner)) => Source { campaign, banner },
            _ => Source::direct(),
        };
        let broken = landing.broken.map(|broken| Broken {
            campaign: Some(id.to_owned()),
            banner: (broken == BrokenLink::Macro).then(|| "{bannerid}".to_owned()),
            reason: if broken == BrokenLink::Macro { IdProblem::Macro } else { IdProblem::Missing }.as_str().to_owned(),
        });
        Visit {
            id: VisitId::new(now),
            campaign: source.campaign,
            banner: source.banner,
            class: landing.class,
            landed_at: now,
            broken,
            query: tagged,
            tags: Tags::read(click.iter().map(|(tag, click)| (*tag, click.as_str()))),
        }
    }

    pub(super) async fn does(&mut self, who: usize, deed: Deed) -> Result<()> {
        match deed {
            Deed::Looks => self.looks(who).await,
            Deed::Steps(step) => self.steps(who, step).await,
            Deed::Asks => self.asks(who).await,
            Deed::Joins => self.joins(who).await,
            Deed::GivesUp(leg) => self.gives_up(who, leg).await,
            Deed::Connects => self.connects(who).await,
            Deed::Held => self.is_held(who, true).await,
            Deed::Resumed => self.is_held(who, false).await,
            Deed::PassedOn => self.is_passed_on(who).await,
            Deed::Ends(leg) => self.ends(who, leg).await,
            Deed::Rates => self.rates(who).await,
        }
    }

    /// The page's script runs, and says whether somebody is there.
    async fn looks(&mut self, who: usize) -> Result<()> {
        let nobody = !self.reps.iter().any(Working::is_there);
        let customer = &mut self.customers[who];
        let Some(visit) = customer.visit else { return Ok(()) };
        self.desk.confirm_visit(visit, self.desk.now()).await?;
        let Some(landing) = customer.landing.as_mut().filter(|_| nobody && customer.asking.is_some()) else {
            return Ok(());
        };
        if landing.needs_somebody {
            landing.steps.clear();
            customer.phase = Phase::Over;
        }
        Ok(self.desk.note_step(visit, PageStep::NobodyThere).await?)
    }

    async fn steps(&mut self, who: usize, step: usize) -> Result<()> {
        let customer = &self.customers[who];
        let told = customer.landing.as_ref().and_then(|landing| landing.steps.get(step));
        if let (Some((_, step)), Some(visit)) = (told, customer.visit) {
            self.desk.note_step(visit, *step).await?;
        }
        Ok(())
    }

    async fn asks(&mut self, who: usize) -> Result<()> {
        let customer = &self.customers[who];
        let Some(asking) = customer.asking.as_ref().filter(|_| customer.phase == Phase::Page) else { return Ok(()) };
        let came_by = &self.world.campaigns[customer.campaign];
        // The visit decides. Without one, as of a program, the ids do.
        let plain = customer.visit.is_none().then(|| (came_by.id.clone(), came_by.banners[0].id.clone()));
        let (campaign, banner) = plain.unzip();
        let wish = Wish {
            campaign,
            banner,
            visit: customer.visit,
            name: asking.name.map(ToOwned::to_owned),
            problem: asking.problem.map(ToOwned::to_owned),
            audio_only: asking.audio_only,
            consent: self.world.customers == Customers::Lively,
            origin: asking.origin.clone(),
            ..Wish::default()
        };
        let joins_after = asking.joins_after;
        let session = self.desk.request(wish, None).await?;
        self.customers[who].session = Some(session.id);
        self.by_session.insert(session.id, who);
        match joins_after {
            Some(0) => self.joins(who).await,
            Some(after) => {
                self.put(who, after, Deed::Joins);
                Ok(())
            }
            None => {
                self.agenda.put(self.desk.now().plus_millis(NEVER_JOINED_MILLIS), Happening::Reap);
                Ok(())
            }
        }
    }

    async fn joins(&mut self, who: usize) -> Result<()> {
        let customer = &mut self.customers[who];
        let (Some(session), Some(asking)) = (customer.session, &customer.asking) else { return Ok(()) };
        let patience = asking.patience;
        if asking.vanishes {
            let mut stream = self.desk.open_stream(Seat::Customer(session), None);
            stream.written().await;
            customer.stream = Some(stream);
        }
        self.desk.join(session, None).await?;
        customer.phase = Phase::Waiting { rings: None };
        self.silent += 1;
        self.told.calls += 1;
        if let Some(patience) = patience {
            self.put(who, patience, Deed::GivesUp(0));
        }
        self.serve().await
    }

    /// Who waits in line does not any more. At whom they rang may be rung by somebody else.
    pub(super) fn leaves_line(&mut self, who: usize, to: Phase) {
        match std::mem::replace(&mut self.customers[who].phase, to) {
            Phase::Waiting { rings: Some(rep) } => self.reps[rep].stops_ringing(),
            Phase::Waiting { rings: None } => self.silent -= 1,
            _ => {}
        }
    }

    /// Somebody has the customer now.
    pub(super) fn is_taken(&mut self, who: usize, rep: usize) {
        self.leaves_line(who, Phase::Taken(rep));
        self.reps[rep].takes();
        let after = self.customers[who].asking.as_ref().map_or(0, |asking| asking.connects_after);
        self.put(who, after, Deed::Connects);
    }

    async fn gives_up(&mut self, who: usize, leg: u32) -> Result<()> {
        let customer = &mut self.customers[who];
        let waits = customer.leg == leg && matches!(customer.phase, Phase::Waiting { .. });
        let Some(session) = customer.session.filter(|_| waits) else {
            return Ok(());
        };
        if let Some(stream) = customer.stream.take() {
            drop(stream);
            // Closings are written by and by; what happens next at the desk must find this one.
            while self.desk.session(session).await?.closed_at.is_none() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            self.agenda.put(self.desk.now().plus_millis(GRACE_MILLIS), Happening::Reap);
            self.customers[who].is_gone = true;
            self.gone.push(who);
            // They ring on until somebody answers, or the grace is over.
            if self.customers[who].phase == (Phase::Waiting { rings: None }) {
                self.leaves_line(who, Phase::Vanished);
            }
            return Ok(());
        }
        self.desk.leave(session).await?;
        self.leaves_line(who, Phase::Over);
        self.serve().await
    }

    async fn connects(&mut self, who: usize) -> Result<()> {
        let customer = &mut self.customers[who];
        let (Phase::Taken(rep), Some(session), Some(asking)) = (customer.phase, customer.session, &customer.asking)
        else {
            return Ok(());
        };
        if customer.is_gone {
            return Ok(());
        }
        let by = Caller::Customer(session);
        if asking.media_fails {
            self.desk.end(&by, session, None, true).await?;
            customer.phase = Phase::Over;
            customer.stream = None;
            return self.call_is_over(rep, None).await;
        }
        let (talk, hold) = (asking.talk, asking.hold);
        let passed_on_after = asking.passed_on_after.filter(|_| customer.leg == 0);
        let ends = Deed::Ends(customer.leg);
        self.desk.joined(&by, session, None).await?;
        self.desk.joined(self.reps[rep].caller(), session, None).await?;
        customer.phase = Phase::Talking(rep);
        self.put(who, talk, ends);
        if let Some(after) = passed_on_after {
            self.put(who, after, Deed::PassedOn);
        }
        if let Some((at, long)) = hold {
            self.put(who, at, Deed::Held);
            self.put(who, at + long, Deed::Resumed);
        }
        Ok(())
    }

    /// Ends those whose grace is over. A representative who waited for one of them may have been given the next.
    pub(super) async fn reaps(&mut self) -> Result<()> {
        self.desk.reap(Timestamp(0)).await?;
        let mut still = Vec::new();
        for who in std::mem::take(&mut self.gone) {
            let Some(session) = self.customers[who].session else { continue };
            if self.desk.session(session).await?.life.state != State::Ended {
                still.push(who);
                continue;
            }
            let phase = self.customers[who].phase;
            self.leaves_line(who, Phase::Over);
            if let Phase::Taken(rep) = phase {
                self.is_left(rep).await?;
            }
        }
        self.gone.extend(still);
        self.serve().await
    }

    async fn is_held(&mut self, who: usize, held: bool) -> Result<()> {
        let customer = &self.customers[who];
        let (Phase::Talking(rep), Some(session)) = (customer.phase, customer.session) else { return Ok(()) };
        let by = self.reps[rep].caller();
        if held {
            self.desk.hold(by, session, None).await?
        } else {
            self.desk.resume(by, session, None).await?
        };
        Ok(())
    }

    /// The representative passes the customer on to another queue, where they wait as patiently as before.
    async fn is_passed_on(&mut self, who: usize) -> Result<()> {
        let customer = &mut self.customers[who];
        let other = self.world.queues.iter().find(|queue| Some(queue.name) != customer.queue);
        let (Phase::Talking(rep), Some(session), Some(other)) = (customer.phase, customer.session, other) else {
            return Ok(());
        };
        let note = Some("This is for a colleague.");
        self.desk.pass_to_queue(self.reps[rep].caller(), session, None, other.name, note).await?;
        customer.phase = Phase::Waiting { rings: None };
        customer.leg += 1;
        self.silent += 1;
        let gives_up = Deed::GivesUp(customer.leg);
        if let Some(patience) = customer.asking.as_ref().and_then(|asking| asking.patience) {
            self.put(who, patience, gives_up);
        }
        // The wrap-up that follows is still of the queue that they left.
        self.call_is_over(rep, Some(who)).await?;
        self.customers[who].queue = Some(other.name);
        self.serve().await
    }

    async fn ends(&mut self, who: usize, leg: u32) -> Result<()> {
        let customer = &mut self.customers[who];
        if customer.leg != leg {
            return Ok(());
        }
        let (Phase::Talking(rep), Some(session), Some(asking)) = (customer.phase, customer.session, &customer.asking)
        else {
            return Ok(());
        };
        let own = Caller::Customer(session);
        let by = if asking.rep_ends { self.reps[rep].caller() } else { &own };
        self.desk.end(by, session, None, false).await?;
        customer.phase = Phase::Over;
        customer.stream = None;
        let rates = asking.rates.as_ref().map(|(after, _)| *after);
        if let Some(after) = rates {
            self.put(who, after, Deed::Rates);
        }
        self.call_is_over(rep, Some(who)).await
    }

    async fn rates(&mut self, who: usize) -> Result<()> {
        let customer = &self.customers[who];
        let rating = customer.asking.as_ref().and_then(|asking| asking.rates.as_ref());
        if let (Some(session), Some((_, rating))) = (customer.session, rating) {
            self.desk.rate(session, rating).await?;
        }
        Ok(())
    }

    /// The queue of a customer, as the world has it: how long a call of it may be wrapped up.
    pub(super) fn wrap_up_seconds(&self, who: usize) -> i64 {
        let queue = self.customers[who].queue;
        let known = self.world.queues.iter().find(|one| Some(one.name) == queue);
        known.map_or(0, |queue| queue.wrap_up_seconds)
    }
}
