//! Files that the user names for settings, rules and results: read within a limit, whatever the name leads to.
//!
//! Not here: what may be read and what not (`nanobragg::open_file`, which this puts into the words of the system's errors), files of
//! bundles (`bundle::reading`).

use std::io::{self, Read};
use std::path::Path;

use nanobragg::error::InputError;
use nanobragg::open_file::{self, BULK, TABLE};

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

/// The same error as one of the system, for those who say themselves which file it was.
fn of_system(path: &Path, error: &InputError) -> io::Error {
    let kind = path.metadata().err().map_or(io::ErrorKind::Other, |e| e.kind());
    io::Error::new(kind, error.problem.trim_start_matches("cannot be read: "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
