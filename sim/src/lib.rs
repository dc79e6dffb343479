//! Simulator of X-ray diffraction from small crystals, byte-identical to the C program nanoBragg.
//!
//! An experiment is put together quantity by quantity with a [`builder::ExperimentBuilder`], or described by the C program's
//! flags; it never changes. Rendering it gives an image, traces of chosen pixels and, in one pass, derivatives:
//!
//! ```
//! use nanobragg::prelude::*;
//!
//! let e = ExperimentBuilder::new()
//!     .cell(UnitCell::new(70.0, 80.0, 90.0, 90.0, 90.0, 90.0))
//!     .cells(5, 5, 5)
//!     .default_f(100.0)
//!     .wavelength_angstroms(1.0)
//!     .distance_mm(100.0)
//!     .pixels(64, 64)
//!     .build()?;
//! // The same, as the C program's user would say it.
//! let same = experiment("-cell 70 80 90 90 90 90 -N 5 -default_F 100 -lambda 1 -distance 100 -detpixels 64", None)?;
//! let image = render(&e, &RenderOptions::default())?.image;
//! assert_eq!((image.slow, image.fast), (64, 64));
//! assert_eq!(image.data, render(&same, &RenderOptions::default())?.image.data);
//!
//! let parameters = Parameter::list("cell_a,misset_x")?;
//! let request = GradientRequest { parameters: &parameters, ..GradientRequest::default() };
//! let by_cell_a = gradients(&e, &request)?.by(0).to_owned();
//! assert_eq!(by_cell_a.dim(), (64, 64));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `sim/examples/` has more. The image does not depend on the number of threads, on tracing, or on whether the reference engine
//! renders it or the exact one.
//!
//! Data flows one way: command line → typed settings (`cli`) → resolved configuration (`config`) → immutable experiment
//! (`model`) → image (`engine`) → files and summary (`output`). A trace observer is called by the engine only. Feature `cli`
//! (on by default) is the program; the library does without.
//!
//! Not here: comparing images (`nb-compare`) and traces (`trace-harness`).

#![warn(unreachable_pub)]
// `print!` and `eprint!` panic where nobody reads any more.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]
// Some of what only the program calls stands beside what the library needs.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]

pub mod builder;
pub mod c_number;
#[cfg(feature = "chart")]
pub mod chart;
mod choices;
pub mod cli;
pub mod config;
#[cfg(feature = "cli")]
pub mod console;
mod constants;
pub mod defects;
pub mod engine;
pub mod error;
pub mod image;
pub mod input;
pub mod loading;
pub mod model;
pub mod open_file;
pub mod output;
pub mod physics;
mod pixel;
pub mod prelude;
#[cfg(feature = "cli")]
mod refine;
#[cfg(feature = "cli")]
pub mod run;
#[cfg(feature = "cli")]
mod series;
pub mod terminal;
pub mod trace;
mod units;

/// Arrays, of the version in which images and derivatives come.
pub use ndarray;
pub use pixel::Pixel;
