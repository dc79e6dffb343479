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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parameter::Parameter;

    #[test]
    fn the_command_line_says_what_to_do_about_every_error_and_the_engine_names_no_flag() {
        for error in [
            EngineError::ImageTooLarge { fast: 70_000, slow: 60_000 },
            EngineError::DerivativesTooLarge { images: 9 },
            EngineError::NoThreads { count: 5, reason: "no memory".to_owned() },
            EngineError::NotDifferentiable { parameter: Parameter::Phi, reason: "nothing turns" },
            EngineError::NoSuchParameter,
        ] {
            let problem = error.to_string();
            assert!(!problem.contains(" -"), "{problem}");
            let usage_error = UsageError::from(error);
            assert_eq!(usage_error.problem, problem);
            assert!(!usage_error.expected.is_empty(), "{problem}");
        }
    }
}
