//! The evidence of a matrix: its results, the cases as a list that runs again alone, and the command that does so.
//!
//! Not here: what the results say (`report`), the list (`kept`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cases::Cases;
use crate::commands::checks::CheckFailure;
use crate::commands::checks::matrix::MatrixArgs;
use crate::evidence::bundle::own_work::{Evidence, Finding};
use crate::evidence::bundle::summary::Tolerance;
use crate::evidence::exit::Exit;
use crate::evidence::verdict::Verdict;
use crate::matrix::kept::{self, KeptError};
use crate::matrix::{Matrix, Outcome, Request, report};

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
pub fn write_files(folder: &Path, matrix: &Matrix) -> Result<(), CheckFailure> {
    for (name, text, _) in results(matrix) {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .map_err(|e| CheckFailure::Input(format!("`{}`: cannot be written: {e}", path.display())))?;
    }
    Ok(())
}

/// Writes the bundle.
///
/// # Errors
/// Something cannot be read, written or recorded.
pub fn keep(
    mut evidence: Evidence,
    args: &MatrixArgs,
    folder: &Path,
    cases: &Cases,
    request: &Request,
    (matrix, code): (&Matrix, Exit),
) -> Result<PathBuf, CheckFailure> {
    let lists = tempfile::tempdir().map_err(|e| CheckFailure::Input(format!("no temporary folder: {e}")))?;
    let mut list = folder.join(&args.cases).canonicalize().unwrap_or_default();
    if args.no_copies {
        for file in &cases.read {
            evidence.input(file, CASES_LIMIT)?;
        }
    } else {
        let text = kept::list(&mut evidence, cases, &request.chosen, matrix.machine.is_some()).map_err(
            |e| match e {
                KeptError::Bundle(e) => CheckFailure::Bundle(e),
                KeptError::Words(_) => CheckFailure::Input(e.to_string()),
            },
        )?;
        list = lists.path().join("cases.toml");
        std::fs::write(&list, text)
            .map_err(|e| CheckFailure::Input(format!("`{}`: cannot be written: {e}", list.display())))?;
        evidence.input(&list, u64::MAX)?;
    }
    evidence.program(&request.simulator.program, None)?;
    if let Some(path) = &request.reference {
        evidence.program(path, None)?;
        evidence.export("NB_C_BIN", &path.to_string_lossy())?;
    }
    for (name, text, tolerance) in results(matrix) {
        let text = evidence.paths().record(&text)?;
        evidence.result_within(name, text, tolerance)?;
    }
    let finding = finding(matrix, code);
    Ok(evidence.finish(&words(args, folder, request, &list), finding)?.place)
}

/// The command that runs the same cases again and writes the same results. What the choice left over is all that is in the list.
fn words(args: &MatrixArgs, folder: &Path, request: &Request, list: &Path) -> Vec<String> {
    let mut words = vec!["trace-harness".to_owned(), "matrix".to_owned(), list.display().to_string()];
    let numbers: Vec<String> = args.threads.iter().map(usize::to_string).collect();
    let lists = [
        ("--engine", &args.engine),
        ("--dtype", &args.dtype),
        ("--device", &args.device),
        ("--threads", &numbers),
    ];
    words.extend(lists.iter().flat_map(|(name, list)| [(*name).to_owned(), list.join(",")]));
    if args.no_copies {
        words.extend(args.only.iter().flat_map(|text| ["--only".to_owned(), text.clone()]));
        words.extend(args.partition.iter().flat_map(|(i, n)| ["--partition".to_owned(), format!("{i}/{n}")]));
    }
    words.extend(args.program.iter().flat_map(|p| ["--program".to_owned(), program_word(folder, p)]));
    words.extend((args.max_ulp > 0).then(|| format!("--max-ulp={}", args.max_ulp)));
    // Whatever is in the variable when it is run again: without a reference then, there is none now.
    let alone = request.reference.is_none();
    let flags = [("--isolated", args.isolated), ("--suite", args.suite), ("--no-live", alone)];
    words.extend(flags.iter().filter(|(_, on)| *on).map(|(name, _)| (*name).to_owned()));
    words.extend(["--files".to_owned(), "{out}/results".to_owned()]);
    words
}

fn program_word(folder: &Path, program: &Path) -> String {
    let full = folder.join(program).canonicalize();
    full.map_or_else(|_| program.display().to_string(), |p| p.display().to_string())
}

fn finding(matrix: &Matrix, code: Exit) -> Finding<'static> {
    let verdict = match code {
        Exit::Agrees => Verdict::Pass,
        Exit::Undecided => Verdict::Undecided,
        _ => Verdict::Fail,
    };
    let figures = [
        ("pass", matrix.count(Outcome::Pass)),
        ("fail", matrix.count(Outcome::Fail)),
        ("absent", matrix.count(Outcome::Absent)),
        ("not_run", matrix.count(Outcome::NotRun)),
        ("disagreements", matrix.disagreements.len()),
        ("traces", matrix.traces()),
    ];
    let mut open_points: Vec<String> = matrix.machine.iter().cloned().collect();
    open_points.extend(matrix.absent.iter().map(|(c, why)| format!("absent: {c}: {why}")));
    open_points.extend(report::not_run(matrix).iter().map(|(case, why)| format!("not run: {case}: {why}")));
    Finding {
        kind: "matrix",
        title: "matrix of cases and configurations".to_owned(),
        verdict,
        reason: report::sentence(matrix),
        code,
        printed: format!("{}\n", report::words(matrix)),
        metrics: figures.map(|(k, n)| (k.to_owned(), n as f64)).into_iter().collect::<BTreeMap<_, _>>(),
        analysis: format!("# Matrix\n\n```\n{}\n```\n", report::words(matrix).replace("```", "` ` `")),
        sections: report::section(matrix),
        open_points,
    }
}
