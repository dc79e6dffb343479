//! What the cases of a matrix share, and what is kept of each.
//!
//! Not here: running and comparing one, as images (`images`) or as an adapter says (`outputs`).

use std::fs;
use std::path::Path;

use trace_harness::cases::{CannotRun, Case, Judge, Prepared};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::process::Runner;
use trace_harness::evidence::verdict::Verdict;

use crate::app::guarded::Guarded;
use crate::app::matrix::{Subject, images, outputs};
use crate::built_in::Dialect;
use crate::cli::{KeepImages, Options};
use crate::matrix::Done;

/// What all cases share.
pub(super) struct Bench<'a> {
    /// What is run and compared.
    pub(super) subject: Subject,
    /// Seconds after which a runner is ended.
    pub(super) timeout: Option<f64>,
    /// Of which cases what the sides left is kept.
    pub(super) keep: KeepImages,
    /// How to compare; quiet, for the matrix speaks for all.
    pub(super) options: Options,
    /// The folder that relative paths are seen from: that of the list of cases.
    pub(super) folder: &'a Path,
    /// Folder for the evidence of each case.
    pub(super) parts: &'a Path,
    /// Starts the programs.
    pub(super) runner: &'a (dyn Runner + Sync),
}

/// A case that was done, with its evidence.
pub(super) struct CasePart {
    /// What came of it.
    pub(super) done: Done,
    /// Which program its reference says it is.
    pub(super) dialect: Option<Dialect>,
    /// Its part of the bundle.
    pub(super) bundle: Recorder,
    /// Files of it that programs must not change.
    pub(super) guarded: Guarded,
    /// Those that the sides left.
    pub(super) left: Vec<String>,
}

impl Judge for Bench<'_> {
    type Row = CasePart;
    type Error = Failure;

    /// Runs and compares a case. One that cannot be done is a result as well; an error is evidence that cannot be written, or
    /// that would name a home folder.
    fn judge(&self, case: &Case, prepared: Result<Prepared, CannotRun>) -> Result<CasePart, Failure> {
        let mut part = match &self.subject {
            Subject::Images(programs) => images::judge(self, programs, case, prepared)?,
            Subject::Outputs(adapter) => outputs::judge(self, adapter, case, prepared)?,
        };
        part.drop_left(self.keep)?;
        Ok(part)
    }
}

impl CasePart {
    fn drop_left(&mut self, keep: KeepImages) -> Result<(), Failure> {
        let kept = match keep {
            KeepImages::All => true,
            KeepImages::Failed => self.done.verdict != Verdict::Pass,
            KeepImages::None => false,
        };
        if kept {
            return Ok(());
        }
        for name in &self.left {
            self.guarded.forget(name);
            match fs::remove_file(self.bundle.folder().join(name)) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(
                        BundleError::Io { path: name.into(), doing: "cannot be removed", source }.into()
                    );
                }
                _ => {}
            }
        }
        self.bundle.forget_outputs();
        Ok(())
    }
}
