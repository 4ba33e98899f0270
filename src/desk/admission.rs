//! From the click to the queue: the landing, the request for a conversation, joining and leaving.

use sha2::{Digest, Sha256};

use super::{Desk, DeskError, Plan, Result, joiner};
use crate::clock::Timestamp;
use crate::domain::campaign::{Link, Source, read_link};
use crate::domain::funnel::PageStep;
use crate::domain::ids::{QueueId, SessionId, VisitId, VisitorId};
use crate::domain::queue::Place;
use crate::domain::session::{Action, Ender, Kind, Life};
use crate::domain::visitor;
use crate::store::queues::Queue;
use crate::store::sessions::{self, Session};
use crate::store::visits::{self, Visit};
use crate::store::{StoreError, campaigns, idempotency, transact, visit_rollups};

/// The most characters of a customer's name.
pub const MAX_NAME_CHARS: usize = 80;
/// The most characters of what it is about.
pub const MAX_PROBLEM_CHARS: usize = 1_000;
/// How long an idempotency key is remembered.
pub const KEY_LIFE_MILLIS: i64 = 24 * 3_600_000;

/// Who asks for a conversation, and what for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The campaign id, as sent.
    pub campaign: Option<String>,
    /// The banner id, as sent.
    pub banner: Option<String>,
    /// The visit it belongs to.
    pub visit: Option<VisitId>,
    /// The browser that asks, if it has asked before.
    pub visitor: Option<VisitorId>,
    /// The customer's name.
    pub name: Option<String>,
    /// What it is about.
    pub problem: Option<String>,
    /// The queue, of those that the banner leads to; the first of them when absent.
    pub queue: Option<String>,
    /// Voice without video.
    pub audio_only: bool,
    /// Whether the customer agreed to the consent line.
    pub consent: bool,
    /// Asked for by somebody signed in as staff.
    pub test: bool,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a request came from, as the installation keeps it.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The address, as kept.
    pub address: Option<String>,
    /// ISO 3166 code of the address.
    pub country: Option<String>,
    /// The agent, ≤ 512 characters.
    pub user_agent: Option<String>,
    /// phone, tablet, computer or other.
    pub device: Option<String>,
    /// Name of the browser.
    pub browser: Option<String>,
    /// Name of the operating system.
    pub os: Option<String>,
}

/// An idempotency key as it came: who sent it where, and with which body.
#[derive(Debug, Clone)]
pub struct Key {
    /// SHA-256 over caller, route and key.
    pub scope: [u8; 32],
    /// SHA-256 of the body.
    pub body: [u8; 32],
}

impl Key {
    /// The key that `caller` sent with a request to `route`.
    #[must_use]
    pub fn new(caller: &str, route: &str, key: &str, body: &[u8]) -> Self {
        let scope = Sha256::new()
            .chain_update(caller)
            .chain_update([0])
            .chain_update(route)
            .chain_update([0])
            .chain_update(key);
        Self { scope: scope.finalize().into(), body: Sha256::digest(body).into() }
    }
}

/// A customer's place, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    /// The place in the queue.
    pub queue_id: QueueId,
    /// The queue's number.
    pub queue: i64,
    /// The place there.
    pub place: Place,
    /// From 1.
    pub position: usize,
}

impl Desk {
    /// Keeps a landing.
    ///
    /// # Errors
    /// The store's.
    pub async fn land(&self, visit: &Visit) -> Result<()> {
        let source = Source { campaign: visit.campaign.clone(), banner: visit.banner.clone() };
        let known = self.is_known(&source).await?;
        transact!(&self.db, tx => {
            if !known {
                campaigns::note(tx, &source, visit.landed_at).await?;
            }
            visits::insert(tx, visit).await
        })
        .map_err(DeskError::Store)
    }

