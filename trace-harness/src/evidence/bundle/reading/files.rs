//! Files of a folder that somebody else made: opened below it without following links, regular, and read up to a limit.
//!
//! Not here: which files a bundle has (`verify`).

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

use crate::evidence::bundle::digest;
use crate::evidence::bundle::reading::regular;

/// Largest document of a bundle that is read into memory, in bytes.
pub const DOCUMENT_LIMIT: u64 = 256 << 20;

/// An open folder. What is exchanged below it after a look at its names can neither lead out of it nor make a reader wait.
#[derive(Debug)]
pub struct Folder(OwnedFd);

impl Folder {
    /// Opens the folder at `path`, which itself may be a link.
    ///
    /// # Errors
    /// Those of opening; `path` is no folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// Opens the regular file `name`: a relative path without `..`.
    ///
    /// # Errors
    /// `name` leads out of the folder, or a part of it is a link; it is no regular file; those of opening.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let mut parts: Vec<&std::ffi::OsStr> = Vec::new();
        for part in Path::new(name).components() {
            match part {
                Component::Normal(part) => parts.push(part),
                _ => return Err(io::Error::other("leads out of the folder")),
            }
        }
        let last = parts.pop().ok_or_else(|| io::Error::other("has no name"))?;
        let mut below: Option<OwnedFd> = None;
        let safe = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for part in parts {
            let at = below.as_ref().unwrap_or(&self.0);
            below = Some(openat(at, part, safe | OFlags::DIRECTORY, Mode::empty())?);
        }
        // A pipe without a writer would make a blocking open wait for one.
        let flags = safe | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = openat(below.as_ref().unwrap_or(&self.0), last, flags, Mode::empty())?;
        if !FileType::from_raw_mode(fstat(&file)?.st_mode).is_file() {
            return Err(regular::not_regular());
        }
        Ok(file.into())
    }

    /// The content of `name`, of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Folder::file`]; the file is larger.
    pub fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        self.file(name)?.take(limit.saturating_add(1)).read_to_end(&mut content)?;
        if content.len() as u64 > limit {
            return Err(io::Error::other(format!("is larger than {limit} bytes")));
        }
        Ok(content)
    }

    /// Digest and size in bytes of `name`.
    ///
    /// # Errors
    /// As [`Folder::file`], and those of reading.
    pub fn digest(&self, name: &str) -> io::Result<(String, u64)> {
        digest::of_reader(self.file(name)?)
    }
}

/// Whether `name` stays in the folder it is seen from, and is written in the one way that names it.
pub fn is_inside(name: &str) -> bool {
    !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | "..")) && !name.contains('\0')
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_regular_files_inside_are_opened_and_no_pipe_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("b");
        fs::create_dir_all(place.join("sub")).unwrap();
        fs::write(root.path().join("secret"), "s").unwrap();
        fs::write(place.join("sub/file"), "four").unwrap();
        symlink("../secret", place.join("link")).unwrap();
        symlink("sub", place.join("folder")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(place.join("pipe")).status().unwrap();
        assert!(pipe.success());
        let folder = Folder::open(&place).unwrap();
        assert_eq!(folder.read("sub/file", 4).unwrap(), b"four");
        for name in ["link", "folder/file", "pipe", "sub", "../secret", "/etc/hostname", "", "nothing"] {
            assert!(folder.file(name).is_err(), "{name}");
        }
        assert!(folder.read("sub/file", 3).unwrap_err().to_string().contains("3 bytes"));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_not_inside() {
        assert!(is_inside("results/a b.txt") && is_inside("..."));
        for name in ["", "/a", "a//b", "a/", "./a", "a/../b", ".."] {
            assert!(!is_inside(name), "{name}");
        }
    }
}
