//! The dashboard's filter, as it stands in the address: a link is a report.

use chrono::{Days, Months, NaiveDate};
use chrono_tz::Tz;
use rocket::FromForm;
use rocket::form::Form;
use rocket::http::RawStr;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::intervals::{self, Interval, Uncut};
use crate::domain::rollup::Dimension;
use crate::domain::scope::Scope;
use crate::domain::vocabulary::words;
use crate::figures::dashboard::Wanted;
use crate::store::figures::Period;
use crate::web::error::{ApiResult, Problem};
use crate::web::questions::{self, Names};
use crate::web::urlencoded::encoded;

words! {
    /// What a period is compared with.
    Compared {
        /// As many days just before it.
        Before = "before",
        /// The same dates a month before.
        Month = "month",
        /// The same dates a year before.
        Year = "year",
    }
}

/// The filter, as it came.
#[derive(Debug, Clone, Default, FromForm, Serialize)]
pub struct Filter {
    campaign: Option<String>,
    banner: Option<String>,
    country: Option<String>,
    device: Option<String>,
    rep: Option<String>,
    queue: Option<String>,
    from: Option<String>,
    to: Option<String>,
    tz: Option<String>,
    interval: Option<String>,
    compare: Option<String>,
    tests: Option<String>,
}

/// A filter that was understood.
#[derive(Debug)]
pub struct Read {
    /// What the page shows.
    pub wanted: Wanted,
    /// The first and last day that it is compared with.
    pub compared: Option<(NaiveDate, NaiveDate)>,
}

type Sentence<T> = Result<T, String>;

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// One of a few words, if one is given.
fn word<T: Copy>(name: &str, text: Option<&str>, all: &[T], spelled: fn(T) -> &'static str) -> Sentence<Option<T>> {
    questions::word(name, text, all, spelled).map_err(|problem| problem.detail)
}

fn day(which: &str, text: Option<&str>) -> Sentence<Option<NaiveDate>> {
    let Some(text) = text else { return Ok(None) };
    let date = text.parse::<NaiveDate>().ok().filter(|date| date.format("%Y").to_string().len() == 4);
    date.map(Some).ok_or_else(|| format!("The {which} day must be a date such as 2026-11-21."))
}

impl Filter {
    /// The filter of an address' query.
    ///
    /// # Errors
    /// 400 when it cannot be read.
    pub fn parse(query: &str) -> ApiResult<Self> {
        let parsed = Form::parse_encoded(RawStr::new(query));
        parsed.map_err(|_| Problem::bad_request("filter must be as it stands in the dashboard's address."))
    }

    /// Whether each field is there once at most.
    ///
    /// # Errors
    /// A sentence that says which is there more often.
    pub fn once(&self, names: &Names) -> Sentence<()> {
        names.once(&self.fields().map(|(name, _)| name))
    }

    /// Every field, by its name in the address.
    fn fields(&self) -> [(&'static str, Option<&str>); 12] {
        [
            ("campaign", given(self.campaign.as_ref())),
            ("banner", given(self.banner.as_ref())),
            ("country", given(self.country.as_ref())),
            ("device", given(self.device.as_ref())),
            ("rep", given(self.rep.as_ref())),
            ("queue", given(self.queue.as_ref())),
            ("from", given(self.from.as_ref())),
            ("to", given(self.to.as_ref())),
            ("tz", given(self.tz.as_ref())),
            ("interval", given(self.interval.as_ref())),
            ("compare", given(self.compare.as_ref())),
            ("tests", given(self.tests.as_ref()).filter(|tests| *tests == "include")),
        ]
    }

    /// The filter as it stands in an address: what is not given is not there.
    #[must_use]
    pub fn query(&self) -> String {
        let given = self.fields().into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(value?))));
        given.collect::<Vec<_>>().join("&")
    }

    /// The filter as the form shows it: empty fields are none.
    #[must_use]
    pub fn shown(&self) -> Self {
        let [campaign, banner, country, device, rep, queue, from, to, tz, interval, compare, tests] =
            self.fields().map(|(_, value)| value.map(str::to_owned));
        Self { campaign, banner, country, device, rep, queue, from, to, tz, interval, compare, tests }
    }

    /// The same with the zone of the viewer, unless it has one.
    #[must_use]
    pub fn in_zone(self, viewer: Option<&str>) -> Self {
        let zone = given(self.tz.as_ref()).or_else(|| viewer.filter(|zone| zone.parse::<Tz>().is_ok()));
        Self { tz: zone.map(str::to_owned), ..self }
    }

    /// What it asks for, of this scope.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn read(&self, scope: Scope, now: Timestamp) -> Sentence<Read> {
        let campaign = given(self.campaign.as_ref()).map(str::parse).transpose();
        let campaign = campaign.map_err(|problem| format!("The campaign {problem}."))?;
        let banner = given(self.banner.as_ref()).map(str::parse).transpose();
        let banner = banner.map_err(|problem| format!("The banner {problem}."))?;
        let zone = questions::zone(given(self.tz.as_ref())).map_err(|problem| problem.detail)?;
        let first = day("first", given(self.from.as_ref()))?;
        let last = day("last", given(self.to.as_ref()))?;
        if first.zip(last).is_some_and(|(first, last)| first > last) {
            return Err("The first day must not be after the last.".to_owned());
        }
        let interval = word("interval", given(self.interval.as_ref()), Interval::ALL, Interval::as_str)?;
        let tests = given(self.tests.as_ref()) == Some("include");
        let period = days(zone, first, last, tests);
        let compared = self.compared(first, last)?;
        let before = compared.map(|(first, last)| days(zone, Some(first), Some(last), tests));
        fits(zone, interval, period, now)?;
        let wanted = Wanted {
            campaign,
            scope,
            banner,
            filters: self.filters()?,
            period,
            before,
            zone,
            interval,
            list: None,
            now,
        };
        Ok(Read { wanted, compared })
    }

    fn filters(&self) -> Sentence<Vec<(Dimension, String)>> {
        let given = [
            (Dimension::Country, given(self.country.as_ref())),
            (Dimension::Device, given(self.device.as_ref())),
            (Dimension::Rep, given(self.rep.as_ref())),
            (Dimension::Queue, given(self.queue.as_ref())),
        ];
        let filters = given.into_iter().filter_map(|(dimension, text)| Some((dimension, text?)));
        let read = |(dimension, text)| Ok((dimension, questions::value(dimension, text)?));
        filters.map(read).collect::<ApiResult<_>>().map_err(|problem| problem.detail)
    }

    fn compared(&self, first: Option<NaiveDate>, last: Option<NaiveDate>) -> Sentence<Option<(NaiveDate, NaiveDate)>> {
        let Some(compared) = word("compare", given(self.compare.as_ref()), Compared::ALL, Compared::as_str)? else {
            return Ok(None);
        };
        let Some((first, last)) = first.zip(last) else {
            return Err("To compare, choose a first and a last day.".to_owned());
        };
        let months = |months| {
            Some((first.checked_sub_months(Months::new(months))?, last.checked_sub_months(Months::new(months))?))
        };
        let days = u64::try_from((last - first).num_days() + 1).unwrap_or_default();
        let earlier = match compared {
            Compared::Before => first.checked_sub_days(Days::new(days)).zip(first.pred_opt()),
            Compared::Month => months(1),
            Compared::Year => months(12),
        };
        earlier.map(Some).ok_or_else(|| "There are no dates before that to compare with.".to_owned())
    }
}

