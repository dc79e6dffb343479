//! The request for a matrix: the simulator, its configurations, the cases, and how they are run.
//!
//! Not here: the command line that asks (`commands::checks::matrix`), running them (`execute`, `suite`).

use std::time::Duration;

use crate::evidence::process::Program;
use crate::matrix::configuration::Configuration;

/// In how many processes cases are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each in a process of its own.
    Isolated,
    /// All cases of a configuration in one process.
    Suite,
    /// Both, and compared.
    Both,
}

/// The request.
#[derive(Debug, Clone)]
pub struct MatrixRequest {
    /// The simulator.
    pub simulator: Program,
    /// The reference program.
    pub reference: Option<Program>,
    /// The ways to run it.
    pub configurations: Vec<Configuration>,
    /// Numbers of the cases that are requested.
    pub chosen: Vec<usize>,
    /// How many cases at once.
    pub jobs: usize,
    /// In how many processes.
    pub mode: Mode,
    /// Largest distance of two pixels, in units of the last place; 0 for the same bytes.
    pub max_ulp: u32,
    /// Time limit of one case.
    pub time_limit: Option<Duration>,
}
