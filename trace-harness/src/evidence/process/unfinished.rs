//! Folders in the making: none stays when the user ends the program at once.
//!
//! Not here: what is made in them (`bundle::staging`).

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::OFlags;

/// Longest time between the making of a folder and its lock.
const MOMENT: Duration = Duration::from_secs(1);

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
        // A file system without locks is one where leftovers cannot be distinguished from what is in use.
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
/// It cannot be opened, it is a link, or the file system knows no locks.
pub fn is_in_use(path: &Path) -> io::Result<bool> {
    let safe = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let found = File::options().read(true).custom_flags(safe).open(path)?;
    let is_locked = || match found.try_lock() {
        Ok(()) => found.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(e)) => Err(e),
    };
    if is_locked()? {
        return Ok(true);
    }
    // Made a moment ago, its maker may just be about to lock it.
    let age = found.metadata()?.modified()?.elapsed().unwrap_or(MOMENT);
    std::thread::sleep(MOMENT.saturating_sub(age));
    is_locked()
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
