//! Bannerline turns an ad click into a live conversation and tells the marketer which banner earned it.
//!
//! Floors, from the top; an arrow only ever points down. `ARCHITECTURE.md` has the map and the walkthroughs.
//!
//! - [`cli`] and [`commands`]: the command line; [`app`]: wires everything, and is the only one to see everything
//! - [`simulation`]: a made-up history, by way of the desk
//! - [`web`]: HTTP; the only home of status codes
//! - [`desk`]: the use cases; [`figures`]: what marketers ask
//! - [`store`]: all SQL; [`media`]: how the parties see each other; [`live`]: what is only in memory;
//!   [`client`]: who is asking, and from where
//! - [`domain`]: what it is about, as pure values
//! - [`config`], [`clock`], [`telemetry`], [`passwords`]: the ground

pub mod app;
pub mod cli;
pub mod client;
pub mod clock;
pub mod commands;
pub mod config;
pub mod desk;
pub mod domain;
pub mod figures;
pub mod live;
pub mod media;
pub mod passwords;
pub mod simulation;
pub mod store;
pub mod telemetry;
pub mod web;
