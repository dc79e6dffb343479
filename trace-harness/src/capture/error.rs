//! Why a capture was not done.
//!
//! Not here: capturing (`capture`).

use std::path::{Path, PathBuf};

use crate::capture::config::ConfigError;
use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::simulator::SimulatorError;
use crate::trace::log::TraceError;

/// A capture that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// What is asked for makes no sense, or is not there in this program.
    #[error("{problem}")]
    Usage {
        /// What is wrong and what was expected.
        problem: String,
        /// What the user can do about it; may be empty.
        hint: String,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The simulator did not deliver; the bundle says what it did.
    #[error("{error}")]
    Simulator {
        /// Why not.
        error: SimulatorError,
        /// The evidence.
        folder: PathBuf,
    },
    /// A pixel has no trace, or the trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The evidence cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl CaptureError {
    pub(crate) fn usage(problem: impl Into<String>, hint: &str) -> Self {
        Self::Usage { problem: problem.into(), hint: hint.to_owned() }
    }

    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Bundle(BundleError::Io { path, doing, source })
    }
}

impl EndsCommand for CaptureError {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::Config(e) => e.exit(),
            Self::Simulator { .. } => Exit::Program,
            Self::Bundle(e) => e.exit(),
            Self::Trace(_) => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Usage { hint, .. } => hint,
            Self::Config(e) => e.hint(),
            Self::Simulator { error, .. } => error.hint(),
            Self::Bundle(e) => e.hint(),
            Self::Trace(_) => "",
        }
    }
}
