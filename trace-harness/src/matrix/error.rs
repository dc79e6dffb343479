//! Why a matrix cannot be run, and why a case of one was not.
//!
//! Not here: what is wrong with what a case left (`judge`, `stored`): that is a result.

use std::io;
use std::path::PathBuf;

use crate::cases::pack::PackError;
use crate::cases::{CannotRun, ListError};
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::process::CommandError;

/// A matrix that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// There is no place to prepare cases in.
    #[error(transparent)]
    Workplace(#[from] CannotRun),
    /// What is stored beside the list of cases cannot be read or makes no sense.
    #[error(transparent)]
    Stored(#[from] PackError),
    /// The process of a suite cannot be run.
    #[error(transparent)]
    Suite(#[from] SuiteError),
}

impl EndsCommand for MatrixError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}

/// The process of a suite cannot be started or given its work.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// No temporary folder can be made.
    #[error("no temporary folder: {0}")]
    Folder(#[source] io::Error),
    /// No temporary file can be written.
    #[error("no temporary file: {0}")]
    File(#[source] io::Error),
    /// The executable of this process cannot be found.
    #[error("this program cannot be found: {0}")]
    OwnExecutable(#[source] io::Error),
    /// The process cannot be started or awaited.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Its task does not fit into JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What ends the process of a suite before its cases are done.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkerError {
    /// The file that says what to do cannot be read.
    #[error("`{}`: cannot be read: {source}", path.display())]
    Task {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file that says what to do makes no sense.
    #[error("`{}`: {source}", path.display())]
    Nonsense {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The list of cases cannot be used.
    #[error(transparent)]
    List(#[from] ListError),
    /// There is no place to prepare cases in.
    #[error(transparent)]
    Workplace(#[from] CannotRun),
    /// What is stored beside the list of cases cannot be read or makes no sense.
    #[error(transparent)]
    Stored(#[from] PackError),
    /// The file of rows cannot be made.
    #[error("`{}`: {source}", path.display())]
    Rows {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A row cannot be written.
    #[error(transparent)]
    Row(#[from] io::Error),
    /// A row does not fit into JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Why a case was not run to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRun {
    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,
    /// The case cannot be prepared.
    #[error(transparent)]
    Prepare(#[from] CannotRun),
    /// No temporary folder can be made.
    #[error("no temporary folder: {0}")]
    Folder(#[source] io::Error),
    /// The working folder cannot be changed.
    #[error(transparent)]
    WorkingFolder(io::Error),
    /// The program cannot be started or awaited.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// What it left cannot be listed.
    #[error(transparent)]
    Left(#[from] LeftError),
}

/// The folder of a run that cannot be listed.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: cannot be read: {source}", folder.display())]
pub struct LeftError {
    /// The folder.
    pub folder: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}
