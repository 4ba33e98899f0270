//! Campaigns and banners as administrators see and change them.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::clients;
use super::{DeskError, Result};
use crate::clock::Timestamp;
use crate::config::Form;
use crate::domain::campaign::{Qualified, Source};
use crate::domain::colour::Colour;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::words::{Intro, MAX_WORDS, OutcomeWord, Title};
use crate::store::campaigns::{self, Banner, Campaign, Known};
use crate::store::clients as kept_clients;
use crate::store::queues::{self, Queue};
use crate::store::{Db, Tx, transact};

/// The most campaigns of one answer, and the most banners of each: anybody can make up ids.
const LISTED: usize = 100;

/// What is to be different of a campaign: what is `None` stays, what is `Some(None)` is taken away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, which registers it.
    pub name: Option<Option<Title>>,
    /// Headline of the invitation.
    pub headline: Option<Option<Title>>,
    /// Text of the invitation.
    pub intro: Option<Option<Intro>>,
    /// The colour of its page.
    pub colour: Option<Option<Colour>>,
    /// What its page asks.
    pub form: Option<Option<Form>>,
    /// The words a call can be closed with.
    pub outcomes: Option<Vec<OutcomeWord>>,
    /// From which duration on a conversation counts as qualified.
    pub qualified: Option<Option<Qualified>>,
    /// The client whose it is.
    pub client: Option<Option<Title>>,
    /// The names of the queues that it leads to.
    pub queues: Option<Vec<String>>,
}

/// What is to be different of a banner: what is `None` stays, what is `Some(None)` is taken away.
#[derive(Debug, Clone, Default)]
pub struct BannerChange {
    /// Its name, which registers it.
    pub name: Option<Option<Title>>,
    /// The names of the queues that it leads to.
    pub queues: Option<Vec<String>>,
}

/// A campaign with its banners.
#[derive(Debug, Clone)]
pub struct WithBanners {
    /// The campaign.
    pub campaign: Known,
    /// Its banners.
    pub banners: Vec<Banner>,
    /// Whether it has more.
    pub more_banners: bool,
}

/// Campaigns that have this in their id or name: those with a name first, then those that were seen last; and whether
/// there are more.
///
/// # Errors
/// The store's.
pub async fn list(db: &Db, search: &str) -> Result<(Vec<WithBanners>, bool)> {
    let mut reader = db.read().await?;
    let mut known = campaigns::listed(reader.conn(), search.trim(), one_more()).await?;
    let more = known.len() > LISTED;
    known.truncate(LISTED);
    drop(reader);
    let mut list = Vec::with_capacity(known.len());
    for campaign in known {
        list.push(with_banners(db, campaign).await?);
    }
    Ok((list, more))
}

fn one_more() -> i64 {
    i64::try_from(LISTED + 1).unwrap_or(i64::MAX)
}

async fn with_banners(db: &Db, mut campaign: Known) -> Result<WithBanners> {
    let mut reader = db.read().await?;
    let led_to = queues::led_to(reader.conn(), &campaign.id).await?;
    let queues_of = |banner: &str| led_to.iter().filter(|(id, _)| id == banner).map(|(_, name)| name.clone()).collect();
    campaign.queues = queues_of("");
    let mut banners = campaigns::banners(reader.conn(), &campaign.id, one_more()).await?;
    let more_banners = banners.len() > LISTED;
    banners.truncate(LISTED);
    for banner in &mut banners {
        banner.queues = queues_of(banner.id.as_str());
    }
    Ok(WithBanners { campaign, banners, more_banners })
}

/// The campaign with this id.
///
/// # Errors
/// [`DeskError::NotFound`], or the store's.
pub async fn find(db: &Db, id: &CampaignId) -> Result<WithBanners> {
    let mut reader = db.read().await?;
    let campaign = campaigns::known(reader.conn(), id).await?.ok_or(DeskError::NotFound)?;
    drop(reader);
    with_banners(db, campaign).await
}

/// Changes a campaign, and makes it where it was never seen. The campaign as it is then.
///
/// # Errors
/// [`DeskError::Invalid`], or the store's.
pub async fn set(db: &Db, id: &CampaignId, change: Change, by: &Actor, now: Timestamp) -> Result<WithBanners> {
    let too_many = change.outcomes.as_ref().is_some_and(|words| words.len() > MAX_WORDS);
    if too_many {
        return Err(DeskError::Invalid(format!("A campaign has at most {MAX_WORDS} outcomes.")));
    }
    transact!(db, tx => {
        campaigns::open(tx, id, now).await?;
        let before = campaigns::find(tx.conn(), id).await?.unwrap_or_default();
        let (after, mut detail) = changed(&before, &change);
        if !detail.is_empty() {
            campaigns::set(tx, id, &after).await?;
        }
        lead(tx, id, None, change.queues.as_deref(), &mut detail).await?;
        if let Some(client) = clients::changed(tx, before.client.as_deref(), change.client.as_ref(), &mut detail).await? {
            kept_clients::give_campaign(tx, id, client).await?;
        }
        if !detail.is_empty() {
            audit::note(tx, by, "campaign.set", id.as_str(), &detail, now).await?;
        }
        Ok::<_, DeskError>(())
    })?;
    find(db, id).await
}

