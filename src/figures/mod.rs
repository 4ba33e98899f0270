//! What marketers ask: averages, the rows behind them, the dashboard's table, and the roll-ups they are added up from; and what
//! they are told by themselves, day by day or week by week.

pub mod cursor;
pub mod delivery;
pub mod export;
pub mod format;
pub mod funnel;
pub mod questions;
pub mod recount;
pub mod report;
pub mod reports;
pub mod roller;
pub mod summary;
pub mod turns;
