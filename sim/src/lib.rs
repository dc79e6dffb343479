//! Simulator of X-ray diffraction from small crystals, byte-identical to the C program nanoBragg.
//!
//! Data flows one way: command line → typed settings (`cli`) → resolved configuration (`config`) → immutable experiment
//! (`model`) → image (`engine`) → files and summary (`output`). A trace observer is called by the engine only.
//!
//! Not here: comparing images (`nb-compare`) and traces (`trace-harness`).

#![warn(unreachable_pub)]
// Some of what only the program calls stands beside what the library needs.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]

pub mod c_number;
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
mod output;
pub mod physics;
mod pixel;
#[cfg(feature = "cli")]
mod refine;
#[cfg(feature = "cli")]
pub mod run;
pub mod trace;
mod units;

pub use pixel::Pixel;
