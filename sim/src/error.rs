//! What can go wrong, in words a user can act on: what, where, what was expected, and a hint.
//!
//! Not here: printing (the binary prints an error once) and exit codes of other binaries.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file that could not be read, or whose content is not what its format asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InputError {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// Where in the file: `line 7`, `byte 512`, `key SIZE1`; empty when it is the file as a whole.
    pub place: String,
    /// What is wrong, lower case, no full stop, values in backticks.
    pub problem: String,
    /// What was expected there.
    pub expected: String,
    /// What the user can do about it; empty when there is nothing to add.
    pub hint: String,
}

impl InputError {
    /// A problem with the file as a whole.
    pub fn new(path: &Path, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            place: String::new(),
            problem: problem.into(),
            expected: expected.into(),
            hint: String::new(),
        }
    }

    /// The operating system's refusal to open or read `path`.
    pub fn io(path: &Path, expected: impl Into<String>, source: &std::io::Error) -> Self {
        Self::new(path, format!("cannot be read: {source}"), expected)
    }

    /// Names the place inside the file.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.path.display())?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {}", self.problem)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        Ok(())
    }
}

/// A file that could not be written; nothing is left behind under its final name.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: cannot be written: {source}", path.display())]
pub struct OutputError {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// The operating system's reason.
    pub source: std::io::Error,
}

/// A command line that cannot be understood, or values that describe no experiment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UsageError {
    /// What is wrong, values in backticks.
    pub problem: String,
    /// What was expected instead.
    pub expected: String,
    /// The nearest known flag, or what to do; may be empty.
    pub hint: String,
}

impl UsageError {
    /// A usage error without a hint.
    pub fn new(problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { problem: problem.into(), expected: expected.into(), hint: String::new() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.problem)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        Ok(())
    }
}

/// Any failure of a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line is wrong: exit 1.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A file could not be read or understood: exit 9, as the reference does.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An image to compare with has another shape: exit 4.
    #[error(transparent)]
    OtherShape(Box<InputError>),
    /// A file could not be written: exit 9, as the reference does.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Neither reflections nor a default amplitude, or no cell: usage text and exit 9, as the reference does.
    #[error("{0}")]
    NothingToRender(String),
}

impl Error {
    /// The process exit code of this failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 1,
            Self::OtherShape(_) => 4,
            Self::Input(_) | Self::Output(_) | Self::NothingToRender(_) => 9,
        }
    }

    /// The hint that belongs to it, if any.
    pub fn hint(&self) -> &str {
        match self {
            Self::Usage(e) => &e.hint,
            Self::Input(e) => &e.hint,
            Self::OtherShape(e) => &e.hint,
            Self::Output(_) | Self::NothingToRender(_) => "",
        }
    }
}
