//! Compares two diffraction images, or the images of two simulators given the same arguments, and says with evidence
//! whether they agree.
//!
//! Not here: running commands and writing bundles (`trace_harness`), and simulating (`nanobragg`).

pub mod cache;
pub mod call;
pub mod compare;
pub mod effective;
pub mod explanation;
pub mod failure;
pub mod image_file;
pub mod matrix;
pub mod metrics;
pub mod options;
pub mod peaks;
pub mod picture;
pub mod protein;
pub mod region;
pub mod report;
pub mod runner;
pub mod shape;
pub mod verdict;
