//! Simulators as programs that can be run and traced: ours, inside this executable or elsewhere, and the C reference.
//!
//! Not here: what becomes of their images and traces (`capture`, `explain`), physics (`nanobragg`).

mod call;
mod failure;
mod lines;
mod program;

pub use call::{Call, OneRun, SimulatorError, SimulatorRun, run};
pub use failure::{how_it_failed, last_words, why_failed};
pub use lines::trace_lines;
pub use program::{Dialect, IN_TURN, OWN_SIMULATOR, Simulator, own_arguments};
