//! Files that users name and that are read more than once: what a pipe brings is read once and held in a file of our own.
//!
//! Not here: what may be read and what not (`nanobragg::open_file`).

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use nanobragg::error::InputError;
use nanobragg::open_file::{self, BULK};

use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::process::Temporary;

/// A file that gives the same bytes whenever it is read.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    /// Holds what a pipe brought, for as long as somebody may read it.
    _folder: Option<Temporary>,
}

/// A pipe that cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] InputError),
    /// What it brought cannot be written.
    #[error("`{}`: cannot be held in a file of our own: {source}", path.display())]
    Write {
        /// The pipe.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl EndsCommand for HeldError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }

    fn hint(&self) -> &str {
        match self {
            Self::Read(e) => EndsCommand::hint(e),
            Self::Write { .. } => "",
        }
    }
}

impl Held {
    /// The file at `path`; a pipe is read to its end now.
    ///
    /// # Errors
    /// The pipe cannot be read, or what it brings cannot be written.
    pub fn new(path: &Path) -> Result<Self, HeldError> {
        if !path.metadata().is_ok_and(|facts| facts.file_type().is_fifo()) {
            return Ok(Self { path: path.to_owned(), _folder: None });
        }
        let bytes = open_file::read(path, "a file", BULK)?;
        let refused = |source| HeldError::Write { path: path.to_owned(), source };
        let folder = Temporary::new().map_err(refused)?;
        let held = folder.path().join(path.file_name().unwrap_or("pipe".as_ref()));
        std::fs::write(&held, bytes).map_err(refused)?;
        Ok(Self { path: held, _folder: Some(folder) })
    }

    /// Holds the files at all of `paths`, which lead to where they are held from then on.
    ///
    /// # Errors
    /// As [`Held::new`].
    pub fn all<'a>(paths: impl IntoIterator<Item = &'a mut PathBuf>) -> Result<Vec<Self>, HeldError> {
        let hold = |path: &mut PathBuf| {
            let held = Self::new(path)?;
            held.path.clone_into(path);
            Ok(held)
        };
        paths.into_iter().map(hold).collect()
    }

    /// Where it is read.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_read_once_and_its_content_as_often_as_it_takes() {
        let root = tempfile::tempdir().unwrap();
        let (pipe, file) = (root.path().join("pipe"), root.path().join("file"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::fs::write(&file, "file").unwrap();
        let to = pipe.clone();
        let writer = std::thread::spawn(move || std::fs::write(to, "brought").unwrap());
        let mut paths = [pipe.clone(), file.clone()];
        let held = Held::all(&mut paths).unwrap();
        writer.join().unwrap();
        for _ in 0..2 {
            assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), "brought");
        }
        assert_eq!((paths[0].file_name(), &paths[1]), (pipe.file_name(), &file));
        drop(held);
        assert!(!paths[0].exists() && file.exists());
    }
}
