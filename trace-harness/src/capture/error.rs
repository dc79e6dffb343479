//! Why a capture was not done.
//!
//! Not here: capturing (`capture`).

use std::path::{Path, PathBuf};

use nanobragg::error::{InputError, UsageError};

use crate::capture::config::ConfigError;
use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::failure::{EndsCommand, SystemError};
use crate::simulator::SimulatorError;
use crate::trace::log::TraceError;

/// A capture that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The request makes no sense, or this program has no such thing.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// What a program left cannot be understood.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Several runs in one process ended otherwise than each in one of its own.
    #[error("three runs in one process did not end well: {0}; the same runs in processes of their own did")]
    InTurn(String),
    /// The system refuses.
    #[error(transparent)]
    System(#[from] SystemError),
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
    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Bundle(BundleError::Io { path, doing, source })
    }
}

impl EndsCommand for CaptureError {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(e) => e.exit(),
            Self::Input(e) => e.exit(),
            Self::Config(e) => e.exit(),
            Self::Simulator { .. } | Self::InTurn(_) => Exit::Program,
            Self::Bundle(e) => e.exit(),
            Self::System(e) => e.exit(),
            Self::Trace(_) => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Usage(e) => e.hint(),
            Self::Input(e) => e.hint(),
            Self::Config(e) => e.hint(),
            Self::Simulator { error, .. } => error.hint(),
            Self::Bundle(e) => e.hint(),
            Self::Trace(_) | Self::InTurn(_) | Self::System(_) => "",
        }
    }
}
