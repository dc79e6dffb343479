//! Why a builder makes no experiment, for programs to match on and for users to read.
//!
//! Not here: what is checked (`builder`, `config`, `model`).

use crate::cli::range::Range;
use crate::error::{Error, UsageError};

/// Why there is no experiment.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// A value that the flag of the same meaning does not take either.
    #[error("`{flag}`: value `{value}` is out of range; expected {allowed} {unit}")]
    OutOfRange {
        /// The flag.
        flag: &'static str,
        /// The value given, in the flag's unit.
        value: f64,
        /// What the flag takes.
        allowed: Range,
        /// The flag's unit; empty for none.
        unit: &'static str,
    },
    /// A flag that names a file, where none is read or written.
    #[error(
        "`{0}` names a file, and none is read or written here; expected flags that describe the experiment by themselves"
    )]
    NamesFile(String),
    /// A source at the place of the crystal, or at none: its number from 0.
    #[error("source `{0}` has no direction; expected three numbers, not all of them 0")]
    NoDirection(usize),
    /// Neither a unit cell nor an orientation matrix.
    #[error("no unit cell; expected one, or an orientation matrix")]
    NoCell,
    /// Neither a list of reflections nor a default amplitude.
    #[error("no structure factors; expected a list of reflections, or a default amplitude that is not 0")]
    NoStructureFactors,
    /// Flags that cannot be understood, or values that contradict each other.
    #[error(transparent)]
    Usage(#[from] UsageError),
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Usage(error) => error.into(),
            other => UsageError::new(other.to_string(), "").into(),
        }
    }
}
