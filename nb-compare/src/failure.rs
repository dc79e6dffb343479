//! Why a comparison did not come about, and the exit code that says so.
//!
//! Not here: verdicts; a comparison that fails is a result, not an error.

use nanobragg::error::InputError;
use trace_harness::cases::{CannotRun, ListError};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::process::CommandError;

use crate::compare::Misfit;

/// Any failure.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Wrong command line.
    #[error("{problem}")]
    Usage {
        /// What is wrong.
        problem: String,
        /// What to do; may be empty.
        hint: String,
    },
    /// A runner did not deliver. The evidence was written all the same, if there is a folder.
    #[error("{0}")]
    Runner(String),
    /// The images do not fit.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// A file could not be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A list of cases cannot be used.
    #[error(transparent)]
    List(#[from] ListError),
    /// What a case needs is not there.
    #[error(transparent)]
    Case(#[from] CannotRun),
    /// The evidence could not be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A command could not be run.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Something else about a file or the data brought along.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// A wrong command line.
    pub fn usage(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { problem: problem.into(), hint: hint.into() }
    }

    /// The exit code.
    pub fn exit_code(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Bundle(BundleError::HomePath(_)) => Exit::Usage,
            Self::Runner(_) | Self::Command(_) => Exit::Program,
            Self::Misfit(Misfit::Shapes(..)) => Exit::Mismatch,
            Self::Misfit(_) => Exit::Usage,
            Self::Input(_) | Self::List(_) | Self::Case(_) | Self::Bundle(_) | Self::Other(_) => {
                Exit::Undecided
            }
        }
    }

    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &str {
        match self {
            Self::Usage { hint, .. } => hint,
            Self::Misfit(Misfit::Shapes(..)) => "bring B to the shape of A with --resample",
            Self::Input(e) => &e.hint,
            Self::List(e) => e.hint,
            Self::Bundle(e) => e.hint(),
            _ => "",
        }
    }
}
