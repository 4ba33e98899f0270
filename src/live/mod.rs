//! What is only in memory: who listens here, what to tell them, and where everybody stands in line.
//!
//! All of it is hints. The database is the truth: a hint that is lost costs a second or two, nothing else.

pub mod bus;
pub mod hub;
pub mod line;
