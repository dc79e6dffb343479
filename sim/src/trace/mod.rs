//! How a pixel's value comes about, written by the production path itself.
//!
//! Not here: comparing traces (that is `trace-harness`).

pub mod jsonl;
pub mod last_state;
pub mod observer;
pub mod pixel_log;
pub mod schema;
pub mod setup;
pub mod text;
pub(crate) mod values;
