//! What a user of the command line can do about an error of the engine.
//!
//! Not here: the errors themselves (`engine::EngineError`).

use crate::engine::EngineError;
use crate::error::{Error, UsageError};

impl From<EngineError> for UsageError {
    /// The error with what was expected instead, in the command line's words.
    fn from(error: EngineError) -> Self {
        let expected = match &error {
            EngineError::ImageTooLarge { .. } => "a smaller detector",
            EngineError::DerivativesTooLarge { .. } => "a smaller region, or fewer parameters",
            EngineError::NoThreads { .. } => "fewer --threads",
            EngineError::NotDifferentiable { .. } => "parameters that move this experiment smoothly",
            EngineError::NoSuchParameter => "parameters that move it",
        };
        Self::new(error.to_string(), expected)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::Usage(error.into())
    }
}
