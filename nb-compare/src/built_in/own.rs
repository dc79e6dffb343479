//! This project's simulator inside this very executable, and what a program has to be asked for traces.
//!
//! Not here: running it (`runner`), asking for traces (`trace_harness::simulator`).

use std::ffi::OsString;

use trace_harness::evidence::process::Program;
use trace_harness::simulator::{Dialect, Simulator, own_arguments};

/// This executable as the simulator.
///
/// # Errors
/// The system does not say where it is.
#[cfg(feature = "cli")]
pub(crate) fn program() -> std::io::Result<Program> {
    Simulator::own().map(|simulator| simulator.program)
}

/// Runs the simulator where `args`, the program's name first, ask this executable to be it; gives its exit status.
#[cfg(feature = "cli")]
pub(crate) fn run(args: &[OsString]) -> Option<u8> {
    own_arguments(args).map(nanobragg::run::run_cli)
}

/// A program as a simulator that can be traced: this project's own says its name with a version.
pub(crate) fn simulator(program: &Program, version: &str) -> Simulator {
    let dialect = if version.starts_with("nanobragg ") { Dialect::Own } else { Dialect::Reference };
    Simulator { program: program.clone(), dialect }
}

/// Whether `simulator` is this project's.
pub(crate) fn is_own(simulator: &Simulator) -> bool {
    simulator.dialect == Dialect::Own
}
