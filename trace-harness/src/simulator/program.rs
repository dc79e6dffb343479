//! A program that renders: where it is, and how it is asked for a trace.
//!
//! Not here: running it (`call`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// First argument that makes an executable be the simulator of this workspace, so that one build serves both.
pub const OWN_SIMULATOR: &str = "__nanobragg";

/// First argument that makes an executable run the simulator several times in one process (see `hygiene`).
pub const IN_TURN: &str = "__nanobragg_in_turn";

/// What follows the word by which an executable of this project is started as the simulator itself, if `args` (with the
/// program's name) have it: the arguments of [`nanobragg::run::run_cli`].
pub fn own_arguments(args: &[OsString]) -> Option<&[OsString]> {
    args.get(1).filter(|word| *word == OWN_SIMULATOR).map(|_| &args[2..])
}

/// How a simulator is asked for a trace.
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
    /// The executable, absolute.
    pub path: PathBuf,
    /// Arguments before all others.
    pub leading: Vec<OsString>,
    /// How it is asked for a trace.
    pub dialect: Dialect,
}

impl Simulator {
    /// This project's simulator inside this very executable, which has to ask [`own_arguments`] first of all.
    ///
    /// # Errors
    /// The system does not say where the executable is.
    pub fn own() -> std::io::Result<Self> {
        Ok(Self {
            path: std::env::current_exe()?,
            leading: vec![OWN_SIMULATOR.into()],
            dialect: Dialect::Own,
        })
    }

    /// The program at `path`, as a shell in `folder` would find it. `None` if there is no such file.
    pub fn find(path: &Path, folder: &Path, dialect: Dialect) -> Option<Self> {
        let path = crate::evidence::process::find_program(path.to_str()?, folder)?;
        Some(Self { path, leading: Vec::new(), dialect })
    }

    /// The same program with more arguments before all others.
    #[must_use]
    pub fn with(mut self, leading: &[&str]) -> Self {
        self.leading.extend(leading.iter().map(OsString::from));
        self
    }

    /// Variables that its runs need: the reference gives the same bytes every time with one thread only.
    pub fn exported(&self) -> Vec<(String, OsString)> {
        match self.dialect {
            Dialect::Own => Vec::new(),
            Dialect::Reference => vec![("OMP_NUM_THREADS".to_owned(), "1".into())],
        }
    }
}
