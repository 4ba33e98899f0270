//! The links that go into ad servers, with each one's own placeholders.

use std::fmt::Write as _;

use super::ids::{BannerId, CampaignId, DIRECT};

/// An ad server, and what it fills in at a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdServer {
    /// Its word in the interface.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its placeholder for the campaign's id, where its documentation has one.
    pub campaign: Option<&'static str>,
    /// Its placeholder for the id of the ad: the banner.
    pub banner: &'static str,
}

/// The ad servers whose placeholders are known.
pub const AD_SERVERS: [AdServer; 5] = [
    AdServer { key: "revive", name: "Revive Adserver", campaign: None, banner: "{bannerid}" },
    AdServer { key: "google", name: "Google Ads", campaign: Some("{campaignid}"), banner: "{creative}" },
    AdServer { key: "meta", name: "Meta", campaign: Some("{{campaign.id}}"), banner: "{{ad.id}}" },
    AdServer { key: "microsoft", name: "Microsoft Advertising", campaign: Some("{CampaignId}"), banner: "{AdId}" },
    AdServer { key: "tiktok", name: "TikTok", campaign: Some("__CAMPAIGN_ID__"), banner: "__CID__" },
];

impl AdServer {
    /// The link for every campaign of this ad server, where it can fill in both ids.
    #[must_use]
    pub fn link(&self, base: &str) -> Option<String> {
        self.campaign.map(|campaign| address(base, campaign, self.banner))
    }

    /// The link for one campaign: its id is typed in, the ad server fills in the banner's.
    #[must_use]
    pub fn link_of(&self, base: &str, campaign: &CampaignId) -> String {
        address(base, &escaped(campaign.as_str()), self.banner)
    }
}

/// The link of one banner, with nothing left to fill in.
#[must_use]
pub fn fixed(base: &str, campaign: &CampaignId, banner: &BannerId) -> String {
    if campaign.as_str() == DIRECT && banner.as_str() == DIRECT {
        return format!("{}/", base.trim_end_matches('/'));
    }
    address(base, &escaped(campaign.as_str()), &escaped(banner.as_str()))
}

fn address(base: &str, campaign: &str, banner: &str) -> String {
    format!("{}/?campaignId={campaign}&bannerId={banner}", base.trim_end_matches('/'))
}

/// An id as a query carries it.
fn escaped(id: &str) -> String {
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::campaign::{Link, read_link};
    use crate::domain::ids::IdProblem;

    const BASE: &str = "https://help.example.com";

    fn of(key: &str) -> AdServer {
        *AD_SERVERS.iter().find(|server| server.key == key).unwrap()
    }

    #[test]
    fn each_ad_server_gets_its_own_placeholders() {
        for (key, query) in [
            ("google", "campaignId={campaignid}&bannerId={creative}"),
            ("meta", "campaignId={{campaign.id}}&bannerId={{ad.id}}"),
            ("microsoft", "campaignId={CampaignId}&bannerId={AdId}"),
            ("tiktok", "campaignId=__CAMPAIGN_ID__&bannerId=__CID__"),
        ] {
            assert_eq!(of(key).link(BASE), Some(format!("{BASE}/?{query}")));
        }
        assert_eq!(of("revive").link(BASE), None, "it has no placeholder for the campaign");
        let campaign = "spring".parse().unwrap();
        assert_eq!(
            of("meta").link_of("https://a.example/", &campaign),
            "https://a.example/?campaignId=spring&bannerId={{ad.id}}"
        );
    }

    #[test]
    fn a_placeholder_that_was_not_filled_in_is_known_as_one() {
        for server in AD_SERVERS {
            for placeholder in server.campaign.into_iter().chain([server.banner]) {
                let Link::Broken(broken) = read_link(Some(placeholder), Some(placeholder)) else {
                    panic!("{placeholder} passed for an id")
                };
                assert!(broken.iter().all(|id| id.reason == IdProblem::Macro), "{placeholder}");
            }
        }
    }

    #[test]
    fn ids_that_mean_something_in_an_address_are_escaped() {
        let (campaign, banner) = ("a&b=c#d".parse().unwrap(), "50%+1/2".parse().unwrap());
        assert_eq!(fixed(BASE, &campaign, &banner), format!("{BASE}/?campaignId=a%26b%3Dc%23d&bannerId=50%25%2B1%2F2"));
        assert_eq!(fixed(BASE, &CampaignId::direct(), &BannerId::direct()), format!("{BASE}/"));
    }
}
