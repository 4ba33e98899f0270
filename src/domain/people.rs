//! The people who sign in, and what each may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a user may do. An administrator may do everything, and takes calls too.
///
/// | | takes calls | supervises | reads figures | administers |
/// | --- | --- | --- | --- | --- |
/// | representative | yes | | | |
/// | marketer | | | yes | |
/// | supervisor | | yes | yes | |
/// | administrator | yes | yes | yes | yes |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes calls at `/rep`.
    Rep,
    /// Reads the figures.
    Marketer,
    /// Sees and steers the live floor, and reads the figures.
    Supervisor,
    /// May do everything.
    Admin,
}

/// Text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a role is rep, marketer, supervisor or admin")]
pub struct NotARole;

impl Role {
    /// Every role, in the order of declaration.
    pub const ALL: [Self; 4] = [Self::Rep, Self::Marketer, Self::Supervisor, Self::Admin];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rep => "rep",
            Self::Marketer => "marketer",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// Whether this role takes calls.
    #[must_use]
    pub const fn takes_calls(self) -> bool {
        matches!(self, Self::Rep | Self::Admin)
    }

    /// Whether this role sees and steers the live floor.
    #[must_use]
    pub const fn supervises(self) -> bool {
        matches!(self, Self::Supervisor | Self::Admin)
    }

    /// Whether this role changes people and campaigns.
    #[must_use]
    pub const fn administers(self) -> bool {
        matches!(self, Self::Admin)
    }

    /// Whether this role reads the figures.
    #[must_use]
    pub const fn reads_figures(self) -> bool {
        matches!(self, Self::Marketer | Self::Supervisor | Self::Admin)
    }
}

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        match text {
            "rep" => Ok(Self::Rep),
            "marketer" => Ok(Self::Marketer),
            "supervisor" => Ok(Self::Supervisor),
            "admin" => Ok(Self::Admin),
            _ => Err(NotARole),
        }
    }
}

impl TryFrom<String> for Role {
    type Error = NotARole;

    fn try_from(text: String) -> Result<Self, NotARole> {
        text.parse()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many callers a representative may have at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity(i64);

/// A number that is no capacity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 1 to 5")]
pub struct NotACapacity;

impl Capacity {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Capacity {
    type Error = NotACapacity;

    fn try_from(number: i64) -> Result<Self, NotACapacity> {
        if (1..=5).contains(&number) { Ok(Self(number)) } else { Err(NotACapacity) }
    }
}

/// A name to sign in with that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a user name is 1 to 60 characters without spaces")]
pub struct NotAUsername;

/// The name a person signs in with: compared without case, shown as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Username {
    type Err = NotAUsername;

    fn from_str(text: &str) -> Result<Self, NotAUsername> {
        let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if plain && (1..=60).contains(&text.chars().count()) { Ok(Self(text.to_owned())) } else { Err(NotAUsername) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_survives_text() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("boss".parse::<Role>(), Err(NotARole));
    }

    #[test]
    fn what_each_role_may_do() {
        for (role, may) in [
            (Role::Rep, [true, false, false, false]),
            (Role::Marketer, [false, false, true, false]),
            (Role::Supervisor, [false, true, true, false]),
            (Role::Admin, [true, true, true, true]),
        ] {
            let does = [role.takes_calls(), role.supervises(), role.reads_figures(), role.administers()];
            assert_eq!(does, may, "{role}");
        }
    }

    #[test]
    fn a_capacity_is_one_to_five() {
        assert_eq!(Capacity::try_from(5).map(Capacity::get), Ok(5));
        assert!([0, 6, -1].into_iter().all(|number| Capacity::try_from(number).is_err()));
    }

    #[test]
    fn usernames_fold_case_and_refuse_spaces() {
        assert_eq!("Ana".parse::<Username>().map(|name| name.folded()), Ok("ana".to_owned()));
        assert!("".parse::<Username>().is_err());
        assert!("a b".parse::<Username>().is_err());
    }
}
