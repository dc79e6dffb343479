//! What keeps a check from being done, and the exit status that it then has.
//!
//! Not here: what a check finds wrong; that is its result.

use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;

/// Something that keeps a check from being done.
#[derive(Debug, thiserror::Error)]
pub enum CheckFailure {
    /// The command line or a file of settings is wrong.
    #[error("{0}")]
    Usage(String),
    /// A bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file cannot be read or written.
    #[error("{0}")]
    Input(String),
}

impl CheckFailure {
    /// The exit status.
    pub(super) fn code(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Bundle(BundleError::HomePath(_)) => Exit::Usage,
            Self::Bundle(_) | Self::Input(_) => Exit::Undecided,
        }
    }
}
