//! Who is on the other end: the address, its country and the program. Nothing here knows Rocket.

pub mod address;
pub mod agent;
pub mod country;
