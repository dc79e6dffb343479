//! The command line of `nanobragg`: one table of flags, a parser that types and orders what was given, and the texts made
//! from the table.
//!
//! Not here: what a flag means for the experiment (`config::resolve`).

pub mod flags;
#[cfg(feature = "cli")]
pub mod help;
pub mod options;
pub mod parse;
pub mod range;
pub mod raw_args;
