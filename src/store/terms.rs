//! The terms of the texts in `sql/figures`: which campaigns, banner, period and filters, as they stand there for whoever asks by
//! hand, and as the program asks.

use super::text::{Value, Values};
use super::{Conn, Result, clients, on};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::rollup::Dimension;
use crate::domain::scope::Scope;

/// A half-open period of queue entry, and whether test calls count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant in it.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether test calls count.
    pub tests: bool,
}

/// The sessions of a period, in what is [`named`].
pub(super) const IN_PERIOD: &str = "queued_at > 0 AND queued_at >= @from AND queued_at < @to";
/// Of the sessions that are rolled, those of a time.
pub(super) const ROLLED: &str = "rolled <> 0 AND queued_at > 0 AND queued_at >= @from AND queued_at < @to";
/// Those that are not. The plus signs keep SQLite from looking them up by the wrong index.
pub(super) const UNROLLED: &str = "rolled = 0 AND +queued_at > 0 AND +queued_at >= @from AND +queued_at < @to";

/// A text that runs by hand, as the program asks it. By hand a campaign, a banner or a bound may be NULL, and an id has the connection's
/// collation, of which its bytes know nothing. The program knows all of them, so both databases seek what is asked.
pub(super) fn named(text: &str) -> String {
    const ANY_CAMPAIGN: &str =
        "IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))";
    const ANY_BANNER: &str =
        "IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))";
    let mut text = text.replace(ANY_CAMPAIGN, "= @campaign");
    for column in ["v.banner_id", "b.id", "banner_id"] {
        text = text.replace(&format!("{column} {ANY_BANNER}"), &format!("{column} = COALESCE(@banner, {column})"));
    }
    text.replace("COALESCE(@from, 0)", "@from").replace("COALESCE(@to, 9223372036854775807)", "@to")
}

/// About one campaign, or the list of them that [`Campaigns::in_text`] makes of it.
pub(super) const ONE_CAMPAIGN: &str = "campaign_id = @campaign";
/// About all of them: by a list of them MariaDB too seeks a period in each.
pub(super) const EVERY_CAMPAIGN: &str = "campaign_id IN (SELECT id FROM campaigns)";
/// The same about none: no campaign is without an id.
const NO_CAMPAIGN: &str = "campaign_id IS NULL";

/// Whose figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Campaigns {
    /// These, at least one.
    These(Vec<CampaignId>),
    /// All there are.
    All,
    /// None: a client that has none yet.
    None,
}

impl Campaigns {
    /// So many are named, so that both databases seek a period in each of them; of what MariaDB joins to the table of campaigns, it
    /// reads all that each has ever had.
    const MOST_NAMED: usize = 1_000;

    /// This campaign, or all of the scope. Whether one that is named is in it was decided before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(conn: Conn<'_>, campaign: Option<&CampaignId>, scope: Scope) -> Result<Self> {
        if let Some(campaign) = campaign {
            return Ok(Self::These(vec![campaign.clone()]));
        }
        if let Scope::Client(client) = scope {
            let theirs = clients::campaigns(conn, client).await?;
            return Ok(if theirs.is_empty() { Self::None } else { Self::These(theirs) });
        }
        let most = i64::try_from(Self::MOST_NAMED).unwrap_or(i64::MAX - 1) + 1;
        let all: Vec<CampaignId> =
            on!(conn, c => sqlx::query_scalar("SELECT id FROM campaigns LIMIT ?").bind(most).fetch_all(c).await?);
        let is_named = (1..=Self::MOST_NAMED).contains(&all.len());
        Ok(if is_named { Self::These(all) } else { Self::All })
    }

    fn named(&self) -> &[CampaignId] {
        if let Self::These(campaigns) = self { campaigns } else { &[] }
    }

    /// A text that is about one, about these.
    pub(super) fn in_text(&self, text: &str) -> String {
        match self.named() {
            [] if matches!(self, Self::None) => text.replace(ONE_CAMPAIGN, NO_CAMPAIGN),
            [] => text.replace(ONE_CAMPAIGN, EVERY_CAMPAIGN),
            [_] => text.to_owned(),
            _ => text.replace(ONE_CAMPAIGN, "campaign_id IN (@campaign)"),
        }
    }

    /// What the names of most texts stand for.
    pub(super) fn values<'v>(&'v self, banner: Option<&'v BannerId>, period: Period) -> Values<'v> {
        let values = Values::default().with("campaign", Value::Each(self.named())).with("banner", banner);
        values.with("from", period.from).with("to", period.to).with("tests", period.tests)
    }
}

/// What a session has there, as [`Dimension::value_of`] has it.
pub(super) const fn column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Whole => "''",
        Dimension::Country => "COALESCE(country, '')",
        Dimension::Device => "COALESCE(device, '')",
        Dimension::Rep => "COALESCE(LOWER(HEX(answered_by)), '')",
        Dimension::Queue => "CAST(queue_id AS CHAR)",
    }
}

/// What is added to a text about sessions: only those with these values.
pub(super) fn only(filters: &[(Dimension, String)]) -> String {
    let term =
        |(place, (dimension, _)): (usize, &(Dimension, String))| format!(" AND {} = @only_{place}", column(*dimension));
    filters.iter().enumerate().map(term).collect()
}

/// What the names of [`only`] stand for, beside others.
pub(super) fn with_only<'v>(values: Values<'v>, filters: &'v [(Dimension, String)]) -> Values<'v> {
    let with = |values: Values<'v>, (place, (_, value)): (usize, &'v (Dimension, String))| {
        values.with(format!("only_{place}"), value.as_str())
    };
    filters.iter().enumerate().fold(values, with)
}
