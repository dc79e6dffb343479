//! A parity matrix: many command lines, both simulators on each, one table and one verdict.
//!
//! Not here: running and comparing (`call`).

pub mod case_result;
pub mod cases;
mod junit;
mod page;

pub use case_result::{Done, Sides, Tally};
pub use cases::{Case, read};
pub use junit::junit;
pub use page::section;
