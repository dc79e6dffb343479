//! `trace-harness diff`: arguments, files and exit status.
//!
//! Not here: comparing (`compare`).

use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::exit::Exit;
use crate::trace::diff::compare::{Settings, compare};
use crate::trace::diff::tolerance::{self, Tolerances};
use crate::trace::diff::{Comparison, evidence, report};
use crate::trace::log::{self, TraceError, TraceLog};
use crate::trace::schema::{Schema, SchemaError};

/// What `diff` is asked.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// First trace, or a whole program log with trace lines in it, or the folder of a capture
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// Second trace
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// Relative tolerance of every key, instead of the defaults
    #[arg(long, value_name = "R", value_parser = tolerance_of)]
    pub rtol: Option<f64>,
    /// Absolute tolerance of every key, instead of the defaults
    #[arg(long, value_name = "T", value_parser = tolerance_of)]
    pub atol: Option<f64>,
    /// Tolerances of single keys: a TOML file with a table `[KEY]` of `rtol` and `atol` for each
    #[arg(long, value_name = "FILE")]
    pub tolerances: Option<PathBuf>,
    /// A key that may stand in one trace only; `*` at the end stands for any rest, `set-up` for all
    /// set-up lines, which the C program prints for some runs only; repeatable
    #[arg(long, value_name = "KEY")]
    pub allow_missing: Vec<String>,
    /// Fewer compared values than this are undecided
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub min_compared: u64,
    /// The keys of another program: a TOML file (see `trace-harness keys --toml`)
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Write a bundle of evidence with summary.md, metrics.json, trace.diff and diff.html to this new folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these four files alone, into this folder that is there: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "out")]
    pub files: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
}

fn tolerance_of(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}`; expected a number from 0"))?;
    tolerance::check(value)
}

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

impl TraceFailure {
    /// The exit status.
    pub fn exit_code(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Schema(_) => Exit::Usage,
            Self::Trace(_) | Self::Bundle(_) | Self::Other(_) => Exit::Undecided,
        }
    }
}

/// Runs the command; what it prints goes to standard output.
///
/// # Errors
/// Files that cannot be read or written, and wrong requests.
pub fn run(args: &DiffArgs, json: bool) -> Result<Exit, TraceFailure> {
    let clock = Clock::start();
    let (comparison, traces) = compare_files(args)?;
    let code = comparison.exit();
    if let Some(folder) = &args.files {
        for (name, content) in evidence::files(&comparison, [&traces[0], &traces[1]])? {
            let path = folder.join(name);
            std::fs::write(&path, content)
                .map_err(|e| TraceFailure::Other(format!("`{}`: cannot be written: {e}", path.display())))?;
        }
    }
    if let Some(out) = &args.out {
        evidence::write(&comparison, [&traces[0], &traces[1]], args, out, &clock.stop(code))?;
    }
    if json {
        print_json(&comparison)?;
        return Ok(code);
    }
    let text = if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        report::terminal(&comparison, &report::Colours)
    } else {
        report::terminal(&comparison, &report::Plain)
    };
    say(&text)?;
    Ok(code)
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

/// Prints piece by piece: a comparison can be larger as text than it is in memory.
fn print_json(comparison: &Comparison) -> Result<(), TraceFailure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, comparison).map_err(std::io::Error::from);
    match written.and_then(|()| writeln!(out)).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(TraceFailure::Other(format!("standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Reads and compares the two files.
///
/// # Errors
/// Files that cannot be read, and wrong requests.
pub fn compare_files(args: &DiffArgs) -> Result<(Comparison, [TraceLog; 2]), TraceFailure> {
    let schema = Schema::at(args.schema.as_deref())?;
    let mut tolerances = Tolerances { relative: args.rtol, absolute: args.atol, ..Tolerances::default() };
    if let Some(path) = &args.tolerances {
        tolerances.add_file(path).map_err(TraceFailure::Usage)?;
    }
    // Reading is most of the time for long traces, and the two files have nothing to do with each other.
    let [a, b] = std::thread::scope(|scope| {
        let second = scope.spawn(|| read(&args.b, &schema));
        let first = read(&args.a, &schema);
        let gone = |_| Err(TraceFailure::Other("the reader of the second trace ended early".to_owned()));
        [first, second.join().unwrap_or_else(gone)]
    });
    let mut traces = [a?, b?];
    if args.out.is_some() || args.files.is_some() {
        // What is kept names files as they are called everywhere.
        traces.iter_mut().for_each(|t| t.path = evidence::bare_name(&t.path));
    }
    let settings =
        Settings { tolerances, allow_missing: args.allow_missing.clone(), min_compared: args.min_compared };
    Ok((compare(&schema, [&traces[0], &traces[1]], &settings), traces))
}

/// Reads a trace and gives its keys their names of the schema.
///
/// # Errors
/// The file cannot be read, or a line begins like a trace and is none.
pub fn read(path: &Path, schema: &Schema) -> Result<TraceLog, TraceFailure> {
    let mut trace = log::read(&trace_file(path))?;
    trace.rename(schema);
    Ok(trace)
}

/// The file of the trace: the path itself, or the main trace in the folder of a capture.
pub fn trace_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("results/trace.log") } else { path.to_owned() }
}
