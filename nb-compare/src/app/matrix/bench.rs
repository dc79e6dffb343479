//! What is compared in every case of a matrix, and which way a case takes.
//!
//! Not here: the ways (`images`, `outputs`).

use std::path::Path;

use trace_harness::cases::{CannotRun, Case, Judge, Prepared};
use trace_harness::evidence::failure::Failure;

use crate::app::matrix::images::{self, MatrixPrograms};
use crate::app::matrix::outputs::{self, MatrixAdapter};
use crate::app::matrix::shared::{CaseBench, CasePart};

/// What is run and compared in every case.
pub(in crate::app) enum Subject {
    /// Images of two simulators.
    Images(MatrixPrograms),
    /// The outputs of an adapter.
    Outputs(Box<MatrixAdapter>),
}

/// All that a case needs.
pub(super) struct Bench<'a> {
    pub(super) subject: Subject,
    pub(super) shared: CaseBench<'a>,
}

impl Subject {
    /// The files that it reads beside the list of cases.
    pub(super) fn files(&self) -> Vec<&Path> {
        match self {
            Self::Images(MatrixPrograms { reference, candidate, .. }) => {
                reference.iter().chain([candidate]).map(|program| &*program.path).collect()
            }
            Self::Outputs(adapter) => vec![adapter.path()],
        }
    }
}

impl Judge for Bench<'_> {
    type Row = CasePart;
    type Error = Failure;

    /// Runs and compares a case. One that cannot be done is a result as well; an error is evidence that cannot be written, or
    /// that would name a home folder.
    fn judge(&self, case: &Case, prepared: Result<Prepared, CannotRun>) -> Result<CasePart, Failure> {
        let mut part = match &self.subject {
            Subject::Images(programs) => images::judge(&self.shared, programs, case, prepared)?,
            Subject::Outputs(adapter) => outputs::judge(&self.shared, adapter, case, prepared)?,
        };
        part.drop_left(self.shared.keep)?;
        Ok(part)
    }
}
