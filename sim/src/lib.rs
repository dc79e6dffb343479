//! Simulator of X-ray diffraction from small crystals, byte-identical to the C program nanoBragg.
//!
//! Data flows one way: command line → typed settings (`cli`) → resolved configuration (`config`) → immutable experiment
//! (`model`) → image (`engine`) → files and summary (`output`). A trace observer is called by the engine only.
//!
//! Not here: comparing images (`nb-compare`) and traces (`trace-harness`).

pub mod c_number;
mod choices;
pub mod cli;
pub mod config;
pub mod console;
pub mod constants;
pub mod defects;
pub mod engine;
pub mod error;
pub mod image;
pub mod input;
pub mod loading;
pub mod model;
pub mod output;
pub mod physics;
mod pixel;
pub mod refine;
pub mod run;
pub mod trace;
pub mod units;

pub use pixel::Pixel;