    /// Makes a session out of a wish.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for ids that are not well-formed and texts that are too long,
    /// [`DeskError::Contradiction`] when the ids are not the visit's, [`DeskError::KeyReused`], or the store's.
    pub async fn request(&self, wish: Wish, key: Option<Key>) -> Result<Session> {
        let plan = self.plan();
        let checked = self.check(&wish).await;
        let checked = checked.and_then(|source| Ok((queue_for(&plan, &source, wish.queue.as_deref())?, source)));
        let (queue, source) = match checked {
            Ok(checked) => checked,
            Err(refused) => return self.repeated(key.as_ref()).await.unwrap_or(Err(refused)),
        };
        let known = self.is_known(&source).await?;
        let rank = queue.queue_rank;
        // Decided here, like the queue: whoever was blocked stands behind everybody, whatever happens meanwhile.
        let rank = if self.is_blocked(wish.visitor).await? { visitor::behind(rank) } else { rank };
        let session = self.new_session(wish, &source, (queue.id, rank));
        let kept = transact!(&self.db, tx => {
            // First, because it may have to wait for whoever writes roll-ups.
            if let Some(visit) = session.visit_id {
                visit_rollups::release(tx, visit).await?;
            }
            if let Some(key) = &key {
                idempotency::insert(tx, &key.scope, &key.body, session.id, session.created_at).await?;
            }
            if !known {
                campaigns::note(tx, &source, session.created_at).await?;
            }
            sessions::insert(tx, &session).await
        });
        match (kept, key) {
            (Ok(()), _) => Ok(session),
            (Err(StoreError::Duplicate(_)), Some(key)) => self.session(self.remembered(&key).await?).await,
            (Err(error), _) => Err(error.into()),
        }
    }

    async fn check(&self, wish: &Wish) -> Result<Source> {
        check_texts(wish)?;
        self.source_of(wish).await
    }

    /// What a request with this key came to before: that says more than what is wrong with it now.
    async fn repeated(&self, key: Option<&Key>) -> Option<Result<Session>> {
        match self.remembered(key?).await {
            Ok(id) => Some(self.session(id).await),
            Err(error @ DeskError::KeyReused) => Some(Err(error)),
            Err(_) => None,
        }
    }

    /// The session that a key was used for before.
    async fn remembered(&self, key: &Key) -> Result<SessionId> {
        let mut reader = self.db.read().await?;
        let remembered = idempotency::find(reader.conn(), &key.scope).await?.ok_or(StoreError::Stale)?;
        if remembered.body == key.body { Ok(remembered.session_id) } else { Err(DeskError::KeyReused) }
    }

    async fn is_known(&self, source: &Source) -> Result<bool> {
        let mut reader = self.db.read().await?;
        Ok(campaigns::is_known(reader.conn(), source).await?)
    }

    /// The visit decides; ids that say otherwise are a contradiction.
    async fn source_of(&self, wish: &Wish) -> Result<Source> {
        let given = match read_link(wish.campaign.as_deref(), wish.banner.as_deref()) {
            Link::Good(source) => source,
            Link::Broken(broken) => {
                let reasons: Vec<_> = broken.iter().map(|broken| format!("{} {}", broken.id, broken.reason)).collect();
                return Err(DeskError::Invalid(format!("{}.", reasons.join(", and "))));
            }
        };
        let Some(visit) = wish.visit else { return Ok(given) };
        let mut reader = self.db.read().await?;
        let Some(found) = visits::find(reader.conn(), visit).await? else {
            return Err(DeskError::Invalid("visitId names no visit.".to_owned()));
        };
        let source = Source { campaign: found.campaign_id, banner: found.banner_id };
        if wish.campaign.is_some() && given != source {
            let Source { campaign, banner } = source;
            let text = format!("The visit came from campaign {campaign}, banner {banner}: the ids sent say otherwise.");
            return Err(DeskError::Contradiction(text));
        }
        Ok(source)
    }

