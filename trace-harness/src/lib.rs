//! Runs programs and keeps the evidence: measured commands, and bundles that anyone can verify and re-run.
//!
//! Traces are compared by quantity, in the order in which they are computed, so that the first that differs is the cause:
//!
//! ```
//! use std::path::Path;
//! use trace_harness::prelude::*;
//!
//! let schema = Schema::built_in()?;
//! let read = |text: &str| -> Result<TraceLog, Box<dyn std::error::Error>> {
//!     let mut trace = read_bytes(text.as_bytes(), Path::new("trace.log"))?;
//!     trace.apply(&schema);
//!     Ok(trace)
//! };
//! let a = read("TRACE_C: fluence_photons_per_m2 1e24\n")?;
//! let b = read("TRACE_C: fluence_photons_per_m2 1.25932e29\n")?;
//! let settings = Settings { tolerances: Tolerances::default(), min_compared: 1, ..Settings::default() };
//! let found = compare(&schema, [&a, &b], &settings);
//! assert_eq!(found.root_causes[0].key, "fluence_photons_per_m2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/` has this and a bundle that is written and verified.
//!
//! Feature `cli` (default) adds the program: its command line and the checks that it does of a simulator. Without it, bundles,
//! traces, lists of cases and plans remain, and no parser of command lines is compiled.
//!
//! Not here: comparing images (`nb_compare`) and simulating (`nanobragg`).

#![warn(unreachable_pub)]
// `print!` and `eprint!` panic where nobody reads any more.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]
// Some of what only the program calls stands beside what the library needs.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]

pub mod capture;
pub mod cases;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod commands;
pub mod emit;
pub mod evidence;
pub mod explain;
#[cfg(feature = "cli")]
pub mod gate;
#[cfg(feature = "cli")]
pub mod gradcheck;
#[cfg(feature = "cli")]
pub mod hygiene;
#[cfg(feature = "cli")]
pub mod matrix;
pub mod numbers;
mod pixel_pair;
pub mod plan;
pub mod prelude;
#[cfg(feature = "cli")]
pub mod profile;
pub mod protein;
pub mod shadow;
pub mod simulator;
pub mod trace;
#[cfg(feature = "cli")]
pub mod triage;
pub mod ulp;