/// A campaign after a change, and what is different.
fn changed(before: &Campaign, change: &Change) -> (Campaign, Detail) {
    let mut detail = Detail::new();
    let mut field = |name: &str, was: &Option<String>, wanted: Option<Option<String>>| {
        let is = wanted.unwrap_or_else(|| was.clone());
        if is != *was {
            detail.insert(name.to_owned(), json!(is));
        }
        is
    };
    let title = |title: &Option<Title>| title.as_ref().map(|title| title.as_str().to_owned());
    let mut after = Campaign {
        name: field("name", &before.name, change.name.as_ref().map(title)),
        headline: field("headline", &before.headline, change.headline.as_ref().map(title)),
        intro: field(
            "intro",
            &before.intro,
            change.intro.as_ref().map(|intro| intro.as_ref().map(|intro| intro.as_str().to_owned())),
        ),
        form: field("form", &before.form, change.form.map(|form| form.map(|form| form.as_str().to_owned()))),
        colour: field("colour", &before.colour, change.colour.map(|colour| colour.map(|colour| colour.to_string()))),
        outcomes: before.outcomes.clone(),
        qualified_ms: change.qualified.map_or(before.qualified_ms, |qualified| qualified.map(Qualified::millis)),
        client: before.client.clone(),
    };
    if after.qualified_ms != before.qualified_ms {
        detail.insert("qualifiedSeconds".to_owned(), json!(after.qualified_ms.map(|millis| millis / 1_000)));
    }
    if let Some(words) = &change.outcomes {
        let mut list: Vec<&str> = Vec::new();
        for word in words.iter().map(OutcomeWord::as_str) {
            if !list.contains(&word) {
                list.push(word);
            }
        }
        let kept = (!list.is_empty()).then(|| json!(list).to_string());
        if kept != before.outcomes {
            detail.insert("outcomes".to_owned(), json!(list));
            after.outcomes = kept;
        }
    }
    (after, detail)
}

/// Lets a campaign, or a banner of it, lead to these queues, where they are others than before.
async fn lead(
    tx: &mut Tx,
    campaign: &CampaignId,
    banner: Option<&BannerId>,
    names: Option<&[String]>,
    detail: &mut Detail,
) -> Result<()> {
    let Some(names) = names else { return Ok(()) };
    let known = queues::all(tx.conn()).await?;
    let mut chosen: Vec<&Queue> = Vec::new();
    for name in names {
        let found = known.iter().find(|queue| queue.name == *name);
        let queue = found.ok_or_else(|| DeskError::Invalid(format!("queues: there is no queue {name}.")))?;
        if !chosen.contains(&queue) {
            chosen.push(queue);
        }
    }
    let led_to = queues::led_to(tx.conn(), campaign).await?;
    let of = banner.map_or("", BannerId::as_str);
    let before: Vec<_> = led_to.iter().filter(|(id, _)| id == of).map(|(_, name)| name.as_str()).collect();
    let after: Vec<_> = chosen.iter().map(|queue| queue.name.as_str()).collect();
    if before != after {
        let ids: Vec<_> = chosen.iter().map(|queue| queue.id).collect();
        queues::lead(tx, campaign, banner, &ids).await?;
        detail.insert("queues".to_owned(), json!(after));
    }
    Ok(())
}

/// Names a banner, or leads it to queues of its own; makes it where it was never seen. The banner as it is then.
///
/// # Errors
/// [`DeskError::Invalid`], or the store's.
pub async fn set_banner(db: &Db, source: &Source, change: BannerChange, by: &Actor, now: Timestamp) -> Result<Banner> {
    transact!(db, tx => {
        campaigns::open(tx, &source.campaign, now).await?;
        let mut before = campaigns::banner(tx.conn(), source).await?;
        if before.is_none() {
            campaigns::note(tx, source, now).await?;
            before = campaigns::banner(tx.conn(), source).await?;
        }
        let was = before.and_then(|banner| banner.name);
        let is = change.name.as_ref().map_or(was.as_deref(), |name| name.as_ref().map(Title::as_str));
        let mut detail = Detail::new();
        if is != was.as_deref() {
            campaigns::set_banner(tx, source, is).await?;
            detail.insert("name".to_owned(), json!(is));
        }
        lead(tx, &source.campaign, Some(&source.banner), change.queues.as_deref(), &mut detail).await?;
        if !detail.is_empty() {
            let subject = format!("{} / {}", source.campaign, source.banner);
            audit::note(tx, by, "banner.set", &subject, &detail, now).await?;
        }
        Ok::<_, DeskError>(())
    })?;
    let mut reader = db.read().await?;
    let mut banner = campaigns::banner(reader.conn(), source).await?.ok_or(DeskError::NotFound)?;
    let led_to = queues::led_to(reader.conn(), &source.campaign).await?;
    banner.queues = led_to.into_iter().filter(|(id, _)| id == banner.id.as_str()).map(|(_, name)| name).collect();
    Ok(banner)
}

/// The words of a kept list.
#[must_use]
pub fn outcomes_of(kept: Option<&str>) -> Vec<String> {
    kept.and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_different_is_changed_and_told() {
        let before = Campaign { name: Some("Spring".to_owned()), form: Some("full".to_owned()), ..Campaign::default() };
        let change = Change {
            name: Some("Spring".parse().ok()),
            form: Some(None),
            colour: Some("#FFD400".parse().ok()),
            outcomes: Some(["Sold", "Later", "Sold"].iter().filter_map(|word| word.parse().ok()).collect()),
            ..Change::default()
        };
        let (after, detail) = changed(&before, &change);
        assert_eq!(after.colour.as_deref(), Some("#ffd400"));
        assert_eq!((after.name.as_deref(), after.form), (Some("Spring"), None));
        assert_eq!(outcomes_of(after.outcomes.as_deref()), ["Sold", "Later"]);
        assert_eq!(json!(detail), json!({"form": null, "colour": "#ffd400", "outcomes": ["Sold", "Later"]}));
        assert!(changed(&before, &Change::default()).1.is_empty());
    }
}
