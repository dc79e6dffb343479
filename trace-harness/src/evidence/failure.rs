//! What keeps a command from being done: what went wrong, what the user can do about it, and the exit status.
//!
//! Not here: what a command finds wrong (that is its result), and the errors of each subject: they stand with it, and say of
//! themselves how they end a command.

use std::fmt;
use std::io::{self, Write};

use nanobragg::error::{InputError, OutputError, UsageError};

use crate::evidence::exit::Exit;
use crate::evidence::terminal::message;

/// An error that may end a command.
pub trait EndsCommand: std::error::Error + Send + Sync + 'static {
    /// The exit status.
    fn exit(&self) -> Exit;

    /// What the user can do about it; may be empty.
    fn hint(&self) -> &str {
        ""
    }
}

/// The one way in which a command fails: an error that knows its exit status, whatever its subject is.
#[derive(Debug)]
pub struct Failure(Box<dyn EndsCommand>);

impl Failure {
    /// The exit status.
    pub fn exit(&self) -> Exit {
        self.0.exit()
    }

    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &str {
        self.0.hint()
    }

    /// Whether it is an error of this kind.
    pub fn is<E: EndsCommand>(&self) -> bool {
        let error: &dyn std::error::Error = &*self.0;
        error.is::<E>()
    }

    /// Says on standard error what went wrong and what helps; gives the exit status.
    pub fn report(&self) -> Exit {
        let mut err = io::stderr().lock();
        // Nothing can be done about a standard error that is closed.
        let _ = writeln!(err, "error: {}", message(self));
        if !self.hint().is_empty() {
            let _ = writeln!(err, "hint: {}", message(&self.hint()));
        }
        self.exit()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: EndsCommand> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl EndsCommand for UsageError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hint(&self) -> &str {
        &self.hint
    }
}

impl EndsCommand for InputError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }

    fn hint(&self) -> &str {
        &self.hint
    }
}

impl EndsCommand for OutputError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}

/// The system refuses what any command may need.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    StandardInput(#[source] io::Error),
    /// Standard output cannot be written to.
    #[error("standard output: {0}")]
    StandardOutput(#[source] io::Error),
    /// Signals cannot be handled.
    #[error("signals cannot be handled: {0}")]
    Signals(#[source] io::Error),
    /// There is no working folder, or it cannot be named.
    #[error("no working folder: {0}")]
    WorkingFolder(#[source] io::Error),
    /// No temporary folder can be made.
    #[error("no temporary folder: {0}")]
    TemporaryFolder(#[source] io::Error),
    /// The executable of this process cannot be found.
    #[error("this executable cannot be found: {0}")]
    OwnExecutable(#[source] io::Error),
}

impl EndsCommand for SystemError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_failure_says_what_its_error_says_and_ends_as_it_says() {
        let failure = Failure::from(UsageError::new("`x` is odd", "an even number").hint("take 2"));
        assert_eq!(failure.to_string(), "`x` is odd; expected an even number");
        assert_eq!((failure.exit(), failure.hint()), (Exit::Usage, "take 2"));
        assert!(failure.is::<UsageError>() && !failure.is::<InputError>());
        let failure = Failure::from(InputError::new(Path::new("x"), "is a device", "a file"));
        assert_eq!((failure.exit(), failure.hint()), (Exit::Undecided, ""));
    }
}
