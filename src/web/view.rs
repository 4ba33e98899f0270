//! Sessions as the two parties see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiResult;
use super::state::House;
use super::transfer::{AskedView, ConsultationView, PassedOnView};
use super::visitors::{self, VisitorView};
use crate::clock::Timestamp;
use crate::desk::place_of;
use crate::domain::figures::seconds;
use crate::domain::rating::Rating;
use crate::domain::session::{Ender, Kind, Outcome, Requeue, State};
use crate::media::MediaAccess;
use crate::store::reps;
use crate::store::sessions::Session;

/// The representative, as the customer sees them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RepresentativeView {
    /// The name.
    pub name: String,
}

/// What a customer thought of the conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RatingView {
    /// From 1, not good, to 5, very good.
    #[schema(minimum = 1, maximum = 5)]
    pub stars: i64,
    /// ≤ 1,000 characters.
    pub comment: Option<String>,
}

impl From<Rating> for RatingView {
    fn from(rating: Rating) -> Self {
        Self { stars: rating.stars(), comment: rating.comment().map(str::to_owned) }
    }
}

/// The queue of a session, as its parties are told of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueueOfSession {
    /// Its name.
    pub name: String,
    /// What customers choose it by.
    pub title: String,
    /// What its customers read while they wait.
    pub welcome: Option<String>,
}

/// A session as its parties see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "a document for programs, not a state")]
pub struct SessionView {
    /// 32 hexadecimal digits.
    pub session_id: String,
    /// Its place in the queue; null before it joined.
    pub queue_id: Option<String>,
    /// Its queue; null where there is only one, which has nothing to say.
    pub queue: Option<QueueOfSession>,
    /// Where it stands.
    pub state: State,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The fence for `epoch` in requests.
    pub epoch: i64,
    /// The number of its last event.
    pub event_number: i64,
    /// From 1, while it waits.
    pub position: Option<usize>,
    /// Seconds, or null when it cannot be honest.
    pub estimated_wait_seconds: Option<f64>,
    /// The campaign that it counts for.
    pub campaign_id: String,
    /// The banner that it counts for.
    pub banner_id: String,
    /// The customer's name.
    pub name: Option<String>,
    /// What it is about.
    pub problem: Option<String>,
    /// Voice without video.
    pub audio_only: bool,
    /// ISO 3166 code of the customer's address.
    pub country: Option<String>,
    /// phone, tablet, computer or other.
    pub device: Option<String>,
    /// The customer's browser.
    pub browser: Option<String>,
    /// A trial by staff: queued for real, not counted.
    pub test: bool,
    /// In the queue, or claimed, again.
    pub requeued: bool,
    /// Why it is in the queue again, while it is. Told where the session is asked for, and by its stream.
    pub requeued_because: Option<Requeue>,
    /// Who or what ended it. Told where the session is asked for, and by its stream.
    pub ended_by: Option<Ender>,
    /// First queue entry.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub queue_entry_time: Option<Timestamp>,
    /// First conversation start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub conversation_start_time: Option<Timestamp>,
    /// End.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub session_end_time: Option<Timestamp>,
    /// Seconds from the first queue entry to the first conversation start, the end, or now.
    pub waited_seconds: Option<f64>,
    /// Who has it.
    pub representative: Option<RepresentativeView>,
    /// How to connect, while somebody has it.
    pub media: Option<MediaAccess>,
    /// The colleague who was asked last to take the customer. Told to the representative who asked, while the customer is
    /// on hold.
    pub asked: Option<AskedView>,
    /// Who passed the customer on. Told to the representative who has the customer, or is asked.
    pub passed_on: Option<PassedOnView>,
    /// Its representative talks with a colleague about the customer, who is on hold.
    pub consulting: bool,
    /// With whom a representative talks about the customer. Told to both of them.
    pub consultation: Option<ConsultationView>,
    /// What the customer thought of it. Told where the session is asked for; null everywhere else, and until there is one.
    pub rating: Option<RatingView>,
    /// What is known of the visitor. Told to the representative alone, by the console's stream; absent everywhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitor: Option<VisitorView>,
}

