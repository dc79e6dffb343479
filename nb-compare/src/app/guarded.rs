//! Files of the evidence that programs must not change, nor add to: what was read of them is what is kept.
//!
//! Not here: the folders that the programs run in (`runner::SideFolder`).

use std::io::{self, Read};

use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::settle;
use trace_harness::evidence::bundle::staging::Staging;

use crate::runner::SideError;

/// Files of the evidence, each with the SHA-256 that it had when it was written.
#[derive(Debug, Clone, Default)]
pub(super) struct Guarded(Vec<(String, String)>);

impl Guarded {
    /// Writes a file of the evidence that has to stay as it is.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn put(&mut self, staging: &Staging, name: &str, content: &[u8]) -> Result<(), BundleError> {
        staging.write(name, content)?;
        self.guard(name, digest::of_bytes(content));
        Ok(())
    }

    /// As [`Guarded::put`], of a content that need not be in memory.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn copy(
        &mut self,
        staging: &Staging,
        name: &str,
        content: &mut impl Read,
    ) -> Result<(), BundleError> {
        let (mut to, place) = staging.create(name)?;
        let refused =
            |source: io::Error| BundleError::Io { path: place.clone(), doing: "cannot be written", source };
        io::copy(content, &mut to).map_err(refused)?;
        let (sha256, _) = digest::of_file(&place).map_err(refused)?;
        self.guard(name, sha256);
        Ok(())
    }

    /// From now on the file `name` has to keep this content.
    pub(super) fn guard(&mut self, name: &str, sha256: String) {
        self.0.push((name.to_owned(), sha256));
    }

    /// A file that is not to be kept.
    pub(super) fn forget(&mut self, name: &str) {
        self.0.retain(|(guarded, _)| guarded != name);
    }

    /// Holds the files in `staging` against what was written. What a program has put beside them is removed.
    ///
    /// # Errors
    /// A file is another one by now, or was not there.
    pub(super) fn check(&self, staging: &Staging) -> Result<(), SideError> {
        if let Some(name) = settle::remove_strangers(staging)?.into_iter().next() {
            return Err(SideError::EvidencePlanted(name));
        }
        for (name, sha256) in &self.0 {
            let now = digest::of_file(&staging.folder().join(name));
            if !now.is_ok_and(|(now, _)| now == *sha256) {
                return Err(SideError::EvidenceChanged(name.clone()));
            }
        }
        Ok(())
    }
}
