//! `bannerline queue …`.

use super::{Result, existing_database, input, known, text, words};
use crate::app;
use crate::cli::{QueueArgs, QueueCommand};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::audit::Actor;
use crate::desk::queues::{self, Change, Staffed};
use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};
use crate::domain::queue::Skills;
use crate::domain::words::Skill;
use crate::store::queues::Settings;

/// Runs a command about queues.
pub(super) async fn queue(config: &Config, command: QueueCommand) -> Result<()> {
    if let QueueCommand::EndWaiting { queue, reason, yes } = &command {
        return super::floor::end_waiting(config, queue.as_deref(), reason, *yes).await;
    }
    let db = existing_database(config).await?;
    let (by, now) = (Actor::command_line(), app::clock_of(&db).await?.now());
    match command {
        QueueCommand::EndWaiting { .. } => {}
        QueueCommand::List => queues::all(&db).await?.iter().for_each(print),
        QueueCommand::Add { name, change } => {
            let name = name.parse().map_err(|error| input("the queue's name", error))?;
            print(&queues::add(&db, &name, &read(change)?, &by, now).await?);
        }
        QueueCommand::Set { name, change } => {
            let changed = queues::change(&db, &name, &read(change)?, &by, now).await;
            print(&known(changed, "queue", &name)?);
        }
    }
    Ok(())
}

fn read(args: QueueArgs) -> Result<Change> {
    Ok(Change {
        title: text("the title", args.title.as_deref())?,
        welcome: text("the words of welcome", args.welcome.as_deref())?,
        rank: number("the rank", args.rank)?,
        skills: words("a skill", &args.skills)?,
        preferred_skills: words("a preferred skill", &args.preferred_skills)?,
        relax_after: number("the seconds until preferred skills are not asked for", args.relax_after)?,
        mode: args.mode.map(Into::into),
        offer_seconds: number("the seconds of an offer", args.offer_seconds)?,
        offer_to: number("the number who are asked at once", args.offer_to)?,
        offer_order: args.order.map(Into::into),
        after_call: args.after_call.map(Into::into),
        wrap_up_seconds: number("the seconds of a wrap-up", args.wrap_up_seconds)?,
    })
}

fn number<T: TryFrom<i64, Error: std::fmt::Display>>(what: &str, typed: Option<i64>) -> Result<Option<T>> {
    typed.map(TryInto::try_into).transpose().map_err(|error| input(what, error))
}

fn print(staffed: &Staffed) {
    let queue = &staffed.queue;
    let settings = queue.settings;
    let wrap_up = match settings.wrap_up_seconds {
        0 => String::new(),
        seconds => format!("; {seconds} s to wrap a call up"),
    };
    say!("{:<12} {}; {}{wrap_up}", queue.name, rings(settings), after_call(settings.after_call));
    let list = |skills: &Skills| skills.iter().map(Skill::as_str).collect::<Vec<_>>().join(", ");
    let asks = &queue.asks;
    if !asks.required.is_empty() {
        say!("             asks for {}", list(&asks.required));
    }
    if !asks.preferred.is_empty() {
        say!("             for {} s also for {}", queue.relax_after_seconds, list(&asks.preferred));
    }
    match (staffed.served_by, staffed.served_later_by) {
        (0, 0) => say!("             NOBODY CAN SERVE IT"),
        (0, later) => {
            say!("             nobody can serve it at once, {later} after {} s", queue.relax_after_seconds);
        }
        (people, _) => say!("             served by {people}"),
    }
}

fn rings(settings: Settings) -> String {
    match settings.mode {
        Mode::Pull => "customers are asked for".to_owned(),
        Mode::List => "customers are dealt, and picked from a list".to_owned(),
        Mode::Offer => {
            let who = match settings.offer_order {
                OfferOrder::Callers => "has fewest callers",
                OfferOrder::Idle => "has been idle longest",
            };
            format!("rings {} s at {} at once, first who {who}", settings.offer_seconds, settings.offer_to)
        }
    }
}

const fn after_call(after: AfterCall) -> &'static str {
    match after {
        AfterCall::Available => "available after a call",
        AfterCall::Next => "a break after a call, until the next is asked for",
    }
}
