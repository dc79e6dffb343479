//! What programs that were killed have left: unfinished bundles, and temporary folders.
//!
//! Not here: what is finished (`index`); it is never removed.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::manifest;
use crate::evidence::bundle::staging::PARTIAL;
use crate::evidence::process::{RANDOM, TEMPORARY, is_in_use};

/// Unfinished bundles and files below `reports` that nobody is at work on any more, sorted.
///
/// # Errors
/// A folder cannot be listed.
pub fn unfinished(reports: &Path) -> Result<Vec<PathBuf>, BundleError> {
    let mut found = Vec::new();
    let mut walk = WalkDir::new(reports).min_depth(1).sort_by_file_name().into_iter();
    while let Some(item) = walk.next() {
        let item = item.map_err(|e| manifest::walk_error(reports, e))?;
        if !item.file_name().to_string_lossy().starts_with(PARTIAL) {
            continue;
        }
        if item.file_type().is_dir() {
            walk.skip_current_dir();
        }
        let kind = item.file_type();
        if (kind.is_dir() || kind.is_file()) && is_left(item.path()) {
            found.push(item.into_path());
        }
    }
    Ok(found)
}

/// Temporary folders of this user in `folder` that no program is at work in any more, sorted.
///
/// # Errors
/// The folder cannot be listed.
pub fn temporary(folder: &Path) -> Result<Vec<PathBuf>, BundleError> {
    let user = rustix::process::geteuid().as_raw();
    let own = |found: &Metadata| found.is_dir() && found.uid() == user;
    let entries = fs::read_dir(folder).map_err(BundleError::io(folder, "cannot be listed"))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| is_own_name(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .filter(|path| path.symlink_metadata().is_ok_and(|found| own(&found)) && is_left(path))
        .collect();
    found.sort();
    Ok(found)
}

/// Whether a temporary folder has a name that only this program gives: others may begin theirs in the same way.
fn is_own_name(name: &str) -> bool {
    let random = name.strip_prefix(TEMPORARY);
    random.is_some_and(|rest| rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether nobody is at work there. Where that cannot be told, somebody may be.
fn is_left(path: &Path) -> bool {
    is_in_use(path).is_ok_and(|in_use| !in_use)
}

/// Removes what was left.
///
/// # Errors
/// It cannot be removed.
pub fn remove(path: &Path) -> Result<(), BundleError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(BundleError::io(path, "cannot be removed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bundle::staging::{Staging, Target};
    use crate::evidence::process::Unfinished;

    #[test]
    fn only_what_nobody_is_at_work_on_is_left_over() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let at_work = Staging::begin(Target::Exact(at("topic/a"))).unwrap();
        let finished = Staging::begin(Target::Exact(at("topic/b"))).unwrap().publish().unwrap();
        fs::create_dir_all(at("topic/.partial-killed/.partial-inside")).unwrap();
        fs::write(at(".partial-index"), "").unwrap();
        std::os::unix::fs::symlink(&finished, at(".partial-link")).unwrap();
        let left = unfinished(root.path()).unwrap();
        assert_eq!(left, [at(".partial-index"), at("topic/.partial-killed")]);
        left.iter().for_each(|path| remove(path).unwrap());
        assert!(unfinished(root.path()).unwrap().is_empty());
        assert!(at_work.publish().unwrap().is_dir() && finished.is_dir());
    }

    #[test]
    fn temporary_folders_are_told_by_their_names() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for name in [
            "trace-harness-A1b2C3d4E5f6G7h8I9j0K1l2",
            "trace-harness-used000000000000000000aa",
            "trace-harness-notes",
            "other",
        ] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("trace-harness-file"), "").unwrap();
        let _used = Unfinished::new(&at("trace-harness-used000000000000000000aa"));
        assert_eq!(temporary(root.path()).unwrap(), [at("trace-harness-A1b2C3d4E5f6G7h8I9j0K1l2")]);
    }
}
