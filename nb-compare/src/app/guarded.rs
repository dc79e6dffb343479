//! Files of the evidence that programs must not change: what was read of them is what is kept.
//!
//! Not here: the folders that the programs run in (`runner::SideFolder`).

use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::staging::Staging;

use crate::runner::SideError;

/// Files of the evidence, each with the SHA-256 that it had when it was written.
#[derive(Debug, Clone, Default)]
pub(super) struct Guarded(Vec<(String, String)>);

impl Guarded {
    /// From now on the file `name` has to keep this content.
    pub(super) fn guard(&mut self, name: &str, sha256: String) {
        self.0.push((name.to_owned(), sha256));
    }

    /// A file that is not to be kept.
    pub(super) fn forget(&mut self, name: &str) {
        self.0.retain(|(guarded, _)| guarded != name);
    }

    /// Holds the files in `staging` against what was written.
    ///
    /// # Errors
    /// A file is another one by now.
    pub(super) fn check(&self, staging: &Staging) -> Result<(), SideError> {
        for (name, sha256) in &self.0 {
            let now = digest::of_file(&staging.folder().join(name));
            if !now.is_ok_and(|(now, _)| now == *sha256) {
                return Err(SideError::EvidenceChanged(name.clone()));
            }
        }
        Ok(())
    }
}
