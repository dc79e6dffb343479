//! Traces: logs of named numbers read, described by a schema of keys, compared, explained and audited.
//!
//! Not here: making traces (`capture`, `simulator`).

pub mod array;
pub mod audit;
pub mod cause;
pub mod diff;
mod equivalence;
pub mod infer;
mod keys;
pub mod log;
pub mod schema;
pub mod spread;
mod values;
