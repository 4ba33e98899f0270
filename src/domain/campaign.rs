//! Where a visit came from: the banner's ids, and the click ids and tags that came with them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{BannerId, CampaignId, IdProblem};

/// The most bytes of a landing's query that are kept with the visit.
pub const MAX_QUERY_BYTES: usize = 2_048;

/// The campaign and banner that a visit or session counts for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// The campaign.
    pub campaign: CampaignId,
    /// The banner.
    pub banner: BannerId,
}

impl Source {
    /// A visit that no banner sent.
    #[must_use]
    pub fn direct() -> Self {
        Self { campaign: CampaignId::direct(), banner: BannerId::direct() }
    }
}

/// One id of a broken banner link, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenId {
    /// The query parameter: `campaignId` or `bannerId`.
    pub id: &'static str,
    /// What is wrong with it.
    pub reason: IdProblem,
}

/// What a link's two ids amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Both ids are well-formed, or neither was given.
    Good(Source),
    /// At least one is not: that click counts for no campaign.
    Broken(Vec<BrokenId>),
}

/// Reads the pair of ids of a banner link or a request.
#[must_use]
pub fn read_link(campaign: Option<&str>, banner: Option<&str>) -> Link {
    if campaign.is_none() && banner.is_none() {
        return Link::Good(Source::direct());
    }
    let parsed_campaign = campaign.ok_or(IdProblem::Missing).and_then(str::parse::<CampaignId>);
    let parsed_banner = banner.ok_or(IdProblem::Missing).and_then(str::parse::<BannerId>);
    match (parsed_campaign, parsed_banner) {
        (Ok(campaign), Ok(banner)) => Link::Good(Source { campaign, banner }),
        (campaign, banner) => {
            let broken = |id, problem: Option<IdProblem>| problem.map(|reason| BrokenId { id, reason });
            let problems = [broken("campaignId", campaign.err()), broken("bannerId", banner.err())];
            Link::Broken(problems.into_iter().flatten().collect())
        }
    }
}

/// From which duration on a conversation counts as qualified where its campaign does not say, in milliseconds.
pub const USUALLY_QUALIFIED_MS: i64 = 60_000;

/// From which duration on a campaign's conversations count as qualified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qualified {
    seconds: i64,
}

/// A text that is no such duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number of seconds from 1 to {}", Qualified::MOST_SECONDS)]
pub struct NotAThreshold;

impl Qualified {
    /// A day: whatever is longer is a mistake.
    const MOST_SECONDS: i64 = 86_400;

    /// In milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        1_000 * self.seconds
    }
}

impl FromStr for Qualified {
    type Err = NotAThreshold;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().map_err(|_| NotAThreshold)?;
        if (1..=Self::MOST_SECONDS).contains(&seconds) { Ok(Self { seconds }) } else { Err(NotAThreshold) }
    }
}

/// The click ids and tags that have fields of their own; case is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// `utm_source`.
    pub utm_source: Option<String>,
    /// `utm_medium`.
    pub utm_medium: Option<String>,
    /// `utm_campaign`.
    pub utm_campaign: Option<String>,
    /// `utm_term`.
    pub utm_term: Option<String>,
    /// `utm_content`.
    pub utm_content: Option<String>,
    /// Google Ads click id.
    pub gclid: Option<String>,
    /// Google Ads click id of an app's web view.
    pub gbraid: Option<String>,
    /// Google Ads click id of a web visit that becomes an app event.
    pub wbraid: Option<String>,
    /// Meta click id.
    pub fbclid: Option<String>,
    /// Microsoft Advertising click id.
    pub msclkid: Option<String>,
    /// TikTok click id.
    pub ttclid: Option<String>,
}

/// The longest value of one tag, in characters.
const MAX_TAG_CHARS: usize = 500;

impl Tags {
    /// Picks the known tags out of a decoded query; the first of a repeated name counts.
    pub fn read<'q>(query: impl IntoIterator<Item = (&'q str, &'q str)>) -> Self {
        let mut tags = Self::default();
        for (name, value) in query {
            if let Some(field) = tags.field(name)
                && field.is_none()
                && !value.is_empty()
            {
                *field = Some(value.chars().take(MAX_TAG_CHARS).collect());
            }
        }
        tags
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "utm_source" => &mut self.utm_source,
            "utm_medium" => &mut self.utm_medium,
            "utm_campaign" => &mut self.utm_campaign,
            "utm_term" => &mut self.utm_term,
            "utm_content" => &mut self.utm_content,
            "gclid" => &mut self.gclid,
            "gbraid" => &mut self.gbraid,
            "wbraid" => &mut self.wbraid,
            "fbclid" => &mut self.fbclid,
            "msclkid" => &mut self.msclkid,
            "ttclid" => &mut self.ttclid,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_without_ids_is_direct_and_half_a_pair_is_broken() {
        assert_eq!(read_link(None, None), Link::Good(Source::direct()));
        let Link::Broken(broken) = read_link(Some("5"), None) else { panic!("half a pair passed") };
        assert_eq!(broken, [BrokenId { id: "bannerId", reason: IdProblem::Missing }]);
        let Link::Broken(broken) = read_link(Some("{c}"), Some("")) else { panic!("macro passed") };
        assert_eq!(broken.len(), 2);
    }

    #[test]
    fn tags_keep_case_and_the_first_value() {
        let tags = Tags::read([("gclid", "AbC"), ("gclid", "second"), ("utm_source", "News"), ("x", "y")]);
        assert_eq!(tags.gclid.as_deref(), Some("AbC"));
        assert_eq!(tags.utm_source.as_deref(), Some("News"));
        assert_eq!(tags.fbclid, None);
    }
}
