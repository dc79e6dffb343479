//! `trace-harness spread`: arguments, words, evidence and exit status.
//!
//! Not here: finding the noise (`trace::spread`), using it (`diff`).

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use maud::html;

use crate::commands::print_line;
use crate::commands::traces::files::{self, TraceFailure, read, trace_file};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::digest;
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::{Clock, OwnWork};
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::staging::Target;
use crate::evidence::exit::Exit;
use crate::evidence::given::working_folder;
use crate::evidence::held::Held;
use crate::evidence::page::{markdown, section};
use crate::evidence::terminal::visible_lines;
use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::trace::array::Elsewhere;
use crate::trace::diff::array_files;
use crate::trace::diff::noise::{NoiseError, TraceNoise};
use crate::trace::diff::wording::{listed, numbers};
use crate::trace::log::TraceLog;
use crate::trace::schema::Schema;
use crate::trace::spread::Spread;

/// The kind of its bundles.
pub(crate) const KIND: &str = "spread";

/// The file of the noise.
pub(crate) const FILE: &str = "spread.json";

/// Arguments of `spread`.
#[derive(Debug, Clone, Args)]
pub struct SpreadArgs {
    /// Trace of the reference's unchanged run
    #[arg(value_name = "REFERENCE")]
    pub reference: PathBuf,
    /// Traces of other runs of it: other threads, another build, inputs that differ in the last digit
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// The keys of another program: a TOML file (see `trace-harness keys --toml`)
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Write a bundle of evidence to this new folder, which `diff --tolerance-from` takes
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the noise alone, into this folder that is there: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "out")]
    pub files: Option<PathBuf>,
    /// An array that the trace of this number names, the reference's being 0: what a bundle's second run says
    #[arg(long, num_args = 2, value_names = ["NUMBER", "NAME=FILE"], hide = true)]
    pub array: Vec<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
}

/// Runs the command; what it prints goes to standard output.
///
/// # Errors
/// Traces that cannot be read or have other keys, and results that cannot be written.
pub fn run(args: &SpreadArgs, json: bool) -> Result<Exit, TraceFailure> {
    let clock = Clock::start();
    let mut args = args.clone();
    // Everything is read twice: for its values, and for its digest.
    let read_twice = [&mut args.reference].into_iter().chain(&mut args.runs).chain(&mut args.schema);
    let _held = Held::all(read_twice)?;
    let (noise, arrays) = find(&args)?;
    let document = serde_json::to_string_pretty(&noise)? + "\n";
    if let Some(folder) = &args.files {
        files::write(&folder.join(FILE), &document)?;
    }
    let text = to_text(&noise);
    if let Some(out) = &args.out {
        write(&args, out, (&noise, &document, &arrays), &text, &clock.stop(Exit::Agrees))?;
    }
    print_line(if json { document.trim_end() } else { &text })?;
    Ok(Exit::Agrees)
}

/// Files of arrays, by the names that a trace has for them.
type NamedFiles = Vec<(String, PathBuf)>;

/// The noise, and the arrays that each trace names.
fn find(args: &SpreadArgs) -> Result<(TraceNoise, Vec<NamedFiles>), TraceFailure> {
    let schema = Schema::at(args.schema.as_deref())?;
    let one = |number: usize, path: &Path| -> Result<(TraceLog, String), TraceFailure> {
        let mut trace = read(path, &schema)?;
        let arrays = args.array.chunks_exact(2).filter(|pair| pair[0] == Path::new(&number.to_string()));
        trace.arrays = Elsewhere::of(&arrays.map(|pair| pair[1].clone()).collect::<Vec<_>>());
        let path = trace_file(path);
        let digest = digest::of_file(&path).map_err(|source| NoiseError::Unreadable { path, source })?;
        Ok((trace, digest.0))
    };
    let files = |trace: &TraceLog| -> NamedFiles {
        array_files(trace).into_iter().map(|(name, path)| (name.to_owned(), path)).collect()
    };
    let (reference, baseline) = one(0, &args.reference)?;
    let mut arrays = vec![files(&reference)];
    let (mut spread, mut runs) = (Spread::of(&schema, &reference), Vec::new());
    for (number, path) in (1..).zip(&args.runs) {
        let (trace, sha256) = one(number, path)?;
        spread.take(&trace)?;
        arrays.push(files(&trace));
        runs.push(sha256);
    }
    Ok((TraceNoise { baseline, runs, keys: spread.done() }, arrays))
}

