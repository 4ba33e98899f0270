//! `bannerline visitor …`: who is blocked, and lifting it, beside running servers.

use super::floor::{desk, reason_of};
use super::{CommandError, Result, input, print};
use crate::cli::VisitorCommand;
use crate::config::Config;
use crate::desk::audit::Actor;
use crate::domain::ids::VisitorId;
use crate::store::visitors::Blocked;

/// Runs a command about visitors.
pub(super) async fn visitor(config: &Config, command: VisitorCommand) -> Result<()> {
    match command {
        VisitorCommand::Blocked => {
            let blocked = desk(config).await?.blocked_visitors().await?;
            let lines: Vec<_> = blocked.iter().map(line_of).collect();
            print(if lines.is_empty() { "Nobody is blocked.".to_owned() } else { lines.join("\n") }.as_str())
        }
        VisitorCommand::Unblock { id, reason } => {
            let visitor: VisitorId = id.parse().map_err(|error| input("the visitor's id", error))?;
            let reason = reason_of(&reason)?;
            if desk(config).await?.lift_block(visitor, &reason, &Actor::command_line()).await? {
                print(&format!("{id} is not blocked any more."))
            } else {
                Err(CommandError::Input(format!("{id} is not blocked")))
            }
        }
    }
}

fn line_of(blocked: &Blocked) -> String {
    let Blocked { block, by_name, name, .. } = blocked;
    let (by, name) = (by_name.as_deref().unwrap_or("?"), name.as_deref().unwrap_or("(no name)"));
    let reason = block.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{}  until {}  {name:<20}  by {by}{reason}", block.visitor_id, block.ends_at)
}
