//! What can be asked of `/getAverageMetrics` and `/getFullMetrics`: periods, intervals, groups and filters, as they stand in
//! an address.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use rocket::FromForm;
use rocket::http::RawStr;
use rocket::request::{FromRequest, Outcome, Request};

use super::error::{ApiResult, Problem};
use super::urlencoded;
use crate::client::agent::Device;
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId, RepId};
use crate::domain::intervals::{self, Interval, MOST, Uncut};
use crate::domain::rollup::Dimension;
use crate::domain::scope::Scope;
use crate::figures::questions::{Asked, Division, Group, MOST_ONE_BY_ONE};
use crate::store::figures::Period;

/// What is named in a query. Names that nobody knows are let be; one that is known and stands there twice would choose
/// nothing, so the answer would be about more than was asked, and nobody would see it.
pub struct Names(Vec<String>);

/// What chooses calls.
pub(super) const CHOOSING: [&str; 8] = ["from", "to", "tests", "tz", "country", "device", "rep", "queue"];
/// What divides them, and how they are told.
pub(super) const DIVIDING: [&str; 3] = ["interval", "groupBy", "within"];

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Names {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self::of(request))
    }
}

impl Names {
    /// Those of a request.
    pub fn of(request: &Request<'_>) -> Self {
        Self::within(request.uri().query().map_or("", |query| query.as_str()))
    }

    /// Those in a text.
    pub fn within(query: &str) -> Self {
        // `country.0` and `country[]` are spellings of `country`.
        let plain = |(name, _): (String, String)| name.split(['.', '[']).next().unwrap_or_default().to_owned();
        Self(urlencoded::pairs(RawStr::new(query)).into_iter().map(plain).collect())
    }

    /// Takes each of these once.
    ///
    /// # Errors
    /// A sentence that says which there is more often.
    pub fn once(&self, known: &[&str]) -> Result<(), String> {
        let is_repeated = |known: &&&str| self.0.iter().filter(|name| name == *known).count() > 1;
        let repeated = known.iter().find(is_repeated);
        repeated.map_or(Ok(()), |name| Err(format!("{name} is there more than once: one is understood.")))
    }
}

/// The query. Rows take what chooses calls of it.
#[derive(Debug, FromForm)]
pub struct AverageQuery<'q> {
    from: Option<&'q str>,
    to: Option<&'q str>,
    tests: Option<&'q str>,
    tz: Option<&'q str>,
    interval: Option<&'q str>,
    #[field(name = "groupBy")]
    group_by: Option<&'q str>,
    country: Option<&'q str>,
    device: Option<&'q str>,
    rep: Option<&'q str>,
    queue: Option<&'q str>,
    within: Option<&'q str>,
}

/// Which calls are meant.
#[derive(Debug)]
pub struct Selection {
    /// The period of queue entry, and whether test calls count.
    pub period: Period,
    /// Whose clocks say what a day is.
    pub zone: Tz,
    /// Only calls with these values.
    pub filters: Vec<(Dimension, String)>,
}

/// The longest threshold of a service level, in seconds.
const LONGEST_WITHIN: i64 = 86_400;

fn refused(sentence: impl Into<String>) -> Problem {
    Problem::bad_request(sentence)
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    name: &str,
    text: Option<&str>,
    all: &[T],
    spelled: fn(T) -> &'static str,
) -> ApiResult<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    let found = all.iter().copied().find(|one| spelled(*one) == text);
    found.map(Some).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|one| spelled(*one)).collect();
        refused(format!("{name} must be one of {}.", words.join(", ")))
    })
}

/// An instant as RFC 3339 has it.
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    // A plus sign that was not encoded arrives as a blank.
    Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&text.replace(' ', "+")))
}

/// An instant, or the midnight of a date in the zone.
fn instant(name: &str, text: Option<&str>, zone: Tz) -> ApiResult<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(date) = NaiveDate::from_str(text).ok().filter(|date| (0..=9_999).contains(&date.year())) {
        return Ok(Some(intervals::start_of(zone, date)));
    }
    let sentence = || format!("{name} must be RFC 3339, such as 2026-11-21T10:00:00Z, or a date such as 2026-11-21.");
    rfc3339(text).map(Some).ok_or_else(|| refused(sentence()))
}

/// The zone of this name; UTC without one.
pub(super) fn zone(name: Option<&str>) -> ApiResult<Tz> {
    let sentence = "tz must be a time zone's name in the IANA database, such as Europe/Berlin or UTC.";
    name.map_or(Ok(Tz::UTC), |name| name.parse().map_err(|_| refused(sentence)))
}

/// A period of instants, or of dates in the zone, and whether tests count.
pub(super) fn period(from: Option<&str>, to: Option<&str>, tests: Option<&str>, zone: Tz) -> ApiResult<Period> {
    let from = instant("from", from, zone)?.unwrap_or(Timestamp(0));
    let to = instant("to", to, zone)?.unwrap_or(Timestamp(i64::MAX));
    if from > to {
        return Err(refused("from must not be after to."));
    }
    let tests = match tests {
        None | Some("exclude") => false,
        Some("include") => true,
        Some(_) => return Err(refused("tests must be include or exclude.")),
    };
    Ok(Period { from, to, tests })
}

