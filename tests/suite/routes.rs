//! Every route, asked by everybody: the table says who gets what, and the interface's document has the same routes.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::events::Stream;
use crate::support::http::Caller;
use crate::support::people::page;
use crate::support::{Backend, Customer, Person, Server, conversation};

both! {
    everybody_gets_what_the_table_says,
    the_document_and_the_table_have_the_same_routes,
    every_refusal_is_a_problem_document,
}

/// Who asks, in the order of the table's columns. `own` is the customer of the session in the path, `foreign` another
/// one; `rep` has the session, `rosa` is a representative who has not; `token` is a metrics token.
const WHO: [&str; 10] =
    ["nobody", "own", "foreign", "rep", "rosa", "marketer", "supervisor", "admin", "token", "garbage"];

/// The column of the representative who has the session.
const REP: usize = 3;

/// A row: method, path as in the document, and the status for each of `WHO`. Credentials are judged before anything
/// else: none (or garbage) is 401, the wrong kind 403, another's session 404; who passes gets the route's own answer.
type Row = (&'static str, &'static str, [u16; 10]);

/// Open to everybody, whatever they send along.
const fn open(status: u16) -> [u16; 10] {
    [status; 10]
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    //                                              nobody, own, foreign, rep, rosa, marketer, supervisor, admin, token, garbage
    ("GET",    "/",                                  open(200)),
    ("GET",    "/index.php",                         open(200)),
    ("GET",    "/healthz",                           open(200)),
    ("GET",    "/readyz",                            open(200)),
    ("GET",    "/openapi.json",                      open(200)),
    ("GET",    "/login",                             open(200)),
    ("GET",    "/help/availability",                 open(200)),
    ("GET",    "/public/{path}",                     open(200)),
    ("POST",   "/help/session",                      open(201)),
    ("POST",   "/help/visit/{visitId}/seen",         open(204)),
    ("POST",   "/help/visit/{visitId}/step",         open(204)),
    ("POST",   "/login",                             open(401)),
    ("GET",    "/metrics",                          [401, 403, 403, 403, 403, 403, 403, 200, 200, 401]),
    // The session in conversation: `own` and `rep` are its parties.
    ("GET",    "/help/session/{sessionId}",          [401, 200, 404, 200, 404, 403, 403, 200, 403, 401]),
    ("GET",    "/help/session/{sessionId}/events",   [401, 200, 404, 403, 403, 403, 403, 403, 403, 401]),
    ("GET",    "/help/session/{sessionId}/media",    [401, 200, 404, 200, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/alive",    [401, 204, 404, 204, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/leaving",  [401, 204, 404, 403, 403, 403, 403, 403, 403, 401]),
    ("POST",   "/help/session/{sessionId}/signal",   [401, 202, 404, 202, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/joined",   [401, 200, 404, 200, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/hold",     [401, 403, 403, 200, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/resume",   [401, 403, 403, 200, 404, 403, 403, 404, 403, 401]),
    // Neither a queue nor a colleague is named; nobody is asked.
    ("GET",    "/help/session/{sessionId}/transfer", [401, 403, 403, 200, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/transfer", [401, 403, 403, 400, 404, 403, 403, 404, 403, 401]),
    ("DELETE", "/help/session/{sessionId}/transfer", [401, 403, 403, 200, 404, 403, 403, 404, 403, 401]),
    // No colleague is talked with.
    ("POST",   "/help/session/{sessionId}/transfer/hand-over", [401, 403, 403, 409, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/rep/consultations/{sessionId}/signal",        [401, 403, 403, 409, 404, 403, 403, 404, 403, 401]),
    ("GET",    "/help/session/{sessionId}/wrap-up",  [401, 403, 403, 200, 404, 403, 403, 200, 403, 401]),
    ("POST",   "/help/session/{sessionId}/wrap-up",  [401, 403, 403, 200, 404, 403, 403, 200, 403, 401]),
    // A session in the queue of its own.
    ("POST",   "/help/queue",                        [401, 201, 404, 403, 403, 403, 403, 403, 403, 401]),
    ("DELETE", "/help/queue/{queueId}",              [401, 204, 404, 403, 403, 403, 403, 204, 403, 401]),
    ("DELETE", "/help/queue",                        [401, 403, 403, 409, 204, 403, 403, 204, 403, 401]),
    ("GET",    "/rep/events",                        [401, 403, 403, 200, 200, 403, 403, 200, 403, 401]),
    ("GET",    "/rep/today",                         [401, 403, 403, 200, 200, 403, 403, 200, 403, 401]),
    ("POST",   "/rep/activity",                      [401, 403, 403, 200, 200, 403, 403, 200, 403, 401]),
    // An offer that nobody made: whose it is otherwise, the tests of offers ask.
    ("POST",   "/rep/offers/{offerId}/accept",       [401, 403, 403, 404, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/rep/offers/{offerId}/reject",       [401, 403, 403, 404, 404, 403, 403, 404, 403, 401]),
    // It is the representative's already, and on nobody's list.
    ("POST",   "/rep/list/{sessionId}/pick",         [401, 403, 403, 200, 409, 403, 403, 409, 403, 401]),
    ("POST",   "/rep/alive",                         [401, 403, 403, 204, 204, 403, 403, 204, 403, 401]),
    ("POST",   "/rep/leaving",                       [401, 403, 403, 204, 204, 403, 403, 204, 403, 401]),
    ("GET",    "/getAverageMetrics/{campaignId}",            [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    ("GET",    "/getAverageMetrics/{campaignId}/{bannerId}", [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    ("GET",    "/getFullMetrics",                            [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    ("GET",    "/getFullMetrics/{campaignId}",               [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    ("GET",    "/getFullMetrics/{campaignId}/{bannerId}",    [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    ("GET",    "/getFunnel/{campaignId}",                    [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    ("GET",    "/getFunnel/{campaignId}/{bannerId}",         [401, 403, 403, 403, 403, 200, 200, 200, 200, 401]),
    // The administration. Each write is one that changes nothing, or is refused for what it says.
    ("GET",    "/admin",                             open(303)),
    ("GET",    "/colours/{file}",                    open(200)),
    ("GET",    "/admin/api/people",                  [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("POST",   "/admin/api/people",                  [401, 403, 403, 403, 403, 403, 403, 400, 403, 401]),
    ("PATCH",  "/admin/api/people/{username}",       [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("GET",    "/admin/api/campaigns",               [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("PUT",    "/admin/api/campaigns/{campaignId}",  [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("PUT",    "/admin/api/campaigns/{campaignId}/banners/{bannerId}",
                                                     [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("GET",    "/admin/api/queues",                  [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("POST",   "/admin/api/queues",                  [401, 403, 403, 403, 403, 403, 403, 400, 403, 401]),
    ("PATCH",  "/admin/api/queues/{queue}",          [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("GET",    "/admin/queues",                      [303, 303, 303, 403, 403, 403, 403, 200, 303, 303]),
    ("GET",    "/admin/api/audit",                   [401, 403, 403, 403, 403, 403, 403, 200, 403, 401]),
    ("GET",    "/admin/people",                      [303, 303, 303, 403, 403, 403, 403, 200, 303, 303]),
    ("GET",    "/admin/campaigns",                   [303, 303, 303, 403, 403, 403, 403, 200, 303, 303]),
    ("GET",    "/admin/audit",                       [303, 303, 303, 403, 403, 403, 403, 200, 303, 303]),
    // The pages: a login is asked for by a redirect, another role gets a page that says so.
    ("GET",    "/rep",                               [303, 303, 303, 200, 200, 403, 403, 200, 303, 303]),
    ("GET",    "/dashboard",                         [303, 303, 303, 403, 403, 200, 200, 200, 303, 303]),
    ("GET",    "/dashboard/events",                  [401, 403, 403, 403, 403, 200, 200, 200, 403, 401]),
    // What is asked for cannot be shared or saved, and there is nothing to close or forget.
    ("GET",    "/dashboard/api/shares",              [401, 403, 403, 403, 403, 200, 200, 200, 403, 401]),
    ("POST",   "/dashboard/api/shares",              [401, 403, 403, 403, 403, 400, 400, 400, 403, 401]),
    ("DELETE", "/dashboard/api/shares/{shareId}",    [401, 403, 403, 403, 403, 404, 404, 404, 403, 401]),
    ("GET",    "/dashboard/api/views",               [401, 403, 403, 403, 403, 200, 200, 200, 403, 401]),
    ("POST",   "/dashboard/api/views",               [401, 403, 403, 403, 403, 400, 400, 400, 403, 401]),
    ("DELETE", "/dashboard/api/views/{viewId}",      [401, 403, 403, 403, 403, 404, 404, 404, 403, 401]),
    // Nobody shared anything under this token.
    ("GET",    "/shared/{token}",                    open(404)),
    // The floor: whoever may step in sends no reason here, and so changes nothing.
    ("GET",    "/floor",                             [303, 303, 303, 403, 403, 403, 200, 200, 303, 303]),
    ("GET",    "/floor/api",                         [401, 403, 403, 403, 403, 403, 200, 200, 403, 401]),
    ("GET",    "/floor/events",                      [401, 403, 403, 403, 403, 403, 200, 200, 403, 401]),
    ("GET",    "/floor/api/sessions/{sessionId}",         [401, 403, 403, 403, 403, 403, 200, 200, 403, 401]),
    ("POST",   "/floor/api/sessions/{sessionId}/end",     [401, 403, 403, 403, 403, 403, 400, 400, 403, 401]),
    ("POST",   "/floor/api/sessions/{sessionId}/requeue", [401, 403, 403, 403, 403, 403, 400, 400, 403, 401]),
    ("POST",   "/floor/api/reps/{username}/offline",      [401, 403, 403, 403, 403, 403, 400, 400, 403, 401]),
    ("POST",   "/floor/api/blocks/{visitorId}/lift",      [401, 403, 403, 403, 403, 403, 400, 400, 403, 401]),
    ("POST",   "/floor/api/end-waiting",                  [401, 403, 403, 403, 403, 403, 400, 400, 403, 401]),
    // The conversation is not over.
    ("POST",   "/help/session/{sessionId}/rating",   [401, 409, 404, 403, 403, 403, 403, 403, 403, 401]),
    // The three that end something come last.
    ("POST",   "/help/session/{sessionId}/block",    [401, 403, 403, 200, 404, 403, 403, 404, 403, 401]),
    ("POST",   "/help/session/{sessionId}/end",      [401, 200, 404, 200, 404, 403, 403, 200, 403, 401]),
    ("POST",   "/logout",                            [401, 403, 403, 204, 204, 204, 204, 204, 403, 401]),
];

/// The stage on which the table is played: one session in conversation, one in the queue, and everybody.
struct Stage {
    server: Server,
    callers: Vec<Caller>,
    talking: Customer,
    waiting: Customer,
    visit: String,
    /// Streams stay open: whoever closes one is gone for good after the grace, however long the rest of the table takes.
    streams: Mutex<Vec<Stream>>,
}

impl Stage {
    async fn set(backend: Backend) -> Self {
        let server = Server::start(backend).await;
        let (rep, rosa) = (server.rep("rita").await, server.rep("rosa").await);
        let marketer = server.person("mara", "marketer").await;
        let supervisor = server.person("sam", "supervisor").await;
        let admin = server.admin().await;
        let talking = Customer::waits(&server, "5", "3").await;
        conversation(&talking, &rep).await;
        let waiting = Customer::waits(&server, "5", "3").await;
        let foreign = Customer::arrives(&server, "5", "3").await;
        let landing = server.nobody().get("/?campaignId=5&bannerId=3").await;
        let of = |person: Person| person.api;
        let callers = vec![
            server.nobody(),
            talking.api.clone(),
            foreign.api.clone(),
            of(rep),
            of(rosa),
            of(marketer),
            of(supervisor),
            of(admin),
            server.bearer(&server.api_token("warehouse")),
            server.bearer("blc_0000000000000000000000000000000000000000000"),
        ];
        Self {
            server,
            callers,
            talking,
            waiting,
            visit: crate::landing::visit_of(&landing.body),
            streams: Mutex::default(),
        }
    }

    /// The table asks both of the conversation once whether they are there, and takes longer than they may be silent after that.
    async fn both_are_alive(&self) {
        self.talking.api.post(&self.talking.path("/alive"), &json!({})).await;
        self.callers[REP].post("/rep/alive", &json!({})).await;
    }

    /// Sends one request of the table. The queue's rows are about the customer who waits, the others about the one who
    /// talks.
    async fn ask(&self, method: &str, path: &str, who: usize) -> u16 {
        let mut caller = self.callers[who].clone();
        if path.starts_with("/help/queue") && WHO[who] == "own" {
            caller = self.waiting.api.clone();
        }
        let session = &self.talking.session;
        let concrete = path
            .replace("{sessionId}", session)
            .replace("{queueId}", &self.waiting.queue)
            .replace("{visitId}", &self.visit)
            .replace("{visitorId}", "00000000000000000000000000000000")
            .replace("{queue}", "default")
            .replace("{offerId}", "00000000000000000000000000000000")
            .replace("{path}", "css/app.css")
            .replace("{file}", "0a5f4f.css")
            .replace("{username}", "mara")
            .replace("{campaignId}", "5")
            .replace("{bannerId}", "3");
        let query = if path.ends_with("/events") { format!("?page={}", page()) } else { String::new() };
        let mut request = caller.request(method, &format!("{concrete}{query}"));
        if ["POST", "PUT", "PATCH"].contains(&method) {
            request = request.json(&self.body(path, who));
        }
        if path.ends_with("/events") {
            let stream = Stream::open(request).await;
            let status = stream.status;
            self.streams.lock().expect("the streams").push(stream);
            return status;
        }
        caller.send(request).await.status
    }

    fn body(&self, path: &str, who: usize) -> Value {
        match path.rsplit('/').next().unwrap_or_default() {
            "session" => json!({"campaignId": "5", "bannerId": "3"}),
            "activity" => json!({"activity": "break"}),
            "queue" => json!({"sessionId": self.waiting.session}),
            "leaving" => json!({"page": page()}),
            "rating" => json!({"stars": 5}),
            "step" => json!({"step": "formOpened"}),
            "login" => json!({"username": format!("nobody-{}", WHO[who]), "password": "wrong"}),
            "signal" => json!({"v": 1, "sessionId": self.talking.session, "from": "customer", "page": page(),
                "seq": 1, "hello": true}),
            _ => json!({}),
        }
    }
}

async fn everybody_gets_what_the_table_says(backend: Backend) {
    let stage = Stage::set(backend).await;
    let mut wrong = Vec::new();
    for (method, path, expected) in TABLE {
        stage.both_are_alive().await;
        // A customer who was taken out of the line by one row must not change the others: those who may do nothing
        // come first, then those who may.
        let mut order: Vec<usize> = (0..WHO.len()).collect();
        order.sort_by_key(|who| expected[*who] < 300);
        for who in order {
            let status = stage.ask(method, path, who).await;
            if status != expected[who] {
                wrong.push(format!("{method} {path} as {}: {status}, not {}", WHO[who], expected[who]));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} answers are wrong:\n{}",
        wrong.len(),
        TABLE.len() * WHO.len(),
        wrong.join("\n")
    );
}

/// Paths without the names of their parameters.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') || part.starts_with('<') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn the_document_and_the_table_have_the_same_routes(backend: Backend) {
    let server = Server::start(backend).await;
    let document = server.nobody().get("/openapi.json").await.expect(200);
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            if ["get", "post", "put", "patch", "delete", "head", "options"].contains(&method.as_str()) {
                described.insert((method.to_uppercase(), shape(path)));
            }
        }
    }
    let tabled: BTreeSet<_> = TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), shape(path))).collect();
    let unproved: Vec<_> = described.difference(&tabled).collect();
    let undescribed: Vec<_> = tabled.difference(&described).collect();
    assert!(
        unproved.is_empty() && undescribed.is_empty(),
        "not in the table: {unproved:?}; not described: {undescribed:?}"
    );
}

async fn every_refusal_is_a_problem_document(backend: Backend) {
    let stage = Stage::set(backend).await;
    let nobody = stage.server.nobody();
    for (method, path, expected) in TABLE {
        if expected[0] == 401 && *path != "/login" {
            let concrete = path
                .replace("{sessionId}", &stage.talking.session)
                .replace("{queueId}", &stage.waiting.queue)
                .replace("{campaignId}", "5")
                .replace("{bannerId}", "3");
            // No credential is 401 before any other check: the body, however broken, is not looked at.
            let request = nobody.request(method, &concrete).header("Content-Type", "application/json").body("{");
            nobody.send(request).await.refused(401);
        }
    }
    for path in ["/help/nothing", "/getAverageMetrics", "/rep/nothing", "/help/session/not-an-id"] {
        let answer = nobody.get(path).await;
        answer.refused_one_of(&[400, 401, 404, 405]);
    }
    nobody.send(nobody.request("PUT", "/help/session").body("")).await.refused_one_of(&[404, 405]);
    nobody.send(nobody.request("PATCH", "/help/queue").body("")).await.refused_one_of(&[404, 405]);
}
