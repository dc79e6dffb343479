//! A whole matrix: every case run and compared, several at a time, and one bundle of evidence about all.
//!
//! Not here: one case (`matrix_case`), and how the result is shown (`matrix`).

pub mod case;

use std::path::Path;

use nanobragg::error::{OutputError, UsageError};
use serde_json::json;
use trace_harness::cases::{self, Case, Cases, Workplace};
use trace_harness::evidence::bundle::closing::{Closing, Made, Page};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::metrics::Metrics;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::clock;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, Failure, SystemError};
use trace_harness::evidence::page::markdown;
use trace_harness::evidence::process::{Interrupt, RealRunner};

use crate::app::matrix::case::Bench;
use crate::app::{console, told};
use crate::cache::Cache;
use crate::cli::{MatrixOptions, Options};
use crate::compare::metrics::DEFINITIONS;
use crate::matrix::{Done, Tally, junit, part};
use crate::runner::Program;

/// The programs of a matrix.
pub struct Sides {
    /// The reference, unless every case brings an image.
    pub reference: Option<Program>,
    /// The program to judge.
    pub candidate: Program,
    /// Where runs of the reference are kept.
    pub cache: Option<Cache>,
}

/// Runs the matrix in `file`; gives the exit code, which is that of its worst case.
///
/// # Errors
/// The list of cases cannot be read or is empty, or the evidence cannot be written.
pub fn run(file: &Path, sides: Sides, options: &MatrixOptions, folder: &Path) -> Result<Exit, Failure> {
    let list = Cases::read(file)?;
    for notice in &list.notices {
        console::notice(notice);
    }
    let chosen = list.choose(&options.only, options.partition);
    if chosen.is_empty() {
        let expected = "--only and --partition to choose some";
        return Err(UsageError::new("no case is left", expected).into());
    }
    let mut bundle = Recorder::begin(target(file, options, folder), folder, options.options.keep_paths)?;
    let interrupt = Interrupt::install().map_err(SystemError::Signals)?;
    let runner = RealRunner::new(interrupt.clone());
    // Beside the evidence, so that what is kept of it can be moved.
    let parts = tempfile::Builder::new().prefix(".parts-").tempdir_in(bundle.folder());
    let parts = parts.map_err(SystemError::TemporaryFolder)?;
    let bar = console::bar(&options.options, chosen.len() as u64);
    let bench = Bench {
        reference: sides.reference,
        candidate: sides.candidate,
        cache: sides.cache,
        timeout: options.timeout,
        keep: options.keep_images,
        options: Options { quiet: true, ..options.options.clone() },
        folder: &list.base,
        parts: parts.path(),
        runner: &runner,
    };
    let progress = |case: &Case, done: bool| match done {
        true => bar.inc(1),
        false => bar.set_message(case.name.clone()),
    };
    let workplace = Workplace::new(&list)?;
    let done = cases::run(&workplace, (&chosen, jobs(options)), &interrupt, &bench, &progress)?;
    bar.finish_and_clear();
    let dialect = done.iter().flatten().find_map(|part| part.dialect);
    if let Some(dialect) = dialect.filter(|_| !options.options.quiet) {
        console::notice(&format!(
            "the reference is {}, which candidates with --parity are told",
            told::name(dialect)
        ));
    }
    let mut cases = Vec::new();
    for mut part in done.into_iter().flatten() {
        // A candidate that ran after this case could have changed its files.
        if let Err(changed) = part.guarded.check(part.bundle.staging()) {
            part.done = Done {
                args: part.done.args,
                ..Done::failed(&part.done.name, changed.to_string(), changed.exit())
            };
        }
        bundle.absorb(part.bundle, &format!("cases/{}", part.done.name))?;
        cases.push(part.done);
    }
    drop(parts);
    bundle.input(file)?;
    worst_first(&mut cases);
    let tally = Tally::of(&cases, chosen.len());
    let made = write(bundle, &cases, &tally, file, options)?;
    console::matrix(&options.options, &cases, &tally, &made.place, &made.document)
        .map_err(SystemError::StandardOutput)?;
    Ok(tally.exit_code)
}

fn jobs(options: &MatrixOptions) -> usize {
    options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

fn target(file: &Path, options: &MatrixOptions, folder: &Path) -> Target {
    match &options.options.outdir {
        Some(path) => Target::Exact(folder.join(path)),
        None => {
            let digest = digest::of_bytes(file.as_os_str().as_encoded_bytes());
            let name = format!("{}-matrix-{}", clock::now().format("%Y%m%d-%H%M%S"), &digest[..8]);
            Target::Numbered(folder.join("comparisons").join(name))
        }
    }
}

fn worst_first(cases: &mut [Done]) {
    cases.sort_by(|a, b| {
        let (a, b) = (a.badness(), b.badness());
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
}

/// Writes the evidence, and makes it visible.
fn write(
    bundle: Recorder,
    cases: &[Done],
    tally: &Tally,
    file: &Path,
    options: &MatrixOptions,
) -> Result<Made, Failure> {
    let title = format!("matrix {}", file.file_name().unwrap_or_default().to_string_lossy());
    let xml = junit(&title, cases);
    if let Some(path) = &options.junit {
        std::fs::write(path, &xml).map_err(|source| OutputError { path: path.clone(), source })?;
    }
    bundle.staging().write("junit.xml", xml)?;
    let fields = [("counts", json!(tally)), ("cases", json!(cases))];
    Ok(bundle.finish(Closing {
        metrics: metrics(cases, tally),
        analysis: analysis(cases),
        page: Page::Sections(part(tally, cases)),
        fields: fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        exit: Some(tally.exit_code),
        ..Closing::of("matrix", title, tally.outcome, &*tally.reason)
    })?)
}

/// The figures of the whole matrix: what an index follows from run to run.
fn metrics(cases: &[Done], tally: &Tally) -> Metrics {
    let counts = [
        ("cases", cases.len()),
        ("cases_passed", tally.passed),
        ("cases_failed", tally.failed),
        ("cases_undecided", tally.undecided),
        ("cases_with_errors", tally.errors),
    ];
    let mut metrics = Metrics::of(counts.map(|(name, n)| (name, n as f64)));
    metrics.definitions = DEFINITIONS;
    let worst =
        |name: &str, pick: fn(f64, f64) -> f64| cases.iter().filter_map(|d| d.number(name)).reduce(pick);
    let (correlation, ulp) = (worst("correlation", f64::min), worst("ulp_max", f64::max));
    for (name, value) in [("correlation_least", correlation), ("ulp_max", ulp)] {
        metrics.values.insert(name.to_owned(), json!(value));
        if value.is_none() {
            metrics.undefined.insert(name.to_owned(), "no case has one".into());
        }
    }
    metrics
}

fn analysis(cases: &[Done]) -> String {
    let mut text = markdown::head(&["case", "verdict", "correlation", "sum ratio", "why"]);
    for case in cases {
        let number = |name: &str| case.number(name).map_or("undefined".to_owned(), |v| v.to_string());
        text += &markdown::row(&[
            markdown::text(&case.name),
            case.verdict.to_string(),
            number("correlation"),
            number("sum_ratio"),
            markdown::text(&case.reason),
        ]);
    }
    text
}
