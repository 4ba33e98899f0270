//! `bannerline campaign …` and `bannerline banner …`.

use super::{CommandError, Result, existing_database, input, own_address, text, words};
use crate::app;
use crate::cli::{BannerCommand, CampaignCommand};
use crate::clock::Clock;
use crate::config::{Config, Form};
use crate::desk::DeskError;
use crate::desk::audit::Actor;
use crate::desk::campaigns::{self, BannerChange, Change, WithBanners};
use crate::domain::campaign::{Qualified, Source};
use crate::domain::ids::CampaignId;
use crate::domain::links::{self, AD_SERVERS};

fn campaign_id(id: &str) -> Result<CampaignId> {
    id.parse().map_err(|error| input("the campaign's id", error))
}

/// Runs a command about campaigns.
pub(super) async fn campaign(config: &Config, command: CampaignCommand) -> Result<()> {
    match command {
        CampaignCommand::List => {
            let (list, more) = campaigns::list(&existing_database(config).await?, "").await?;
            list.iter().for_each(print_campaign);
            if more {
                say!("and more: the page /admin/campaigns finds them by id");
            }
        }
        CampaignCommand::Set { id, name, headline, intro, colour, form, outcomes, qualified, client, queues } => {
            let change = Change {
                name: text("the name", name.as_deref())?,
                headline: text("the headline", headline.as_deref())?,
                intro: text("the text", intro.as_deref())?,
                colour: text("the colour", colour.as_deref())?,
                form: text::<Form>("the form", form.as_deref())?,
                outcomes: words("an outcome", &outcomes)?,
                qualified: text::<Qualified>("the seconds of a qualified conversation", qualified.as_deref())?,
                client: text("the client", client.as_deref())?,
                queues: queue_names(&queues),
            };
            let id = campaign_id(&id)?;
            let db = app::open_database(config).await?;
            let now = app::clock_of(&db).await?.now();
            print_campaign(&campaigns::set(&db, &id, change, &Actor::command_line(), now).await?);
        }
        CampaignCommand::Links { id } => print_links(config, &campaign_id(&id)?).await?,
    }
    Ok(())
}

/// Runs a command about banners.
pub(super) async fn banner(config: &Config, command: BannerCommand) -> Result<()> {
    let BannerCommand::Set { campaign, id, name, queues } = command;
    let banner = id.parse().map_err(|error| input("the banner's id", error))?;
    let source = Source { campaign: campaign_id(&campaign)?, banner };
    let change = BannerChange { name: text("the name", name.as_deref())?, queues: queue_names(&queues) };
    let db = app::open_database(config).await?;
    let now = app::clock_of(&db).await?.now();
    let banner = campaigns::set_banner(&db, &source, change, &Actor::command_line(), now).await?;
    say!("{campaign} / {id}   {}", banner.name.as_deref().unwrap_or("(unregistered)"));
    Ok(())
}

/// What was typed, if anything was; an empty one takes all away.
fn queue_names(typed: &[String]) -> Option<Vec<String>> {
    (!typed.is_empty()).then(|| typed.iter().filter(|name| !name.is_empty()).cloned().collect())
}

fn print_campaign(campaign: &WithBanners) {
    let known = &campaign.campaign;
    let client = known.campaign.client.as_ref().map_or_else(String::new, |client| format!("   client {client}"));
    say!("{:<24} {}{client}", known.id.as_str(), known.campaign.name.as_deref().unwrap_or("(unregistered)"));
    for banner in &campaign.banners {
        say!("  {:<22} {}", banner.id.as_str(), banner.name.as_deref().unwrap_or("(unregistered)"));
    }
    if campaign.more_banners {
        say!("  and more");
    }
}

/// The links work before the campaign is known here.
async fn print_links(config: &Config, id: &CampaignId) -> Result<()> {
    let base = config.public_url.clone().unwrap_or_else(|| own_address(config));
    for server in AD_SERVERS {
        say!("{:<22} {}", server.name, server.link_of(&base, id));
    }
    let campaign = match campaigns::find(&existing_database(config).await?, id).await {
        Ok(campaign) => campaign,
        Err(DeskError::NotFound) => return Ok(()),
        Err(error) => return Err(CommandError::Desk(error)),
    };
    for banner in &campaign.banners {
        say!("{:<22} {}", format!("banner {}", banner.id), links::fixed(&base, id, &banner.id));
    }
    Ok(())
}
