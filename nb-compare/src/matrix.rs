//! A parity matrix: many command lines, both simulators on each, one table and one verdict.
//!
//! Not here: running and comparing (`call`).

pub mod cases;
pub mod done;
mod junit;
mod page;

pub use cases::{Case, read};
pub use done::{Done, Sides, Tally};
pub use junit::junit;
pub use page::section;
