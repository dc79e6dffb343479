//! Compares two diffraction images, or the images of two simulators given the same arguments, and says with evidence
//! whether they agree.
//!
//! Not here: running commands and writing bundles (`trace_harness`), and simulating (`nanobragg`).

pub mod app;
pub mod cache;
pub mod cli;
pub mod compare;
pub mod effective;
pub mod explanation;
pub mod failure;
pub mod image;
pub mod matrix;
pub mod picture;
pub mod protein;
pub mod recompute;
pub mod report;
pub mod runner;
