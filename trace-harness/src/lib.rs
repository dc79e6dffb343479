//! Runs programs and keeps the evidence: measured commands, and bundles that anyone can verify and re-run.
//!
//! Not here: comparing images (`nb_compare`) and simulating (`nanobragg`).

pub mod capture;
pub mod cases;
pub mod cli;
pub mod commands;
pub mod evidence;
pub mod explain;
pub mod gate;
pub mod gradcheck;
pub mod hygiene;
pub mod matrix;
pub mod numbers;
pub mod plan;
pub mod profile;
pub mod protein;
pub mod simulator;
pub mod trace;
pub mod triage;
pub mod ulp;
