//! A whole matrix: every case run and compared, several at a time, and one bundle of evidence about all.
//!
//! Not here: one case (`images`, `outputs`), and how the result is shown (`matrix`).

mod bench;
mod images;
mod outputs;
mod shared;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use nanobragg::error::{OutputError, UsageError};
use serde_json::json;
use trace_harness::cases::baseline::MatrixBaseline;
use trace_harness::cases::{self, Case, Cases, Workplace};
use trace_harness::evidence::bundle::closing::{Closing, Made, Page};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::clock;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, Failure, SystemError};
use trace_harness::evidence::given;
use trace_harness::evidence::process::{Interrupt, SystemRunner};
use trace_harness::evidence::wording;

use crate::app::console;
use crate::app::matrix::bench::Bench;
use crate::app::matrix::shared::CaseBench;
use crate::built_in;
use crate::cli::{MatrixOptions, Options};
use crate::matrix::{Done, MatrixTally, documents, junit, part, seen, writer};

pub(in crate::app) use bench::Subject;
pub(in crate::app) use images::MatrixPrograms;
pub(in crate::app) use outputs::MatrixAdapter;

/// Runs the matrix in `file`; gives the exit code, which is that of its worst case.
///
/// # Errors
/// The list of cases cannot be read or is empty, or the evidence cannot be written.
pub(super) fn run(
    file: &Path,
    subject: Subject,
    options: &MatrixOptions,
    folder: &Path,
) -> Result<Exit, Failure> {
    let list = Cases::read(file)?;
    for notice in &list.notices {
        console::notice(notice);
    }
    let chosen = list.choose(&options.only, options.partition);
    if chosen.is_empty() {
        let expected = "--only and --partition to choose some";
        return Err(UsageError::new("no case is left", expected).into());
    }
    if let Some(path) = &options.junit {
        let read = list.read.iter().map(|p| &**p).chain([file]).chain(subject.files());
        given::writable(&folder.join(path), read)?;
    }
    let baseline = known(options, folder)?;
    let bundle = Recorder::begin(target(file, options, folder), folder, options.options.keep_paths)?;
    let mut bundle = bundle.closed_to_commands();
    if let Subject::Outputs(adapter) = &subject {
        bundle.input(adapter.path())?;
    }
    let interrupt = Interrupt::install().map_err(SystemError::Signals)?;
    let runner = SystemRunner::new(interrupt.clone());
    // Beside the evidence, so that what is kept of it can be moved.
    let parts = tempfile::Builder::new().prefix(".parts-").tempdir_in(bundle.folder());
    let parts = parts.map_err(SystemError::TemporaryFolder)?;
    let bar = console::bar(&options.options, chosen.len() as u64);
    let shared = CaseBench {
        timeout: options.timeout,
        keep: options.keep_images,
        options: Options { quiet: true, ..options.options.clone() },
        folder: &list.base,
        parts: parts.path(),
        runner: &runner,
    };
    let bench = Bench { subject, shared };
    let progress = |case: &Case, done: bool| match done {
        true => bar.inc(1),
        false => bar.set_message(case.name.clone()),
    };
    let workplace = Workplace::new(&list)?;
    let done = cases::run(&workplace, (&chosen, jobs(options)), &interrupt, &bench, &progress)?;
    bar.finish_and_clear();
    let dialect = done.iter().flatten().find_map(|part| part.dialect);
    if let Some(dialect) = dialect.filter(|_| !options.options.quiet) {
        console::notice(&built_in::dialect::said_of_all(dialect));
    }
    let not_begun = chosen.iter().zip(&done).filter(|(_, part)| part.is_none());
    let not_run: Vec<String> = not_begun.map(|(&number, _)| list.cases[number].name.clone()).collect();
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
    let mut tally = MatrixTally::of(&cases, chosen.len());
    let listed: BTreeSet<&str> = list.cases.iter().map(|case| case.name.as_str()).collect();
    if let Some((path, baseline)) = &baseline {
        tally = tally.against(baseline, &cases, &listed);
        // A new one has nothing to keep.
        if path.exists() {
            bundle.input(path)?;
        }
    }
    let tally = tally.of_list(list.cases.len());
    let made = write(bundle, (&cases, &not_run, list.cases.len()), &tally, file, options)?;
    console::matrix(&options.options, &cases, &tally, &made.place, &made.document)
        .map_err(SystemError::StandardOutput)?;
    match baseline.filter(|_| options.update_baseline) {
        Some(known) => update(known, (&cases, &listed), &tally, &made, options),
        None => Ok(tally.exit_code),
    }
}

