//! Files that have to stay as they are while programs run: programs and inputs, which the evidence names by one digest.
//!
//! Not here: files of the evidence itself (`app::guarded`), copies of inputs (`trace_harness::evidence::bundle`).

use std::path::PathBuf;

use nanobragg::error::InputError;
use trace_harness::evidence::bundle::digest;

use crate::adapter::AdapterError;

/// Files, each with the SHA-256 that it had before the first program ran.
#[derive(Debug, Clone, Default)]
pub(super) struct Unchanged(Vec<(PathBuf, String)>);

impl Unchanged {
    /// The files at `paths` as they are now.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(super) fn of<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<Self, InputError> {
        Self::default().with(paths)
    }

    /// The same files, and those at `paths` as they are now.
    ///
    /// # Errors
    /// As [`Unchanged::of`].
    pub(super) fn with<'p>(&self, paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<Self, InputError> {
        let mut files = self.0.clone();
        for path in paths {
            if files.iter().all(|(known, _)| known != path) {
                let read = digest::of_file(path);
                let (sha256, _) = read.map_err(|e| InputError::io(path, "a program or an input", &e))?;
                files.push((path.clone(), sha256));
            }
        }
        Ok(Self(files))
    }

    /// Holds the files against what they were.
    ///
    /// # Errors
    /// One of them is another one by now.
    pub(super) fn check(&self) -> Result<(), AdapterError> {
        for (path, before) in &self.0 {
            let now = match digest::of_file(path) {
                Ok((now, _)) if now == *before => continue,
                Ok((now, _)) => now,
                Err(e) => format!("unreadable ({e})"),
            };
            return Err(AdapterError::Changed { path: path.clone(), before: before.clone(), now });
        }
        Ok(())
    }
}
