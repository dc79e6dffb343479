//! What the cases of a matrix share, whatever is compared, and what is kept of each.
//!
//! Not here: running and comparing one, as images (`images`) or as an adapter says (`outputs`).

use std::fs;
use std::path::Path;

use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::process::Runner;
use trace_harness::evidence::verdict::Verdict;

use crate::app::guarded::Guarded;
use crate::built_in::Dialect;
use crate::cli::{KeepImages, Options};
use crate::matrix::Done;

/// What all cases share.
pub(super) struct CaseBench<'a> {
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

impl CasePart {
    /// Drops what the sides left, where that is not to be kept.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub(super) fn drop_left(&mut self, keep: KeepImages) -> Result<(), Failure> {
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
