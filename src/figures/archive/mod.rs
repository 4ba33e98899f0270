//! Sessions of the past as files: out of one installation, into another one. `docs/import.md` has the columns.

pub mod batch;
pub mod csv;
pub mod export;
pub mod import;
pub mod records;
