//! Commands that know a program by its adapter: running both sides of one (`run`), the reference many times (`noise`), a side for its trace
//! (`capture`, `hygiene`), writing a first one (`init`).
//!
//! Not here: adapters themselves (`crate::adapter`).

pub(super) mod capture;
mod explain;
pub(super) mod hygiene;
pub(super) mod init;
pub(super) mod noise;
pub(super) mod run;
mod side;
mod tolerance;
mod traces;
mod unchanged;

use std::path::{Path, PathBuf};

use nanobragg::error::OutputError;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::Temporary;

use crate::built_in;

/// The file of an adapter: that which is named, or the built-in one's, written where evidence can take it from.
pub(super) struct AdapterFile {
    pub(super) path: PathBuf,
    /// What its programs are seen from.
    pub(super) place: PathBuf,
    /// Holds the built-in one's for as long as somebody may read it.
    _written: Option<Temporary>,
}

impl AdapterFile {
    /// The file at `named`, seen from the working `folder`; where none is named, the built-in one's.
    ///
    /// # Errors
    /// The built-in one's cannot be written.
    pub(super) fn of(named: Option<&Path>, folder: &Path) -> Result<Self, Failure> {
        if let Some(path) = named {
            let path = folder.join(path);
            let place = place_of(&path, folder);
            return Ok(Self { path, place, _written: None });
        }
        let written = Temporary::new().map_err(SystemError::TemporaryFolder)?;
        let path = written.path().join(built_in::FILE_NAME);
        std::fs::write(&path, built_in::FILE).map_err(|source| OutputError { path: path.clone(), source })?;
        Ok(Self { path, place: folder.to_owned(), _written: Some(written) })
    }
}

/// The folder of the adapter at `path`, which its programs are seen from.
fn place_of(path: &Path, folder: &Path) -> PathBuf {
    let place = path.canonicalize().ok().and_then(|path| Some(path.parent()?.to_owned()));
    place.unwrap_or_else(|| folder.to_owned())
}
