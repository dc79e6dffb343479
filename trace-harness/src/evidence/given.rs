//! Files that the user names for settings, rules and results: read within a limit, whatever the name leads to, and not written over by
//! what is made of them.
//!
//! Not here: what may be read and what not (`nanobragg::open_file`, which this puts into the words of the system's errors), files of
//! bundles (`bundle::reading`).

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nanobragg::error::{InputError, UsageError};
use nanobragg::open_file::{self, BULK, TABLE};

use crate::evidence::failure::SystemError;

/// The working folder, which relative paths start from.
///
/// # Errors
/// There is none, or it cannot be named.
pub fn working_folder() -> Result<PathBuf, SystemError> {
    std::env::current_dir().map_err(SystemError::WorkingFolder)
}

/// The text in the file or pipe at `path`, of at most 64 MiB.
///
/// # Errors
/// The system's refusal; it is a device, a folder, a pipe that nobody writes to, too large, or no text.
pub fn text(path: &Path) -> io::Result<String> {
    open_file::text(path, "a text", TABLE).map_err(|e| of_system(path, &e))
}

/// The content of the file or pipe at `path`, of at most 4 GiB: for what a program left that the user named.
///
/// # Errors
/// As [`text`], but for being no text.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    open_file::read(path, "a file", BULK).map_err(|e| of_system(path, &e))
}

/// What reads the file or pipe at `path`, however long it is.
///
/// # Errors
/// The system's refusal; it is a device, a folder, or a pipe that nobody writes to.
pub fn stream(path: &Path) -> io::Result<impl Read> {
    let opened = open_file::open(path, "a file", u64::MAX).and_then(open_file::Opened::stream);
    opened.map_err(|e| of_system(path, &e))
}

/// Whether a result may be written to `path`, checked before work begins: its folder is there, and it is none of the files that the
/// work `reads`, under whatever name.
///
/// # Errors
/// It may not.
pub fn writable<'a>(path: &Path, reads: impl IntoIterator<Item = &'a Path>) -> Result<(), UsageError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        let problem = format!("`{}`: its folder is not there", path.display());
        return Err(UsageError::new(problem, "a file in a folder that is there"));
    }
    if path.is_dir() {
        return Err(UsageError::new(format!("`{}`: is a folder", path.display()), "a file"));
    }
    let Ok(full) = path.canonicalize() else { return Ok(()) };
    let same =
        |other: &Path| other.canonicalize().is_ok_and(|other| other == full || is_one_file(&other, &full));
    if reads.into_iter().any(same) {
        let problem = format!("`{}`: is read by this very command", path.display());
        return Err(UsageError::new(problem, "another file for the result"));
    }
    Ok(())
}

/// Whether two names lead to one file.
fn is_one_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |path: &Path| path.metadata().ok().map(|m| (m.dev(), m.ino()));
        place(a).is_some() && place(a) == place(b)
    }
    #[cfg(not(unix))]
    {
        a == b
    }
}

/// The same error as one of the system, for those who say themselves which file it was.
fn of_system(path: &Path, error: &InputError) -> io::Error {
    let kind = path.metadata().err().map_or(io::ErrorKind::Other, |e| e.kind());
    io::Error::new(kind, error.problem.trim_start_matches("cannot be read: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_not_written_over_what_is_read_and_not_into_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::write(at("list"), "x").unwrap();
        std::fs::write(at("old"), "x").unwrap();
        let list = at("list");
        let of = |path: &Path| writable(path, [&*list]).map_err(|e| e.to_string());
        assert_eq!((of(&at("new")), of(&at("old"))), (Ok(()), Ok(())));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("list"), at("link")).unwrap();
            std::fs::hard_link(at("list"), at("name")).unwrap();
            for other in ["link", "name"] {
                assert!(of(&at(other)).unwrap_err().contains("is read by this very command"), "{other}");
            }
        }
        assert!(of(&root.path().join("./list")).unwrap_err().contains("is read by this very command"));
        assert!(of(&at("nowhere/new")).unwrap_err().contains("its folder is not there"));
        assert!(of(root.path()).unwrap_err().contains("is a folder"));
    }

    #[test]
    fn a_refusal_reads_as_one_of_the_system() {
        let root = tempfile::tempdir().unwrap();
        let missing = text(&root.path().join("missing")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        assert!(missing.to_string().starts_with("No such file"), "{missing}");
        assert_eq!(text(root.path()).unwrap_err().to_string(), "is a folder");
        let device = stream(Path::new("/dev/zero")).map(|_| ()).unwrap_err();
        assert_eq!(device.to_string(), "is a device");
        std::fs::write(root.path().join("x"), "text").unwrap();
        assert_eq!(text(&root.path().join("x")).unwrap(), "text");
    }
}
