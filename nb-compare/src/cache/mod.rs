//! Runs of the reference kept for the next time: outputs only, verdicts are always computed.
//!
//! Not here: running anything, and what an output means.

mod entry;
mod evict;
mod key;

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

pub(crate) use entry::{KeptRun, Lookup};
#[cfg(test)]
pub(crate) use key::KeyError;
pub(crate) use key::{Key, Question};

/// A folder of runs. Any number of processes may use it at a time: entries appear and go whole.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
    limit: u64,
}

impl Cache {
    /// The cache in `folder`, which may not be there yet; it is kept below `limit` bytes.
    pub(crate) fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit }
    }

    /// Where caches lie by custom: `nb-compare` in `$XDG_CACHE_HOME`, or else in `.cache` of the home folder.
    pub(crate) fn default_folder() -> Option<PathBuf> {
        etcetera::choose_base_strategy().ok().map(|base| base.cache_dir().join("nb-compare"))
    }

    /// Copies the files of the run that answers `key` to `places`, by the names they were stored under. A file that is not
    /// what was stored makes the entry a damaged one, which is removed.
    pub(crate) fn fetch(&self, key: &Key, places: &[(&str, &Path)]) -> Lookup {
        entry::fetch(&self.folder, key, places)
    }

    /// Takes the run that answers `key` away.
    pub(crate) fn withdraw(&self, key: &Key) {
        entry::remove(&entry::place(&self.folder, key));
    }

    /// Keeps a run, then makes room. A run larger than the limit, or one that is there by now, is not kept.
    ///
    /// # Errors
    /// The folder cannot be written to. Nothing is lost by that but time.
    pub(crate) fn store(&self, key: &Key, facts: &KeptRun, files: &[(&str, &Path)]) -> std::io::Result<()> {
        if entry::store(&self.folder, key, facts, files, self.limit)? {
            evict::evict(&self.folder, self.limit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
