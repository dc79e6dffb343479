//! Opening a file that has to be an ordinary one: no folder, no device without an end, no pipe that somebody would have to write to.
//!
//! Not here: files below the folder of a bundle (`files`); files that may be pipes (`nanobragg::open_file`).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens the regular file at `path` for reading. Links are followed.
///
/// # Errors
/// Those of opening; it is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    open_as(path, OpenOptions::new().read(true))
}

/// The same, opened as `options` say.
///
/// # Errors
/// As [`open`].
pub fn open_as(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // A pipe without a writer would make a blocking open wait for one.
    let file = options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(not_regular()),
    }
}

/// Copies the content of the regular file at `from` to a new file at `to`, or over one.
///
/// # Errors
/// As [`open`]; those of reading and writing.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    io::copy(&mut open(from)?, &mut File::create(to)?).map(drop)
}

/// The refusal of what is no regular file.
pub fn not_regular() -> io::Error {
    io::Error::other("is no regular file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened_and_no_pipe_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::write(at("file"), "").unwrap();
        std::os::unix::fs::symlink("file", at("link")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        assert!(open(&at("file")).is_ok() && open(&at("link")).is_ok());
        std::fs::write(at("file"), "content").unwrap();
        copy(&at("link"), &at("copied")).unwrap();
        assert_eq!(std::fs::read(at("copied")).unwrap(), b"content");
        for path in [at("pipe"), root.path().to_owned(), "/dev/zero".into()] {
            assert_eq!(open(&path).unwrap_err().to_string(), "is no regular file", "{}", path.display());
            assert!(copy(&path, &at("copy")).is_err() && !at("copy").exists());
        }
    }
}
