//! What there has to be before the first visitor comes: campaigns, queues, people.

use super::clock::SimulatedClock;
use super::world::{Campaign, Queue, Rep, Service, World};
use super::{Result, SimulationError};
use crate::clock::Clock;
use crate::desk::accounts::{self, Person};
use crate::desk::audit::Actor;
use crate::desk::call::Caller;
use crate::desk::{Desk, DeskError, campaigns, people, queues};
use crate::domain::campaign::Source;
use crate::domain::ids::{CampaignId, RepId};
use crate::domain::offer::Mode;
use crate::domain::people::Role;
use crate::passwords;
use crate::store::campaigns as stored;

/// A representative who is ready to work.
#[derive(Debug, Clone)]
pub(super) struct Hired {
    pub(super) id: RepId,
    /// As whom they speak of a call.
    pub(super) caller: Caller,
}

/// How long each thing takes to set up: what is made later has a greater id, so their order is no chance.
const STEP_MILLIS: i64 = 50;

/// A text as the type that the desk wants. The world is written down here: what it refuses is our mistake.
fn typed<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| SimulationError::World(text.to_owned()))
}

fn number<T: TryFrom<i64>>(number: i64) -> Result<T> {
    T::try_from(number).map_err(|_| SimulationError::World(number.to_string()))
}

/// Sets everything up. The representatives, in the order of the world.
pub(super) async fn open(desk: &Desk, clock: &SimulatedClock, world: &World) -> Result<Vec<Hired>> {
    for queue in &world.queues {
        set_queue(desk, queue, world.service).await?;
        step(clock);
    }
    for campaign in world.campaigns.iter().filter(|campaign| campaign.name.is_some()) {
        set_campaign(desk, campaign).await?;
        step(clock);
    }
    let mut hired = Vec::with_capacity(world.reps.len());
    for rep in &world.reps {
        hired.push(hire(desk, clock, rep).await?);
    }
    Ok(hired)
}

fn step(clock: &SimulatedClock) {
    clock.move_to(clock.now().plus_millis(STEP_MILLIS));
}

const fn mode(service: Service) -> Mode {
    match service {
        Service::Claims => Mode::Pull,
        Service::Rings => Mode::Offer,
    }
}

async fn set_queue(desk: &Desk, queue: &Queue, service: Service) -> Result<()> {
    let change = queues::Change {
        title: Some(Some(typed(queue.title)?)),
        skills: Some(queue.skill.into_iter().map(typed).collect::<Result<_>>()?),
        mode: Some(mode(service)),
        wrap_up_seconds: Some(number(queue.wrap_up_seconds)?),
        ..queues::Change::default()
    };
    let (name, by) = (typed(queue.name)?, Actor::command_line());
    match queues::add(&desk.db, &name, &change, &by, desk.now()).await {
        // One that is there, from an earlier simulation or anybody's, stays as it is set.
        Ok(_) | Err(DeskError::Contradiction(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn set_campaign(desk: &Desk, campaign: &Campaign) -> Result<()> {
    let (id, by): (CampaignId, _) = (typed(&campaign.id)?, Actor::command_line());
    let known = stored::find(desk.db.read().await?.conn(), &id).await?;
    if known.is_some_and(|known| known.name.is_some()) {
        // It is somebody's, or from an earlier simulation.
        return Ok(());
    }
    let outcomes = campaign.outcomes.iter().map(|(_, word)| typed(word)).collect::<Result<_>>()?;
    let change = campaigns::Change {
        name: Some(campaign.name.map(typed).transpose()?),
        headline: Some(campaign.headline.map(typed).transpose()?),
        colour: Some(campaign.colour.map(typed).transpose()?),
        outcomes: Some(outcomes),
        queues: Some(campaign.queue.into_iter().map(ToOwned::to_owned).collect()),
        ..campaigns::Change::default()
    };
    campaigns::set(&desk.db, &id, change, &by, desk.now()).await?;
    for banner in &campaign.banners {
        let source = Source { campaign: id.clone(), banner: typed(&banner.id)? };
        let named = banner.name.map(typed).transpose()?;
        let change = campaigns::BannerChange { name: Some(named), ..campaigns::BannerChange::default() };
        campaigns::set_banner(&desk.db, &source, change, &by, desk.now()).await?;
    }
    Ok(())
}

/// Makes somebody who takes calls and cannot log in: nobody knows the password. Where the name is taken it gets a number:
/// whoever is there already has nothing to do with what is made up.
async fn hire(desk: &Desk, clock: &SimulatedClock, rep: &Rep) -> Result<Hired> {
    let by = Actor::command_line();
    let mut round = 1;
    loop {
        let again =
            |text: &str, blank: &str| if round == 1 { text.to_owned() } else { format!("{text}{blank}{round}") };
        let (username, name) = (again(&rep.username, "-"), again(&rep.name, " "));
        let person =
            Person { username: typed(&username)?, display_name: Some(name.clone()), role: Role::Rep, client: None };
        let made = accounts::add_user(&desk.db, person, passwords::random(), &by, desk.now()).await;
        step(clock);
        let id = match made {
            Ok(id) => id,
            Err(DeskError::Contradiction(_)) => {
                round += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if !rep.skills.is_empty() {
            let skills = rep.skills.iter().map(|skill| typed(skill)).collect::<Result<_>>()?;
            let change = people::Change { skills: Some(skills), ..people::Change::default() };
            people::change(&desk.db, &typed(&username)?, change, &by, desk.now()).await?;
        }
        return Ok(Hired { id, caller: Caller::Rep(id, name) });
    }
}
