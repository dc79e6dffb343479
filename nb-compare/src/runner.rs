//! Both sides of a comparison as programs: their arguments, their folders, their measured runs.
//!
//! Not here: processes themselves (`trace_harness::command`) and what becomes of the images.

mod arguments;
mod side;

pub use arguments::{Prepared, prepare};
pub use side::{Finished, Program, Side, run, version_line};

use std::ffi::OsString;

/// First argument that makes this executable be the simulator of this workspace, so that one build serves both.
pub const OWN_SIMULATOR: &str = "__nanobragg";

/// Runs the simulator if `args` (with the program's name) ask for it; gives its exit code.
pub fn as_simulator(args: &[OsString]) -> Option<u8> {
    (args.get(1)? == OWN_SIMULATOR).then(|| nanobragg::run::run_cli(&args[2..]))
}
