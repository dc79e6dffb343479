//! Where the files about a bundle lie: beside it, under its name.
//!
//! Not here: what stands in them (`statement`, `ssh`).

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::evidence::bundle::BundleError;

/// The two files beside a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// The statement.
    pub statement: PathBuf,
    /// Its signature.
    pub signature: PathBuf,
}

impl Signed {
    /// Where the files of the bundle at `path` lie, a folder or an archive.
    ///
    /// # Errors
    /// The path has no name.
    pub fn of(path: &Path) -> Result<Self, BundleError> {
        let full = std::path::absolute(path).map_err(BundleError::io(path, "cannot be found"))?;
        // `.` and the like have their name only once resolved.
        let full = if full.file_name().is_some() { full } else { path.canonicalize().unwrap_or(full) };
        let name = full.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| BundleError::Unfit {
            path: path.to_owned(),
            problem: "has no name that is UTF-8; expected one, for the files beside it".to_owned(),
        })?;
        let name =
            [".tar.gz", ".tgz", ".tar", ".zip"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let beside = |end: &str| full.with_file_name(format!("{name}.intoto.json{end}"));
        Ok(Self { statement: beside(""), signature: beside(".sig") })
    }
}
