//! Runs many cases in one process, one after the other: whatever one run leaves behind, the next one finds.
//!
//! The process is this program again, which reads its work from a file, so that an end of it before its time takes nothing else
//! along. Not here: cases in processes of their own (`execute`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cases::Workplace;
use crate::cases::{Case, Cases};
use crate::evidence::given;
use crate::evidence::process::{Ending, Interrupt, Invocation, Runner, Temporary};
use crate::matrix::configuration::Configuration;
use crate::matrix::error::{NotRun, SuiteError, WorkerError};
use crate::matrix::execute::judged;
use crate::matrix::judge::{GoldenJudge, left};
use crate::matrix::stored::Stored;
use crate::matrix::traced;
use crate::matrix::{CaseOutcome, Disagreement, MatrixRequest, MatrixRow};

/// First argument that makes this program do the work in the other process.
pub const WORKER: &str = "matrix-worker";

/// The work of the other process.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    cases: PathBuf,
    chosen: Vec<usize>,
    configuration: Configuration,
    max_ulp: u32,
    /// One row per line.
    rows: PathBuf,
}

/// Runs all chosen cases of each configuration in one process.
///
/// # Errors
/// Temporary files cannot be made, or this program cannot be found.
pub fn run(
    request: &MatrixRequest,
    cases: &Cases,
    absent: &BTreeMap<String, String>,
    runner: &dyn Runner,
    interrupt: &Interrupt,
) -> Result<Vec<MatrixRow>, SuiteError> {
    let mut rows = Vec::new();
    for configuration in &request.configurations {
        let label = configuration.label();
        let mut found = match absent.contains_key(&label) || interrupt.is_set() {
            true => Vec::new(),
            false => one(request, cases, configuration, runner)?,
        };
        // Whatever has no row has a reason for it.
        for case in request.chosen.iter().filter_map(|&n| cases.cases.get(n)) {
            let (outcome, reason) = match absent.get(&label) {
                Some(reason) => (CaseOutcome::Absent, reason.clone()),
                None if interrupt.is_set() => (CaseOutcome::NotRun, NotRun::Interrupted.to_string()),
                None => {
                    (CaseOutcome::Fail, "the process of the suite ended before this case was done".to_owned())
                }
            };
            if !found.iter().any(|r| r.case == case.name) {
                found.push(MatrixRow::not_run(&case.name, &label, outcome, reason));
            }
        }
        rows.extend(found);
    }
    Ok(rows)
}

fn one(
    request: &MatrixRequest,
    cases: &Cases,
    configuration: &Configuration,
    runner: &dyn Runner,
) -> Result<Vec<MatrixRow>, SuiteError> {
    let folder = Temporary::new().map_err(SuiteError::Folder)?;
    let place = |name: &str| folder.path().join(name);
    let task = Task {
        cases: cases.read.last().cloned().unwrap_or_default(),
        chosen: request.chosen.clone(),
        configuration: configuration.clone(),
        max_ulp: request.max_ulp,
        rows: place("rows.jsonl"),
    };
    let text = serde_json::to_vec(&task)?;
    std::fs::write(place("task.json"), text).map_err(SuiteError::File)?;
    let invocation = Invocation {
        stdin: None,
        program: std::env::current_exe().map_err(SuiteError::OwnExecutable)?,
        args: vec![WORKER.into(), place("task.json").into()],
        folder: folder.path().to_owned(),
        // Where the other process is killed, what it has left goes with this folder.
        exported: vec![("TMPDIR".to_owned(), folder.path().into())],
        stdout: place("stdout"),
        stderr: place("stderr"),
        time_limit: request
            .time_limit
            .map(|t| t * u32::try_from(task.chosen.len().max(1)).unwrap_or(u32::MAX)),
    };
    runner.run(&invocation)?;
    let text = given::text(&task.rows).unwrap_or_default();
    // The last line may be half written where the process ended before its time.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// What the other process does: gives its exit status.
pub fn worker(task: &Path) -> u8 {
    match work(task) {
        Ok(()) => 0,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "error: {problem}");
            5
        }
    }
}

