//! What may be sent along in paths, queries and headers.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required};

use crate::domain::ids::MAX_ID_LENGTH;
use crate::web::full_metrics::MOST_ROWS;

/// What a parameter can hold.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Whatever it is.
    Text,
    /// Text of 1 to so many characters.
    Short(usize),
    /// An ad server's id.
    AdServerId,
    /// An id of ours.
    OwnId,
    /// RFC 3339.
    Instant,
    /// A day.
    Day,
    /// A whole number.
    Number,
    /// A whole number from the first to the second.
    Between(usize, usize),
    /// A switch.
    Flag,
    /// One of these.
    Word(&'static [&'static str]),
    /// Any other names with text.
    Others,
}

/// A parameter: where it is sent, its name, what it can hold, and what it means.
pub struct Param(ParameterIn, &'static str, Kind, &'static str);

use Kind::{AdServerId, Between, Day, Flag, Instant, Number, Others, OwnId, Short, Text, Word};
use ParameterIn::{Header, Path, Query};

/// Declared by every path with their name in it.
const IN_PATHS: [Param; 14] = [
    Param(Path, "campaignId", AdServerId, "The campaign, as the ad server writes it."),
    Param(Path, "bannerId", AdServerId, "The banner, as the ad server writes it."),
    Param(Path, "sessionId", OwnId, "The session."),
    Param(Path, "offerId", OwnId, "The offer."),
    Param(Path, "queueId", OwnId, "The session's place in the queue."),
    Param(Path, "queue", Text, "The queue's name."),
    Param(Path, "visitId", OwnId, "The visit."),
    Param(Path, "visitorId", OwnId, "The visitor."),
    Param(Path, "username", Text, "The name that the person signs in with, in any case."),
    Param(Path, "file", Text, "Six hexadecimal digits and `.css`."),
    Param(Path, "shareId", OwnId, "The shared report."),
    Param(Path, "viewId", OwnId, "The saved view."),
    Param(Path, "token", Text, "What opens a shared report."),
    Param(Path, "path", Text, "The file's path below `public/`, with its slashes."),
];

/// The campaign of a banner link.
pub const LINK_CAMPAIGN: Param = Param(Query, "campaignId", Text, "The campaign. A broken id does not stop the page.");
/// The banner of a banner link.
pub const LINK_BANNER: Param = Param(Query, "bannerId", Text, "The banner. A broken id does not stop the page.");
/// Everything else in a banner link.
pub const LINK_TAGS: Param = Param(
    Query,
    "tags",
    Others,
    "Whatever else is in the link is kept with the visit, up to 2 kB. `utm_source`, `utm_medium`, `utm_campaign`, \
     `utm_term`, `utm_content`, `gclid`, `gbraid`, `wbraid`, `fbclid`, `msclkid` and `ttclid` have fields of their own.",
);
/// Where a login leads.
pub const NEXT: Param = Param(Query, "next", Text, "Where to go after the login: a path of this site.");
/// The page load that opens a stream.
pub const PAGE: Param = Param(Query, "page", Text, "A number of this page load, such as a UUID, for `leaving`.");
/// One more caller.
pub const ANOTHER: Param = Param(Query, "another", Flag, "One more customer beside the present ones, within capacity.");
/// The beginning of a day.
pub const SINCE: Param =
    Param(Query, "from", Instant, "The day's beginning, as the page's clock has it; 24 hours ago when absent.");
/// The start of a period.
pub const FROM_OR_DATE: Param = Param(
    Query,
    "from",
    Text,
    "The earliest queue entry that counts: an instant in RFC 3339, or a date, which is its midnight in `tz`.",
);
/// The end of a period.
pub const TO_OR_DATE: Param =
    Param(Query, "to", Text, "The queue entry from which on nothing counts any more, written like `from`.");
/// Whose clocks count.
pub const ZONE: Param =
    Param(Query, "tz", Text, "A time zone's name in the IANA database, such as `Europe/Berlin`; UTC when absent.");
/// In pieces.
pub const INTERVAL: Param = Param(
    Query,
    "interval",
    Word(&["hour", "day", "week", "month"]),
    "The figures of each interval too, as the clocks of `tz` have them: at most 5,000. It needs `from` and `to`, and goes \
     with no `groupBy`.",
);
/// In groups.
pub const GROUP_BY: Param = Param(
    Query,
    "groupBy",
    Word(&["campaign", "banner", "country", "device", "rep", "hourOfWeek", "queue"]),
    "The figures of each group too.",
);
/// The start of the period of a funnel.
pub const LANDED_FROM: Param = Param(
    Query,
    "from",
    Text,
    "The earliest landing that counts: an instant in RFC 3339, or a date, which is its midnight in `tz`.",
);
/// The end of the period of a funnel.
pub const LANDED_TO: Param =
    Param(Query, "to", Text, "The landing from which on nothing counts any more, written like `from`.");
/// Each banner.
pub const BY_BANNER: Param = Param(Query, "groupBy", Word(&["banner"]), "Each banner that has visits by itself too.");
/// Only of one banner.
pub const OF_BANNER: Param = Param(Query, "banner", Text, "Only calls of banners of this id.");
/// Only from a country.
pub const COUNTRY: Param =
    Param(Query, "country", Text, "Only calls from this country (ISO 3166, two letters); empty: not known.");
/// Only by a kind of device.
pub const DEVICE: Param = Param(Query, "device", Text, "Only calls by this kind of device; empty: not known.");
/// Only a representative's.
pub const REP: Param =
    Param(Query, "rep", Text, "Only calls that this representative (an id) answered first; empty: nobody.");
