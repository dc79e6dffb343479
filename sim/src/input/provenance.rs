//! Which files a run's inputs came from, for its summary.
//!
//! Not here: reading them (`loading`), the summary's words (`output::report`).

use std::path::PathBuf;

/// Where the structure factors came from.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// Headers read.
    pub headers: Vec<PathBuf>,
    /// Matrix read.
    pub matrix: Option<PathBuf>,
    /// Reflection text file read.
    pub hkl: Option<PathBuf>,
    /// What its reader had to say.
    pub hkl_remarks: Vec<String>,
    /// Reflection cache read.
    pub cache_read: Option<PathBuf>,
    /// Reflection cache written.
    pub cache_written: Option<PathBuf>,
    /// Scattering table read.
    pub scattering_table: Option<PathBuf>,
}

impl Provenance {
    /// Every file read. The summary has no word for that of the sources, which is given here.
    #[cfg(feature = "cli")]
    pub(crate) fn files(&self, sources: &Option<PathBuf>) -> Vec<PathBuf> {
        let others = [&self.matrix, &self.hkl, &self.cache_read, &self.scattering_table, sources];
        self.headers.iter().chain(others.into_iter().flatten()).cloned().collect()
    }
}
