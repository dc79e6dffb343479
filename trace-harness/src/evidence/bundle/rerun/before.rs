//! The bundle that is run again: verified, and read once, so that what somebody agreed to is what is run.
//!
//! Not here: running it (`rerun`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::reading::files::Folder;
use crate::evidence::bundle::rerun::trust;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::bundle::verify::{self, Examined};
use crate::evidence::bundle::{BundleError, digest};

/// A bundle that verifies and may be run again. What is read of it later is what the manifest had then.
#[derive(Debug)]
pub struct Before {
    /// Its folder, in full.
    pub folder: PathBuf,
    /// Digest of its manifest.
    pub manifest_sha256: String,
    /// Its summary.
    pub summary: Summary,
    /// Where it was made.
    pub environment: Environment,
    files: Folder,
    listed: BTreeMap<String, String>,
}

impl Before {
    /// Reads the bundle at `folder`.
    ///
    /// # Errors
    /// It is not sound, not of a kind that can be run again, or asks for what no bundle may have.
    pub fn read(folder: &Path) -> Result<Self, BundleError> {
        Self::read_allowing(folder, &[])
    }

    /// The same of a bundle that may also set variables of the names in `allowed`, as far as any may.
    ///
    /// # Errors
    /// As [`Before::read`].
    pub fn read_allowing(folder: &Path, allowed: &[String]) -> Result<Self, BundleError> {
        let unfit = |problem: String| BundleError::Unfit { path: folder.to_owned(), problem };
        let folder = folder.canonicalize().map_err(BundleError::io(folder, "cannot be found"))?;
        let Examined { report, files, listed, manifest_sha256, summary, environment } =
            verify::examine(&folder)?;
        if let Some(finding) = report.findings.first() {
            return Err(unfit(format!("is not sound: {finding}; expected a bundle that verifies")));
        }
        let (Some(summary), Some(environment)) = (summary, environment) else {
            return Err(unfit("is in the older layout, whose commands only people can read".to_owned()));
        };
        match trust::refusal(&summary, allowed) {
            Some(refusal) => Err(BundleError::Refused { path: folder, refusal }),
            None => Ok(Self { folder, manifest_sha256, summary, environment, files, listed }),
        }
    }

    /// What running it again would do to this machine, for a person to agree to.
    pub fn preview(&self) -> String {
        trust::preview(&self.summary)
    }

    /// The content of one of its files, as the manifest has it; `None` where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is not what was verified any more.
    pub fn content(&self, name: &str) -> Result<Option<Vec<u8>>, BundleError> {
        let Some(sha256) = self.listed.get(name) else { return Ok(None) };
        let path = self.folder.join(name);
        let content = self.files.read(name, u64::MAX).map_err(BundleError::io(&path, "cannot be read"))?;
        if digest::of_bytes(&content) != *sha256 {
            return Err(changed(path));
        }
        Ok(Some(content))
    }

    /// Copies one of its files to `to`, whose folder is made.
    ///
    /// # Errors
    /// As [`Before::content`], and those of writing.
    pub fn copy(&self, name: &str, to: &Path) -> Result<(), BundleError> {
        let path = self.folder.join(name);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(BundleError::io(parent, "cannot be made"))?;
        }
        let mut from = self.files.file(name).map_err(BundleError::io(&path, "cannot be read"))?;
        let mut copy = File::create(to).map_err(BundleError::io(to, "cannot be made"))?;
        std::io::copy(&mut from, &mut copy).map_err(BundleError::io(to, "cannot be written"))?;
        let (sha256, _) = digest::of_file(to).map_err(BundleError::io(to, "cannot be read"))?;
        if self.listed.get(name) != Some(&sha256) {
            return Err(changed(path));
        }
        Ok(())
    }
}

fn changed(path: PathBuf) -> BundleError {
    BundleError::Unfit { path, problem: "was changed after it was verified".to_owned() }
}