    fn new_session(&self, wish: Wish, source: &Source, (for_queue, for_rank): (i64, i64)) -> Session {
        let now = self.now();
        let id = SessionId::new(now);
        Session {
            id,
            queue_entry: self.keys.queue_id(id),
            visit_id: wish.visit,
            visitor_id: Some(wish.visitor.unwrap_or_else(|| VisitorId::new(now))),
            campaign_id: source.campaign.clone(),
            banner_id: source.banner.clone(),
            kind: if wish.test { Kind::Test } else { Kind::Call },
            name: wish.name,
            problem: wish.problem,
            audio_only: wish.audio_only,
            consent_at: wish.consent.then_some(now),
            address: wish.origin.address,
            user_agent: wish.origin.user_agent,
            country: wish.origin.country,
            device: wish.origin.device,
            browser: wish.origin.browser,
            os: wish.origin.os,
            created_at: now,
            for_queue,
            for_rank,
            life: Life::new(),
            holder: None,
            closed_at: None,
            heard_epoch: 0,
            rang: Vec::new(),
        }
    }

    /// Lets a session enter the queue, together with whoever else enters now. Again: the same place.
    ///
    /// # Errors
    /// [`DeskError::NotNow`] once it was offered or has ended, [`DeskError::KeyReused`], or the store's.
    pub async fn join(&self, session: SessionId, key: Option<Key>) -> Result<Joined> {
        if let Some(key) = key {
            self.remember_join(session, &key).await?;
        }
        joiner::join(&self.joins, session).await
    }

    async fn remember_join(&self, session: SessionId, key: &Key) -> Result<()> {
        let now = self.now();
        let kept = transact!(&self.db, tx => {
            idempotency::insert(tx, &key.scope, &key.body, session, now).await
        });
        match kept {
            Err(StoreError::Duplicate(_)) => self.remembered(key).await.map(|_| ()),
            other => Ok(other?),
        }
    }

    /// Takes a session out of the queue at the customer's wish: it ends as cancelled. Again: nothing more.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn leave(&self, session: SessionId) -> Result<()> {
        self.act(session, self.now(), |_| Ok(Action::End { by: Ender::Customer })).await?;
        Ok(())
    }

    /// The session with this place in the queue.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn session_at(&self, place: QueueId) -> Result<Session> {
        let mut reader = self.db.read().await?;
        sessions::find_by_queue_entry(reader.conn(), place).await?.ok_or(DeskError::NotFound)
    }

    /// Notes that a landing page's script ran.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn confirm_visit(&self, visit: VisitId, at: Timestamp) -> Result<()> {
        let known = transact!(&self.db, tx => visits::confirm(tx, visit, at).await)?;
        if known { Ok(()) } else { Err(DeskError::NotFound) }
    }

    /// Notes how far a landing page came.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn note_step(&self, visit: VisitId, step: PageStep) -> Result<()> {
        let known = transact!(&self.db, tx => visits::note_step(tx, visit, step, self.now()).await)?;
        if known { Ok(()) } else { Err(DeskError::NotFound) }
    }
}

/// The queue that the customer chose among those of the banner; the first of them without a choice.
fn queue_for<'p>(plan: &'p Plan, source: &Source, chosen: Option<&str>) -> Result<&'p Queue> {
    let queues = plan.queues_of(source);
    let found = queues.iter().find(|queue| chosen.is_none_or(|name| name == queue.name));
    found.copied().ok_or_else(|| {
        let names: Vec<_> = queues.iter().map(|queue| queue.name.as_str()).collect();
        DeskError::Invalid(format!("queue must be one of: {}.", names.join(", ")))
    })
}

fn check_texts(wish: &Wish) -> Result<()> {
    let too_long = |text: &Option<String>, most: usize| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if too_long(&wish.name, MAX_NAME_CHARS) {
        return Err(DeskError::Invalid(format!("name must be at most {MAX_NAME_CHARS} characters.")));
    }
    if too_long(&wish.problem, MAX_PROBLEM_CHARS) {
        return Err(DeskError::Invalid(format!("problem must be at most {MAX_PROBLEM_CHARS} characters.")));
    }
    Ok(())
}
