//! A history made up by chance: visitors come, wait, talk and leave on a simulated clock, and the real desk does the rest.
//! The desk knows nothing of it; it is called as pages and consoles call it.
//!
//! `docs/simulation.md` tells the model.

mod agenda;
mod clock;
mod closing;
mod customers;
pub mod demonstration;
pub mod dice;
pub mod intensity;
mod opening;
mod reps;
mod service;
mod shifts;
mod story;
pub mod world;

use std::collections::HashMap;
use std::sync::Arc;

pub use clock::SimulatedClock;

use crate::clock::Timestamp;
use crate::desk::{Desk, DeskError};
use crate::domain::ids::{OfferId, SessionId};
use crate::store::StoreError;
use agenda::{Agenda, Happening};
use customers::Customer;
use dice::{Dice, Matter, real, whole};
use reps::Working;
use world::World;

/// Why a simulation stopped.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The desk.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The world has something in it that nobody can set up.
    #[error("the world of the simulation cannot be set up: {0:?} is refused")]
    World(String),
}

/// What a simulation does may fail.
pub type Result<T> = std::result::Result<T, SimulationError>;

/// When it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from: Timestamp,
    /// Whatever is under way at this instant ends.
    pub until: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Landings.
    pub visits: u64,
    /// Those who joined a queue.
    pub calls: u64,
}

/// How long the house needs to be set up: its clock stands that long before the period.
pub const OPENING_MILLIS: i64 = 60_000;

/// A simulation under way.
struct Simulation<'w> {
    desk: Arc<Desk>,
    world: &'w World,
    seed: u64,
    agenda: Agenda,
    /// Every banner: its campaign's place in the world, its own there, and when its visitors come.
    banners: Vec<(usize, usize, Dice)>,
    customers: Vec<Customer>,
    by_session: HashMap<SessionId, usize>,
    reps: Vec<Working>,
    /// How many wait and do not ring.
    silent: usize,
    /// Whose page is closed, and whose grace runs.
    gone: Vec<usize>,
    /// Offers so far: each has dice of its own.
    rang: u64,
    /// Who rings, and whether they will be declined.
    rings: HashMap<OfferId, (usize, bool)>,
    told: Told,
}

/// Lets a period happen at the desk, which is entered, and whose clock is `clock` and stands [`OPENING_MILLIS`] before it,
/// or earlier. `tell` hears
/// every simulated hour how far it is.
///
/// # Errors
/// The desk's; what has happened until then stays.
pub async fn run(
    desk: &Arc<Desk>,
    clock: &Arc<SimulatedClock>,
    world: &World,
    seed: u64,
    period: Period,
    mut tell: impl FnMut(Timestamp),
) -> Result<Told> {
    clock.move_to(period.from.plus_millis(-OPENING_MILLIS));
    let hired = opening::open(desk, clock, world).await?;
    // Nobody reads it again every half second here: the house is as it was set up.
    desk.read_plan().await?;
    let mut simulation = Simulation {
        desk: Arc::clone(desk),
        world,
        seed,
        agenda: Agenda::default(),
        banners: Vec::new(),
        customers: Vec::new(),
        by_session: HashMap::new(),
        reps: hired.into_iter().map(Working::new).collect(),
        silent: 0,
        gone: Vec::new(),
        rang: 0,
        rings: HashMap::new(),
        told: Told::default(),
    };
    simulation.plan(period);
    while let Some((at, what)) = simulation.agenda.next(period.until) {
        clock.move_to(at);
        if what == Happening::Hour {
            tell(at);
            simulation.agenda.put(at.plus_millis(3_600_000), Happening::Hour);
        }
        simulation.happens(what).await?;
    }
    clock.move_to(period.until);
    simulation.close().await?;
    tell(period.until);
    Ok(simulation.told)
}

impl Simulation<'_> {
    /// Writes down what begins by itself.
    fn plan(&mut self, period: Period) {
        self.agenda.put(period.from, Happening::Hour);
        for (who, rep) in self.world.reps.iter().enumerate() {
            for (at, turn) in shifts::turns(self.seed, number_of(who), rep.shift, period.from, period.until) {
                self.agenda.put(at, Happening::Shift { who, turn });
            }
        }
        for (place, campaign) in self.world.campaigns.iter().enumerate() {
            let after = whole(real(period.until.since(period.from)) * campaign.begins);
            for own in 0..campaign.banners.len() {
                let banner = self.banners.len();
                self.banners.push((place, own, Dice::of(self.seed, Matter::Arrivals, number_of(banner))));
                self.expect_visitor(banner, period.from.plus_millis(after));
            }
        }
    }

    /// Writes down the next visitor who comes by a banner after an instant.
    fn expect_visitor(&mut self, banner: usize, after: Timestamp) {
        let world = self.world;
        let Some((campaign, own, dice)) = self.banners.get_mut(banner) else { return };
        let per_day = world.campaigns[*campaign].banners[*own].visits_per_day;
        let at = intensity::next(dice, world.week, per_day, after);
        self.agenda.put(at, Happening::Visitor { banner });
    }

    async fn happens(&mut self, what: Happening) -> Result<()> {
        match what {
            Happening::Visitor { banner } => {
                self.expect_visitor(banner, self.desk.now());
                self.lands(banner).await
            }
            Happening::Customer { who, does } => self.does(who, does).await,
            Happening::Shift { who, turn } => self.turns(who, turn).await,
            Happening::Answers { who, offer } => self.answers(who, offer).await,
            Happening::Free { who, call, about } => self.is_done(who, call, about).await,
            Happening::Look => self.look().await,
            Happening::Reap => self.reaps().await,
            Happening::Hour => Ok(()),
        }
    }
}

fn number_of(place: usize) -> u64 {
    u64::try_from(place).unwrap_or(u64::MAX)
}
