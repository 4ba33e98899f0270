//! How the house is set up, as this instance last read it: the queues, who knows what, and where banners lead. So a
//! claim looks nothing of it up. Read again every half second.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Desk, Result};
use crate::clock::Timestamp;
use crate::domain::campaign::Source;
use crate::domain::ids::{CampaignId, RepId};
use crate::domain::queue::{Service, Skills};
use crate::store::line::Reach;
use crate::store::queues::{self, Leads, Queue, Settings};
use crate::store::sessions::Session;
use crate::store::{Conn, people};

/// How the house is set up.
#[derive(Debug)]
pub struct Plan {
    /// Every queue, in the order in which they were made; the default one first.
    pub queues: Vec<Queue>,
    skills: HashMap<RepId, Skills>,
    leads: HashMap<(CampaignId, String), Vec<i64>>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { queues: vec![Queue::default()], skills: HashMap::new(), leads: HashMap::new() }
    }
}

impl Plan {
    pub(super) async fn read(mut conn: Conn<'_>) -> crate::store::Result<Self> {
        let queues = queues::all(conn.reborrow()).await?;
        let mut skills: HashMap<RepId, Skills> = HashMap::new();
        for (user, skill) in people::all_skills(conn.reborrow()).await? {
            skills.entry(user).or_default().extend(skill.parse());
        }
        let mut leads: HashMap<_, Vec<_>> = HashMap::new();
        for Leads { campaign_id, banner_id, queue_id } in queues::leads(conn).await? {
            leads.entry((campaign_id, banner_id)).or_default().push(queue_id);
        }
        Ok(Self { queues, skills, leads })
    }

    /// The queue with this number.
    #[must_use]
    pub fn queue(&self, id: i64) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    /// How the queue of a customer is set.
    #[must_use]
    pub fn settings_for(&self, session: &Session) -> Settings {
        session.life.queue.and_then(|queue| self.queue(queue)).map(|queue| queue.settings).unwrap_or_default()
    }

    /// The queue of a customer, where there are several, or it has something to say: with one alone nobody needs to be
    /// told.
    #[must_use]
    pub fn told_of(&self, session: &Session) -> Option<&Queue> {
        let queue = self.queue(session.life.queue.unwrap_or(session.for_queue))?;
        (self.queues.len() > 1 || queue.welcome.is_some()).then_some(queue)
    }

    /// The queue with this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.name == name)
    }

    /// The queues from which the customers of a banner choose: the banner's own, or its campaign's, or the default one.
    /// Never none; with one there is nothing to choose.
    #[must_use]
    pub fn queues_of(&self, source: &Source) -> Vec<&Queue> {
        let of = |banner: &str| self.leads.get(&(source.campaign.clone(), banner.to_owned()));
        let chosen = of(source.banner.as_str()).or_else(|| of(""));
        let known: Vec<_> = chosen.into_iter().flatten().filter_map(|id| self.queue(*id)).collect();
        if known.is_empty() { self.queues.iter().take(1).collect() } else { known }
    }

    /// What a representative knows.
    #[must_use]
    pub fn skills_of(&self, rep: RepId) -> Skills {
        self.skills.get(&rep).cloned().unwrap_or_default()
    }

    /// Whom of each queue a representative may serve; the queues of which nobody are left out.
    pub fn served_by(&self, rep: RepId) -> impl Iterator<Item = (&Queue, Service)> {
        let known = self.skills_of(rep);
        let service = move |queue: &Queue| queue.asks.served_by(&known);
        self.queues.iter().map(move |queue| (queue, service(queue))).filter(|(_, service)| *service != Service::Nobody)
    }

    /// Who waits for this representative now, queue by queue.
    #[must_use]
    pub fn reach(&self, rep: RepId, now: Timestamp) -> Vec<Reach> {
        let entered_by = |service| match service {
            Service::WhoWaited(millis) => Some(now.plus_millis(-millis)),
            Service::Everybody | Service::Nobody => None,
        };
        self.served_by(rep).map(|(queue, service)| Reach { queue: queue.id, entered_by: entered_by(service) }).collect()
    }
}

/// The plan that was read last.
#[derive(Default)]
pub(super) struct Latest(RwLock<Arc<Plan>>);

impl Latest {
    pub(super) fn get(&self) -> Arc<Plan> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, plan: Plan) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }
}

impl Desk {
    /// How the house is set up.
    #[must_use]
    pub fn plan(&self) -> Arc<Plan> {
        self.plan.get()
    }

    /// Reads the plan again; the server does so every half second. A word of a newer version in it: the house goes on as
    /// it was set up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read_plan(&self) -> Result<()> {
        let mut reader = self.db.read().await?;
        match Plan::read(reader.conn()).await {
            Ok(plan) => self.plan.set(plan),
            Err(error) => tracing::warn!(%error, "how the queues are set cannot be read"),
        }
        Ok(())
    }
}
