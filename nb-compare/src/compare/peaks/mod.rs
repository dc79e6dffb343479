//! Peaks of both images and their one-to-one match.
//!
//! Not here: whether the match is good enough (`verdict`).

mod find;
mod pair;

pub use find::{Peak, PeakOptions, find};
pub use pair::{LARGEST_GATE, Match, PeakSummary, compare};
