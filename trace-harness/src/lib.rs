//! Runs programs and keeps the evidence: measured commands, and bundles that anyone can verify and re-run.
//!
//! Not here: comparing images (`nb_compare`) and simulating (`nanobragg`).

pub mod attribution;
pub mod audit;
pub mod bundle;
pub mod capture;
pub mod cli;
pub mod command;
pub mod diff;
pub mod evidence;
pub mod explain;
pub mod gate;
pub mod gradcheck;
pub mod html;
pub mod hygiene;
pub mod matrix;
pub mod plan;
pub mod profile;
pub mod progress;
pub mod protein;
pub mod root_cause;
pub mod run;
pub mod schema;
pub mod signature;
pub mod simulator;
pub mod trace_log;
pub mod triage;
pub mod ulp;
