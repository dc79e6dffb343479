//! What can be wrong with a plan.
//!
//! Not here: finding it out (`plan`).

use std::path::PathBuf;

use nanobragg::error::InputError;

use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::terminal::visible;

/// A plan that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] InputError),
    /// It is no TOML, or has other fields than a plan.
    #[error("`{}`: is no plan: {}", path.display(), source.to_string().trim())]
    NoPlan {
        /// The file.
        path: PathBuf,
        /// What the reader of TOML says, with the place.
        source: Box<toml::de::Error>,
    },
    /// It makes no sense.
    #[error("`{}`: {fault}", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: PlanFault,
    },
}

impl EndsCommand for PlanError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable(e) => e.exit(),
            Self::NoPlan { .. } | Self::Fault { .. } => Exit::Usage,
        }
    }

    fn hint(&self) -> &str {
        if let Self::Unreadable(e) = self { e.hint() } else { "" }
    }
}

/// What is wrong with a plan, wherever it comes from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanFault {
    /// Its topic is no folder's name.
    #[error("topic `{}`; expected letters, digits, `-`, `_`, `.` and `/`", visible(.0))]
    Topic(String),
    /// There is nothing to run.
    #[error("no step; expected at least one `[[step]]`")]
    NoStep,
    /// The name of a step is no file's name.
    #[error("step name `{}`; expected letters, digits, `-`, `_` and `.`", visible(.0))]
    StepName(String),
    /// Two steps have the same name.
    #[error("two steps are called `{0}`; expected different names")]
    Twice(String),
    /// A step makes no sense.
    #[error("step `{name}`{fault}")]
    Step {
        /// Its name.
        name: String,
        /// What is wrong.
        fault: StepFault,
    },
}

impl EndsCommand for PlanFault {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StepFault {
    /// There is no program.
    #[error(" has no command; expected a program and its arguments")]
    NoCommand,
    /// No shell could export a variable of this name.
    #[error(": export `{}`; expected letters, digits and `_`, no digit first", visible(.0))]
    Export(String),
    /// A word or a value that a bundle would write for something else.
    #[error(": `{}`; expected no `{{work}}`, `{{tmp}}`, `{{input:…}}` or the like, which bundles write where a path stands", visible(.0))]
    Token(String),
    /// No program ends in this way.
    #[error(": expect = {0}; expected an exit status, 0 to 255")]
    Expect(i32),
    /// Its time limit is none.
    #[error(": timeout_s = {0}; expected seconds above 0 and below 1e9")]
    Timeout(f64),
    /// An output that is not kept.
    #[error(": output `{}`; expected a path below `results/`", visible(.0))]
    Output(String),
}
