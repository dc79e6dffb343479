//! `trace-harness diff`: arguments, files and exit status.
//!
//! Not here: comparing (`compare`).

mod args;
mod evidence;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
pub use args::DiffArgs;

use crate::commands::print_line;
use crate::commands::recompute::{RunAgain, recompute};
use crate::commands::traces::files::{TraceFailure, read, trace_file, write};
use crate::commands::traces::spread;
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::bundle::{digest, verify};
use crate::evidence::exit::Exit;
use crate::evidence::failure::SystemError;
use crate::evidence::held::Held;
use crate::trace::array::Elsewhere;
use crate::trace::diff::compare::{Settings, compare};
use crate::trace::diff::noise::{NoiseError, TraceNoise};
use crate::trace::diff::tolerance::Tolerances;
use crate::trace::diff::{Comparison, report};
use crate::trace::log::TraceLog;
use crate::trace::schema::Schema;

/// Runs the command; what it prints goes to standard output.
///
/// # Errors
/// Files that cannot be read or written, and wrong requests.
pub fn run(args: &DiffArgs, json: bool) -> Result<Exit, TraceFailure> {
    let clock = Clock::start();
    let mut args = args.clone();
    if let Some(place) = args.tolerance_from.as_mut() {
        *place = noise_file(place)?;
    }
    // A bundle keeps what was compared. Without one, everything is read once, however long it is.
    let keeps = args.out.is_some();
    let files = [&mut args.a, &mut args.b].into_iter().chain(&mut args.schema).chain(&mut args.tolerances);
    let _held = Held::all(files.filter(|_| keeps))?;
    let args = &args;
    let (comparison, traces) = compare_files(args)?;
    let code = comparison.exit();
    if let Some(folder) = &args.files {
        for (name, content) in evidence::files(&comparison, [&traces[0], &traces[1]])? {
            write(&folder.join(name), &content)?;
        }
    }
    if let Some(out) = &args.out {
        evidence::write(&comparison, [&traces[0], &traces[1]], args, out, &clock.stop(code))?;
    }
    if json {
        print_json(&comparison)?;
        return Ok(code);
    }
    let text = if AutoStream::choice(&std::io::stdout()) != ColorChoice::Never {
        report::terminal(&comparison, &report::Colours)
    } else {
        report::terminal(&comparison, &report::Plain)
    };
    print_line(&text)?;
    Ok(code)
}

/// Prints piece by piece: a comparison can be larger as text than it is in memory.
fn print_json(comparison: &Comparison) -> Result<(), TraceFailure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, comparison).map_err(std::io::Error::from);
    match written.and_then(|()| writeln!(out)).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(SystemError::StandardOutput(e).into()),
        _ => Ok(()),
    }
}

/// The kind of a bundle with the noise of an adapter's reference, and where it has that of traces.
const OF_ADAPTER: &str = "noise";
const IN_OF_ADAPTER: &str = "spread/traces.json";

/// The file of noise in a bundle of it, which has to be sound and to follow from its traces: who made it could have written any number. A
/// file is taken as it is: a bundle of a comparison holds one.
fn noise_file(place: &Path) -> Result<PathBuf, TraceFailure> {
    if !place.is_dir() {
        return Ok(place.to_owned());
    }
    let unsound = |why: String| NoiseError::Unsound { path: place.to_owned(), why };
    let examined = verify::examine(place)?;
    let Some(summary) = examined.summary.as_ref().filter(|_| examined.report.is_sound()) else {
        let found = examined.report.findings.iter().map(ToString::to_string).collect::<Vec<_>>();
        return Err(unsound(found.join("; ")).into());
    };
    let file = match summary.kind.as_str() {
        spread::KIND => spread::FILE,
        OF_ADAPTER if place.join(IN_OF_ADAPTER).is_file() => IN_OF_ADAPTER,
        OF_ADAPTER => {
            return Err(
                unsound("has no noise of traces; `nb-compare noise --trace` keeps it".to_owned()).into()
            );
        }
        kind => {
            let kinds = [spread::KIND, OF_ADAPTER].join("` or `");
            let why = format!(
                "is a bundle of kind `{kind}`; expected `{kinds}`, as `trace-harness spread` or `nb-compare noise --trace` makes it"
            );
            return Err(unsound(why).into());
        }
    };
    let done = recompute(place, RunAgain::Again).map_err(|failure| unsound(failure.to_string()))?;
    match done.exit() {
        Exit::Agrees => Ok(place.join(file)),
        _ => Err(unsound(done.lines().join("; ")).into()),
    }
}

/// The noise in `file`, which has to be that of the trace `reference`.
fn noise_of(file: &Path, reference: &Path) -> Result<TraceNoise, TraceFailure> {
    let noise = TraceNoise::read(file)?;
    let (sha256, _) = digest::of_file(reference)
        .map_err(|source| NoiseError::Unreadable { path: reference.to_owned(), source })?;
    if sha256 != noise.baseline {
        let (path, expected) = (reference.to_owned(), noise.baseline);
        return Err(NoiseError::OtherTrace { path, expected }.into());
    }
    Ok(noise)
}

/// Reads and compares the two files.
///
/// # Errors
/// Files that cannot be read, and wrong requests.
pub fn compare_files(args: &DiffArgs) -> Result<(Comparison, [TraceLog; 2]), TraceFailure> {
    let schema = Schema::at(args.schema.as_deref())?;
    let mut tolerances = Tolerances { relative: args.rtol, absolute: args.atol, ..Tolerances::default() };
    if let Some(path) = &args.tolerances {
        tolerances.add_file(path)?;
    }
    if let Some(path) = &args.tolerance_from {
        tolerances.noise = Some(noise_of(path, &trace_file(&args.a))?);
    }
    // Reading is most of the time for long traces, and the two files have nothing to do with each other.
    let [a, b] = std::thread::scope(|scope| {
        let second = scope.spawn(|| read(&args.b, &schema));
        let first = read(&args.a, &schema);
        [first, second.join().unwrap_or_else(|_| Err(TraceFailure::ReaderGone))]
    });
    let mut traces = [a?, b?];
    for (trace, arrays) in traces.iter_mut().zip([&args.array_a, &args.array_b]) {
        trace.arrays = Elsewhere::of(arrays);
    }
    if args.out.is_some() || args.files.is_some() {
        // What is kept names files as they are called everywhere.
        traces.iter_mut().for_each(|t| t.path = evidence::bare_name(&t.path));
    }
    let settings = Settings {
        tolerances,
        allow_missing: args.allow_missing.clone(),
        min_compared: args.min_compared,
        ..Settings::default()
    };
    Ok((compare(&schema, [&traces[0], &traces[1]], &settings), traces))
}
