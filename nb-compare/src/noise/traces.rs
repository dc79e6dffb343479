//! How far the keys of a reference's traces move: each run's trace held against that of the unchanged run.
//!
//! Not here: asking for traces (`adapter::trace`), holding one trace against another (`trace_harness::trace::spread`).

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;
use trace_harness::trace::diff::noise::{NoiseError, TraceNoise};
use trace_harness::trace::log::{self, TraceError, TraceLog};
use trace_harness::trace::schema::Schema;
use trace_harness::trace::spread::Spread;

/// Where a bundle has how far the keys move, as `trace-harness diff` takes it.
pub(crate) const FILE: &str = "spread/traces.json";

/// What is traced in every run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TracesFacts {
    /// The places of the element; none where whole runs are traced.
    pub element: Vec<usize>,
    /// The token of the schema among the inputs.
    pub schema: Option<String>,
}

/// The trace of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunTrace {
    /// The run.
    pub name: String,
    pub trace: Vec<u8>,
}

/// Why traces have no noise.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TraceNoiseError {
    /// A run left no trace.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// They cannot be compared.
    #[error(transparent)]
    Noise(#[from] NoiseError),
}

impl EndsCommand for TraceNoiseError {
    fn exit(&self) -> Exit {
        match self {
            Self::Trace(_) => Exit::Program,
            Self::Noise(e) => e.exit(),
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Trace(_) => "",
            Self::Noise(e) => e.hint(),
        }
    }
}

/// The noise of every key over `runs`, the unchanged one first, each with the folder that has the arrays which its trace names.
///
/// # Errors
/// A trace is none, or has other keys or records than that of the unchanged run.
pub(crate) fn noise_of_traces<'r>(
    schema: &Schema,
    runs: impl IntoIterator<Item = (&'r RunTrace, PathBuf)>,
) -> Result<TraceNoise, TraceNoiseError> {
    let read = |(run, folder): (&RunTrace, PathBuf)| -> Result<(TraceLog, String), TraceNoiseError> {
        let mut log = log::read_bytes(&run.trace, Path::new(&format!("the trace of `{}`", run.name)))?;
        log.folder = folder;
        log.apply(schema);
        Ok((log, digest::of_bytes(&run.trace)))
    };
    let mut runs = runs.into_iter();
    let first = runs.next().map(read).transpose()?;
    let (first, baseline) = first.unwrap_or_default();
    let (mut spread, mut digests) = (Spread::of(schema, &first), Vec::new());
    for run in runs {
        let (log, sha256) = read(run)?;
        spread.take(&log)?;
        digests.push(sha256);
    }
    Ok(TraceNoise { baseline, runs: digests, keys: spread.done() })
}

/// The noise as it stands in its file.
///
/// # Errors
/// It cannot be written as JSON.
pub(crate) fn document(noise: &TraceNoise) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(noise)? + "\n")
}