impl SessionView {
    /// What the row alone says.
    #[must_use]
    pub fn bare(session: &Session) -> Self {
        let life = &session.life;
        let left_at = life.started_at.or(life.ended_at);
        let waited = life.queued_at.zip(left_at).map(|(entry, left)| seconds(left.since(entry)));
        Self {
            session_id: session.id.to_string(),
            queue_id: life.ticket.map(|_| session.queue_entry.to_string()),
            queue: None,
            state: life.state,
            outcome: life.outcome,
            epoch: life.epoch,
            event_number: life.last_event,
            position: None,
            estimated_wait_seconds: None,
            campaign_id: session.campaign_id.to_string(),
            banner_id: session.banner_id.to_string(),
            name: session.name.clone(),
            problem: session.problem.clone(),
            audio_only: session.audio_only,
            country: session.country.clone(),
            device: session.device.clone(),
            browser: session.browser.clone(),
            test: session.kind == Kind::Test,
            requeued: life.is_requeued(),
            requeued_because: None,
            ended_by: None,
            queue_entry_time: life.queued_at,
            conversation_start_time: life.started_at,
            session_end_time: life.ended_at,
            waited_seconds: waited,
            representative: life.representative_name.clone().map(|name| RepresentativeView { name }),
            media: None,
            asked: None,
            passed_on: None,
            consulting: life.consulted.is_some(),
            consultation: None,
            rating: None,
            visitor: None,
        }
    }

    /// In a house with several queues it is told which.
    #[must_use]
    pub fn in_queue(mut self, house: &House, session: &Session) -> Self {
        self.queue = house.desk.plan().told_of(session).map(|queue| QueueOfSession {
            name: queue.name.clone(),
            title: queue.title().to_owned(),
            welcome: queue.welcome.clone(),
        });
        self
    }

    /// Whoever waits still has waited until now.
    #[must_use]
    pub fn waited_until(mut self, session: &Session, now: Timestamp) -> Self {
        let until_now = |entry| seconds(now.since(entry).max(0));
        self.waited_seconds = self.waited_seconds.or_else(|| session.life.queued_at.map(until_now));
        self
    }

    /// Who rings, as the representative is told of them.
    #[must_use]
    pub fn who_waits(house: &House, session: &Session) -> Self {
        Self::bare(session).in_queue(house, session).waited_until(session, house.desk.now())
    }

    /// A claim, as its representative is told of it: nothing that would have to be asked for.
    #[must_use]
    pub fn claimed(house: &House, session: &Session, representative: &str) -> Self {
        let now = house.desk.now();
        let mut view = Self::bare(session).in_queue(house, session).waited_until(session, now);
        view.representative = Some(RepresentativeView { name: representative.to_owned() });
        view.media = Some(house.media.access(&view.session_id, now));
        view
    }

    /// Everything: the position, who has it, how to connect, and why it stands where it does.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(house: &House, session: &Session) -> ApiResult<Self> {
        let now = house.desk.now();
        let mut view = Self::bare(session).in_queue(house, session).waited_until(session, now);
        if session.life.state == State::Waiting {
            let standing = place_of(session);
            view.position = standing.and_then(|(queue, place)| house.desk.line.position(queue, place));
            view.estimated_wait_seconds = standing
                .zip(view.position)
                .and_then(|((queue, place), position)| house.desk.estimated_wait_at(queue, place, position));
            if view.requeued {
                view.requeued_because = house.desk.requeued_because(session).await?;
            }
        }
        if session.life.state == State::Ended {
            view.ended_by = house.desk.ender_of(session).await?;
        }
        if let Some(rep) = session.life.rep.filter(|_| session.life.is_with_rep()) {
            let mut reader = house.desk.db.read().await?;
            let rep = reps::find(reader.conn(), rep).await?;
            view.representative = rep.map(|rep| RepresentativeView { name: rep.name });
            view.media = Some(house.media.access(&view.session_id, now));
        }
        Ok(view)
    }

    /// With what only the representative is told.
    ///
    /// # Errors
    /// The store's.
    pub async fn with_visitor(mut self, house: &House, session: &Session) -> ApiResult<Self> {
        self.visitor = Some(visitors::known_of(house, session).await?);
        Ok(self)
    }

    /// The same for who only looks on: without the way to connect.
    ///
    /// # Errors
    /// The store's.
    pub async fn watched(house: &House, session: &Session) -> ApiResult<Self> {
        Ok(Self { media: None, ..Self::of(house, session).await? })
    }
}
