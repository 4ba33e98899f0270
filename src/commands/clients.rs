//! `bannerline client …`.

use super::{Result, existing_database, input};
use crate::app;
use crate::cli::ClientCommand;
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::audit::Actor;
use crate::desk::clients;

/// Runs a command about clients.
pub(super) async fn client(config: &Config, command: ClientCommand) -> Result<()> {
    let db = existing_database(config).await?;
    match command {
        ClientCommand::Add { name } => {
            let title = name.parse().map_err(|error| input("the name", error))?;
            let now = app::clock_of(&db).await?.now();
            clients::add(&db, &title, &Actor::command_line(), now).await?;
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
