//! What marketers ask: averages, the rows behind them, and the dashboard's table.

pub mod export;
pub mod report;
pub mod turns;
