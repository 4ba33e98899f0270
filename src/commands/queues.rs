//! `bannerline queue …`.

use super::{Result, existing_database, input, known};
use crate::cli::QueueCommand;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::desk::audit::Actor;
use crate::desk::queues::{self, Change};
use crate::domain::activity::AfterCall;
use crate::domain::offer::Mode;
use crate::store::queue::Named;

/// Runs a command about queues.
pub(super) async fn queue(config: &Config, command: QueueCommand) -> Result<()> {
    if let QueueCommand::EndWaiting { queue, reason, yes } = &command {
        return super::floor::end_waiting(config, queue.as_deref(), reason, *yes).await;
    }
    let db = existing_database(config).await?;
    match command {
        QueueCommand::EndWaiting { .. } => {}
        QueueCommand::List => {
            for queue in queues::all(&db).await? {
                println!("{}", line_of(&queue));
            }
        }
        QueueCommand::Set { name, mode, offer_seconds, offer_to, order, after_call } => {
            let seconds = offer_seconds.map(TryInto::try_into).transpose();
            let to = offer_to.map(TryInto::try_into).transpose();
            let change = Change {
                mode: mode.map(Into::into),
                offer_seconds: seconds.map_err(|error| input("the seconds of an offer", error))?,
                offer_to: to.map_err(|error| input("the number who are asked at once", error))?,
                offer_order: order.map(Into::into),
                after_call: after_call.map(Into::into),
            };
            let now = SystemClock::new().now();
            let changed = queues::change(&db, &name, change, &Actor::command_line(), now).await;
            println!("{}", line_of(&known(changed, "queue", &name)?));
        }
    }
    Ok(())
}

/// A queue in one line.
fn line_of(queue: &Named) -> String {
    let settings = queue.settings;
    let rings = match settings.mode {
        Mode::Pull => "customers are asked for".to_owned(),
        Mode::Offer => {
            let (seconds, to) = (settings.offer_seconds, settings.offer_to);
            format!(
                "rings {seconds} s at {to} at once, first who {}",
                match settings.offer_order.as_str() {
                    "callers" => "has fewest callers",
                    _ => "has been idle longest",
                }
            )
        }
    };
    let after = match settings.after_call {
        AfterCall::Available => "available after a call",
        AfterCall::Next => "a break after a call, until the next is asked for",
    };
    format!("{:<12} {rings}; {after}", queue.name)
}
