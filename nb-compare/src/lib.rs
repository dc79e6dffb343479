//! Compares two diffraction images, or the images of two simulators given the same arguments, and says with evidence
//! whether they agree.
//!
//! The verdict is that of gates: correlation, the ratio of the sums, the share of pixels that agree, and, where asked, the
//! distance in units of the last place and matched peaks. `examples/compare_arrays.rs` in full:
//!
//! ```
//! use nb_compare::prelude::*;
//!
//! let reference = Raster { fast: 3, slow: 2, data: vec![1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0] };
//! let candidate = reference.map(|v| v * 126_451.0);
//! let (a, b) = (Image::from(reference), Image::from(candidate));
//! let comparison = compare(&a, &b, &Settings::default())?;
//! assert_eq!(comparison.judgement.verdict, Verdict::Fail);
//! assert!(comparison.metrics.correlation.value() > Some(0.9999));
//! # Ok::<(), Misfit>(())
//! ```
//!
//! Feature `cli` (default) adds the program; without it, no parser of command lines is compiled.
//!
//! Not here: running commands and writing bundles (`trace_harness`), and simulating (`nanobragg`).

#![warn(unreachable_pub)]
// `print!` and `eprint!` panic where nobody reads any more.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]
// Some of what only the program calls stands beside what the library needs.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

pub mod adapter;
#[cfg(feature = "cli")]
pub mod app;
pub mod array;
mod built_in;
mod cache;
#[cfg(feature = "cli")]
mod cli;
pub mod compare;
mod effective;
mod explanation;
mod image;
mod matrix;
mod noise;
mod picture;
pub mod prelude;
mod protein;
mod recompute;
mod report;
mod runner;
pub mod table;
mod whole;

pub use report::metrics;
