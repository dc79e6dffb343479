//! Folders in the making: none stays when the user ends the program at once.
//!
//! Not here: what is made in them (`bundle::staging`).

use std::fs::{self, File, TryLockError};
use std::io;
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
pub struct Unfinished {
    path: PathBuf,
    /// Holds a lock: the system gives it up when the program is killed, so that others see what is left over.
    _lock: Option<File>,
}

impl Unfinished {
    /// The folder at `path`.
    pub fn new(path: &Path) -> Self {
        folders().push(path.to_owned());
        // A file system without locks is one where leftovers cannot be told from what is in use.
        let lock = File::open(path).ok().filter(|folder| folder.try_lock().is_ok());
        Self { path: path.to_owned(), _lock: lock }
    }

    /// Does `finish`, the step that makes the folder a finished one. Once folders are being removed it is never done.
    pub fn finish<T>(&self, finish: impl FnOnce() -> T) -> T {
        let _held = folders();
        finish()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        folders().retain(|path| *path != self.path);
    }
}

/// Whether a program is at work in the folder or file at `path`, as far as [`Unfinished`] says.
///
/// # Errors
/// It cannot be opened, or the file system knows no locks.
pub fn is_in_use(path: &Path) -> io::Result<bool> {
    match File::open(path)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(e)) => Err(e),
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
