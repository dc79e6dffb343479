//! One rendering by a simulator, in a folder of its own, traced or not.
//!
//! Not here: finding the simulator.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::Pixel;
use nanobragg::engine::TraceDepth;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::recorder::{Recorder, logs_of};
use crate::evidence::bundle::summary::Step;
use crate::evidence::given;
use crate::evidence::process::{CommandError, Invocation, Measured, Runner};
use crate::simulator::failure::{last_words, why_failed};
use crate::simulator::lines::trace_lines;
use crate::simulator::program::{Dialect, Simulator};

/// A rendering to be done.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// Short name: the folder of the run below `folder` is called so.
    pub name: &'a str,
    /// The simulator.
    pub simulator: &'a Simulator,
    /// Its arguments, files that are read absolute.
    pub args: &'a [OsString],
    /// Pixels to trace. None for a run without a trace.
    pub pixels: &'a [Pixel],
    /// How deep our simulator's traces go; the reference knows pixels only.
    pub depth: TraceDepth,
    /// The absolute file that the trace goes to, where it is not to lie in the folder of the run.
    pub trace_file: Option<&'a Path>,
    /// Files that have to lie in the working folder, as `Fdump.bin` does where reflections are read from it.
    pub beside: &'a [PathBuf],
    /// An absolute folder for the run's own one.
    pub folder: &'a Path,
    /// The run is ended after this time.
    pub time_limit: Option<Duration>,
}

/// A rendering that was done: one run of the program, or one for each pixel.
#[derive(Debug, Clone)]
pub struct SimulatorRun {
    /// The runs in order.
    pub runs: Vec<OneRun>,
    /// The float image of the last run.
    pub float_image: PathBuf,
    /// The trace, where one was requested.
    pub trace: Option<PathBuf>,
}

/// One run of a program.
#[derive(Debug, Clone)]
pub struct OneRun {
    /// Short name.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<OsString>,
    /// Its working folder.
    pub folder: PathBuf,
    /// Variables set for it.
    pub exported: Vec<(String, OsString)>,
    /// What it wrote to standard output and standard error.
    pub logs: [PathBuf; 2],
    /// What was measured.
    pub measured: Measured,
}

impl OneRun {
    /// As a step of a bundle, which what it printed becomes part of; outputs are the caller's to add.
    ///
    /// # Errors
    /// Its arguments are not allowed in a bundle, or what it printed cannot be copied.
    pub fn step(&self, recorder: &Recorder) -> Result<Step, BundleError> {
        let arguments = self.command.iter().map(|word| recorder.record(&word.to_string_lossy()));
        let folder = recorder.record(&self.folder.to_string_lossy())?;
        let mut step = Step::planned(&self.name, arguments.collect::<Result<_, _>>()?, &folder, "");
        for (name, value) in &self.exported {
            step.exported.insert(name.clone(), recorder.record(&value.to_string_lossy())?);
        }
        step.measured(&self.measured);
        step.logs = logs_of(&self.name).to_vec();
        for (log, name) in self.logs.iter().zip(&step.logs) {
            let place = recorder.staging().place(name)?;
            regular::copy(log, &place).map_err(|source| BundleError::Io {
                path: log.clone(),
                doing: "cannot be copied",
                source,
            })?;
        }
        Ok(step)
    }
}

/// Renders. Everything that the program writes stays in the folder of the run.
///
/// # Errors
/// The program cannot be run, fails, or leaves no trace where one was requested.
pub fn run(call: &Call<'_>, runner: &dyn Runner) -> Result<SimulatorRun, SimulatorError> {
    match (call.simulator.dialect, call.pixels) {
        (_, []) => untraced(call, runner),
        (Dialect::Own, _) => own(call, runner),
        (Dialect::Reference, _) => reference(call, runner),
    }
}

const FLOAT_IMAGE: &str = "float.bin";
const TRACE: &str = "trace.log";

fn untraced(call: &Call<'_>, runner: &dyn Runner) -> Result<SimulatorRun, SimulatorError> {
    let run = one(call, call.name, &[], runner)?;
    Ok(SimulatorRun { float_image: run.folder.join(FLOAT_IMAGE), runs: vec![run], trace: None })
}

fn own(call: &Call<'_>, runner: &dyn Runner) -> Result<SimulatorRun, SimulatorError> {
    let mut more: Vec<OsString> = Vec::new();
    for Pixel { slow, fast } in call.pixels {
        more.extend(["--trace-pixel".into(), slow.to_string().into(), fast.to_string().into()]);
    }
    let depth = match call.depth {
        TraceDepth::Pixel => "pixel",
        TraceDepth::Source => "source",
        TraceDepth::Phi => "phi",
        TraceDepth::Step => "step",
    };
    more.extend(["--trace-depth", depth, "--trace-file"].map(OsString::from));
    more.push(call.trace_file.map_or_else(|| TRACE.into(), Into::into));
    let run = one(call, call.name, &more, runner)?;
    let trace = run.folder.join(call.trace_file.unwrap_or(Path::new(TRACE)));
    let written = given::bytes(&trace).map(|bytes| trace_lines(&bytes, false)).unwrap_or_default();
    if written.is_empty() {
        return Err(no_trace(call, call.pixels[0], vec![run]));
    }
    Ok(SimulatorRun { float_image: run.folder.join(FLOAT_IMAGE), runs: vec![run], trace: Some(trace) })
}

