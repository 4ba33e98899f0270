//! The routes of those who work here: representatives, and supervisors.

use super::common::{PARTY_ONLY, Signal};
use super::param::{ANOTHER, LAST_EVENT_ID, PAGE, SINCE};
use super::route::Route;
use super::who::Who;
use crate::web::duty::{ActivityRequest, ActivityView};
use crate::web::floor::view::{FloorView, HistoryView};
use crate::web::floor::{EndWaiting, Ended, Offline, Why};
use crate::web::help::{Fence, Leaving};
use crate::web::rep_stream::{ConsoleState, QueueView};
use crate::web::today::TodayView;
use crate::web::transfer::{DestinationsView, TransferAnswer, TransferRequest};
use crate::web::view::SessionView;
use crate::web::visitors::{BlockRequest, BlockView};
use crate::web::wrap_up::{WrapUpRequest, WrapUpView};

pub fn representatives() -> Vec<Route> {
    vec![
        Route::get("/rep", "The console", Who::REPS_OR_LOGIN)
            .shows(200, "The page.")
            .confirms(303, "To the login page, and back.")
            .shows(403, "A page that says that this role may not open it."),
        Route::delete("/help/queue", "Takes the oldest customer whom the representative may serve", Who::REPS)
            .takes([ANOTHER])
            .answers::<SessionView>(200, "The customer; until the conversation starts, the same one again.")
            .confirms(204, "Nobody is waiting.")
            .refuses(409, "As many callers as the representative may have; `session` is the present one."),
        Route::post("/help/session/{sessionId}/hold", "Puts a caller on hold", Who::REPS)
            .optional_body::<Fence>()
            .answers::<SessionView>(200, "The session, on hold; again, the same answer.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "The customer is not in conversation, or the epoch is over; `session` says how it stands."),
        Route::post("/help/session/{sessionId}/resume", "Turns to a caller who is on hold", Who::REPS)
            .optional_body::<Fence>()
            .answers::<SessionView>(200, "The session, in conversation; who was in conversation before is on hold now.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "The customer is not on hold, or the epoch is over; `session` says how it stands."),
        Route::get("/help/session/{sessionId}/transfer", "Tells where a customer can be passed on to", Who::REPS)
            .answers::<DestinationsView>(200, "Queues, and colleagues whose console is open, with why they cannot be asked.")
            .refuses(404, PARTY_ONLY),
        Route::post("/help/session/{sessionId}/transfer", "Passes a customer on: to a queue, or to a colleague who is asked", Who::REPS)
            .body::<TransferRequest>()
            .answers::<TransferAnswer>(200, "The customer waits in the queue, with the ticket; or is on hold while it rings at the colleague, \
             who is handed the customer by accepting, or, with `warm`, is talked with first.")
            .refuses(400, "No such queue or person, both of them or neither, or a note that is too long.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "The customer was there before, the colleague cannot be asked now, or somebody else is asked or talked with: `detail` \
             says which. Or there is no conversation, or the epoch is over: `session` says how it stands."),
        Route::delete("/help/session/{sessionId}/transfer", "Does not ask the colleague any more, or talks no more; the colleague may leave, too", Who::REPS)
            .answers::<SessionView>(200, "The session, on hold as before; again, the same answer to who has the session.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "There is no conversation; `session` says how it stands."),
        Route::post("/help/session/{sessionId}/transfer/hand-over", "Hands the customer over to the colleague who is talked with", Who::REPS)
            .optional_body::<Fence>()
            .answers::<SessionView>(200, "The session, which is the colleague's now; again, the same answer while it is.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "No colleague is talked with, or the epoch is over; `session` says how it stands."),
        Route::post("/rep/consultations/{sessionId}/signal", "Says something to the other of two who talk about a customer", Who::REPS)
            .body::<Signal>()
            .confirms(202, "Passed on, if the other listens.")
            .refuses(404, "There is no such session, or the representative does not talk about it.")
            .refuses(409, "No colleague is talked with; `session` says how it stands."),
        Route::get("/help/session/{sessionId}/wrap-up", "Tells what was said about a conversation so far", Who::REPS)
            .answers::<WrapUpView>(200, "What was said, and the campaign's words to choose from.")
            .refuses(404, PARTY_ONLY),
        Route::post("/help/session/{sessionId}/wrap-up", "Says what came of a conversation, and notes", Who::REPS)
            .optional_body::<WrapUpRequest>()
            .or_form::<WrapUpRequest>()
            .answers::<WrapUpView>(200, "Kept; what was said again counts as it was said last.")
            .refuses(400, "None of the campaign's words, which `detail` lists, or notes that are too long.")
            .refuses(404, PARTY_ONLY)
            .refuses(409, "There was no conversation, or not yet; `session` says how it stands."),
        Route::get("/rep/events", "Tells the console what happens", Who::REPS)
            .takes([PAGE, LAST_EVENT_ID])
            .streams()
            .event::<ConsoleState>("state", "the representative and all their callers: first, and on every change.")
            .event::<QueueView>("queue", "the line, when it changes, at most four times a second.")
            .event::<Signal>("signal", "from the customer; `from` is `representative` where it is of a consultation."),
        Route::post("/rep/activity", "Chooses what to do, or what comes after the call", Who::REPS)
            .body::<ActivityRequest>()
            .or_form::<ActivityRequest>()
            .answers::<ActivityView>(200, "What the representative is doing.")
            .refuses(400, "Not `offline`, `available` or `break`, or a reason that cannot be."),
        Route::post("/rep/offers/{offerId}/accept", "Takes the customer who rings", Who::REPS)
            .answers::<SessionView>(200, "The customer; again, the same while the representative has them. Of a colleague who asks to talk \
             first, the customer on hold with them, with `consultation`.")
            .refuses(404, "There is no such offer, or it is another's.")
            .refuses(
                409,
                "It does not ring any more: `offer` says how it stands. Or as many callers as they may have.",
            ),
        Route::post("/rep/offers/{offerId}/reject", "Leaves the customer to the next representative", Who::REPS)
            .confirms(204, "The next one is asked.")
            .refuses(404, "There is no such offer, or it is another's.")
            .refuses(409, "It was settled in another way: `offer` says how."),
        Route::post("/rep/list/{sessionId}/pick", "Takes a customer from the representative's list", Who::REPS)
            .answers::<SessionView>(200, "The customer; again, the same while the representative has them.")
            .refuses(404, "There is no such session.")
            .refuses(409, "The customer is not on the list any more. Or as many callers as they may have."),
        Route::post("/rep/alive", "Answers the heartbeat of the console's stream", Who::REPS).confirms(204, "Heard."),
        Route::post("/rep/leaving", "Says that the console is going away", Who::REPS)
            .optional_body::<Leaving>()
            .or_form::<Leaving>()
            .confirms(204, "The grace has begun, if the page's stream is the present one."),
        Route::get("/rep/today", "Tells the representative's own figures of the day", Who::REPS)
            .takes([SINCE])
            .answers::<TodayView>(200, "Since then; means are null where there is nothing to take them of.")
            .refuses(400, "Not RFC 3339, in the future, or more than 48 hours ago."),
        Route::post("/help/session/{sessionId}/block", "Ends a session, and blocks whoever asked for it", Who::REPS)
            .optional_body::<BlockRequest>()
            .answers::<BlockView>(200, "The session as it ended, and until when; again, the same answer.")
            .refuses(400, "`reason` is longer than 200 characters, or there is a field that is not known.")
            .refuses(404, "There is no such session, or it is another's.")
            .refuses(409, "The epoch is over, and `session` says how it stands; or nobody knows whose session it is."),
    ]
}

pub fn floor() -> Vec<Route> {
    const REASON: &str =
        "`reason` is not 1 to 200 characters, or there is a field that is not known; nothing was changed.";
    const NO_SESSION: &str = "There is no such session.";
    vec![
        Route::get("/floor", "The live floor", Who::SUPERVISORS_OR_LOGIN)
            .shows(200, "The page.")
            .confirms(303, "To the login page, and back.")
            .shows(403, "A page that says that this role may not open it.")
            .away(),
        Route::get("/floor/api", "Everything that goes on now", Who::SUPERVISORS)
            .answers::<FloorView>(200, "At most 200 of each list, and how many there are."),
        Route::get("/floor/events", "Tells the floor's page what goes on", Who::SUPERVISORS)
            .takes([LAST_EVENT_ID])
            .streams_to_all()
            .event::<FloorView>("state", "everything: first, and when something changed, at most once a second."),
        Route::get("/floor/api/sessions/{sessionId}", "A session with all that ever happened to it", Who::SUPERVISORS)
            .answers::<HistoryView>(200, "Every event and every offer.")
            .refuses(404, NO_SESSION),
        Route::post("/floor/api/sessions/{sessionId}/end", "Ends a session", Who::SUPERVISORS)
            .body::<Why>()
            .answers::<SessionView>(200, "The session as it ended; again, the same answer.")
            .refuses(400, REASON)
            .refuses(404, NO_SESSION)
            .refuses(409, "Somebody else has ended it; `session` says how it stands."),
        Route::post(
            "/floor/api/sessions/{sessionId}/requeue",
            "Takes a customer back from a representative, to the queue",
            Who::SUPERVISORS,
        )
        .body::<Why>()
        .answers::<SessionView>(
            200,
            "The session, waiting, with its ticket; one who waits already is told as it stands.",
        )
        .refuses(400, REASON)
        .refuses(404, NO_SESSION)
        .refuses(409, "It never joined the queue, or has ended; `session` says how it stands."),
        Route::post("/floor/api/reps/{username}/offline", "Sets a representative offline", Who::SUPERVISORS)
            .body::<Why>()
            .answers::<Offline>(
                200,
                "The representative as they stand; during a call, offline follows it: `afterCall`.",
            )
            .refuses(400, REASON)
            .refuses(404, "There is no such person.")
            .refuses(409, "The person takes no calls."),
        Route::post("/floor/api/end-waiting", "Ends everybody who waits", Who::SUPERVISORS)
            .body::<EndWaiting>()
            .answers::<Ended>(200, "How many were ended.")
            .refuses(400, "Without `confirm`, or as for the others.")
            .refuses(404, "There is no such queue."),
        Route::post("/floor/api/blocks/{visitorId}/lift", "Lifts the block of a visitor", Who::SUPERVISORS)
            .body::<Why>()
            .confirms(204, "The visitor is not blocked, or not any more.")
            .refuses(400, "`reason` is not 1 to 200 characters, or there is a field that is not known.")
            .refuses(404, "That is no visitor's id."),
    ]
}
