//! Temporary folders of this program: none stays when the user ends it at once, and what stays after it was killed can be recognised by its name.
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

/// Whether `name` is `start`, or that and something with a `-` behind it, and as many random letters and digits as this program takes.
pub fn is_random_name(name: &str, start: &str) -> bool {
    let rest = name.strip_prefix(start).map(|rest| rest.as_bytes());
    let parts = rest.and_then(|rest| rest.split_at_checked(rest.len().checked_sub(RANDOM)?));
    parts.is_some_and(|(before, random)| {
        (before.is_empty() || before.ends_with(b"-")) && random.iter().all(u8::is_ascii_alphanumeric)
    })
}

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