fn reason(noise: &TraceNoise) -> String {
    let moving = noise.keys.values().filter(|key| key.moved_by > 0).count();
    let runs = counted(noise.runs.len(), "run");
    format!("{moving} of {} move in {runs}", counted(noise.keys.len(), "key"))
}

/// The noise for a terminal.
fn to_text(noise: &TraceNoise) -> String {
    let moving: Vec<_> = noise.keys.iter().filter(|(_, key)| key.moved_by > 0 || key.undecided).collect();
    let width = moving.iter().map(|(name, _)| name.len()).max().unwrap_or(3).max(3);
    let mut t = String::new();
    // Writing to a string cannot fail.
    if !moving.is_empty() {
        let _ = writeln!(t, "{:<width$}  {:>12}  {:>12}  {:>8}", "key", "moves by", "as a share", "in runs");
    }
    for (name, key) in &moving {
        let [absolute, relative] = [key.absolute, key.relative].map(|x| numbers(&[x]));
        let undecided = if key.undecided { "  undecided: in some run no number, or other words" } else { "" };
        let _ = writeln!(t, "{name:<width$}  {absolute:>12}  {relative:>12}  {:>8}{undecided}", key.moved_by);
    }
    let still: Vec<&String> = noise
        .keys
        .iter()
        .filter(|(_, key)| key.moved_by == 0 && !key.undecided)
        .map(|(name, _)| name)
        .collect();
    if !still.is_empty() {
        let _ = writeln!(t, "moved by no run: {}", listed(&still));
    }
    let _ = write!(t, "{}", reason(noise));
    visible_lines(&t)
}

/// Writes the bundle; it appears whole or not at all.
fn write(
    args: &SpreadArgs,
    out: &Path,
    (noise, document, arrays): (&TraceNoise, &str, &[NamedFiles]),
    text: &str,
    own_work: &OwnWork,
) -> Result<(), TraceFailure> {
    let folder = working_folder()?;
    let mut recorder = Recorder::begin(Target::Exact(out.to_owned()), &folder, args.keep_paths)?;
    let arguments = command(args, &folder, (noise, arrays), &mut recorder)?;
    recorder.result(FILE, document)?;
    recorder.own_step(KIND, &arguments, own_work, text)?;
    let moving = noise.keys.values().filter(|key| key.moved_by > 0).count();
    recorder.finish(Closing {
        metrics: Metrics::of([
            ("runs", noise.runs.len() as f64),
            ("keys", noise.keys.len() as f64),
            ("moving_keys", moving as f64),
        ]),
        analysis: markdown::block(text),
        page: Page::Sections(section(KIND, "How far the keys move", &html! { pre { (text) } })),
        ..Closing::of(KIND, "the noise of a reference's traces", Verdict::Pass, reason(noise))
    })?;
    Ok(())
}

/// The command as another machine would run it on what the bundle holds.
fn command(
    args: &SpreadArgs,
    folder: &Path,
    (noise, arrays): (&TraceNoise, &[NamedFiles]),
    recorder: &mut Recorder,
) -> Result<Vec<String>, BundleError> {
    let mut arguments = vec![KIND.to_owned()];
    let digests = [&noise.baseline].into_iter().chain(&noise.runs);
    for (trace, judged) in [&args.reference].into_iter().chain(&args.runs).zip(digests) {
        arguments.push(recorder.input_as(&folder.join(trace_file(trace)), judged)?);
    }
    for (number, files) in arrays.iter().enumerate() {
        for (name, file) in files {
            let token = recorder.input(&folder.join(file))?;
            arguments.extend(["--array".to_owned(), number.to_string(), Elsewhere::word(name, &token)]);
        }
    }
    if let Some(schema) = &args.schema {
        arguments.extend(["--schema".to_owned(), recorder.input(&folder.join(schema))?]);
    }
    arguments.extend(["--files".to_owned(), "{out}".to_owned()]);
    Ok(arguments)
}
