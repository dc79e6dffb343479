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

/// The full path of a file under the name that it has there: links among the folders are resolved, the file itself may be one. What a
/// program is called can decide what it is, as with the interpreter of a virtual environment.
///
/// # Errors
/// The folder is not there.
pub fn in_full(path: &Path) -> std::io::Result<PathBuf> {
    let Some(name) = path.file_name() else { return path.canonicalize() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(folder.canonicalize()?.join(name))
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
    fn a_full_path_keeps_the_name_of_a_link() {
        let root = tempfile::tempdir().unwrap();
        let full = root.path().canonicalize().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("a/x"), "").unwrap();
        std::os::unix::fs::symlink("a", root.path().join("b")).unwrap();
        std::os::unix::fs::symlink("x", root.path().join("a/y")).unwrap();
        assert_eq!(in_full(&root.path().join("b/y")).unwrap(), full.join("a/y"));
        assert!(in_full(&root.path().join("none/y")).is_err());
    }

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
