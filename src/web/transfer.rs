//! `/help/session/…/transfer`: a representative passes a customer on.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, delete, get, post, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, flag};
use super::error::{ApiResult, Problem};
use super::guards::{Login, Rep};
use super::state::{House, in_time};
use super::view::SessionView;
use crate::clock::Timestamp;
use crate::desk::call::Caller;
use crate::desk::transfer::{Consultation, Destinations, Question};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::offer::OfferState;
use crate::domain::transfer::{MAX_NOTE_CHARS, Unfit};
use crate::store::sessions::Session;
use crate::store::transfers::Transfer;

/// The routes of transfers.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![destinations, transfer, cancel]
}

type HouseState = State<Arc<House>>;

/// Where a customer is passed on to: a queue, or a colleague.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct TransferRequest {
    /// The name of another queue.
    queue: Option<String>,
    /// The name a colleague signs in with.
    rep: Option<String>,
    /// Talk with the colleague first, who takes the customer only when handed over.
    #[serde(deserialize_with = "flag")]
    warm: Option<bool>,
    /// What the next one is told; ≤ 500 characters.
    note: Option<String>,
    /// The fence; the present one when absent.
    epoch: Option<i64>,
}

/// A customer who was passed on, or for whom a colleague is asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferAnswer {
    /// The session as it stands.
    session: SessionView,
    /// One sentence, where nobody serves the queue now; null otherwise.
    warning: Option<String>,
}

/// A queue that a customer can be passed on to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueDestination {
    name: String,
    /// What customers choose it by.
    title: String,
    /// The customer was in it before: it is refused.
    was_there: bool,
    /// How many consoles that are open serve it.
    served_by: usize,
}

/// A colleague whose console is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepDestination {
    /// The name to sign in with.
    username: String,
    /// The name that customers and colleagues see.
    name: String,
    /// Why they cannot be asked now; null when they can.
    unfit: Option<Unfit>,
}

/// Where a customer can be passed on to.
#[derive(Debug, Serialize, ToSchema)]
pub struct DestinationsView {
    /// Every other queue.
    queues: Vec<QueueDestination>,
    /// The first 200 colleagues whose console is open, by name.
    reps: Vec<RepDestination>,
}

/// The colleague whom a representative asked last to take a customer who is on hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AskedView {
    /// The colleague's name.
    name: String,
    /// Where the question stands.
    state: OfferState,
    /// When it began to ring.
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    /// Until when it rings.
    #[schema(value_type = String, format = DateTime)]
    deadline: Timestamp,
    /// Whether the two are to talk first.
    warm: bool,
}

/// Who passed a customer on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PassedOnView {
    /// The colleague's name.
    name: String,
    /// What they said.
    note: Option<String>,
    /// Whether the two are to talk first, or did.
    warm: bool,
}

/// With whom a representative talks about a customer who is on hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConsultationView {
    /// The other's name.
    name: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

impl From<Consultation> for ConsultationView {
    fn from(Consultation { name, since }: Consultation) -> Self {
        Self { name, since }
    }
}

fn asked(transfer: Transfer) -> Option<AskedView> {
    let Transfer { to_name, state, at, deadline, warm, .. } = transfer;
    Some(AskedView { name: to_name?, state: state?, made_at: at, deadline: deadline?, warm })
}

fn passed_on(transfer: Transfer) -> PassedOnView {
    PassedOnView { name: transfer.from_name, note: transfer.note, warm: transfer.warm }
}

impl SessionView {
    /// With how it was passed on, as the representative who has it, or is asked, is told.
    ///
    /// # Errors
    /// The store's.
    pub async fn passed(mut self, house: &House, session: &Session, rep: RepId) -> ApiResult<Self> {
        // Who was just claimed for the first time was never passed on, and claims are in a hurry.
        if session.life.started_at.is_some() {
            let passing = in_time(house.desk.passing(rep, session)).await?;
            self.asked = passing.asked.and_then(asked);
            self.passed_on = passing.from.map(passed_on);
            self.consultation = passing.with.map(Into::into);
        }
        Ok(self)
    }
}