/// The baseline that is asked for, and its place; one that is to be written need not be there.
fn known(options: &MatrixOptions, folder: &Path) -> Result<Option<(PathBuf, MatrixBaseline)>, Failure> {
    let Some(path) = options.baseline.as_ref().map(|path| folder.join(path)) else { return Ok(None) };
    let known = match options.update_baseline && !path.exists() {
        true => MatrixBaseline::default(),
        false => MatrixBaseline::read(&path)?,
    };
    Ok(Some((path, known)))
}

/// Writes what came out as the baseline from now on: that is what was asked for, so nothing has failed.
fn update(
    (path, known): (PathBuf, MatrixBaseline),
    (cases, listed): (&[Done], &BTreeSet<&str>),
    tally: &MatrixTally,
    made: &Made,
    options: &MatrixOptions,
) -> Result<Exit, Failure> {
    if tally.not_run > 0 {
        return Ok(tally.exit_code);
    }
    let bundle = made.place.file_name().unwrap_or_default().to_string_lossy();
    let now = known.updated(&seen(cases), listed, options.reason.as_deref(), &bundle)?;
    nanobragg::output::write_whole(&path, now.to_toml().as_bytes())
        .map_err(|source| OutputError { path: path.clone(), source })?;
    if !options.options.quiet {
        console::notice(&format!(
            "baseline: {} in `{}`",
            wording::counted(now.cases.len(), "case"),
            path.display()
        ));
    }
    Ok(Exit::Agrees)
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
        b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.total_cmp(&a.2))
    });
}

/// Writes the evidence, and makes it visible.
fn write(
    bundle: Recorder,
    (cases, not_run, listed): (&[Done], &[String], usize),
    tally: &MatrixTally,
    file: &Path,
    options: &MatrixOptions,
) -> Result<Made, Failure> {
    let title = format!("matrix {}", file.file_name().unwrap_or_default().to_string_lossy());
    let xml = junit(&title, cases, tally.flips.as_deref(), not_run);
    bundle.staging().write("junit.xml", &xml)?;
    let fields = [
        ("counts", json!(tally)),
        ("cases", json!(cases)),
        ("not_run", json!(not_run)),
        ("listed", json!(listed)),
        ("only", json!(options.only)),
        (
            "baseline",
            json!(options.baseline.as_ref().and_then(|path| path.file_name()).map(OsStr::to_string_lossy)),
        ),
        ("partition", json!(options.partition.map(|(i, n)| format!("{i}/{n}")))),
        ("pages", json!(writer())),
    ];
    let made = bundle.finish(Closing {
        metrics: documents::metrics(cases, tally),
        analysis: documents::analysis(cases),
        page: Page::Sections(part(tally, cases)),
        fields: fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        exit: Some(tally.exit_code),
        ..Closing::of("matrix", title, tally.verdict, &*tally.reason)
    })?;
    // After the evidence, which is not to be lost where this cannot be written.
    if let Some(path) = &options.junit {
        nanobragg::output::write_whole(path, xml.as_bytes()).map_err(|source| {
            console::place_of_failure(&made.place, options.options.quiet);
            OutputError { path: path.clone(), source }
        })?;
    }
    Ok(made)
}
