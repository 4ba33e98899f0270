//! What the tables of the routes have in common.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::session::Party;

/// The refusal of everybody who is not a party of the session.
pub const PARTY_ONLY: &str = "There is no such session, or it is another's.";

/// What one party's page says to the other's: `hello`, `description` or `candidate`, and how to put it in order. It is
/// passed on as it came; only `from` and `sessionId` are set by the server.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "handlers pass signals on as they came")]
pub struct Signal {
    /// The fence; the present one when absent.
    epoch: Option<i64>,
    /// The version of these messages; 1.
    v: Option<i64>,
    /// Who says it; set by the server.
    from: Option<Party>,
    /// The session; set by the server.
    session_id: Option<String>,
    /// The page load that says it.
    page: Option<String>,
    /// The number of the message within the page load.
    seq: Option<i64>,
    /// The page is there, and ready to connect.
    hello: Option<bool>,
    /// An `RTCSessionDescription`.
    description: Option<Map<String, Value>>,
    /// An `RTCIceCandidate`; null after the last.
    candidate: Option<Map<String, Value>>,
}
