//! Simulators as programs that can be run and traced: ours, inside this executable or elsewhere, and the C reference.
//!
//! Not here: what becomes of their images and traces (`capture`, `explain`), physics (`nanobragg`).

mod call;
mod failure;
mod lines;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::evidence::process::CommandError;

pub use call::{Call, OneRun, Ran, run};
pub use failure::{last_words, why_failed};
pub use lines::trace_lines;

/// First argument that makes an executable be the simulator of this workspace, so that one build serves both.
pub const OWN_SIMULATOR: &str = "__nanobragg";

/// First argument that makes an executable run the simulator several times in one process (see `hygiene`).
pub const IN_TURN: &str = "__nanobragg_in_turn";

/// Runs the simulator if `args` (with the program's name) ask for it; gives its exit code.
pub fn as_simulator(args: &[OsString]) -> Option<u8> {
    match (args.get(1)?, &args[2..]) {
        (word, rest) if word == OWN_SIMULATOR => Some(nanobragg::run::run_cli(rest)),
        (word, [list, report]) if word == IN_TURN => {
            Some(crate::hygiene::in_turn::in_process(Path::new(list), Path::new(report)))
        }
        _ => None,
    }
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
    /// This project's simulator inside this very executable, which has to call [`as_simulator`] first of all.
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

/// A run that did not deliver.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// It could not be run at all.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// It failed.
    #[error("`{}` {what}{words}", program.display())]
    Failed {
        /// The executable.
        program: PathBuf,
        /// How it ended.
        what: String,
        /// The last lines of its standard error.
        words: String,
        /// What was run.
        runs: Vec<OneRun>,
    },
    /// It ran, but wrote no trace line.
    #[error("`{}`: printed no trace of pixel slow {}, fast {}", program.display(), pixel.0, pixel.1)]
    NoTrace {
        /// The executable.
        program: PathBuf,
        /// Slow and fast.
        pixel: (usize, usize),
        /// Whether it is the reference.
        reference: bool,
        /// What was run.
        runs: Vec<OneRun>,
    },
    /// The system refused.
    #[error("`{}`: {doing}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl SimulatorError {
    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoTrace { reference: true, .. } => {
                "a trace needs a build of the C program with trace instrumentation (it prints `TRACE_C:` lines for \
                 `-trace_pixel SLOW FAST`); the program as published has none"
            }
            Self::NoTrace { reference: false, .. } => {
                "pixels outside the region (-roi) and masked ones are not rendered"
            }
            _ => "",
        }
    }

    /// What was run all the same: failures are evidence too.
    pub fn runs(&self) -> &[OneRun] {
        match self {
            Self::Failed { runs, .. } | Self::NoTrace { runs, .. } => runs,
            Self::Command(_) | Self::Io { .. } => &[],
        }
    }

    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, doing, source }
    }
}
