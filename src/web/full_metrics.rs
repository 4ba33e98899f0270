//! `/getFullMetrics`: the rows behind the figures, in three formats, as one stream or page by page.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rocket::futures::Stream;
use rocket::http::uri::Origin;
use rocket::http::{Accept, ContentType, Header};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::stream::{ByteStream, stream};
use rocket::response::{self, Responder, Response};
use rocket::{Route, State, get, routes};
use tokio::task::JoinSet;

use super::error::{ApiResult, Problem};
use super::figures::{banner_id, campaign_id};
use super::guards::FiguresReader;
use super::gzip::Press;
use super::negotiation;
use super::questions::{AverageQuery, CHOOSING, Names, Selection};
use super::state::{House, in_time};
use crate::clock::Timestamp;
use crate::domain::scope::Scope;
use crate::figures::cursor::{self, Place};
use crate::figures::export::Calls;
use crate::figures::format::Format;
use crate::figures::turns::Turns;
use crate::store::StoreError;
use crate::store::calls::{Order, Which};
use crate::store::figures::Period;

/// The routes of the rows.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![full_of_all, full_of_campaign, full_of_banner]
}

type HouseState = State<Arc<House>>;

/// The most rows of a page that is asked for.
pub(super) const MOST_ROWS: usize = 10_000;
/// How many rows are read at first for a stream: few, so that the first byte comes at once. Then twice as many each time,
/// until they are about as many bytes as a page may have: two such pages are what a client that stalls keeps.
const ROWS_AT_FIRST: usize = 256;
const PAGE_BYTES: usize = 512 * 1024;
/// Whoever looks through many campaigns for calls that are few lets others have their turn after so long.
const LONG: Duration = Duration::from_secs(1);
/// The most bytes that are sent in one piece: each costs a call of the operating system.
const PIECE_BYTES: usize = 64 * 1024;

/// The names of how rows are wanted, and of which banner where the path has none.
const WANTED: [&str; 5] = ["format", "limit", "after", "order", "banner"];

/// How the rows are wanted.
struct Wanted<'r> {
    names: Names,
    /// Where the path has none.
    banner: Option<&'r str>,
    format: Option<&'r str>,
    limit: Option<&'r str>,
    after: Option<&'r str>,
    order: Option<&'r str>,
    accept: Option<&'r Accept>,
    gzip: bool,
    address: &'r Origin<'r>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Wanted<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let parameter = |name| request.query_value::<&str>(name).and_then(Result::ok);
        let codings: Vec<&str> = request.headers().get("Accept-Encoding").collect();
        Outcome::Success(Self {
            names: Names::of(request),
            banner: parameter("banner"),
            format: parameter("format"),
            limit: parameter("limit"),
            after: parameter("after"),
            order: parameter("order"),
            accept: request.accept(),
            gzip: negotiation::gzip(&codings.join(",")),
            address: request.uri(),
        })
    }
}

impl Wanted<'_> {
    fn format(&self) -> ApiResult<Format> {
        let Some(word) = self.format else { return Ok(negotiation::format(self.accept)) };
        let format = Format::ALL.into_iter().find(|format| format.as_str() == word);
        format.ok_or_else(|| Problem::bad_request("format must be json, ndjson or csv."))
    }

    fn limit(&self) -> ApiResult<Option<usize>> {
        let Some(text) = self.limit else { return Ok(None) };
        let limit = text.parse().ok().filter(|limit| (1..=MOST_ROWS).contains(limit));
        let sentence = || Problem::bad_request(format!("limit must be a whole number from 1 to {MOST_ROWS}."));
        limit.map(Some).ok_or_else(sentence)
    }

    fn order(&self) -> ApiResult<Order> {
        match self.order {
            None | Some("entry") => Ok(Order::OldestFirst),
            Some("-entry") => Ok(Order::NewestFirst),
            Some(_) => Err(Problem::bad_request("order must be entry, oldest first, or -entry, newest first.")),
        }
    }

    fn place(&self, which: &Which, order: Order) -> ApiResult<Place> {
        let Some(text) = self.after else { return Ok(Place::start(order)) };
        let sentence = "after must be as the Link header of the page before said, for the same campaign, banner, filters and order.";
        cursor::read(text, which, order).ok_or_else(|| Problem::bad_request(sentence))
    }

    /// Where the next page is, with all that was asked for.
    fn next(&self, cursor: &str) -> String {
        let parts = self.address.query().into_iter().flat_map(|query| query.raw_segments());
        let kept = parts.filter(|part| part.split_at_byte(b'=').0.percent_decode_lossy() != "after");
        let mut address = format!("{}?", self.address.path());
        for part in kept.filter(|part| !part.is_empty()) {
            address.push_str(part.as_str());
            address.push('&');
        }
        address.push_str("after=");
        address.push_str(cursor);
        // Whatever the address holds, it does not end what stands between the brackets.
        let address = address.replace('<', "%3C").replace('>', "%3E");
        format!("<{address}>; rel=\"next\"")
    }
}

