//! What keeps a check from being done, and the exit status that it then has.
//!
//! Not here: what a check finds wrong; that is its result.

use std::io;
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;

use crate::cases::ListError;
use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::failure::{EndsCommand, SystemError};
use crate::evidence::held::HeldError;
use crate::gate::plan::{FILE, GateError, GateProblem};
use crate::matrix::MatrixError;
use crate::matrix::kept::KeptError;
use crate::triage::rules::{RulesError, RulesProblem};
use crate::triage::source::SourceError;

/// Something that keeps a check from being done.
#[derive(Debug, thiserror::Error)]
pub enum CheckFailure {
    /// A program that is named is not there.
    #[error("`{}`: there is no such program", .0.display())]
    NoProgram(PathBuf),
    /// The request makes no sense.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// Two limits of a profile stand in the wrong order.
    #[error(
        "`{} {}` is above `{} {}`; expected minimum, expected, warning and maximum in this order",
        larger.0, larger.1, smaller.0, smaller.1
    )]
    Limits {
        /// The option that should have the smaller value, and its value in seconds.
        larger: (&'static str, f64),
        /// The option that should have the larger value, and its value in seconds.
        smaller: (&'static str, f64),
    },
    /// The baseline of a profile is no run to compare with.
    #[error("`{}`: no sound bundle of a good run of this command on a machine like this one", .0.display())]
    NoBaseline(PathBuf),
    /// The options leave no case of a matrix.
    #[error("no case is left: expected --only and --partition to choose some")]
    NoCase,
    /// There is no run to triage.
    #[error("no current run")]
    NoCurrentRun,
    /// A list of cases cannot be used.
    #[error(transparent)]
    List(#[from] ListError),
    /// The gate's file is wrong.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// A pipe cannot be held.
    #[error(transparent)]
    Held(#[from] HeldError),
    /// The file of rules is wrong.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Results of tests cannot be read.
    #[error(transparent)]
    Results(#[from] SourceError),
    /// A bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The cases of a matrix cannot be run.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The cases of a matrix cannot be kept.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The system refuses what any command may need.
    #[error(transparent)]
    System(#[from] SystemError),
    /// This program, which is to be run, cannot be found.
    #[error("this program cannot be found: {0}")]
    OwnExecutable(#[source] io::Error),
    /// There is no gate, in this folder or above it.
    #[error(
        "`{}`: there is no `{}` here or above, so that nothing was checked; expected one, or `gate --built-in`",
        .0.display(),
        FILE
    )]
    NoGate(PathBuf),
    /// A file cannot be read or written.
    #[error("`{}`: {doing}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What cannot be done.
        doing: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// A result does not fit into JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl CheckFailure {
    pub(super) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, doing: "cannot be written", source }
    }
}

impl EndsCommand for CheckFailure {
    fn exit(&self) -> Exit {
        match self {
            Self::Rules(RulesError { problem: RulesProblem::Unreadable(_), .. })
            | Self::Gate(GateError {
                problem: GateProblem::NotFound(_) | GateProblem::Unreadable(_), ..
            }) => Exit::Undecided,
            Self::NoProgram(_)
            | Self::Usage(_)
            | Self::Limits { .. }
            | Self::NoBaseline(_)
            | Self::NoCase
            | Self::NoCurrentRun
            | Self::Gate(_)
            | Self::Rules(_) => Exit::Usage,
            Self::List(e) => e.exit(),
            Self::Held(e) => e.exit(),
            Self::Bundle(e) | Self::Kept(KeptError::Bundle(e)) => e.exit(),
            Self::Matrix(e) => e.exit(),
            Self::System(e) => e.exit(),
            Self::Results(_)
            | Self::Kept(_)
            | Self::OwnExecutable(_)
            | Self::NoGate(_)
            | Self::File { .. }
            | Self::Json(_) => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Usage(e) => &e.hint,
            Self::List(e) => e.hint(),
            Self::Held(e) => e.hint(),
            Self::Bundle(e) | Self::Kept(KeptError::Bundle(e)) => e.hint(),
            _ => "",
        }
    }
}
