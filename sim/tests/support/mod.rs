//! Shared pieces of the integration tests: golden data, running a program in an empty folder, comparing what it left.
//! Not here: any test; each `tests/*.rs` takes what it needs.

// Every test binary compiles this module and uses only a part of it.
#![allow(dead_code)]

pub mod command_line;
pub mod compare;
pub mod derivatives;
pub mod golden;
pub mod libm;
pub mod program;
pub mod self_checks;
pub mod sources;
pub mod tally;
pub mod traces;
pub mod workplace;
