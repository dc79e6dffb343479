//! Making room: the least recently used runs go until the rest is below the limit.
//!
//! Not here: reading and writing entries (`entry`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cache::entry::{LIST, PARTIAL, remove};

/// What a killed process left in the making is removed after this time.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Removes runs until the rest is no larger than `limit` bytes.
pub(super) fn evict(folder: &Path, limit: u64) -> io::Result<()> {
    let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        let unfinished = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(PARTIAL));
        let used = if unfinished { path.clone() } else { path.join(LIST) };
        // Another process may remove what was just listed.
        let Ok(used) = fs::metadata(&used).and_then(|m| m.modified()) else { continue };
        match unfinished {
            true if used.elapsed().is_ok_and(|age| age > ABANDONED) => fs::remove_dir_all(&path)?,
            true => {}
            false => entries.push((used, size(&path), path)),
        }
    }
    entries.sort();
    let mut total: u64 = entries.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in entries {
        if total <= limit {
            break;
        }
        remove(&path);
        total -= size;
    }
    Ok(())
}

fn size(entry: &Path) -> u64 {
    let files = fs::read_dir(entry).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|m| m.len()).sum()
}
