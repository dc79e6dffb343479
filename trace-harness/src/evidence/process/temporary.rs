//! Temporary folders of this program: none stays when the user ends it at once, and what stays after it was killed can be told by name.
//!
//! Not here: bundles in the making (`bundle::staging`).

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use super::Unfinished;

/// How the names of temporary folders begin.
pub const TEMPORARY: &str = "trace-harness-";

/// Letters and digits that follow: so many that nobody finds such a folder by trying, nor gives one such a name by chance.
pub const RANDOM: usize = 24;

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
        let folder = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .rand_bytes(RANDOM)
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        Ok(Self { _unfinished: Unfinished::new(folder.path()), folder })
    }

    /// Its full path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