/// The reference traces one pixel a run; the set-up of the first run stands for all.
fn reference(call: &Call<'_>, runner: &dyn Runner) -> Result<SimulatorRun, SimulatorError> {
    let mut runs = Vec::new();
    let mut text = String::new();
    for pixel @ Pixel { slow, fast } in call.pixels {
        let name = match call.pixels.len() {
            1 => call.name.to_owned(),
            _ => format!("{}-{slow}-{fast}", call.name),
        };
        let more = ["-trace_pixel".to_owned(), slow.to_string(), fast.to_string()].map(OsString::from);
        let run = one(call, &name, &more, runner)?;
        let output =
            given::bytes(&run.logs[0]).map_err(SimulatorError::io(&run.logs[0], "cannot be read"))?;
        let lines = trace_lines(&output, runs.is_empty());
        runs.push(run);
        if !lines.lines().any(|line| line.contains(": ") && !line.starts_with("TRACE_CONFIG")) {
            return Err(no_trace(call, *pixel, runs));
        }
        text += &lines;
    }
    let folder = call.folder.join(call.name);
    fs::create_dir_all(&folder).map_err(SimulatorError::io(&folder, "cannot be made"))?;
    let trace = folder.join(call.trace_file.unwrap_or(Path::new(TRACE)));
    fs::write(&trace, text).map_err(SimulatorError::io(&trace, "cannot be written"))?;
    let float_image = runs.last().map(|run| run.folder.join(FLOAT_IMAGE)).unwrap_or_default();
    Ok(SimulatorRun { runs, float_image, trace: Some(trace) })
}

fn no_trace(call: &Call<'_>, pixel: Pixel, runs: Vec<OneRun>) -> SimulatorError {
    let reference = call.simulator.dialect == Dialect::Reference;
    SimulatorError::NoTrace { program: call.simulator.program.path.clone(), pixel, reference, runs }
}

fn one(
    call: &Call<'_>,
    name: &str,
    more: &[OsString],
    runner: &dyn Runner,
) -> Result<OneRun, SimulatorError> {
    let folder = call.folder.join(name);
    fs::create_dir_all(&folder).map_err(SimulatorError::io(&folder, "cannot be made"))?;
    for file in call.beside {
        let place = folder.join(file.file_name().unwrap_or_default());
        regular::copy(file, &place).map_err(SimulatorError::io(file, "cannot be copied"))?;
    }
    let simulator = call.simulator;
    let mut args: Vec<OsString> = simulator.program.leading.iter().chain(call.args).cloned().collect();
    // The last one given counts, whatever files the arguments name.
    args.extend(["-floatfile", FLOAT_IMAGE, "-intfile", "int.img"].map(OsString::from));
    args.extend_from_slice(more);
    let logs = ["stdout.txt", "stderr.txt"].map(|log| folder.join(log));
    let invocation = Invocation {
        stdin: None,
        program: simulator.program.path.clone(),
        args: args.clone(),
        folder: folder.clone(),
        exported: simulator.exported(),
        stdout: logs[0].clone(),
        stderr: logs[1].clone(),
        time_limit: call.time_limit,
    };
    let measured = runner.run(&invocation)?;
    let failed = why_failed(&measured, &invocation, &folder.join(FLOAT_IMAGE));
    let command = std::iter::once(simulator.program.path.clone().into()).chain(args).collect();
    let run =
        OneRun { name: name.to_owned(), command, folder, exported: invocation.exported, logs, measured };
    match failed {
        None => Ok(run),
        Some(what) => {
            let (program, last) = (simulator.program.path.clone(), last_words(&run.logs[1]));
            Err(SimulatorError::Failed { program, what, last, runs: vec![run] })
        }
    }
}

/// A run that did not deliver.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// It could not be run at all.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// It failed.
    #[error("`{}` {what}{last}", program.display())]
    Failed {
        /// The executable.
        program: PathBuf,
        /// How it ended.
        what: String,
        /// The last lines of its standard error.
        last: String,
        /// What was run.
        runs: Vec<OneRun>,
    },
    /// It ran, but wrote no trace line.
    #[error("`{}`: printed no trace of pixel slow {}, fast {}", program.display(), pixel.slow, pixel.fast)]
    NoTrace {
        /// The executable.
        program: PathBuf,
        /// The pixel.
        pixel: Pixel,
        /// Whether it is the reference.
        reference: bool,
        /// What was run.
        runs: Vec<OneRun>,
    },
    /// The system refused.
    #[error("`{}`: {doing}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl SimulatorError {
    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoTrace { reference: true, .. } => {
                "a trace needs a build of the C program with trace instrumentation (it prints `TRACE_C:` lines for \
                 `-trace_pixel SLOW FAST`); the program as published has none"
            }
            Self::NoTrace { reference: false, .. } => {
                "pixels outside the region (-roi) and masked ones are not rendered"
            }
            _ => "",
        }
    }

    /// What was run all the same: failures are evidence too.
    pub fn runs(&self) -> &[OneRun] {
        match self {
            Self::Failed { runs, .. } | Self::NoTrace { runs, .. } => runs,
            Self::Command(_) | Self::Io { .. } => &[],
        }
    }

    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, doing, source }
    }
}
