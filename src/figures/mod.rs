//! What marketers ask: averages, the rows behind them, the dashboard's table, and the roll-ups they are added up from.

pub mod archive;
pub mod cursor;
pub mod export;
pub mod format;
pub mod funnel;
pub mod questions;
pub mod recount;
pub mod report;
pub mod roller;
pub mod turns;
