//! `bannerline client …`.

use super::{Result, existing_database, input};
use crate::cli::ClientCommand;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::desk::audit::Actor;
use crate::desk::clients;

/// Runs a command about clients.
pub(super) async fn client(config: &Config, command: ClientCommand) -> Result<()> {
    let db = existing_database(config).await?;
    match command {
        ClientCommand::Add { name } => {
            let title = name.parse().map_err(|error| input("the name", error))?;
            clients::add(&db, &title, &Actor::command_line(), SystemClock::new().now()).await?;
            say!("{name} can be given campaigns and marketers now.");
        }
        ClientCommand::List => {
            for client in clients::all(&db).await? {
                say!("{:<24} {} campaigns", client.name, client.campaigns);
            }
        }
    }
    Ok(())
}
