//! What the commands about traces have in common: reading a trace, printing, and what keeps one from being done.
//!
//! Not here: the commands.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::trace::log::{self, TraceError, TraceLog};
use crate::trace::schema::{Schema, SchemaError};

/// Something that keeps a trace command from being done.
#[derive(Debug, thiserror::Error)]
pub enum TraceFailure {
    /// The command line, a schema or a table of tolerances is wrong.
    #[error("{0}")]
    Usage(String),
    /// A schema is wrong.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The results cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl EndsCommand for TraceFailure {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Schema(_) => Exit::Usage,
            Self::Bundle(e) => e.exit(),
            Self::Trace(_) | Self::Other(_) => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        if let Self::Bundle(e) = self { e.hint() } else { "" }
    }
}

/// Prints to standard output. A reader that has gone has read enough.
///
/// # Errors
/// The output cannot be written.
pub fn say(text: &str) -> Result<(), TraceFailure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(TraceFailure::Other(format!("standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Reads a trace and gives its keys their names of the schema.
///
/// # Errors
/// The file cannot be read, or a line begins like a trace and is none.
pub fn read(path: &Path, schema: &Schema) -> Result<TraceLog, TraceFailure> {
    Ok(log::read_as(&trace_file(path), schema)?)
}

/// The file of the trace: the path itself, or the main trace in the folder of a capture.
pub fn trace_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("results/trace.log") } else { path.to_owned() }
}