/// The session as one of its parties is told of it.
///
/// # Errors
/// The store's.
pub async fn view_for(house: &House, session: &Session, caller: &Caller) -> ApiResult<SessionView> {
    let view = in_time(SessionView::of(house, session)).await?;
    match caller {
        Caller::Rep(rep, _) => view.passed(house, session, *rep).await,
        Caller::Customer(_) => Ok(view),
    }
}

pub(super) fn caller(login: Login) -> Caller {
    Caller::Rep(login.user.id, login.user.display_name)
}

pub(super) fn parse(id: &str) -> ApiResult<SessionId> {
    id.parse().map_err(|_| Problem::not_found())
}

/// Where a customer can be passed on to.
#[get("/help/session/<id>/transfer")]
async fn destinations(rep: Rep, id: &str, house: &HouseState) -> ApiResult<JsonAnswer<DestinationsView>> {
    let Destinations { queues, reps } = in_time(house.desk.destinations(&caller(rep.0), parse(id)?)).await?;
    let queues = queues.into_iter().map(|choice| QueueDestination {
        title: choice.queue.title().to_owned(),
        name: choice.queue.name,
        was_there: choice.was_there,
        served_by: choice.served_by,
    });
    let reps = reps.into_iter().map(|(colleague, unfit)| RepDestination {
        username: colleague.username,
        name: colleague.display_name,
        unfit,
    });
    Ok(JsonAnswer(DestinationsView { queues: queues.collect(), reps: reps.collect() }))
}

/// What may be said to the next one: nothing but blanks is nothing.
fn note_of(note: Option<&str>) -> ApiResult<Option<&str>> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    match note {
        Some(note) if note.chars().count() > MAX_NOTE_CHARS => {
            Err(Problem::bad_request(format!("note must be at most {MAX_NOTE_CHARS} characters.")))
        }
        note => Ok(note),
    }
}

/// Passes a customer on to a queue, or asks a colleague.
#[post("/help/session/<id>/transfer", data = "<body>")]
async fn transfer(
    rep: Rep,
    id: &str,
    body: Json<TransferRequest>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<TransferAnswer>> {
    let TransferRequest { queue, rep: colleague, warm, note, epoch } = &body.value;
    let (user, by) = (rep.0.user.id, caller(rep.0));
    let (id, note) = (parse(id)?, note_of(note.as_deref())?);
    let warm = warm.unwrap_or(false);
    let (session, warning) = match (queue, colleague) {
        (Some(queue), None) if !warm => {
            let (session, served_by) = in_time(house.desk.pass_to_queue(&by, id, *epoch, queue, note)).await?;
            let nobody = || "Nobody who serves this queue is there now.".to_owned();
            (session, (served_by == 0).then(nobody))
        }
        (None, Some(colleague)) => {
            let question = Question { colleague, note, warm };
            (in_time(house.desk.ask_colleague(&by, id, *epoch, &question)).await?, None)
        }
        _ => {
            // Whose session it is comes before what was said of it.
            in_time(house.desk.session_for(&by, id)).await?;
            return Err(Problem::bad_request(
                "Name one of the two: a queue, or a rep. Only a rep can be talked with first.",
            ));
        }
    };
    Ok(JsonAnswer(TransferAnswer { session: view(house, &session, user).await?, warning }))
}

/// Does not ask any more, or talks no more.
#[delete("/help/session/<id>/transfer")]
async fn cancel(rep: Rep, id: &str, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let user = rep.0.user.id;
    let session = in_time(house.desk.cancel_transfer(&caller(rep.0), parse(id)?)).await?;
    Ok(JsonAnswer(view(house, &session, user).await?))
}

/// The session as its representative is told of it; whoever passed it on is not told how to connect to it, nor is whoever
/// only talked about it.
///
/// # Errors
/// The store's.
pub async fn view(house: &House, session: &Session, rep: RepId) -> ApiResult<SessionView> {
    if session.life.rep != Some(rep) {
        return Ok(SessionView::bare(session).in_queue(house, session));
    }
    in_time(SessionView::of(house, session)).await?.passed(house, session, rep).await
}