/// Whole days of the zone; without a first or last one the period has no beginning or end.
fn days(zone: Tz, first: Option<NaiveDate>, last: Option<NaiveDate>, tests: bool) -> Period {
    let from = first.map_or(Timestamp(0), |day| intervals::start_of(zone, day));
    // The last day is shown whole.
    let to = last.map_or(Timestamp(i64::MAX), |day| intervals::end_of_day(zone, intervals::start_of(zone, day)));
    Period { from, to, tests }
}

/// Refuses steps that are too many for a plot.
fn fits(zone: Tz, interval: Option<Interval>, period: Period, now: Timestamp) -> Sentence<()> {
    let (Some(interval), true) = (interval, period.from > Timestamp(0)) else { return Ok(()) };
    let to = period.to.min(intervals::end_of_day(zone, now));
    match intervals::cuts(zone, interval, period.from, to) {
        Err(Uncut::TooMany(fitting)) => Err(questions::too_many(fitting).detail),
        Err(Uncut::OddOffset) => Err(questions::odd(zone).detail),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_795_348_800_000);

    fn filter(query: &str) -> Filter {
        Filter::parse(query).expect("a filter")
    }

    #[test]
    fn an_address_has_what_was_given_and_nothing_else() {
        let filter = filter("campaign=a%26b&banner=&country=de&from=2026-11-01&tests=no");
        assert_eq!(filter.query(), "campaign=a%26b&country=de&from=2026-11-01");
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let read =
            filter("from=2026-03-29&to=2026-03-29&tz=Europe/Berlin").read(Scope::Everything, NOON).expect("understood");
        let Period { from, to, .. } = read.wanted.period;
        assert_eq!((from.to_string().as_str(), to.since(from)), ("2026-03-28T23:00:00.000Z", 23 * 3_600_000));
    }

    #[test]
    fn a_period_is_compared_with_days_before() {
        let compared = |query: &str| {
            let read = filter(query).read(Scope::Everything, NOON).expect("understood");
            let (first, last) = read.compared.expect("something to compare with");
            format!("{first} {last}")
        };
        assert_eq!(compared("from=2026-11-08&to=2026-11-14&compare=before"), "2026-11-01 2026-11-07");
        assert_eq!(compared("from=2026-03-01&to=2026-03-31&compare=month"), "2026-02-01 2026-02-28");
        assert_eq!(compared("from=2028-02-29&to=2028-02-29&compare=year"), "2027-02-28 2027-02-28");
    }

    #[test]
    fn what_is_not_understood_is_a_sentence() {
        for (query, part) in [
            ("from=2026-11-02&to=2026-11-01", "must not be after"),
            ("from=yesterday", "first day"),
            ("tz=Europe/Atlantis", "time zone"),
            ("country=Germany", "two letters"),
            ("device=fridge", "device must be"),
            ("compare=before", "choose a first and a last day"),
            ("compare=decade&from=2026-11-02&to=2026-11-02", "compare must be one of before, month, year"),
            ("interval=hour&from=2016-11-21&to=2026-11-21", "at most"),
            ("campaign=%7Bcampaignid%7D", "The campaign"),
        ] {
            let sentence =
                filter(query).read(Scope::Everything, NOON).err().unwrap_or_else(|| panic!("{query} was understood"));
            assert!(sentence.contains(part), "{query}: {sentence}");
        }
    }
}
