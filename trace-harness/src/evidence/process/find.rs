//! Programs found as a shell would find them.
//!
//! Not here: running them.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

/// The program called `name`, absolute: seen from `folder` where it is a path, else the first on the PATH that may be executed.
pub fn find_program(name: &str, folder: &Path) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(folder.join(name)).filter(|p| p.is_file()).and_then(|p| p.canonicalize().ok());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| folder.join(dir).join(name)).find(|p| is_executable(p))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_may_not_be_executed_is_no_program() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x");
        fs::write(&path, "#!/bin/sh\n").unwrap();
        for (mode, executable) in [(0o644, false), (0o755, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_executable(&path), executable);
        }
        assert!(!is_executable(root.path()), "a folder");
    }
}
