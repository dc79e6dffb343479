//! What programs that were killed have left: unfinished bundles, and temporary folders.
//!
//! Not here: what is finished (`index`); it is never removed.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use walkdir::WalkDir;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::manifest;
use crate::evidence::bundle::staging::PARTIAL;
use crate::evidence::process::{TEMPORARY, is_in_use, is_random_name};

/// What was found, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// What this program, or another of this project, has left.
    pub removable: Vec<PathBuf>,
    /// What looks alike and stays.
    pub kept: Vec<KeptLeftover>,
}

/// Something that is not removed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct KeptLeftover {
    /// Where it is.
    pub path: PathBuf,
    /// Why it stays.
    pub reason: Reason,
}

/// Why something is not removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is neither folder nor file.
    Kind,
    /// No program of this project gives such a name.
    Name,
    /// It is another user's.
    Owner,
    /// A program is at work in it, or the file system cannot say.
    InUse,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "is a link or a special file",
            Self::Name => "has a name that no program of this project gives",
            Self::Owner => "is another user's",
            Self::InUse => "a program may be at work in it",
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Leftovers {
    /// Enters what is at `path`, without following a link.
    fn enter(&mut self, path: PathBuf, start: &str) {
        let Ok(found) = path.symlink_metadata() else { return };
        match reason(&path, &found, start) {
            Some(reason) => self.kept.push(KeptLeftover { path, reason }),
            None => self.removable.push(path),
        }
    }
}

/// Why what is at `path` stays; none if somebody of this project has left it.
fn reason(path: &Path, found: &Metadata, start: &str) -> Option<Reason> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match () {
        () if !found.is_dir() && !found.is_file() => Some(Reason::Kind),
        () if !is_random_name(&name, start) => Some(Reason::Name),
        () if found.uid() != rustix::process::geteuid().as_raw() => Some(Reason::Owner),
        // Where that is unknown, somebody may be at work.
        () if is_in_use(path).unwrap_or(true) => Some(Reason::InUse),
        () => None,
    }
}

/// Unfinished bundles and files below `reports`. What is inside of one is a part of it.
///
/// # Errors
/// A folder cannot be listed.
pub fn unfinished(reports: &Path) -> Result<Leftovers, BundleError> {
    let mut found = Leftovers::default();
    let mut walk = WalkDir::new(reports).min_depth(1).sort_by_file_name().into_iter();
    while let Some(item) = walk.next() {
        let item = item.map_err(|e| manifest::walk_error(reports, e))?;
        if !item.file_name().to_string_lossy().starts_with(PARTIAL) {
            continue;
        }
        if item.file_type().is_dir() {
            walk.skip_current_dir();
        }
        found.enter(item.into_path(), PARTIAL);
    }
    Ok(found)
}

/// Temporary folders in `folder`, as far as they have names that a program of this project gives: others may begin theirs in the same
/// way.
///
/// # Errors
/// The folder cannot be listed.
pub fn temporary(folder: &Path) -> Result<Leftovers, BundleError> {
    let entries = fs::read_dir(folder).map_err(BundleError::io(folder, "cannot be listed"))?;
    let own = |name: &str| is_random_name(name, TEMPORARY);
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| own(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    let mut found = Leftovers::default();
    paths.into_iter().for_each(|path| found.enter(path, TEMPORARY));
    Ok(found)
}

/// Removes what was left, without following a link.
///
/// # Errors
/// It cannot be removed.
pub fn remove(path: &Path) -> Result<(), BundleError> {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(BundleError::io(path, "cannot be removed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bundle::MANIFEST;
    use crate::evidence::bundle::staging::{Staging, Target};
    use crate::evidence::process::Unfinished;

    const RANDOM: &str = "A1b2C3d4E5f6G7h8I9j0K1l2";

    #[test]
    fn only_what_this_project_left_and_nobody_is_at_work_on_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let at_work = Staging::begin(Target::Exact(at("topic/a"))).unwrap();
        let finished = Staging::begin(Target::Exact(at("topic/b"))).unwrap().publish().unwrap();
        let (killed, index) =
            (at(&format!("topic/.partial-killed-{RANDOM}")), at(&format!(".partial-{RANDOM}")));
        fs::create_dir_all(killed.join(".partial-inside")).unwrap();
        std::os::unix::fs::symlink(&finished, killed.join("link")).unwrap();
        fs::write(&index, "").unwrap();
        let link = at(&format!(".partial-link-{RANDOM}"));
        std::os::unix::fs::symlink(&finished, &link).unwrap();
        fs::create_dir(at(".partial-download")).unwrap();
        let left = unfinished(root.path()).unwrap();
        assert_eq!(left.removable, [index, killed]);
        let kept: Vec<(&Path, Reason)> = left.kept.iter().map(|kept| (&*kept.path, kept.reason)).collect();
        let canonical = root.path().canonicalize().unwrap();
        let working = root.path().join(at_work.folder().strip_prefix(canonical).unwrap());
        let expected =
            [(&*at(".partial-download"), Reason::Name), (&*link, Reason::Kind), (&*working, Reason::InUse)];
        assert_eq!(kept, expected);
        left.removable.iter().for_each(|path| remove(path).unwrap());
        assert!(unfinished(root.path()).unwrap().removable.is_empty());
        assert!(at_work.publish().unwrap().is_dir() && finished.join(MANIFEST).is_file());
    }

    #[test]
    fn temporary_folders_are_told_by_their_names() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let (left, used) =
            (at(&format!("trace-harness-{RANDOM}")), at("trace-harness-used000000000000000000aa"));
        for folder in [&left, &used, &at("trace-harness-notes"), &at("other")] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(at("trace-harness-file"), "").unwrap();
        let _used = Unfinished::new(&used);
        let kept = vec![KeptLeftover { path: used.clone(), reason: Reason::InUse }];
        assert_eq!(temporary(root.path()).unwrap(), Leftovers { removable: vec![left], kept });
    }
}
