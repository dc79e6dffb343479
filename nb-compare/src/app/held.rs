//! Files that users name and that are read more than once: what a pipe brings is read once and held in a file of our own.
//!
//! Not here: what may be read and what not (`nanobragg::open_file`).

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use nanobragg::error::OutputError;
use nanobragg::open_file::{self, BULK};
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::Temporary;

use crate::cli::Options;

/// A file that gives the same bytes whenever it is read.
pub struct Held {
    path: PathBuf,
    /// Holds what a pipe brought, for as long as somebody may read it.
    _folder: Option<Temporary>,
}

impl Held {
    /// The file at `path`; a pipe is read to its end now.
    ///
    /// # Errors
    /// The pipe cannot be read, or what it brings cannot be written.
    pub fn new(path: &Path) -> Result<Self, Failure> {
        if !path.metadata().is_ok_and(|facts| facts.file_type().is_fifo()) {
            return Ok(Self { path: path.to_owned(), _folder: None });
        }
        let bytes = open_file::read(path, "an image", BULK)?;
        let folder = Temporary::new().map_err(SystemError::TemporaryFolder)?;
        let held = folder.path().join(path.file_name().unwrap_or("pipe".as_ref()));
        std::fs::write(&held, bytes).map_err(|source| OutputError { path: held.clone(), source })?;
        Ok(Self { path: held, _folder: Some(folder) })
    }

    /// The mask among `options`, seen from `folder`, and the options with where it is held.
    ///
    /// # Errors
    /// As [`Held::new`].
    pub fn mask(options: &Options, folder: &Path) -> Result<(Options, Option<Self>), Failure> {
        let held = options.mask.as_ref().map(|mask| Self::new(&folder.join(mask))).transpose()?;
        let mask = held.as_ref().map(|held| held.path.clone());
        Ok((Options { mask, ..options.clone() }, held))
    }

    /// Where it is read.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
