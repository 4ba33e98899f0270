//! What marketers ask: averages, the rows behind them, the dashboard, and the roll-ups they are added up from; and what
//! they are told by themselves, day by day or week by week.

pub mod answer;
pub mod archive;
pub mod countries;
pub mod cursor;
pub mod dashboard;
pub mod delivery;
pub mod export;
pub mod format;
pub mod funnel;
pub mod hours;
pub mod plots;
pub mod questions;
pub mod recount;
pub mod reports;
pub mod reps;
pub mod roller;
pub mod summary;
pub mod turns;
