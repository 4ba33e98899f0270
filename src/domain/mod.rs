//! What Bannerline is about, as pure values: no web server, no pool, no clock.

pub mod campaign;
pub mod estimate;
pub mod figures;
pub mod ids;
pub mod people;
pub mod presence;
pub mod queue;
pub mod rating;
pub mod session;
