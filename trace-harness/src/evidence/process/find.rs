//! Programs found as a shell would find them.
//!
//! Not here: running them.

use std::path::{Path, PathBuf};

/// The program called `name`, absolute: seen from `folder` where it is a path, else looked up on the PATH.
pub fn find_program(name: &str, folder: &Path) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(folder.join(name)).filter(|p| p.is_file()).and_then(|p| p.canonicalize().ok());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| folder.join(dir).join(name)).find(|p| p.is_file())
}
