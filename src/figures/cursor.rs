//! Where a page of calls ended, as text that a program keeps and sends back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::domain::ids::CampaignId;
use crate::store::calls::{Mark, Order, Which};

/// What the bytes begin with. Another layout is another version, and a cursor of an unknown one is refused.
const VERSION: u8 = 1;
/// Version, entry, ticket; then the campaign, in a list of all of them, and the check.
const MARK: usize = 1 + 8 + 8;
/// How many bytes of a digest tell a cursor that was cut or belongs to another list.
const CHECK: usize = 4;

/// Where a page of a list ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In which campaign, in a list of all of them; none before the first one, and in a list of one alone.
    pub campaign: Option<CampaignId>,
    /// After which call of it.
    pub mark: Mark,
}

impl Place {
    /// Before the first of all in this order.
    #[must_use]
    pub const fn start(order: Order) -> Self {
        Self { campaign: None, mark: Mark::start(order) }
    }
}

/// The text for a place in this list.
#[must_use]
pub fn written(place: &Place, which: &Which, order: Order) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(place.mark.entry.millis().to_be_bytes());
    bytes.extend(place.mark.ticket.to_be_bytes());
    bytes.extend(place.campaign.iter().flat_map(|campaign| campaign.as_str().bytes()));
    bytes.extend(check(&bytes, which, order));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that was written so, for the same campaign, banner, filters and order.
#[must_use]
pub fn read(text: &str, which: &Which, order: Order) -> Option<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (said, told) = bytes.split_last_chunk::<CHECK>()?;
    let (mark, campaign) = said.split_at_checked(MARK)?;
    if mark[0] != VERSION || *told != check(said, which, order) {
        return None;
    }
    let number = |at: usize| mark[at..at + 8].try_into().ok().map(i64::from_be_bytes);
    let mark = Mark { entry: Timestamp(number(1)?), ticket: number(9)? };
    let campaign = match campaign {
        [] => None,
        // A list of one campaign does not lead into another.
        _ if which.campaign.is_some() => return None,
        id => Some(std::str::from_utf8(id).ok()?.parse().ok()?),
    };
    Some(Place { campaign, mark })
}

/// No secret: it keeps mistakes out, and whoever forges a cursor reads nothing that they may not read anyway.
fn check(said: &[u8], which: &Which, order: Order) -> [u8; CHECK] {
    let campaign = which.campaign.as_ref().map_or("", |campaign| campaign.as_str());
    let banner = which.banner.as_ref().map_or("", |banner| banner.as_str());
    // Neither ids nor values have spaces.
    let mut of = format!("{campaign} {banner} ");
    for (dimension, value) in &which.filters {
        of.extend([dimension.as_str(), "=", value, " "]);
    }
    if order == Order::NewestFirst {
        of.push_str("newest ");
    }
    let digest: [u8; 32] = Sha256::new().chain_update(of).chain_update(said).finalize().into();
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rollup::Dimension;
    use crate::store::figures::Period;

    const OLDEST: Order = Order::OldestFirst;

    fn at(entry: i64, ticket: i64) -> Place {
        Place { campaign: None, mark: Mark { entry: Timestamp(entry), ticket } }
    }

    fn of(campaign: &str, banner: Option<&str>) -> Which {
        let banner = banner.map(|banner| banner.parse().unwrap());
        let period = Period { from: Timestamp(0), to: Timestamp(i64::MAX), tests: false };
        Which {
            campaign: Some(campaign.parse().unwrap()),
            banner,
            period,
            filters: Vec::new(),
            scope: crate::domain::scope::Scope::Everything,
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        for (entry, ticket) in [(0, 0), (1_795_255_200_123, 77), (i64::MAX, i64::MAX), (i64::MIN, -1)] {
            let place = at(entry, ticket);
            let text = written(&place, &of("5", None), OLDEST);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
            assert_eq!(read(&text, &of("5", None), OLDEST), Some(place));
        }
        let of_all = Which { campaign: None, ..of("5", None) };
        for campaign in ["5", "Z-9", &"c".repeat(100)] {
            let place = Place { campaign: Some(campaign.parse().unwrap()), ..at(1_795_255_200_123, 77) };
            assert_eq!(read(&written(&place, &of_all, OLDEST), &of_all, OLDEST).as_ref(), Some(&place));
            assert_eq!(read(&written(&place, &of("5", None), OLDEST), &of("5", None), OLDEST), None, "forged");
        }
    }

    #[test]
    fn every_change_of_it_is_noticed() {
        let which = of("5", Some("3"));
        let text = written(&at(1_795_255_200_123, 77), &which, OLDEST);
        for at in 0..text.len() {
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(read(&changed, &which, OLDEST), None, "{changed}");
            assert_eq!(read(&text[..at], &which, OLDEST), None);
        }
        for changed in [format!("{text}="), format!("{text}A"), format!(" {text}"), String::new(), "é".to_owned()] {
            assert_eq!(read(&changed, &which, OLDEST), None, "{changed}");
        }
    }

    #[test]
    fn it_belongs_to_one_list() {
        let (start, own) = (Place::start(OLDEST), of("5", Some("3")));
        let text = written(&start, &own, OLDEST);
        let filtered =
            |value: &str| Which { filters: vec![(Dimension::Country, value.to_owned())], ..of("5", Some("3")) };
        for other in [
            Which { campaign: None, ..of("5", None) },
            of("5", None),
            of("5", Some("4")),
            of("6", Some("3")),
            of("53", None),
            filtered("NZ"),
            filtered(""),
        ] {
            assert_eq!(read(&text, &other, OLDEST), None);
        }
        assert_eq!(read(&text, &own, Order::NewestFirst), None);
        let text = written(&start, &filtered("NZ"), OLDEST);
        assert_eq!(read(&text, &filtered("NZ"), OLDEST), Some(start));
        for other in [own, filtered("DE"), filtered("")] {
            assert_eq!(read(&text, &other, OLDEST), None);
        }
    }
}
