//! What the commands about traces have in common: reading a trace, printing, and what keeps one from being done.
//!
//! Not here: the commands.

use std::io;
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;

use crate::commands::traces::audit::known::CaptureConfigError;
use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::failure::{EndsCommand, SystemError};
use crate::evidence::held::HeldError;
use crate::trace::diff::noise::NoiseError;
use crate::trace::diff::tolerance::{KeyToleranceError, ToleranceProblem};
use crate::trace::log::{self, TraceError, TraceLog};
use crate::trace::schema::{Schema, SchemaError, SchemaProblem};

/// Something that keeps a trace command from being done.
#[derive(Debug, thiserror::Error)]
pub enum TraceFailure {
    /// The command line is wrong.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A schema is wrong.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A file of tolerances is wrong.
    #[error(transparent)]
    Tolerances(#[from] KeyToleranceError),
    /// Noise cannot be found or used.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// A trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A pipe cannot be held.
    #[error(transparent)]
    Held(#[from] HeldError),
    /// The results cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The folder of a capture cannot be used.
    #[error(transparent)]
    Capture(#[from] CaptureConfigError),
    /// A result cannot be written.
    #[error("`{}`: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The system refuses.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A result cannot stand in JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The built-in schema cannot stand in TOML.
    #[error(transparent)]
    Toml(#[from] toml::ser::Error),
    /// The thread that read the second trace did not come to an end.
    #[error("the reader of the second trace ended early")]
    ReaderGone,
}

impl EndsCommand for TraceFailure {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(e) => e.exit(),
            Self::Schema(e) if !matches!(*e.problem, SchemaProblem::Unreadable(_)) => Exit::Usage,
            Self::Tolerances(e) if !matches!(e.problem, ToleranceProblem::Unreadable(_)) => Exit::Usage,
            Self::Bundle(e) => e.exit(),
            Self::Noise(e) => e.exit(),
            Self::System(e) => e.exit(),
            _ => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Bundle(e) => e.hint(),
            Self::Noise(e) => e.hint(),
            Self::Held(e) => e.hint(),
            Self::Usage(e) => e.hint(),
            _ => "",
        }
    }
}

/// Writes a result into a file.
///
/// # Errors
/// The system refuses.
pub fn write(path: &Path, content: &str) -> Result<(), TraceFailure> {
    nanobragg::output::write_whole(path, content.as_bytes())
        .map_err(|source| TraceFailure::Write { path: path.to_owned(), source })
}

/// Reads a trace and gives its keys their names of the schema.
///
/// # Errors
/// The file cannot be read, or a line begins like a trace and is none.
pub fn read(path: &Path, schema: &Schema) -> Result<TraceLog, TraceFailure> {
    Ok(log::read_as(&trace_file(path), schema)?)
}

/// The file of the trace: the path itself, or the main trace in the folder of a capture, which `nb-compare capture` may have made.
pub fn trace_file(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let of_adapter = path.join("results/trace.txt");
    if of_adapter.is_file() { of_adapter } else { path.join("results/trace.log") }
}
