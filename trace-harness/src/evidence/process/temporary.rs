//! Temporary folders of this program: none stays when the user ends it at once, and what stays after it was killed can be told by name.
//!
//! Not here: bundles in the making (`bundle::staging`).

use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::Unfinished;

/// How the names of temporary folders begin.
pub const TEMPORARY: &str = "trace-harness-";

/// A folder below that for temporary files, removed when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    // Before the folder: it is given up as unfinished, then removed.
    _unfinished: Unfinished,
    folder: TempDir,
}

impl Temporary {
    /// Makes one.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(TEMPORARY).tempdir()?;
        Ok(Self { _unfinished: Unfinished::new(folder.path()), folder })
    }

    /// Its full path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