fn work(path: &Path) -> Result<(), WorkerError> {
    let text = given::bytes(path).map_err(|source| WorkerError::Task { path: path.to_owned(), source })?;
    let task: Task = serde_json::from_slice(&text)
        .map_err(|source| WorkerError::Nonsense { path: path.to_owned(), source })?;
    let cases = Cases::read(&task.cases)?;
    let workplace = Workplace::new(&cases)?;
    let stored = Stored::read(&cases)?;
    let judge = GoldenJudge { cases: &cases, stored: &stored, max_ulp: task.max_ulp };
    let mut out = std::fs::File::create(&task.rows)
        .map_err(|source| WorkerError::Rows { path: task.rows.clone(), source })?;
    for case in task.chosen.iter().filter_map(|&n| cases.cases.get(n)) {
        let once = |more: &[String]| here(&workplace, &judge, case, &task.configuration, more);
        let row = match once(&[]) {
            Err(reason) => MatrixRow::not_run(
                &case.name,
                &task.configuration.label(),
                CaseOutcome::NotRun,
                reason.to_string(),
            ),
            Ok(row) if stored.traces(case) => traced::with_traces(&stored, case, row, once),
            Ok(row) => row,
        };
        let line = serde_json::to_string(&row)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// One case in this very process.
fn here(
    workplace: &Workplace<'_>,
    judge: &GoldenJudge<'_>,
    case: &Case,
    configuration: &Configuration,
    more: &[String],
) -> Result<MatrixRow, NotRun> {
    let prepared = workplace.prepare(case)?;
    let folder = prepared.folder()?;
    // Relative names of the case are seen from its folder. Everything here is absolute.
    std::env::set_current_dir(folder.path()).map_err(NotRun::WorkingFolder)?;
    let flags = configuration.flags();
    let candidate = case.candidate_args.list();
    let arguments = flags.iter().chain(&candidate).chain(more).chain(&prepared.args);
    let arguments: Vec<OsString> = arguments.map(Into::into).collect();
    let code = nanobragg::run::run_cli(&arguments);
    std::env::set_current_dir("/").map_err(NotRun::WorkingFolder)?;
    let left = left(folder.path())?;
    let ending = (Ending::Exit(i32::from(code)), "see it by itself");
    Ok(judged(judge, case, &configuration.label(), ending, (folder.path(), &left)))
}

/// Rows that are not the same in both modes.
pub fn disagreements(isolated: &[MatrixRow], suite: &[MatrixRow]) -> Vec<Disagreement> {
    let of = |rows: &[MatrixRow]| -> BTreeMap<(String, String), MatrixRow> {
        rows.iter().map(|r| ((r.case.clone(), r.configuration.clone()), r.clone())).collect()
    };
    let suite = of(suite);
    let mut found = Vec::new();
    for row in isolated {
        let other = suite.get(&(row.case.clone(), row.configuration.clone()));
        let word = |o: CaseOutcome| format!("{o:?}").to_lowercase();
        let detail = match other {
            None => "was not run in the suite".to_owned(),
            // In the suite no reference program runs: what that alone decides is undecided there, and files are compared.
            Some(o) if o.outcome != row.outcome && o.outcome != CaseOutcome::Undecided => {
                format!(
                    "{} by itself, {} in the suite: {}{}",
                    word(row.outcome),
                    word(o.outcome),
                    row.detail,
                    o.detail
                )
            }
            Some(o) if o.files != row.files => {
                let names: Vec<&str> = row
                    .files
                    .iter()
                    .filter(|(n, s)| o.files.get(*n) != Some(s))
                    .map(|(n, _)| n.as_str())
                    .collect();
                format!("other bytes in the suite: {}", names.join(", "))
            }
            Some(_) => continue,
        };
        found.push(Disagreement { case: row.case.clone(), configuration: row.configuration.clone(), detail });
    }
    found
}

#[cfg(test)]
mod tests;
