//! How the domain's words are kept: as text. Written out, because derived string enums are not read back by MariaDB.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

use crate::domain::activity::{Activity, AfterCall, Cause};
use crate::domain::offer::{Mode, OfferOrder, OfferState};
use crate::domain::people::Role;
use crate::domain::session::{Kind, Outcome, State};

macro_rules! kept_as_text {
    ($($word:ty),+) => {$(
        impl<DB: Database> Type<DB> for $word
        where
            String: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as Type<DB>>::compatible(ty)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $word
        where
            String: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                Ok(Self::try_from(<String as Decode<'r, DB>>::decode(value)?)?)
            }
        }

        impl<'q, DB: Database> Encode<'q, DB> for $word
        where
            String: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                self.as_str().to_owned().encode(buffer)
            }
        }
    )+};
}

/// The role of the user `u`. A supervisor is kept as a marketer who supervises, which versions that know no supervisors can
/// read.
macro_rules! role_of_user {
    () => {
        "CASE WHEN u.role = 'marketer' AND u.supervises THEN 'supervisor' ELSE u.role END AS role"
    };
}
pub(super) use role_of_user;

/// The role's word, and whether it supervises, as they are kept.
pub(super) const fn kept_role(role: Role) -> (&'static str, bool) {
    match role {
        Role::Supervisor => (Role::Marketer.as_str(), true),
        role => (role.as_str(), false),
    }
}

kept_as_text!(State, Outcome, Kind, Role, Activity, Cause, AfterCall, OfferState, Mode, OfferOrder);
