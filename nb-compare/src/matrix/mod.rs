//! What came of a parity matrix: a result per case, one verdict, and how they are shown.
//!
//! Not here: the list of cases (`trace_harness::cases`), running and comparing (`app`).

pub mod case_result;
pub mod documents;
mod junit;
mod lines;
mod page;
mod thumbnails;

pub use case_result::{Done, RunTimes, Tally};
pub use junit::junit;
pub use lines::lines;
pub use page::part;
pub use thumbnails::thumbnails;
