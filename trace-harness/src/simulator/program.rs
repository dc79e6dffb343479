//! A program that renders: where it is, and how a trace is requested of it.
//!
//! Not here: running it (`call`).

use std::ffi::OsString;
use std::path::Path;

use nanobragg::error::UsageError;

use crate::evidence::process::{Program, one_thread};

/// First argument that makes an executable be the simulator of this workspace, so that one build serves both.
pub const OWN_SIMULATOR: &str = "__nanobragg";

/// First argument that makes an executable run the simulator several times in one process (see `hygiene`).
pub const IN_TURN: &str = "__nanobragg_in_turn";

/// What follows the word by which an executable of this project is started as the simulator itself, if `args` (with the
/// program's name) have it: the arguments of [`nanobragg::run::run_cli`].
pub fn own_arguments(args: &[OsString]) -> Option<&[OsString]> {
    args.get(1).filter(|word| *word == OWN_SIMULATOR).map(|_| &args[2..])
}

/// How a trace is requested of a simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `--trace-pixel` for each pixel, `--trace-depth` and `--trace-file`: this project's.
    Own,
    /// `-trace_pixel`, one pixel a run, lines on standard output: the trace-instrumented C program's.
    Reference,
}

/// A program that renders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulator {
    /// What is started.
    pub program: Program,
    /// How a trace is requested of it.
    pub dialect: Dialect,
}

impl Simulator {
    /// This project's simulator inside this very executable, which has to call [`own_arguments`] first of all.
    ///
    /// # Errors
    /// The system does not say where the executable is.
    pub fn own() -> std::io::Result<Self> {
        let program = Program::this_executable()?.with(&[OWN_SIMULATOR]);
        Ok(Self { program, dialect: Dialect::Own })
    }

    /// The program at `path`, as a shell finds it.
    ///
    /// # Errors
    /// There is none; `what` says which one is not there.
    pub fn named(path: &Path, what: &str, dialect: Dialect) -> Result<Self, UsageError> {
        Ok(Self { program: Program::named(path, what)?, dialect })
    }

    /// The same program with more arguments before all others.
    #[must_use]
    pub fn with(mut self, leading: &[&str]) -> Self {
        self.program = self.program.with(leading);
        self
    }

    /// Variables that its runs need: the reference gives the same bytes every time with one thread only.
    pub fn exported(&self) -> Vec<(String, OsString)> {
        match self.dialect {
            Dialect::Own => Vec::new(),
            Dialect::Reference => vec![one_thread()],
        }
    }
}
