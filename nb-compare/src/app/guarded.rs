//! Files of the evidence that programs must not change: what was read of them is what is kept.
//!
//! Not here: the folders that the programs run in (`runner::SideFolder`).

use std::fs::File;
use std::io;
use std::path::Path;

use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::staging::Staging;

use crate::app::recorder::ComparisonRecorder;
use crate::failure::Failure;
use crate::runner::open_own;

/// Files of the evidence, each with the SHA-256 that it had when it was written.
#[derive(Debug, Clone, Default)]
pub struct Guarded(Vec<(String, String)>);

impl Guarded {
    /// A file that is not to be kept.
    pub fn forget(&mut self, name: &str) {
        self.0.retain(|(guarded, _)| guarded != name);
    }

    /// Holds the files in `staging` against what was written.
    ///
    /// # Errors
    /// A file is another one by now.
    pub fn check(&self, staging: &Staging) -> Result<(), Failure> {
        for (name, sha256) in &self.0 {
            let now = digest::of_file(&staging.folder().join(name));
            if !now.is_ok_and(|(now, _)| now == *sha256) {
                let problem = "was changed by a program that ran meanwhile; expected what was written";
                return Err(Failure::Runner(format!("`{name}` of the evidence {problem}")));
            }
        }
        Ok(())
    }
}

impl ComparisonRecorder<'_> {
    /// Writes a file of the evidence that has to stay as it is.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put(&mut self, name: &str, content: &[u8]) -> Result<(), Failure> {
        self.bundle.staging().write(name, content)?;
        self.guarded.0.push((name.to_owned(), digest::of_bytes(content)));
        Ok(())
    }

    /// Takes a file that a side left into the evidence; one that is not its own counts as empty.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn take(&mut self, from: &Path, name: &str) -> Result<(), Failure> {
        let place = self.bundle.staging().place(name)?;
        let refused = |e: io::Error| Failure::Other(format!("`{}`: cannot be written: {e}", place.display()));
        let mut to = File::create_new(&place).map_err(refused)?;
        if let Ok(mut file) = open_own(from) {
            io::copy(&mut file, &mut to).map_err(refused)?;
        }
        let (sha256, _) = digest::of_file(&place).map_err(refused)?;
        self.guarded.0.push((name.to_owned(), sha256));
        Ok(())
    }
}
