//! What somebody who reads figures may see of them.

use super::error::{ApiResult, Problem};
use super::figures::campaign_id;
use super::guards::{FiguresReader, Login};
use super::state::{House, in_time};
use crate::desk::clients;
use crate::domain::ids::CampaignId;
use crate::domain::scope::Scope;

impl Login {
    /// Whose figures this person may read, if the role reads any.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        Scope::of(self.user.role, self.user.client_id)
    }
}

impl FiguresReader {
    /// Refuses a campaign that this reader may not see, in the same words whether it exists or not.
    ///
    /// # Errors
    /// 400 for an id that is not well-formed, 403 for a campaign of another client, or the store's.
    pub async fn may_read(&self, house: &House, campaign: &str) -> ApiResult<()> {
        may_read(house, self.0, &campaign_id(campaign)?).await
    }
}

/// Refuses a campaign that is not in this scope.
///
/// # Errors
/// 403, or the store's.
pub async fn may_read(house: &House, scope: Scope, campaign: &CampaignId) -> ApiResult<()> {
    if in_time(clients::may_read(&house.desk.db, scope, campaign)).await? {
        return Ok(());
    }
    Err(Problem::forbidden("You may see the campaigns of your client only."))
}
