//! Landings: one row for each click that reached the page.

use super::{Conn, Proof, Result, Tx, on, visit_rollups};
use crate::clock::Timestamp;
use crate::domain::campaign::Tags;
use crate::domain::funnel::PageStep;
use crate::domain::ids::{BannerId, CampaignId, VisitId};

/// A landing to keep.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// What it counts for; direct when the link was broken.
    pub campaign: CampaignId,
    /// What it counts for; direct when the link was broken.
    pub banner: BannerId,
    /// page, head, prefetch, bot, reload (said by the page), or test: somebody who is signed in looks.
    pub class: &'static str,
    /// When.
    pub landed_at: Timestamp,
    /// What was wrong with the link.
    pub broken: Option<Broken>,
    /// The whole query, ≤ 2 kB.
    pub query: Option<String>,
    /// The known click ids and tags.
    pub tags: Tags,
}

/// A broken banner link, as it came.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The campaign id, as it came.
    pub campaign: Option<String>,
    /// The banner id, as it came.
    pub banner: Option<String>,
    /// Why the first of the wrong ids is wrong, in a word.
    pub reason: String,
}

const INSERT: &str = "INSERT INTO visits (id, campaign_id, banner_id, class, landed_at, broken_campaign, broken_banner, \
    broken_reason, query, utm_source, utm_medium, utm_campaign, utm_term, utm_content, gclid, gbraid, wbraid, fbclid, \
    msclkid, ttclid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Keeps a landing.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &mut Tx, visit: &Visit) -> Result<()> {
    let broken = visit.broken.as_ref();
    let tags = &visit.tags;
    on!(tx.conn(), c => sqlx::query(INSERT)
        .bind(visit.id)
        .bind(&visit.campaign)
        .bind(&visit.banner)
        .bind(visit.class)
        .bind(visit.landed_at)
        .bind(broken.and_then(|broken| broken.campaign.as_deref()))
        .bind(broken.and_then(|broken| broken.banner.as_deref()))
        .bind(broken.map(|broken| &*broken.reason))
        .bind(&visit.query)
        .bind(&tags.utm_source)
        .bind(&tags.utm_medium)
        .bind(&tags.utm_campaign)
        .bind(&tags.utm_term)
        .bind(&tags.utm_content)
        .bind(&tags.gclid)
        .bind(&tags.gbraid)
        .bind(&tags.wbraid)
        .bind(&tags.fbclid)
        .bind(&tags.msclkid)
        .bind(&tags.ttclid)
        .execute(c)
        .await?
        .rows_affected());
    tx.prove_by(Proof::Visit(visit.id));
    Ok(())
}

/// What a request needs to know of the visit it belongs to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct VisitSource {
    /// What it counts for.
    pub campaign_id: CampaignId,
    /// What it counts for.
    pub banner_id: BannerId,
}

/// What the visit with this id counts for.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: VisitId) -> Result<Option<VisitSource>> {
    let text = "SELECT campaign_id, banner_id FROM visits WHERE id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(id).fetch_optional(c).await?))
}

/// Runs an update of one visit that changes it while it is not rolled; the first time changes nothing where it is, and it is taken out
/// of the roll-ups for the second. Whether there is such a visit.
macro_rules! unrolled {
    ($tx:ident, $id:ident, $c:ident => $update:expr) => {{
        let mut rows = on!($tx.conn(), $c => $update);
        if rows == 0 && visit_rollups::take_out($tx, $id).await? {
            rows = on!($tx.conn(), $c => $update);
        }
        Ok(rows == 1)
    }};
}

/// Notes that the page's script ran, so that a page that was fetched ahead was looked at. False when there is no such visit.
///
/// # Errors
/// When the database does not take it.
pub async fn confirm(tx: &mut Tx, id: VisitId, at: Timestamp) -> Result<bool> {
    let text = "UPDATE visits SET confirmed_at = COALESCE(confirmed_at, ?), \
        class = CASE class WHEN 'prefetch' THEN 'page' ELSE class END WHERE id = ? AND rolled + 0 = 0";
    unrolled!(tx, id, c => sqlx::query(text).bind(at).bind(id).execute(c).await?.rows_affected())
}

/// Notes how far the page came, when it first did; or what is in the way, the latest. That nobody is there says nothing beside
/// anything else. False when there is no such visit.
///
/// # Errors
/// When the database does not take it.
pub async fn note_step(tx: &mut Tx, id: VisitId, step: PageStep, at: Timestamp) -> Result<bool> {
    let first = |is: PageStep| (step == is).then_some(at);
    let is_step = matches!(step, PageStep::FormOpened | PageStep::DevicesReady | PageStep::Resumed);
    let weak = (step == PageStep::NobodyThere).then_some(step.as_str());
    let strong = (!is_step && weak.is_none()).then_some(step.as_str());
    let text = "UPDATE visits SET form_at = COALESCE(form_at, ?), devices_at = COALESCE(devices_at, ?), \
        obstacle = COALESCE(?, obstacle, ?), class = CASE WHEN ? = 1 AND class = 'page' THEN 'reload' ELSE class END \
        WHERE id = ? AND rolled + 0 = 0";
    unrolled!(tx, id, c => sqlx::query(text)
        .bind(first(PageStep::FormOpened))
        .bind(first(PageStep::DevicesReady))
        .bind(strong)
        .bind(weak)
        .bind(i64::from(step == PageStep::Resumed))
        .bind(id)
        .execute(c)
        .await?
        .rows_affected())
}