/// Only a queue's.
pub const QUEUE_NUMBER: Param = Param(Query, "queue", Number, "Only calls whose last queue has this number.");
/// Another threshold.
pub const WITHIN: Param = Param(
    Query,
    "within",
    Number,
    "Another threshold for the service level, in seconds; the figure is then approximate.",
);
/// Whether test calls count.
pub const TESTS: Param =
    Param(Query, "tests", Word(&["include", "exclude"]), "Whether test calls count; if absent, they do not.");
/// The dashboard's campaign.
pub const CAMPAIGN: Param = Param(Query, "campaign", AdServerId, "Only this campaign.");
/// The dashboard's banner.
pub const BANNER: Param = Param(Query, "banner", AdServerId, "Only this banner.");
/// The dashboard's first day.
pub const FIRST_DAY: Param = Param(Query, "from", Day, "The first day, as the clocks of `tz` have it.");
/// The dashboard's last day.
pub const LAST_DAY: Param = Param(Query, "to", Day, "The last day, which belongs to the period.");
/// The length of the steps of the dashboard's plots.
pub const STEPS: Param = Param(
    Query,
    "interval",
    Word(&["hour", "day", "week", "month"]),
    "How long the steps of the plots are; fitting ones when absent.",
);
/// What the dashboard's period is compared with.
pub const COMPARED: Param = Param(
    Query,
    "compare",
    Word(&["before", "month", "year"]),
    "As many days just before, or the same dates a month or a year before. It needs `from` and `to`.",
);
/// The order of the dashboard's table of calls.
pub const SORT: Param = Param(
    Query,
    "sort",
    Word(&["entry", "-entry", "wait", "-wait", "duration", "-duration", "country", "-country", "rep", "-rep"]),
    "The order of the table of calls; newest first when absent.",
);
/// The part of that table.
pub const PAGE_NUMBER: Param = Param(Query, "page", Between(1, 400), "The part of the table of calls: 25 each.");
/// What to look for among campaigns.
pub const SEARCH: Param = Param(Query, "search", Text, "Only campaigns with this in their id or name.");
/// One queue of several.
pub const QUEUE: Param = Param(Query, "queue", Text, "The name of a queue; the default one when absent.");
/// The same request again.
pub const IDEMPOTENCY_KEY: Param = Param(
    Header,
    "Idempotency-Key",
    Short(255),
    "The same key with the same body has one effect and the same answer, for 24 hours.",
);
/// Where a stream broke off.
pub const LAST_EVENT_ID: Param =
    Param(Header, "Last-Event-ID", Number, "The id of the last event that arrived: ids go on from there.");
/// What the browser has already.
pub const IF_NONE_MATCH: Param = Param(Header, "If-None-Match", Text, "The `ETag` of the copy at hand.");

/// Which rows come first.
pub const ORDER: Param = Param(
    Query,
    "order",
    Word(&["entry", "-entry"]),
    "Oldest queue entry first, as when absent, or newest first; of all campaigns, within each.",
);
/// How rows are written.
pub const FORMAT: Param = Param(
    Query,
    "format",
    Word(&["json", "ndjson", "csv"]),
    "One array, an object on each line, or CSV. It decides over `Accept`, which can name `application/json`, \
     `application/x-ndjson` and `text/csv`.",
);
/// The length of a page.
pub const LIMIT: Param = Param(
    Query,
    "limit",
    Between(1, MOST_ROWS),
    "One page of so many rows at most; without it, all of them. Of all campaigns there may be fewer: only a page without `Link` is the last.",
);
/// Where a page begins.
pub const AFTER: Param = Param(
    Query,
    "after",
    Text,
    "Rows after this place: the cursor in the `Link` of the page before, of the same campaign, banner, filters and order.",
);
/// How an answer is compressed.
pub const ACCEPT_ENCODING: Param = Param(Header, "Accept-Encoding", Text, "`gzip` for a compressed answer.");

/// The parameters in a path.
pub fn in_path(path: &str) -> impl Iterator<Item = Param> {
    IN_PATHS.into_iter().filter(move |param| path.contains(&format!("{{{}}}", param.1)))
}

impl From<Param> for Parameter {
    fn from(Param(place, name, kind, about): Param) -> Self {
        let required = if place == Path { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
        parameter.description(Some(about)).schema(Some(kind.schema())).build()
    }
}

impl Kind {
    fn schema(self) -> RefOr<Schema> {
        let of = |kind: Type| ObjectBuilder::new().schema_type(kind);
        let text = || of(Type::String);
        let format = |format| Some(SchemaFormat::KnownFormat(format));
        let schema = match self {
            Text => text(),
            Short(most) => text().min_length(Some(1)).max_length(Some(most)),
            AdServerId => text().min_length(Some(1)).max_length(Some(MAX_ID_LENGTH)).pattern(Some("^[!-~]+$")),
            OwnId => text().pattern(Some("^[0-9a-f]{32}$")),
            Instant => text().format(format(KnownFormat::DateTime)),
            Day => text().format(format(KnownFormat::Date)),
            Number => of(Type::Integer).minimum(Some(0)),
            Between(least, most) => of(Type::Integer).minimum(Some(least)).maximum(Some(most)),
            Flag => of(Type::Boolean),
            Word(words) => text().enum_values(Some(words.iter().copied())),
            Others => of(Type::Object).additional_properties(Some(AdditionalProperties::RefOr(RefOr::from(text())))),
        };
        schema.into()
    }
}