/// Rows on their way to a client.
struct Rows {
    format: Format,
    gzip: bool,
    /// What it is called when it is saved.
    file: String,
    next: Option<String>,
    pages: Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>,
}

impl<'r> Responder<'r, 'r> for Rows {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'r> {
        let kind = match self.format {
            Format::Json => ContentType::JSON,
            Format::Ndjson => ContentType::new("application", "x-ndjson"),
            Format::Csv => ContentType::new("text", "csv").with_params([("charset", "utf-8"), ("header", "present")]),
        };
        let mut response = Response::build_from(ByteStream::from(self.pages).respond_to(request)?);
        response.header(kind).header(Header::new("Vary", "Accept, Accept-Encoding")).max_chunk_size(PIECE_BYTES);
        if self.format != Format::Json {
            let saved_as = format!("attachment; filename=\"{}\"", self.file);
            response.header(Header::new("Content-Disposition", saved_as));
        }
        if self.gzip {
            response.header(Header::new("Content-Encoding", "gzip"));
        }
        if let Some(next) = self.next {
            response.header(Header::new("Link", next));
        }
        response.ok()
    }
}

async fn full(
    house: &House,
    scope: Scope,
    campaign: Option<&str>,
    banner: Option<&str>,
    query: &AverageQuery<'_>,
    wanted: Wanted<'_>,
) -> ApiResult<Rows> {
    wanted.names.once(&[&CHOOSING[..], &WANTED].concat()).map_err(Problem::bad_request)?;
    let banner = banner.or(wanted.banner).filter(|banner| !banner.is_empty());
    let (campaign, banner) = (campaign.map(campaign_id).transpose()?, banner.map(banner_id).transpose()?);
    let Selection { period, filters, .. } = query.selection()?;
    let which = Which { campaign, banner, period, filters, scope };
    let (format, limit, order) = (wanted.format()?, wanted.limit()?, wanted.order()?);
    let place = wanted.place(&which, order)?;
    let file = file_name(&which, format);
    let calls = Calls::new(house.desk.db.clone(), which, order, format, place, LONG);
    let turns = house.figures.clone();
    // The first page before the first byte: a database that is away is still a 503.
    let rows = limit.unwrap_or(ROWS_AT_FIRST);
    let (first, calls) = in_time(turns.ask(calls.next_page(rows))).await?;
    let next = (limit.is_some() && calls.has_more()).then(|| wanted.next(&calls.cursor()));
    let press = Press::new(wanted.gzip);
    let pages = Box::pin(pages(turns, first, calls, limit.is_some(), press));
    Ok(Rows { format, gzip: wanted.gzip, file, next, pages })
}

/// The pages, each read while the one before is written; no connection is held meanwhile, and there is never more than one
/// page ahead of the client. Whoever goes away drops this, and nothing more is read.
fn pages(
    turns: Turns,
    first: Vec<u8>,
    calls: Calls,
    is_one_page: bool,
    mut press: Press,
) -> impl Stream<Item = Vec<u8>> + Send {
    stream! {
        let format = calls.format();
        let (mut page, mut calls) = (first, calls);
        let mut rows = ROWS_AT_FIRST;
        loop {
            // Whose set is dropped is ended.
            let mut ahead = JoinSet::new();
            if calls.has_more() && !is_one_page {
                // What was cut short says nothing about how long rows are.
                if calls.written() == rows {
                    rows = rows_after(rows, page.len());
                }
                let turns = turns.clone();
                ahead.spawn(async move { turns.ask(calls.next_page(rows)).await });
            } else {
                format.end(&mut page);
            }
            match press.page(page).await {
                Ok((bytes, rest)) => {
                    press = rest;
                    yield bytes;
                }
                Err(error) => {
                    tracing::error!(%error, "an export broke off");
                    return;
                }
            }
            let Some(read) = ahead.join_next().await else { break };
            // Only a page that panicked gives no answer.
            (page, calls) = match read.unwrap_or(Err(StoreError::Stale)) {
                Ok(read) => read,
                Err(error) => {
                    tracing::error!(%error, "an export broke off");
                    // Without the end of gzip, or of the text, it is not taken for whole.
                    if matches!(press, Press::Off) {
                        yield format.broken_off().to_vec();
                    }
                    return;
                }
            };
        }
        if let Ok(end) = press.end() {
            yield end;
        }
    }
}

