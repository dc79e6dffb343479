//! The evidence of a matrix: its results, the cases as a list that runs again alone, and the command that does so.
//!
//! Not here: what the results say (`matrix::report`), the list (`matrix::kept`).

use std::path::{Path, PathBuf};

use crate::cases::Cases;
use crate::commands::checks::CheckFailure;
use crate::commands::checks::matrix::args::{BUILT_IN, MatrixArgs};
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::OwnWork;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::summary::Tolerance;
use crate::evidence::exit::Exit;
use crate::evidence::failure::SystemError;
use crate::evidence::page::markdown;
use crate::evidence::process::{REFERENCE_VARIABLE, Temporary};
use crate::evidence::verdict::Verdict;
use crate::matrix::kept;
use crate::matrix::{CaseOutcome, Matrix, MatrixRequest, report};

/// Lists of cases above this size are recorded, not copied, where files are not to be copied: they are golden data, which have
/// a home of their own.
const CASES_LIMIT: u64 = 128 << 10;

/// The results by name, with what is asked of them in a second run.
fn results(matrix: &Matrix) -> [(&'static str, String, Tolerance); 4] {
    [
        ("table.md", report::markdown(matrix), Tolerance::Exact),
        ("matrix.json", report::json(matrix), Tolerance::Exact),
        ("digests.txt", report::digests(matrix), Tolerance::Exact),
        ("junit.xml", report::junit(matrix), Tolerance::ButTimes),
    ]
}

/// Writes the results into a folder that is there.
///
/// # Errors
/// They cannot be written.
pub(super) fn write_files(folder: &Path, matrix: &Matrix) -> Result<(), CheckFailure> {
    for (name, text, _) in results(matrix) {
        let path = folder.join(name);
        nanobragg::output::write_whole(&path, text.as_bytes()).map_err(CheckFailure::unwritten(&path))?;
    }
    Ok(())
}

/// Writes the bundle.
///
/// # Errors
/// Something cannot be read, written or recorded.
pub(super) fn keep(
    mut recorder: Recorder,
    args: &MatrixArgs,
    folder: &Path,
    cases: &Cases,
    request: &MatrixRequest,
    (matrix, work): (&Matrix, &OwnWork),
) -> Result<PathBuf, CheckFailure> {
    let lists = Temporary::new().map_err(SystemError::TemporaryFolder)?;
    let mut list = folder.join(&args.cases).canonicalize().unwrap_or_default();
    if args.no_copies {
        for file in &cases.read {
            recorder.input_within(file, CASES_LIMIT)?;
        }
    } else {
        let text = kept::list(&mut recorder, cases, &request.chosen, matrix.machine.is_some())?;
        list = lists.path().join("cases.toml");
        std::fs::write(&list, text).map_err(CheckFailure::unwritten(&list))?;
        recorder.input_within(&list, u64::MAX)?;
    }
    recorder.program(&request.simulator.path)?;
    if let Some(program) = &request.reference {
        recorder.program(&program.path)?;
        recorder.export(REFERENCE_VARIABLE, &program.path.to_string_lossy())?;
    }
    for (name, text, tolerance) in results(matrix) {
        let text = recorder.record(&text)?;
        recorder.result_within(&format!("results/{name}"), text, tolerance)?;
    }
    recorder.own_step("matrix", &recorded_command(args, request, &list), work, &report::to_text(matrix))?;
    for point in open_points(matrix) {
        recorder.open_point(&point)?;
    }
    Ok(recorder.finish(closing(matrix, work.code))?.place)
}

/// The command that runs the same cases again and writes the same results. What the choice left over is all that is in the list.
fn recorded_command(args: &MatrixArgs, request: &MatrixRequest, list: &Path) -> Vec<String> {
    let mut arguments = vec!["matrix".to_owned(), list.display().to_string()];
    let numbers: Vec<String> = args.threads.iter().map(usize::to_string).collect();
    let lists = [
        ("--engine", &args.engine),
        ("--dtype", &args.dtype),
        ("--device", &args.device),
        ("--threads", &numbers),
    ];
    arguments.extend(lists.iter().flat_map(|(name, list)| [(*name).to_owned(), list.join(",")]));
    if args.no_copies {
        arguments.extend(args.only.iter().flat_map(|text| ["--only".to_owned(), text.clone()]));
        arguments
            .extend(args.partition.iter().flat_map(|(i, n)| ["--partition".to_owned(), format!("{i}/{n}")]));
    }
    arguments.extend(args.program.iter().flat_map(|p| ["--program".to_owned(), program_word(request, p)]));
    arguments.extend((args.max_ulp > 0).then(|| format!("--max-ulp={}", args.max_ulp)));
    // Whatever is in the variable when it is run again: without a reference then, there is none now.
    let alone = request.reference.is_none();
    let flags = [("--isolated", args.isolated), ("--suite", args.suite), ("--no-live", alone)];
    arguments.extend(flags.iter().filter(|(_, on)| *on).map(|(name, _)| (*name).to_owned()));
    arguments.extend(["--files".to_owned(), "{out}/results".to_owned()]);
    arguments
}

fn program_word(request: &MatrixRequest, given: &Path) -> String {
    let is_built_in = given.as_os_str() == BUILT_IN;
    if is_built_in { BUILT_IN.to_owned() } else { request.simulator.path.display().to_string() }
}

fn open_points(matrix: &Matrix) -> Vec<String> {
    let mut points: Vec<String> = matrix.machine.iter().cloned().collect();
    points.extend(matrix.changed.iter().cloned());
    points.extend(matrix.absent.iter().map(|(c, why)| format!("absent: {c}: {why}")));
    points.extend(report::not_run(matrix).iter().map(|(case, why)| format!("not run: {case}: {why}")));
    points
}

fn closing(matrix: &Matrix, code: Exit) -> Closing<'static> {
    let verdict = match code {
        Exit::Agrees => Verdict::Pass,
        Exit::Undecided => Verdict::Undecided,
        _ => Verdict::Fail,
    };
    let figures = [
        ("pass", matrix.count(CaseOutcome::Pass)),
        ("fail", matrix.count(CaseOutcome::Fail)),
        ("undecided", matrix.count(CaseOutcome::Undecided)),
        ("absent", matrix.count(CaseOutcome::Absent)),
        ("not_run", matrix.count(CaseOutcome::NotRun)),
        ("disagreements", matrix.disagreements.len()),
        ("traces", matrix.traces()),
    ];
    Closing {
        metrics: Metrics::of(figures.map(|(name, n)| (name, n as f64))),
        analysis: markdown::block(&report::to_text(matrix)),
        page: Page::Sections(report::sections(matrix)),
        ..Closing::of("matrix", "matrix of cases and configurations", verdict, report::sentence(matrix))
    }
}
