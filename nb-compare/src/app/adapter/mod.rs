//! Commands that know a program by its adapter: running both sides of one (`run`), the reference many times (`noise`), writing a first
//! one (`init`).
//!
//! Not here: adapters themselves (`crate::adapter`).

mod explain;
pub(super) mod init;
pub(super) mod noise;
pub(super) mod run;
mod side;
mod tolerance;
mod unchanged;

use std::path::{Path, PathBuf};

/// The folder of the adapter at `path`, which its programs are seen from.
fn place_of(path: &Path, folder: &Path) -> PathBuf {
    let place = path.canonicalize().ok().and_then(|path| Some(path.parent()?.to_owned()));
    place.unwrap_or_else(|| folder.to_owned())
}
