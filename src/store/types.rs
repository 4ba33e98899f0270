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

kept_as_text!(State, Outcome, Kind, Role, Activity, Cause, AfterCall, OfferState, Mode, OfferOrder);
