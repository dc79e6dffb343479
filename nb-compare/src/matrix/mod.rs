//! What came of a parity matrix: a result per case, one verdict, and how they are shown.
//!
//! Not here: the list of cases (`trace_harness::cases`), running and comparing (`app`).

pub(crate) mod case_result;
pub(crate) mod documents;
mod junit;
mod lines;
mod page;
mod thumbnails;

pub(crate) use case_result::{Done, MatrixTally, RunTimes};
pub(crate) use junit::junit;
pub(crate) use lines::lines;
pub(crate) use page::part;
pub(crate) use thumbnails::thumbnails;
