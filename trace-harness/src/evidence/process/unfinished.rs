//! Folders in the making: none stays when the user ends the program at once.
//!
//! Not here: what is made in them (`bundle::staging`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All folders in the making.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn folders() -> MutexGuard<'static, Vec<PathBuf>> {
    // A thread that panicked has left the list as it was.
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder in the making, until this is dropped.
#[derive(Debug)]
pub struct Unfinished(PathBuf);

impl Unfinished {
    /// The folder at `path`.
    pub fn new(path: &Path) -> Self {
        folders().push(path.to_owned());
        Self(path.to_owned())
    }

    /// Does `finish`, the step that makes the folder a finished one. Once folders are being removed it is never done.
    pub fn finish<T>(&self, finish: impl FnOnce() -> T) -> T {
        let _held = folders();
        finish()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        folders().retain(|path| *path != self.0);
    }
}

/// Removes all folders in the making. None is finished from now on: for the end of this program.
pub(super) fn remove_all() {
    let folders = folders();
    for folder in folders.iter() {
        // Somebody may still be writing; a file that appears meanwhile makes the first try fail.
        for _ in 0..10 {
            if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
                break;
            }
        }
    }
    std::mem::forget(folders);
}
