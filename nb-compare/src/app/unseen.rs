//! Files of the evidence that no program may find: they have no name until none runs any more.
//!
//! What lies in the unfinished evidence can be read by whoever runs next, and looks finished if everything ends there. Not here: what
//! happens to files that have a name (`app::guarded`).

use std::io::{self, Read, Seek, Write};
use std::path::Path;

use nanobragg::error::OutputError;
use tempfile::SpooledTempFile;
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::staging::Staging;

use crate::app::guarded::Guarded;
use crate::runner::open_own;

/// Bytes of a file that are held in memory; larger ones lie in a temporary file that has no name.
const IN_MEMORY: usize = 1 << 20;

/// Files by the names that they will have.
#[derive(Debug, Default)]
pub(super) struct Unseen(Vec<(String, SpooledTempFile)>);

impl Unseen {
    /// Holds a file with this content.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn put(&mut self, name: &str, mut content: impl Read) -> Result<(), OutputError> {
        let mut file = tempfile::spooled_tempfile(IN_MEMORY);
        let copied = io::copy(&mut content, &mut file).and_then(|_| file.flush());
        copied.map_err(|source| OutputError { path: name.into(), source })?;
        self.0.push((name.to_owned(), file));
        Ok(())
    }

    /// Holds what a side left at `from`; what is not a file of its own counts as empty.
    ///
    /// # Errors
    /// As [`Unseen::put`].
    pub(super) fn take(&mut self, name: &str, from: &Path) -> Result<(), OutputError> {
        match open_own(from) {
            Ok(file) => self.put(name, file),
            Err(_) => self.put(name, io::empty()),
        }
    }

    /// Whether a file of this name is held.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A file from its beginning; none that is not held.
    pub(super) fn reader(&mut self, name: &str) -> Option<impl Read + '_> {
        let (_, file) = self.0.iter_mut().find(|(known, _)| known == name)?;
        file.rewind().ok().map(|()| file)
    }

    /// Writes everything into the evidence, which from now on has to stay as it is: no program runs any more.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn write(&mut self, staging: &Staging, guarded: &mut Guarded) -> Result<(), BundleError> {
        for (name, mut file) in std::mem::take(&mut self.0) {
            let read =
                |source| BundleError::Io { path: name.clone().into(), doing: "cannot be read", source };
            file.rewind().map_err(read)?;
            guarded.copy(staging, &name, &mut file)?;
        }
        Ok(())
    }
}
