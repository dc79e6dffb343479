//! What keeps an adapter from being read or used.
//!
//! Not here: outputs that cannot be judged or that differ (`judge`).

use std::io;
use std::path::PathBuf;

use nanobragg::error::InputError;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

/// An adapter that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// The file cannot be read, or is no adapter.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It can be read, and makes no sense.
    #[error("{problem}; expected {expected}")]
    Senseless {
        /// What is wrong.
        problem: String,
        /// What was expected there.
        expected: String,
        /// What to do.
        hint: String,
    },
    /// A program failed.
    #[error("{label} (`{}`) {what}{words}", program.display())]
    Failed {
        /// The label of its side.
        label: String,
        /// The executable.
        program: PathBuf,
        /// How it ended.
        what: String,
        /// The last lines of its standard error.
        words: String,
    },
    /// A program ended well, and did not leave one of its outputs.
    #[error("{label} (`{}`): its output `{output}`, `{}`, {source}; expected a file of its own", program.display(), path.display())]
    Lacks {
        /// The label of its side.
        label: String,
        /// The executable.
        program: PathBuf,
        /// The name of the output.
        output: String,
        /// Where it was expected, in the folder that the side works in.
        path: PathBuf,
        /// What is wrong with the file.
        source: io::Error,
    },
    /// A program printed more than is read.
    #[error("{label} (`{}`): its {stream} {source}; expected less", program.display())]
    Printed {
        /// The label of its side.
        label: String,
        /// The executable.
        program: PathBuf,
        /// Which of its two streams.
        stream: &'static str,
        /// How much it is.
        source: io::Error,
    },
    /// A program or an input is another one by now.
    #[error("`{}`: was changed while programs ran: SHA-256 {before} became {now}; expected programs and inputs that stay as they are", path.display())]
    Changed {
        /// The program or input.
        path: PathBuf,
        /// Its digest before the first run.
        before: String,
        /// Its digest now, or that it cannot be read.
        now: String,
    },
    /// A side was not run, because the other one failed.
    #[error("{label} was not run")]
    NotRun {
        /// The label of the side.
        label: String,
    },
    /// A run left nothing that an adapter could compare.
    #[error("`{program}`: wrote no array and no table, and printed none; expected at least one output")]
    NoOutput {
        /// The program.
        program: String,
    },
}

impl AdapterError {
    /// A problem without a hint.
    pub(crate) fn senseless(problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Senseless { problem: problem.into(), expected: expected.into(), hint: String::new() }
    }

    /// Adds a hint.
    #[must_use]
    pub(crate) fn advise(self, text: impl Into<String>) -> Self {
        match self {
            Self::Input(e) => Self::Input(e.hint(text)),
            Self::Senseless { problem, expected, .. } => {
                Self::Senseless { problem, expected, hint: text.into() }
            }
            other => other,
        }
    }

    /// Says where in the adapter it is.
    #[must_use]
    pub(crate) fn within(self, place: &str) -> Self {
        match self {
            Self::Senseless { problem, expected, hint } => {
                Self::Senseless { problem: format!("{place}: {problem}"), expected, hint }
            }
            input => input,
        }
    }
}

impl EndsCommand for AdapterError {
    fn exit(&self) -> Exit {
        match self {
            Self::Input(e) => e.exit(),
            Self::Senseless { .. } => Exit::Usage,
            Self::NoOutput { .. } => Exit::Undecided,
            Self::Failed { .. }
            | Self::Lacks { .. }
            | Self::Printed { .. }
            | Self::Changed { .. }
            | Self::NotRun { .. } => Exit::Program,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Input(e) => &e.hint,
            Self::Senseless { hint, .. } => hint,
            Self::NoOutput { .. } => "give it the arguments with which it writes its results",
            Self::Changed { .. } => {
                "give each run files of its own, or let no program write to what another one reads"
            }
            Self::Failed { .. } | Self::Lacks { .. } | Self::Printed { .. } | Self::NotRun { .. } => "",
        }
    }
}
