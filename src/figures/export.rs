//! The rows behind the figures, page by page.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId};
use crate::store::figures::{self, Call, Period};
use crate::store::{Db, Result};

/// One joined session: the ten columns of `/getFullMetrics`. Null where it did not happen or is not known.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FullMetrics {
    /// The campaign.
    campaign_id: String,
    /// The banner.
    banner_id: String,
    /// First queue entry.
    #[schema(value_type = String, format = DateTime)]
    queue_entry_time: Timestamp,
    /// First conversation start.
    #[schema(value_type = Option<String>, format = DateTime)]
    conversation_start_time: Option<Timestamp>,
    /// End.
    #[schema(value_type = Option<String>, format = DateTime)]
    session_end_time: Option<Timestamp>,
    /// The customer's address, as the installation keeps it.
    user_ip_address: Option<String>,
    /// The customer's agent.
    user_agent: Option<String>,
    /// ISO 3166 code.
    user_country: Option<String>,
    /// The first who answered, as named then.
    representative_name: Option<String>,
    /// The session.
    sessionid: String,
}

impl From<Call> for FullMetrics {
    fn from(call: Call) -> Self {
        Self {
            campaign_id: call.campaign_id.into(),
            banner_id: call.banner_id.into(),
            queue_entry_time: call.queued_at,
            conversation_start_time: call.started_at,
            session_end_time: call.ended_at,
            user_ip_address: call.address,
            user_agent: call.user_agent,
            user_country: call.country,
            representative_name: call.representative_name,
            sessionid: call.id.into(),
        }
    }
}

/// How many rows are read at a time.
const PAGE: i64 = 1_000;

/// Reads the calls of a campaign or banner, oldest queue entry first. It holds a connection while it reads a page, and
/// none while that page is being written to the client.
pub struct Calls {
    db: Db,
    campaign: CampaignId,
    banner: Option<BannerId>,
    period: Period,
    after: Option<(Timestamp, i64)>,
}

impl Calls {
    /// The calls of a period.
    #[must_use]
    pub const fn new(db: Db, campaign: CampaignId, banner: Option<BannerId>, period: Period) -> Self {
        Self { db, campaign, banner, period, after: Some((Timestamp(i64::MIN), i64::MIN)) }
    }

    /// The next page, and the rest; empty at the end.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_page(mut self) -> Result<(Vec<FullMetrics>, Self)> {
        let Some(after) = self.after else { return Ok((Vec::new(), self)) };
        let mut reader = self.db.read().await?;
        let calls =
            figures::calls(reader.conn(), &self.campaign, self.banner.as_ref(), self.period, after, PAGE).await?;
        let full = i64::try_from(calls.len()) == Ok(PAGE);
        self.after = calls.last().filter(|_| full).map(|last| (last.queued_at, last.ticket));
        Ok((calls.into_iter().map(FullMetrics::from).collect(), self))
    }
}