/// How many rows to read after so many that were so many bytes.
fn rows_after(rows: usize, bytes: usize) -> usize {
    (rows * 2).min(rows * PAGE_BYTES / bytes.max(1)).clamp(1, MOST_ROWS)
}

/// `calls_5_3_from-2026-01-01_to-2026-02-01_country-NZ.csv`: nothing in it that a file system, a shell or a header could take for more.
fn file_name(which: &Which, format: Format) -> String {
    let mut parts = vec!["calls".to_owned()];
    parts.extend(which.campaign.as_ref().map(|campaign| plain(campaign.as_str())));
    let of_campaign = if which.campaign.is_some() { "" } else { "banner-" };
    parts.extend(which.banner.as_ref().map(|banner| format!("{of_campaign}{}", plain(banner.as_str()))));
    let Period { from, to, tests } = which.period;
    if from > Timestamp(0) {
        parts.push(format!("from-{}", moment(from)));
    }
    if to < Timestamp(i64::MAX) {
        parts.push(format!("to-{}", moment(to)));
    }
    for (dimension, value) in &which.filters {
        let value = if value.is_empty() { "unknown".to_owned() } else { plain(value) };
        parts.push(format!("{}-{value}", dimension.as_str()));
    }
    if tests {
        parts.push("with-tests".to_owned());
    }
    format!("{}.{}", parts.join("_"), format.as_str())
}

/// An id, as far as it is letters and digits, and not too long.
fn plain(id: &str) -> String {
    id.chars().take(60).map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect()
}

/// A day, or an instant without its colons.
fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((day, "00:00:00.000Z")) => day.to_owned(),
        _ => text.chars().filter(|sign| *sign != ':').collect(),
    }
}

/// Every joined session that is asked for, of each campaign that the reader may see: one after the other, each by queue entry.
#[get("/getFullMetrics?<query..>")]
async fn full_of_all(
    reader: FiguresReader,
    query: AverageQuery<'_>,
    wanted: Wanted<'_>,
    house: &HouseState,
) -> ApiResult<Rows> {
    full(house, reader.0, None, None, &query, wanted).await
}

/// Every joined session of a campaign that is asked for, by queue entry.
#[get("/getFullMetrics/<campaign>?<query..>")]
async fn full_of_campaign(
    reader: FiguresReader,
    campaign: &str,
    query: AverageQuery<'_>,
    wanted: Wanted<'_>,
    house: &HouseState,
) -> ApiResult<Rows> {
    reader.may_read(house, campaign).await?;
    full(house, reader.0, Some(campaign), None, &query, wanted).await
}

/// Every joined session of a banner that is asked for, by queue entry.
#[get("/getFullMetrics/<campaign>/<banner>?<query..>")]
async fn full_of_banner(
    reader: FiguresReader,
    campaign: &str,
    banner: &str,
    query: AverageQuery<'_>,
    wanted: Wanted<'_>,
    house: &HouseState,
) -> ApiResult<Rows> {
    reader.may_read(house, campaign).await?;
    full(house, reader.0, Some(campaign), Some(banner), &query, wanted).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_grow_until_they_are_large_enough() {
        let pages = |row: usize| {
            let next = move |rows: &usize| Some(rows_after(*rows, *rows * row));
            std::iter::successors(Some(ROWS_AT_FIRST), next).nth(20)
        };
        assert_eq!(pages(350), Some(1_497));
        assert_eq!(pages(700), Some(748));
        assert_eq!(pages(PAGE_BYTES * 2), Some(1));
        assert_eq!(rows_after(256, 256 * 100), 512);
        assert_eq!(rows_after(MOST_ROWS, 1), MOST_ROWS);
    }
}
