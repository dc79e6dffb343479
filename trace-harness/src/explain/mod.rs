//! Why two simulators differ: the traces of some pixels compared, and the known defects of the reference tried one by one.
//!
//! Everything comes back as data, for `nb-compare --explain` and for whoever asks next. Not here: comparing images beyond
//! "the same bytes", evidence bundles.

pub mod defects;
pub mod residual;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::Pixel;
use nanobragg::engine::TraceDepth;
use nanobragg::error::UsageError;

use crate::evidence::given;
use crate::evidence::process::Runner;
use crate::explain::residual::ResidualError;
use crate::simulator::{self, Call, Dialect, OneRun, Simulator, SimulatorError};
use crate::trace::cause::arguments::Arguments;
use crate::trace::diff::Comparison;
use crate::trace::diff::allowed::SET_UP;
use crate::trace::diff::compare::{Settings, compare};
use crate::trace::log::{self, TraceError};
use crate::trace::schema::{Schema, SchemaError};

/// An explanation that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// A simulator did not deliver.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// A trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The built-in schema is wrong.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Images that cannot be compared.
    #[error(transparent)]
    Images(#[from] ResidualError),
    /// The arguments make no sense to the simulator.
    #[error("{0}")]
    Arguments(UsageError),
    /// A request without a pixel.
    #[error("no pixel to trace; expected at least one")]
    NoPixel,
    /// A simulator that ended well and left no trace.
    #[error("a side has no trace; expected one of each")]
    NoTrace,
}

impl ExplainError {
    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Simulator(e) => e.hint(),
            _ => "",
        }
    }
}

/// Two simulators whose traces are to be compared; A is the one that is taken to be right.
#[derive(Debug, Clone)]
pub struct TraceRequest<'a> {
    /// A and B.
    pub simulators: [&'a Simulator; 2],
    /// Their arguments, files that are read absolute.
    pub args: [&'a [OsString]; 2],
    /// Pixels.
    pub pixels: &'a [Pixel],
    /// Files that have to lie in the working folders.
    pub beside: &'a [PathBuf],
    /// Absolute folders for the runs of A and of B, which make `trace-a` and `trace-b` in them.
    pub folders: [&'a Path; 2],
    /// A run is ended after this time.
    pub time_limit: Option<Duration>,
}

/// The comparison of the traces: root causes and shares are in it.
#[derive(Debug, Clone)]
pub struct TraceFinding {
    /// The comparison.
    pub comparison: Comparison,
    /// The traces of A and B as they were written; that of A was read before B ran.
    pub traces: [Vec<u8>; 2],
    /// The runs that were done for it.
    pub runs: Vec<OneRun>,
}

/// Traces the pixels on both sides and compares the traces.
///
/// Set-up lines may be missing on one side, because the reference prints them for some runs only.
///
/// # Errors
/// A side does not deliver, or its trace cannot be read.
pub fn traces(request: &TraceRequest<'_>, runner: &dyn Runner) -> Result<TraceFinding, ExplainError> {
    if request.pixels.is_empty() {
        return Err(ExplainError::NoPixel);
    }
    let schema = Schema::built_in()?;
    // The reference knows no deeper level, and what one side alone has would count as a difference.
    let depth = match request.simulators.iter().any(|s| s.dialect == Dialect::Reference) {
        true => TraceDepth::Pixel,
        false => TraceDepth::Phi,
    };
    let mut runs = Vec::new();
    let mut logs = Vec::new();
    let mut texts = Vec::new();
    for (side, name) in ["trace-a", "trace-b"].into_iter().enumerate() {
        let call = Call {
            name,
            simulator: request.simulators[side],
            args: request.args[side],
            pixels: request.pixels,
            depth,
            trace_file: None,
            beside: request.beside,
            folder: request.folders[side],
            time_limit: request.time_limit,
        };
        let ran = simulator::run(&call, runner)?;
        runs.extend(ran.runs);
        if let Some(place) = ran.trace {
            logs.push(log::read_as(&place, &schema)?);
            texts.push(given::bytes(&place).map_err(SimulatorError::io(&place, "cannot be read"))?);
        }
    }
    let traces: [Vec<u8>; 2] = texts.try_into().map_err(|_| ExplainError::NoTrace)?;
    let [a, b] = logs.as_slice() else { return Err(ExplainError::NoTrace) };
    let arguments_of =
        |side: usize| [request.simulators[side].program.leading.as_slice(), request.args[side]].concat();
    let arguments = [0, 1].map(|side| Arguments::of(&arguments_of(side)));
    let settings = Settings {
        allow_missing: vec![SET_UP.to_owned()],
        min_compared: 1,
        arguments,
        ..Settings::default()
    };
    let comparison = compare(&schema, [a, b], &settings);
    Ok(TraceFinding { comparison, traces, runs })
}
