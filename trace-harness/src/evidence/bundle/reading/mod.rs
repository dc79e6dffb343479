//! Reading what somebody else made: nothing outside of it, nothing without end, and no document that two readers read differently.
//!
//! Not here: what the files have to say (`verify`).

pub mod files;
pub mod json;
pub mod regular;
