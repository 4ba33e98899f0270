//! The people of the product, as programs: a customer with a session's token, and somebody who logged in.

use serde_json::{Value, json};
use uuid::Uuid;

use super::events::Stream;
use super::http::{Answer, Caller, text};
use super::server::Server;

/// A customer: one session, with its own token.
pub struct Customer {
    pub api: Caller,
    pub session: String,
    pub queue: String,
    /// The id of the page load this customer says to be.
    pub page: String,
}

impl Customer {
    /// Opens a session for this banner.
    pub async fn arrives(server: &Server, campaign: &str, banner: &str) -> Self {
        Self::opens(server, &json!({"campaignId": campaign, "bannerId": banner})).await
    }

    /// Opens a session with this body.
    pub async fn opens(server: &Server, body: &Value) -> Self {
        let made = server.nobody().post("/help/session", body).await.expect(201);
        let api = server.bearer(&text(&made["token"]));
        Self { api, session: text(&made["sessionId"]), queue: String::new(), page: page() }
    }

    /// Opens a session and joins the queue.
    pub async fn waits(server: &Server, campaign: &str, banner: &str) -> Self {
        let mut customer = Self::arrives(server, campaign, banner).await;
        customer.joins().await;
        customer
    }

    /// Joins the queue.
    pub async fn joins(&mut self) -> Value {
        let entry = self.try_join().await.expect(201);
        self.queue = text(&entry["queueId"]);
        entry
    }

    pub async fn try_join(&self) -> Answer {
        self.api.post("/help/queue", &json!({"sessionId": self.session})).await
    }

    /// The session as the customer sees it.
    pub async fn view(&self) -> Value {
        self.api.get(&self.path("")).await.expect(200)
    }

    /// The session's event stream.
    pub async fn stream(&self) -> Stream {
        let stream = self.api.events(&self.path(&format!("/events?page={}", self.page))).await;
        assert_eq!(stream.status, 200, "the customer's stream opens");
        stream
    }

    /// Says the page lives: answers a heartbeat, or an offer.
    pub async fn is_alive(&self) {
        self.api.post(&self.path("/alive"), &json!({})).await.expect(204);
    }

    /// Tells that the page goes away, as `pagehide` does.
    pub async fn leaves_page(&self) {
        self.api.post(&self.path("/leaving"), &json!({"page": self.page})).await.expect(204);
    }

    /// Says that the media is connected.
    pub async fn joined(&self) -> Value {
        self.api.post(&self.path("/joined"), &json!({})).await.expect(200)
    }

    /// Ends the session.
    pub async fn ends(&self) -> Value {
        self.api.post(&self.path("/end"), &json!({})).await.expect(200)
    }

    /// Leaves the queue.
    pub async fn leaves_queue(&self) {
        self.api.delete(&format!("/help/queue/{}", self.queue)).await.expect(204);
    }

    /// Sends a signal to the other party.
    pub async fn signals(&self, seq: u32) -> Answer {
        self.api.post(&self.path("/signal"), &signal(&self.session, "customer", &self.page, seq)).await
    }

    /// A path under this session.
    pub fn path(&self, rest: &str) -> String {
        format!("/help/session/{}{rest}", self.session)
    }
}

/// Somebody who logged in.
#[derive(Clone)]
pub struct Person {
    pub api: Caller,
    pub name: String,
    /// The id of the page load this person says to be.
    pub page: String,
    pub csrf: String,
    /// `name=value` of the cookie the login set.
    pub cookie: String,
}

impl Person {
    pub async fn logs_in(server: &Server, name: &str, password: &str) -> Self {
        let answer = server.nobody().post("/login", &json!({"username": name, "password": password})).await;
        let made = answer.expect(200);
        let cookie = answer.header("set-cookie").expect("a login sets the cookie");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Self {
            api: server.bearer(&text(&made["token"])),
            name: name.to_owned(),
            page: page(),
            csrf: text(&made["csrfToken"]),
            cookie,
        }
    }

    /// The next customer, or nobody.
    pub async fn claims(&self) -> Option<Value> {
        let answer = self.api.delete("/help/queue").await;
        match answer.status {
            204 => None,
            _ => Some(answer.expect(200)),
        }
    }

    /// Chooses what to do.
    pub async fn chooses(&self, activity: &str) -> Value {
        self.api.post("/rep/activity", &json!({"activity": activity})).await.expect(200)
    }

    /// The console, open, and its owner available. The stream, from its first event on.
    pub async fn is_available(&self) -> Stream {
        let mut stream = self.stream().await;
        stream.next("state").await;
        self.chooses("available").await;
        stream
    }

    /// Says that the console lives: answers a heartbeat.
    pub async fn is_alive(&self) {
        self.api.post("/rep/alive", &json!({})).await.expect(204);
    }

    /// Answers an offer: `accept` or `reject`.
    pub async fn answers(&self, offer: &str, how: &str) -> Answer {
        self.api.post(&format!("/rep/offers/{offer}/{how}"), &json!({})).await
    }

    /// The console's event stream.
    pub async fn stream(&self) -> Stream {
        let stream = self.api.events(&format!("/rep/events?page={}", self.page)).await;
        assert_eq!(stream.status, 200, "the representative's stream opens");
        stream
    }

    /// Says that the media with this session is connected.
    pub async fn joined(&self, session: &str) -> Value {
        self.api.post(&format!("/help/session/{session}/joined"), &json!({})).await.expect(200)
    }

    /// Takes one customer more, whoever is there already.
    pub async fn claims_another(&self) -> Value {
        self.api.delete("/help/queue?another=true").await.expect(200)
    }

    /// Puts this caller on hold.
    pub async fn holds(&self, session: &str) -> Value {
        self.api.post(&format!("/help/session/{session}/hold"), &json!({})).await.expect(200)
    }

    /// Turns to this caller.
    pub async fn resumes(&self, session: &str) -> Value {
        self.api.post(&format!("/help/session/{session}/resume"), &json!({})).await.expect(200)
    }

    /// Ends this session.
    pub async fn ends(&self, session: &str) -> Value {
        self.api.post(&format!("/help/session/{session}/end"), &json!({})).await.expect(200)
    }

    /// Sends a signal to the other party of this session.
    pub async fn signals(&self, session: &str, seq: u32) -> Answer {
        let message = signal(session, "representative", &self.page, seq);
        self.api.post(&format!("/help/session/{session}/signal"), &message).await
    }
}

/// Brings the oldest waiting customer, who must be this one, and this representative into conversation.
pub async fn conversation(customer: &Customer, rep: &Person) -> Value {
    let claim = rep.claims().await.expect("somebody waits");
    assert_eq!(claim["sessionId"], customer.session, "the customer expected is at the head");
    customer.joined().await;
    let talking = rep.joined(&customer.session).await;
    assert_eq!(talking["state"], "talking");
    talking
}

/// A fresh page-load id.
pub fn page() -> String {
    Uuid::new_v4().to_string()
}

fn signal(session: &str, from: &str, page: &str, seq: u32) -> Value {
    json!({"v": 1, "sessionId": session, "from": from, "page": page, "seq": seq, "candidate": null})
}
