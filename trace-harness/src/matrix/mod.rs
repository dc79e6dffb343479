//! Every case in every configuration, against golden data and, where there is one, against the reference program.
//!
//! Not here: what counts as the same (`judge`), the command line and the bundle (`commands::checks::matrix`).

pub mod configuration;
mod error;
mod execute;
pub mod judge;
pub(crate) mod kept;
mod outcome;
pub mod report;
mod request;
pub mod stored;
pub mod suite;
mod traced;

use std::collections::BTreeMap;
use std::path::Path;

use crate::cases::{Cases, Workplace};
use crate::evidence::bundle::digest;
use crate::evidence::process::{Interrupt, Runner};
use configuration::Configuration;
use stored::Stored;

pub use error::MatrixError;
pub use outcome::{CaseOutcome, Disagreement, Matrix, MatrixRow};
pub use request::{MatrixRequest, Mode};

/// The digest of a program, or that it cannot be read: the same word before and after is no change.
fn digest_of(program: &Path) -> String {
    digest::of_file(program).map_or_else(|e| format!("unreadable ({e})"), |(sha256, _)| sha256)
}

/// Runs the matrix; `progress` is called after each case.
///
/// # Errors
/// Temporary folders cannot be made, or the process of a suite cannot be started.
pub fn run(
    request: &MatrixRequest,
    cases: &Cases,
    runner: &(dyn Runner + Sync),
    interrupt: &Interrupt,
    progress: &(dyn Fn() + Sync),
) -> Result<Matrix, MatrixError> {
    let programs: Vec<&Path> = [&request.simulator]
        .into_iter()
        .chain(&request.reference)
        .map(|program| program.path.as_path())
        .collect();
    let before: Vec<String> = programs.iter().map(|program| digest_of(program)).collect();
    let workplace = Workplace::new(cases)?;
    let stored = Stored::read(cases)?;
    let mut absent = BTreeMap::new();
    for configuration in &request.configurations {
        absent
            .extend(configuration.absent(&request.simulator, runner).map(|why| (configuration.label(), why)));
    }
    let bench = execute::CaseRunner {
        request,
        workplace: &workplace,
        stored: &stored,
        absent: &absent,
        runner,
        interrupt,
    };
    let (rows, reference) = match request.mode {
        Mode::Suite => (Vec::new(), Vec::new()),
        _ => bench.isolated(progress),
    };
    let mut matrix = Matrix {
        configurations: request.configurations.iter().map(Configuration::label).collect(),
        absent: absent.clone(),
        machine: stored.remark(),
        rows,
        reference,
        disagreements: Vec::new(),
        changed: Vec::new(),
        interrupted: false,
    };
    if request.mode != Mode::Isolated {
        let rows = suite::run(request, cases, &absent, runner, interrupt)?;
        match request.mode {
            Mode::Both => matrix.disagreements = suite::disagreements(&matrix.rows, &rows),
            _ => matrix.rows = rows,
        }
    }
    for (program, before) in programs.iter().zip(&before) {
        let now = digest_of(program);
        if now != *before {
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            matrix.changed.push(format!(
                "program `{name}` changed while the matrix ran: SHA-256 {before} before, {now} afterwards"
            ));
        }
    }
    matrix.interrupted = interrupt.is_set();
    Ok(matrix)
}
