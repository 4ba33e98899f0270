//! Every route: who may call it, what it takes, and what it answers.

use utoipa::ToSchema;

use super::common::{PARTY_ONLY, Signal};
use super::dashboard;
use super::param::{
    ACCEPT_ENCODING, AFTER, BY_BANNER, COUNTRY, DEVICE, FORMAT, FROM_OR_DATE, GROUP_BY, IDEMPOTENCY_KEY, IF_NONE_MATCH,
    INTERVAL, LANDED_FROM, LANDED_TO, LAST_EVENT_ID, LIMIT, LINK_BANNER, LINK_CAMPAIGN, LINK_TAGS, NEXT, OF_BANNER,
    ORDER, PAGE, QUEUE, QUEUE_NUMBER, REP, SEARCH, TESTS, TO_OR_DATE, WITHIN, ZONE,
};
use super::route::Route;
use super::staff;
use super::who::Who;
use crate::domain::definitions;
use crate::figures::export::FullMetrics;
use crate::figures::funnel::Answer as FunnelAnswer;
use crate::figures::questions::Answer;
use crate::media::MediaAccess;
use crate::web::admin::AuditView;
use crate::web::admin::campaigns::{BannerChange, BannerView, CampaignChange, CampaignView, CampaignsView};
use crate::web::admin::people::{NewPerson, PersonChange, PersonView};
use crate::web::admin::queues::{QueueChange, QueueSettings};
use crate::web::auth::{Credentials, LoginAnswer};
use crate::web::funnel::StepReport;
use crate::web::help::{Availability, EndRequest, Fence, JoinRequest, Leaving, Place, SessionCreated, SessionRequest};
use crate::web::rating::RatingRequest;
use crate::web::view::{RatingView, SessionView};

/// Routes that belong together.
pub struct Group {
    /// Their heading.
    pub name: &'static str,
    /// What they have in common.
    pub about: &'static str,
    /// They themselves.
    pub routes: Vec<Route>,
}

/// All routes.
pub fn groups() -> Vec<Group> {
    vec![
        Group { name: "Customers", about: "From the click to the conversation.", routes: customers() },
        Group { name: "Calls", about: "What both parties of a call do.", routes: calls() },
        Group {
            name: "Representatives",
            about: "Taking customers out of the queue.",
            routes: staff::representatives(),
        },
        Group { name: "Figures", about: "What each campaign and banner brought.", routes: figures() },
        Group { name: "Dashboard", about: "The figures, for people.", routes: dashboard::dashboard() },
        Group { name: "Floor", about: "What goes on now, and stepping in.", routes: staff::floor() },
        Group { name: "Administration", about: "People, campaigns, and who changed what.", routes: administration() },
        Group { name: "Login", about: "Signing in and out.", routes: login() },
        Group { name: "Operations", about: "For those who run the server.", routes: operations() },
    ]
}

/// Where a customer stands in line.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the stream writes it by hand")]
struct Position {
    /// From 1.
    position: usize,
    /// Seconds, or null when it cannot be honest.
    estimated_wait_seconds: Option<f64>,
}

