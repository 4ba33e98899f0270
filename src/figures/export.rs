//! The rows behind the figures, page by page.

use std::time::{Duration, Instant};

use utoipa::ToSchema;

use super::cursor::{self, Place};
use super::format::Format;
use crate::clock::Timestamp;
use crate::domain::ids::CampaignId;
use crate::store::calls::{self, Mark, Order, Which};
use crate::store::{Conn, Db, Result, clients};

/// One joined session: the ten columns of `/getFullMetrics`. Null where it did not happen or is not known.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
#[expect(dead_code, reason = "rows are written as they are read; this describes them")]
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

/// What a row usually takes, as room to begin with, and for how many rows at most.
const USUAL_ROW: usize = 420;
const ROOM_ROWS: usize = 2_048;

/// Reads the calls of a banner or a campaign in an order, or of one campaign after the other. It holds a connection while it reads a
/// page, and none while that page is being written to the client.
#[derive(Debug)]
pub struct Calls {
    db: Db,
    which: Which,
    order: Order,
    format: Format,
    place: Place,
    patience: Duration,
    has_begun: bool,
    has_rows: bool,
    has_more: bool,
    written: usize,
}

impl Calls {
    /// The calls after this place. Of all campaigns, a page that has taken longer than `patience` ends with a campaign, full or not.
    #[must_use]
    pub const fn new(db: Db, which: Which, order: Order, format: Format, place: Place, patience: Duration) -> Self {
        let (has_begun, has_rows, has_more, written) = (false, false, true, 0);
        Self { db, which, order, format, place, patience, has_begun, has_rows, has_more, written }
    }

    /// The text of the next page, of so many rows at most, and the rest. With the first comes what stands before it.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_page(mut self, rows: usize) -> Result<(Vec<u8>, Self)> {
        let mut bytes = Vec::with_capacity(rows.min(ROOM_ROWS) * USUAL_ROW);
        if !self.has_begun {
            self.format.begin(&mut bytes);
        }
        let (mut written, mut has_more) = (0, false);
        let format = self.format;
        let mut reader = self.db.read().await?;
        let began = Instant::now();
        let mut at = self.first(reader.conn()).await?;
        while let Some(Place { campaign, mark }) = at.take() {
            let mut last = None;
            // Of one campaign, itself; of all, this one.
            let of = self.which.campaign.clone().or_else(|| campaign.clone());
            let which = Which { campaign: of, ..self.which.clone() };
            // One more than is written says whether there is a next page.
            let limit = i64::try_from(rows - written).unwrap_or(i64::MAX - 1) + 1;
            calls::after(reader.conn(), &which, self.order, mark, limit, |call| {
                if written == rows {
                    has_more = true;
                    return;
                }
                format.row(&mut bytes, call, !self.has_rows && written == 0);
                last = Some(Mark { entry: call.queued_at, ticket: call.ticket });
                written += 1;
            })
            .await?;
            if let Some(mark) = last {
                self.place = Place { campaign: campaign.clone(), mark };
            }
            if self.which.campaign.is_some() || has_more {
                break;
            }
            at = self.start_of_next(reader.conn(), campaign.as_ref()).await?;
            if let Some(next) = at.take_if(|_| began.elapsed() >= self.patience) {
                (self.place, has_more) = (next, true);
            }
        }
        drop(reader);
        self.has_rows |= written > 0;
        self.written = written;
        (self.has_begun, self.has_more) = (true, has_more);
        Ok((bytes, self))
    }

    /// Where this page begins; nowhere where all campaigns are none.
    async fn first(&self, mut conn: Conn<'_>) -> Result<Option<Place>> {
        match (&self.which.campaign, &self.place.campaign) {
            (Some(_), _) => Ok(Some(self.place.clone())),
            (None, None) => self.start_of_next(conn, None).await,
            // Whoever brought this place may have lost the campaign since, or never had it.
            (None, Some(campaign)) if clients::may_read(conn.reborrow(), self.which.scope, campaign).await? => {
                Ok(Some(self.place.clone()))
            }
            (None, Some(campaign)) => self.start_of_next(conn, Some(campaign)).await,
        }
    }

    async fn start_of_next(&self, conn: Conn<'_>, after: Option<&CampaignId>) -> Result<Option<Place>> {
        let next = clients::next_campaign(conn, self.which.scope, self.which.banner.as_ref(), after).await?;
        Ok(next.map(|campaign| Place { campaign: Some(campaign), ..Place::start(self.order) }))
    }

    /// How many rows the last page has.
    #[must_use]
    pub const fn written(&self) -> usize {
        self.written
    }

    /// Whether there is a next page.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.has_more
    }

    /// How they are written.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Where the next page begins, as text.
    #[must_use]
    pub fn cursor(&self) -> String {
        cursor::written(&self.place, &self.which, self.order)
    }
}
