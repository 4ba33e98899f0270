//! The rows behind the figures, page by page.

use utoipa::ToSchema;

use super::cursor;
use super::format::Format;
use crate::clock::Timestamp;
use crate::store::calls::{self, Mark, Order, Which};
use crate::store::{Db, Result};

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

/// Reads the calls of a campaign or banner in an order. It holds a connection while it reads a page, and
/// none while that page is being written to the client.
#[derive(Debug)]
pub struct Calls {
    db: Db,
    which: Which,
    order: Order,
    format: Format,
    mark: Mark,
    has_begun: bool,
    has_more: bool,
}

impl Calls {
    /// The calls after this mark.
    #[must_use]
    pub const fn new(db: Db, which: Which, order: Order, format: Format, mark: Mark) -> Self {
        Self { db, which, order, format, mark, has_begun: false, has_more: true }
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
        let (mut mark, mut written, mut has_more) = (self.mark, 0, false);
        let (format, is_first_page) = (self.format, !self.has_begun);
        let mut reader = self.db.read().await?;
        // One more than is written says whether there is a next page.
        let limit = i64::try_from(rows).unwrap_or(i64::MAX - 1) + 1;
        calls::after(reader.conn(), &self.which, self.order, self.mark, limit, |call| {
            if written == rows {
                has_more = true;
                return;
            }
            format.row(&mut bytes, call, is_first_page && written == 0);
            mark = Mark { entry: call.queued_at, ticket: call.ticket };
            written += 1;
        })
        .await?;
        drop(reader);
        (self.mark, self.has_begun, self.has_more) = (mark, true, has_more);
        Ok((bytes, self))
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
        cursor::written(self.mark, &self.which, self.order)
    }
}