fn customers() -> Vec<Route> {
    let landing = |path, summary| {
        Route::get(path, summary, Who::ANYBODY_OR_STAFF)
            .takes([LINK_CAMPAIGN, LINK_BANNER, LINK_TAGS])
            .shows(200, "The page, whatever the link holds: the click was paid for.")
            .limited()
            .away()
    };
    vec![
        landing("/", "The landing page of a banner link, or of a direct visit"),
        landing("/index.php", "The landing page, under the address that older banner links use"),
        Route::post("/help/visit/{visitId}/seen", "Says that the page's script ran: a person is looking", Who::ANYBODY)
            .confirms(204, "Kept.")
            .refuses(404, "There is no such visit.")
            .limited()
            .away(),
        Route::post(
            "/help/visit/{visitId}/step",
            "Says how far the person came before they asked, or what is in the way",
            Who::ANYBODY,
        )
        .body::<StepReport>()
        .or_form::<StepReport>()
        .confirms(204, "Kept: the first time of a step, the latest of what is in the way.")
        .refuses(404, "There is no such visit.")
        .limited()
        .away(),
        Route::get("/help/availability", "Tells whether somebody is there now", Who::ANYBODY)
            .takes([QUEUE])
            .answers::<Availability>(200, "Who is there, and how long it may take.")
            .refuses(400, "There is no queue of this name.")
            .limited()
            .away(),
        Route::post("/help/session", "Asks for a conversation", Who::ANYBODY_OR_STAFF)
            .takes([IDEMPOTENCY_KEY])
            .optional_body::<SessionRequest>()
            .or_form::<SessionRequest>()
            .answers::<SessionCreated>(201, "The session, and the token that proves whose it is.")
            .refuses(409, "The ids are not those of the visit.")
            .refuses(422, "The `Idempotency-Key` came with another body before.")
            .limited()
            .away(),
        Route::post("/help/queue", "Enters the queue", Who::CUSTOMER)
            .takes([IDEMPOTENCY_KEY])
            .body::<JoinRequest>()
            .or_form::<JoinRequest>()
            .answers::<Place>(201, "The place in the queue; again, the same place with its present position.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "The session was offered to somebody or has ended; `session` says how it stands.")
            .refuses(422, "The `Idempotency-Key` came with another body before."),
        Route::delete("/help/queue/{queueId}", "Leaves the queue: the session is cancelled", Who::CUSTOMER_OR_ADMIN)
            .confirms(204, "It has ended.")
            .refuses(404, "There is no such place, or it is another's."),
        Route::get("/help/session/{sessionId}/events", "Tells the customer what happens", Who::CUSTOMER)
            .takes([PAGE, LAST_EVENT_ID])
            .streams()
            .event::<SessionView>("state", "the whole session: first, and on every change.")
            .event::<Position>("position", "when the place in line changes.")
            .event::<Signal>("signal", "from the representative.")
            .confirms(204, "The session has ended: do not come back.")
            .refuses(404, PARTY_ONLY),
        Route::post("/help/session/{sessionId}/leaving", "Says that the customer's page is going away", Who::CUSTOMER)
            .optional_body::<Leaving>()
            .or_form::<Leaving>()
            .confirms(204, "The grace has begun, if the page's stream is the present one.")
            .refuses(404, PARTY_ONLY),
        Route::post("/help/session/{sessionId}/rating", "Says what the customer thought of it", Who::CUSTOMER)
            .body::<RatingRequest>()
            .or_form::<RatingRequest>()
            .answers::<RatingView>(200, "Kept; said again, the newer rating counts.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "There was no conversation, or it is not over; `session` says how it stands."),
    ]
}

fn calls() -> Vec<Route> {
    vec![
        Route::get("/help/session/{sessionId}", "The session; an administrator sees every one", Who::PARTIES)
            .answers::<SessionView>(200, "The session.")
            .refuses(404, PARTY_ONLY),
        Route::get("/help/session/{sessionId}/media", "Gives fresh access to the media servers", Who::PARTIES)
            .answers::<MediaAccess>(200, "How to connect.")
            .refuses(404, PARTY_ONLY),
        Route::post("/help/session/{sessionId}/alive", "Answers the heartbeat of the stream", Who::PARTIES)
            .confirms(204, "Heard.")
            .refuses(404, PARTY_ONLY),
        Route::post("/help/session/{sessionId}/signal", "Says something to the other party", Who::PARTIES)
            .body::<Signal>()
            .confirms(202, "Passed on, if the other party listens.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "Nobody has the session, or the epoch is over; `session` says how it stands."),
        Route::post("/help/session/{sessionId}/joined", "Says that this side's media is connected", Who::PARTIES)
            .optional_body::<Fence>()
            .answers::<SessionView>(200, "The session: the second of the two starts the conversation. Another caller of the same representative who \
             is in conversation goes on hold.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "Nobody has the session, or the epoch is over; `session` says how it stands."),
        Route::post("/help/session/{sessionId}/end", "Ends the session; an administrator ends every one", Who::PARTIES)
            .optional_body::<EndRequest>()
            .answers::<SessionView>(200, "The session as it ended; again, the same answer.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "The epoch is over; `session` says how it stands."),
    ]
}

fn figures() -> Vec<Route> {
    const ANOTHERS: &str =
        "The credential is of the wrong kind or role, or it is bound to another client than the campaign.";
    let average = |path, summary| {
        Route::get(path, summary, Who::READERS)
            .takes([FROM_OR_DATE, TO_OR_DATE, TESTS, ZONE, INTERVAL, GROUP_BY])
            .takes([COUNTRY, DEVICE, REP, QUEUE_NUMBER, WITHIN])
            .answers::<Answer>(200, definitions::DESCRIPTION.as_str())
            .refuses(400, "An id, a date or a parameter cannot be understood: `detail` says what would be.")
            .refuses(403, ANOTHERS)
    };
    let funnel = |path, summary| {
        Route::get(path, summary, Who::READERS)
            .takes([LANDED_FROM, LANDED_TO, TESTS, ZONE, BY_BANNER])
            .answers::<FunnelAnswer>(200, "Step by step; each visit is counted at the furthest step of its requests.")
            .refuses(400, "An id, a date or a parameter cannot be understood: `detail` says what would be.")
            .refuses(403, ANOTHERS)
    };
    let full = |path, summary| {
        Route::get(path, summary, Who::READERS)
            .takes([FROM_OR_DATE, TO_OR_DATE, TESTS, ZONE, COUNTRY, DEVICE, REP, QUEUE_NUMBER])
            .takes([FORMAT, ORDER, LIMIT, AFTER, ACCEPT_ENCODING])
            .answers_list::<FullMetrics>("By queue entry; of all campaigns, by campaign first. An array without its last bracket is not whole.")
            .text(200, "application/x-ndjson", "Lines: an object each. A line that is no object is where it broke off.")
            .text(200, "text/csv", "CSV: RFC 4180, with a header line of the same names, null as an empty field, and an apostrophe before what would be a formula. A quotation mark that is not closed is where it broke off.")
            .with_header("Link", "The next page, with `rel=\"next\"`, where there is one: only with `limit`.")
            .with_header("Content-Disposition", "A name for the file; not with JSON.")
            .with_header("Content-Encoding", "`gzip`, where it was asked for.")
            .with_header("Vary", "`Accept, Accept-Encoding`")
            .refuses(400, "An id, a date or a parameter cannot be understood: `detail` says what would be.")
            .refuses(403, ANOTHERS)
    };
    vec![
        average("/getAverageMetrics/{campaignId}", "The figures of a campaign"),
        average("/getAverageMetrics/{campaignId}/{bannerId}", "The figures of a banner"),
        funnel("/getFunnel/{campaignId}", "How far the visits of a campaign came"),
        funnel("/getFunnel/{campaignId}/{bannerId}", "How far the visits of a banner came"),
        full("/getFullMetrics", "Every joined session of each campaign in turn").takes([OF_BANNER]),
        full("/getFullMetrics/{campaignId}", "Every joined session of a campaign").takes([OF_BANNER]),
        full("/getFullMetrics/{campaignId}/{bannerId}", "Every joined session of a banner"),
    ]
}

fn administration() -> Vec<Route> {
    const REFUSED: &str = "Something is not well-formed; nothing was changed.";
    let page = |path, summary| {
        Route::get(path, summary, Who::ADMINS_OR_LOGIN)
            .shows(200, "The page.")
            .confirms(303, "To the login page, and back.")
            .shows(403, "A page that says that this role may not open it.")
            .away()
    };
    vec![
        Route::get("/admin", "The way to the first page of the administration", Who::ANYBODY)
            .confirms(303, "To the page about people."),
        page("/admin/people", "The page about people"),
        page("/admin/campaigns", "The page about campaigns").takes([SEARCH]),
        page("/admin/queues", "The page about queues"),
        page("/admin/audit", "The page that tells who changed what"),
        Route::get("/admin/api/people", "Everybody who signs in, and what each may do", Who::ADMINS)
            .answers_list::<PersonView>("By name."),
        Route::post("/admin/api/people", "Lets somebody in", Who::ADMINS)
            .body::<NewPerson>()
            .answers::<PersonView>(201, "The person.")
            .refuses(400, REFUSED)
            .refuses(409, "There is a user of that name."),
        Route::patch("/admin/api/people/{username}", "Changes what somebody may do", Who::ADMINS)
            .body::<PersonChange>()
            .answers::<PersonView>(
                200,
                "The person. Who is disabled, gets a new password or takes no calls any more is signed out everywhere.",
            )
            .refuses(400, REFUSED)
            .refuses(404, "There is no user of that name.")
            .refuses(409, "It is the last administrator."),
        Route::get("/admin/api/campaigns", "Campaigns with their banners and links", Who::ADMINS)
            .takes([SEARCH])
            .answers::<CampaignsView>(200, "Registered or seen."),
        Route::put("/admin/api/campaigns/{campaignId}", "Names a campaign, and says what its page says", Who::ADMINS)
            .body::<CampaignChange>()
            .answers::<CampaignView>(200, "The campaign; it is made where it was never seen.")
            .refuses(400, REFUSED),
        Route::put(
            "/admin/api/campaigns/{campaignId}/banners/{bannerId}",
            "Names a banner, or leads it to queues of its own",
            Who::ADMINS,
        )
        .body::<BannerChange>()
        .answers::<BannerView>(200, "The banner; it is made where it was never seen.")
        .refuses(400, REFUSED),
        Route::get("/admin/api/queues", "Every queue, and how it is set", Who::ADMINS)
            .answers_list::<QueueSettings>("In the order of their numbers."),
        Route::post("/admin/api/queues", "Makes a queue", Who::ADMINS)
            .body::<QueueChange>()
            .answers::<QueueSettings>(201, "The queue; customers come to it once a campaign or a banner leads there.")
            .refuses(400, "A name that is none, or as when it is changed.")
            .refuses(409, "There is a queue of this name already."),
        Route::patch("/admin/api/queues/{queue}", "Changes how a queue is set", Who::ADMINS)
            .body::<QueueChange>()
            .answers::<QueueSettings>(200, "The queue as it is set now.")
            .refuses(400, "A number out of its bounds, a word that is none of these, or a field that is not there.")
            .refuses(404, "There is no such queue."),
        Route::get("/admin/api/audit", "The latest 200 changes by administrators", Who::ADMINS)
            .answers_list::<AuditView>("Newest first."),
        Route::get("/colours/{file}", "A campaign's colour as a stylesheet", Who::ANYBODY)
            .text(200, "text/css; charset=utf-8", "The stylesheet; it depends on its name only.")
            .refuses(404, "That is no colour."),
    ]
}

fn login() -> Vec<Route> {
    vec![
        Route::get("/login", "The login page", Who::ANYBODY).takes([NEXT]).shows(200, "The page."),
        Route::post("/login", "Signs in: a cookie for browsers, a token for programs", Who::ANYBODY)
            .body::<Credentials>()
            .or_form::<Credentials>()
            .answers::<LoginAnswer>(200, "The token; the cookie is set too.")
            .confirms(303, "For a form: where it leads. The cookie is set.")
            .refuses(401, "The name or the password is wrong.")
            .shows(401, "For a form: the login page, which says so.")
            .refuses(403, "The request comes from another site's page.")
            .limited()
            .shows(429, "Too many failed attempts under this name. For a form: the login page, which says so.")
            .away(),
        Route::post("/logout", "Signs out", Who::STAFF)
            .confirms(204, "The login is over.")
            .confirms(303, "For a form: to the login page."),
    ]
}

fn operations() -> Vec<Route> {
    const PLAIN: &str = "text/plain; charset=utf-8";
    const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
    vec![
        Route::get("/healthz", "Tells whether the process lives", Who::ANYBODY).text(200, PLAIN, "`ok`"),
        Route::get("/readyz", "Tells whether the server may be sent requests", Who::ANYBODY)
            .text(200, PLAIN, "`ready`: the database can be written to.")
            .away(),
        Route::get("/metrics", "Counters, for Prometheus", Who::MONITORS).text(200, PROMETHEUS, "The counters."),
        Route::get("/openapi.json", "This document", Who::ANYBODY).raw("application/json", "OpenAPI 3.1."),
        Route::get("/public/{path}", "Styles, scripts and pictures", Who::ANYBODY)
            .takes([IF_NONE_MATCH])
            .raw("*/*", "The file, with its `ETag`.")
            .confirms(304, "The copy at hand is still good.")
            .refuses(404, "There is no such file."),
    ]
}
