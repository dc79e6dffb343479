//! A second run of a case with its pixels traced: the traces as stored, and everything else as without them.
//!
//! A run of its own, because a row with a traced pixel may be computed on another path. Not here: what is stored (`stored`).

use std::path::Path;

use nanobragg::Pixel;

use crate::cases::Case;
use crate::evidence::given;
use crate::evidence::process::Temporary;
use crate::matrix::error::NotRun;
use crate::matrix::stored::Stored;
use crate::matrix::{CaseOutcome, MatrixRow};

/// The flags that trace the case's pixels into `file`.
fn flags(case: &Case, file: &Path) -> Vec<String> {
    let pixels = case
        .traces
        .iter()
        .flat_map(|Pixel { slow, fast }| ["--trace-pixel".to_owned(), slow.to_string(), fast.to_string()]);
    pixels.chain(["--trace-file".to_owned(), file.display().to_string()]).collect()
}

/// Adds to `row` what a traced run came to. `run` is given the flags for it and gives its row.
pub(super) fn with_traces(
    stored: &Stored,
    case: &Case,
    row: MatrixRow,
    run: impl FnOnce(&[String]) -> Result<MatrixRow, NotRun>,
) -> MatrixRow {
    let folder = match Temporary::new() {
        Ok(folder) => folder,
        Err(e) => return failed(row, format!("no temporary folder: {e}")),
    };
    let file = folder.path().join("trace.log");
    match run(&flags(case, &file)) {
        Ok(traced) => {
            let written = given::bytes(&file).unwrap_or_default();
            judged(stored, case, row, &traced, &String::from_utf8_lossy(&written))
        }
        // What is stopped is not wrong, but it is not complete either.
        Err(reason) => MatrixRow { outcome: CaseOutcome::NotRun, detail: reason.to_string(), ..row },
    }
}

fn judged(stored: &Stored, case: &Case, row: MatrixRow, traced: &MatrixRow, written: &str) -> MatrixRow {
    if traced.files != row.files {
        let other = |name: &&String| traced.files.get(*name) != row.files.get(*name);
        let names: Vec<&str> =
            row.files.keys().chain(traced.files.keys()).filter(other).map(String::as_str).collect();
        return failed(row.clone(), format!("tracing changes `{}`", names.join("`, `")));
    }
    if traced.outcome != row.outcome {
        return failed(row, format!("otherwise with tracing: {}", traced.detail));
    }
    match stored.check_traces(case, written) {
        Ok(traces) if traces > 0 && row.outcome == CaseOutcome::Undecided => {
            MatrixRow { traces, outcome: CaseOutcome::Pass, detail: String::new(), ..row }
        }
        Ok(traces) => MatrixRow { traces, ..row },
        Err(fault) => failed(row, fault.to_string()),
    }
}

fn failed(row: MatrixRow, fault: String) -> MatrixRow {
    let detail = [row.detail.as_str(), &fault].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>();
    MatrixRow { outcome: CaseOutcome::Fail, detail: detail.join("; "), ..row }
}