/// The value of a filter as roll-ups keep it; empty for calls of which it is not known.
pub(super) fn value(dimension: Dimension, text: &str) -> ApiResult<String> {
    let read = match dimension {
        _ if text.is_empty() && dimension != Dimension::Queue => Some(String::new()),
        Dimension::Country => {
            let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
            is_code.then(|| text.to_ascii_uppercase())
        }
        Dimension::Device => Device::ALL.iter().find(|device| device.as_str() == text).map(|_| text.to_owned()),
        Dimension::Rep => RepId::from_str(text).ok().map(|rep| rep.to_string()),
        Dimension::Queue => text.parse::<i64>().ok().map(|queue| queue.to_string()),
        Dimension::Whole => None,
    };
    read.ok_or_else(|| {
        refused(match dimension {
            Dimension::Country => "country must be a code of two letters, such as DE, or empty: not known.".to_owned(),
            Dimension::Device => {
                let words: Vec<_> = Device::ALL.iter().map(|device| device.as_str()).collect();
                format!("device must be one of {}, or empty: not known.", words.join(", "))
            }
            Dimension::Rep => {
                "rep must be a representative's id, as groupBy=rep has it, or empty: nobody answered.".to_owned()
            }
            _ => "queue must be a queue's number, as groupBy=queue has it.".to_owned(),
        })
    })
}

impl AverageQuery<'_> {
    /// What is asked of all campaigns, of one, or of a banner.
    ///
    /// # Errors
    /// 400 with a sentence that says what would be understood.
    pub fn read(&self, campaign: Option<CampaignId>, banner: Option<BannerId>) -> ApiResult<Asked> {
        if campaign.is_none() && self.group_by == Some(Group::Banner.as_str()) {
            return Err(refused("groupBy=banner needs a campaign: others may have banners of the same ids."));
        }
        let Selection { period, zone, filters } = self.selection()?;
        Ok(Asked {
            campaign,
            scope: Scope::Everything,
            banner,
            period,
            zone,
            division: self.division(zone, period)?,
            filters,
            within_ms: self.within_ms()?,
            most_one_by_one: MOST_ONE_BY_ONE,
        })
    }

    /// Which calls are meant, of whatever they are.
    ///
    /// # Errors
    /// 400 with a sentence that says what would be understood.
    pub fn selection(&self) -> ApiResult<Selection> {
        let zone = zone(self.tz)?;
        let period = period(self.from, self.to, self.tests, zone)?;
        Ok(Selection { period, zone, filters: self.filters()? })
    }

    fn division(&self, zone: Tz, period: Period) -> ApiResult<Division> {
        let interval = word("interval", self.interval, Interval::ALL, Interval::as_str)?;
        let group = word("groupBy", self.group_by, Group::ALL, Group::as_str)?;
        match (interval, group) {
            (None, None) => Ok(Division::None),
            (Some(_), Some(_)) => Err(refused("interval and groupBy cannot be asked for together.")),
            (None, Some(group)) => {
                let whole = intervals::has_whole_quarters(zone, period.from);
                if group == Group::HourOfWeek && !whole {
                    return Err(odd(zone));
                }
                Ok(Division::Groups(group))
            }
            (Some(interval), None) if self.from.is_some() && self.to.is_some() => {
                let cuts = intervals::cuts(zone, interval, period.from, period.to);
                cuts.map(Division::Intervals).map_err(|uncut| match uncut {
                    Uncut::OddOffset => odd(zone),
                    Uncut::TooMany(fitting) => too_many(fitting),
                })
            }
            (Some(_), None) => Err(refused("interval needs both from and to.")),
        }
    }

    fn filters(&self) -> ApiResult<Vec<(Dimension, String)>> {
        let given = [
            (Dimension::Country, self.country),
            (Dimension::Device, self.device),
            (Dimension::Rep, self.rep),
            (Dimension::Queue, self.queue),
        ];
        let filters = given.into_iter().filter_map(|(dimension, text)| Some((dimension, text?)));
        filters.map(|(dimension, text)| Ok((dimension, value(dimension, text)?))).collect()
    }

    fn within_ms(&self) -> ApiResult<Option<i64>> {
        let Some(text) = self.within else { return Ok(None) };
        let seconds = text.parse::<i64>().ok().filter(|seconds| (0..=LONGEST_WITHIN).contains(seconds));
        let sentence = || format!("within must be a whole number of seconds from 0 to {LONGEST_WITHIN}.");
        seconds.map(|seconds| Some(1_000 * seconds)).ok_or_else(|| refused(sentence()))
    }
}

pub(super) fn odd(zone: Tz) -> Problem {
    refused(format!(
        "The clocks of {} differed from UTC by odd minutes then; ask for a later period, or without tz.",
        zone.name()
    ))
}

pub(super) fn too_many(fitting: Option<Interval>) -> Problem {
    let fitting = fitting.map_or_else(
        || "ask for a shorter period".to_owned(),
        |interval| format!("interval={} fits", interval.as_str()),
    );
    refused(format!("An answer has at most {MOST} intervals, and these would be more: {fitting}."))
}
