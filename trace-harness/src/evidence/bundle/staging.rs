//! The making of a bundle in a `.partial-` folder beside its final place, and the one step that makes it visible.
//!
//! Not here: what is put in.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::evidence::bundle::{BundleError, MANIFEST, manifest};
use crate::evidence::process::Unfinished;

/// How the names of unfinished bundles begin.
pub const PARTIAL: &str = ".partial-";

/// Names at the top of a bundle that are written when it is closed: no command can have them.
const OWN_NAMES: [&str; 8] = [
    "analysis.md",
    "commands.txt",
    "env.json",
    "report.html",
    "rerun.json",
    "ro-crate-metadata.json",
    MANIFEST,
    "summary.json",
];

/// Whether `path` is a record of a bundle that lies inside another, whose files are `all`: what such a file says of times and of the
/// machine is no result, and differs from run to run.
pub fn is_record(path: &str, all: &[String]) -> bool {
    let cuts = path.match_indices('/').map(|(at, _)| path.split_at(at + 1));
    cuts.filter(|(folder, _)| all.contains(&format!("{folder}{MANIFEST}")))
        .any(|(_, name)| OWN_NAMES.contains(&name) || name.starts_with("logs/"))
}

/// Where a bundle is to appear.
#[derive(Debug, Clone)]
pub enum Target {
    /// Under exactly this name, or not at all.
    Exact(PathBuf),
    /// Under this name or, where that is taken, with `-2`, `-3` … appended.
    Numbered(PathBuf),
}

impl Target {
    fn path(&self) -> &Path {
        match self {
            Self::Exact(p) | Self::Numbered(p) => p,
        }
    }
}

/// A bundle in the making. Dropped before [`Staging::publish`], it is removed, and so it is by an impatient
/// user; killed, it stays as `.partial-…`.
#[derive(Debug)]
pub struct Staging {
    // Before the folder: it is given up as unfinished, then removed.
    unfinished: Unfinished,
    folder: TempDir,
    target: Target,
}

impl Staging {
    /// Starts a bundle that is to appear at `target`; missing parent folders are made.
    ///
    /// # Errors
    /// An exact target is there already, or the folder cannot be made.
    pub fn begin(target: Target) -> Result<Self, BundleError> {
        let path = target.path();
        let exists = path.symlink_metadata().is_ok();
        let name = path.file_name().filter(|_| !exists || matches!(target, Target::Numbered(_)));
        let name = name.ok_or_else(|| BundleError::Exists(path.to_owned()))?;
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(BundleError::io(parent, "cannot be made"))?;
        // Absolute, so that a later change of the working folder cannot redirect anything.
        let parent = parent.canonicalize().map_err(BundleError::io(parent, "cannot be resolved"))?;
        let mut prefix = std::ffi::OsString::from(PARTIAL);
        prefix.push(name);
        prefix.push("-");
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(&parent);
        let folder = folder.map_err(BundleError::io(&parent, "no folder can be made in it"))?;
        let place = parent.join(name);
        let target = match target {
            Target::Exact(_) => Target::Exact(place),
            Target::Numbered(_) => Target::Numbered(place),
        };
        Ok(Self { unfinished: Unfinished::new(folder.path()), folder, target })
    }

    /// The folder to write into.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The full path of `name` (relative, `/` between folders), whose folder is made if need be.
    ///
    /// # Errors
    /// `name` leads out of the bundle, or its folder cannot be made.
    pub fn place(&self, name: &str) -> Result<PathBuf, BundleError> {
        let path = Path::new(name);
        if name.is_empty() || !path.components().all(|c| matches!(c, Component::Normal(_))) {
            let problem = "leads out of the bundle; expected a relative path without `..`".to_owned();
            return Err(BundleError::Unfit { path: path.to_owned(), problem });
        }
        let full = self.folder().join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent).map_err(BundleError::io(parent, "cannot be made"))?;
        }
        Ok(full)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// As [`Staging::place`], and those of writing.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), BundleError> {
        let path = self.place(name)?;
        let mut file = File::create_new(&path).map_err(BundleError::io(&path, "cannot be made"))?;
        file.write_all(content.as_ref()).map_err(BundleError::io(&path, "cannot be written"))
    }

    /// Writes a value as indented JSON with a final line break.
    ///
    /// # Errors
    /// As [`Staging::write`].
    pub fn write_json(&self, name: &str, value: &impl serde::Serialize) -> Result<(), BundleError> {
        let text = serde_json::to_string_pretty(value);
        let text = text.map_err(|e| BundleError::Unfit { path: name.into(), problem: e.to_string() })?;
        self.write(name, text + "\n")
    }

    /// Makes what a command has left in the folder fit for a bundle: a link to a result becomes a copy of it; any other link, pipes and
    /// other special files, names that are not UTF-8, and names of the bundle's own files are removed. Gives what was left out and why, one sentence each.
    ///
    /// # Errors
    /// The folder cannot be listed or changed.
    pub fn settle(&self) -> Result<Vec<String>, BundleError> {
        let mut left_out = Vec::new();
        for name in OWN_NAMES {
            let path = self.folder().join(name);
            let Ok(found) = path.symlink_metadata() else { continue };
            let removed = if found.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(BundleError::io(&path, "cannot be removed"))?;
            left_out.push(format!("`{name}` was left out: a file of the bundle itself has this name"));
        }
        open_to_owner(self.folder())?;
        for item in WalkDir::new(self.folder()).min_depth(1) {
            let item = item.map_err(|e| manifest::walk_error(self.folder(), e))?;
            let (kind, path) = (item.file_type(), item.path());
            if kind.is_file() && path.metadata().is_ok_and(|found| found.nlink() > 1) {
                // A file that has another name elsewhere would change with it.
                copy_in_place(path, path)?;
            }
            let name = path.strip_prefix(self.folder()).unwrap_or(path);
            let problem = match name.to_str() {
                _ if kind.is_dir() => continue,
                None => "its name is not UTF-8",
                Some(_) if kind.is_file() => continue,
                Some(_) if kind.is_symlink() && self.copied_in_place(path)? => continue,
                Some(_) if kind.is_symlink() => "a link that leads to no file among the results",
                Some(_) => "neither a file nor a folder",
            };
            fs::remove_file(path).map_err(BundleError::io(path, "cannot be removed"))?;
            let name = name.as_os_str().as_encoded_bytes().escape_ascii();
            left_out.push(format!("`{name}` was left out: {problem}"));
        }
        left_out.sort();
        Ok(left_out)
    }

    /// Puts a copy in the place of a link to a file below `results/`; false where it leads elsewhere.
    fn copied_in_place(&self, link: &Path) -> Result<bool, BundleError> {
        let results = self.folder().join("results");
        let Some(target) = link.canonicalize().ok().filter(|to| to.starts_with(results) && to.is_file())
        else {
            return Ok(false);
        };
        copy_in_place(&target, link)?;
        Ok(true)
    }

    /// Lists and flushes everything, writes the manifest, and makes the bundle visible under its final name.
    ///
    /// # Errors
    /// Something in the folder cannot be part of a bundle, the disk refuses, or an exact target has appeared meanwhile.
    pub fn publish(self) -> Result<PathBuf, BundleError> {
        manifest::write(self.folder())?;
        flush(self.folder())?;
        open_to_all(self.folder())?;
        let place = self.move_into_place()?;
        if let Some(parent) = place.parent() {
            sync(parent)?;
        }
        // Nothing is left at the temporary name; there is nothing to remove.
        let _ = self.folder.keep();
        Ok(place)
    }

    fn move_into_place(&self) -> Result<PathBuf, BundleError> {
        let first = self.target.path().to_owned();
        let mut place = first.clone();
        for number in 2_u32.. {
            match self.unfinished.finish(|| rename_unless_taken(self.folder(), &place)) {
                Ok(()) => return Ok(place),
                Err(Errno::EXIST | Errno::NOTEMPTY) => {}
                Err(e) => return Err(BundleError::io(&place, "cannot be made")(e.into())),
            }
            if matches!(self.target, Target::Exact(_)) {
                break;
            }
            let mut name = first.clone().into_os_string();
            name.push(format!("-{number}"));
            place = name.into();
        }
        Err(BundleError::Exists(first))
    }
}

/// Puts a copy of the file `from`, with no other name, in the place of `to`.
fn copy_in_place(from: &Path, to: &Path) -> Result<(), BundleError> {
    let parent = to.parent().unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut copy = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(parent)?;
        std::io::copy(&mut File::open(from)?, &mut copy)?;
        // Temporary files are private; the copy is as open as what it is a copy of.
        copy.as_file().set_permissions(fs::metadata(from)?.permissions())?;
        copy.persist(to).map(|_| ()).map_err(|e| e.error)
    };
    written().map_err(BundleError::io(to, "cannot be copied"))
}

/// Lets the owner read everything below `folder`: a command may have closed what it made.
fn open_to_owner(folder: &Path) -> Result<(), BundleError> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(BundleError::io(&folder, "cannot be listed"))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            let found = path.symlink_metadata().map_err(BundleError::io(&path, "cannot be read"))?;
            let wanted = match found.file_type() {
                kind if kind.is_dir() => 0o700,
                kind if kind.is_file() => 0o400,
                _ => continue,
            };
            let mode = found.permissions().mode();
            if mode & wanted != wanted {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode | wanted))
                    .map_err(BundleError::io(&path, "cannot be opened"))?;
            }
            if found.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

/// Renames in one step that fails when `to` is taken, also when two writers arrive at the same moment.
fn rename_unless_taken(from: &Path, to: &Path) -> Result<(), Errno> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that does not know the flag: an empty folder claims the name first.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            let code = |e: std::io::Error| Errno::from_io_error(&e).unwrap_or(Errno::IO);
            fs::create_dir(to).map_err(code)?;
            fs::rename(from, to).map_err(code)
        }
        other => other,
    }
}

/// Temporary folders are private; evidence is for everyone whom the umask lets in.
fn open_to_all(folder: &Path) -> Result<(), BundleError> {
    let probe = folder.join(".umask-probe");
    fs::create_dir(&probe).map_err(BundleError::io(&probe, "cannot be made"))?;
    let mode = fs::metadata(&probe).map(|m| m.permissions().mode());
    fs::remove_dir(&probe).map_err(BundleError::io(&probe, "cannot be removed"))?;
    let mode = mode.map_err(BundleError::io(folder, "cannot be read"))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode))
        .map_err(BundleError::io(folder, "cannot be opened"))
}

fn flush(folder: &Path) -> Result<(), BundleError> {
    for item in WalkDir::new(folder).contents_first(true) {
        sync(item.map_err(|e| manifest::walk_error(folder, e))?.path())?;
    }
    Ok(())
}

fn sync(path: &Path) -> Result<(), BundleError> {
    File::open(path).and_then(|f| f.sync_all()).map_err(BundleError::io(path, "cannot be flushed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_cannot_be_in_a_bundle_is_left_out_and_named() {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("secret"), "s").unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        staging.write("results/a.txt", "hello").unwrap();
        let at = |name: &str| staging.folder().join("results").join(name);
        symlink("a.txt", at("copy")).unwrap();
        for (to, name) in
            [("../../secret", "out"), ("nothing", "dangling"), ("loop", "loop"), (".", "folder")]
        {
            symlink(to, at(name)).unwrap();
        }
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        fs::write(staging.folder().join(std::ffi::OsStr::from_bytes(b"results/\xff")), "").unwrap();
        let named: Vec<String> = staging
            .settle()
            .unwrap()
            .iter()
            .map(|sentence| sentence.split('`').nth(1).unwrap().to_owned())
            .collect();
        let expected = ["\\xff", "dangling", "folder", "loop", "out", "pipe"];
        assert_eq!(named, expected.map(|name| format!("results/{name}")));
        let place = staging.publish().unwrap();
        assert_eq!(names(&place.join("results")), ["a.txt", "copy"]);
        assert_eq!(fs::read_to_string(place.join("results/copy")).unwrap(), "hello");
    }

    #[test]
    fn what_a_command_has_closed_or_linked_to_elsewhere_is_the_bundle_s_own() {
        let root = tempfile::tempdir().unwrap();
        let outside = root.path().join("outside");
        fs::write(&outside, "then").unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        staging.write("results/closed/a.txt", "hello").unwrap();
        let results = staging.folder().join("results");
        fs::hard_link(&outside, results.join("linked")).unwrap();
        for (name, mode) in [("closed/a.txt", 0o000), ("closed", 0o000)] {
            fs::set_permissions(results.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(staging.settle().unwrap(), Vec::<String>::new());
        let place = staging.publish().unwrap();
        fs::write(&outside, "now").unwrap();
        assert_eq!(fs::read_to_string(place.join("results/linked")).unwrap(), "then");
        let mode = |name: &str| fs::metadata(place.join("results").join(name)).unwrap().permissions().mode();
        assert_eq!((mode("closed") & 0o700, mode("closed/a.txt") & 0o400), (0o700, 0o400));
    }

    #[test]
    fn a_bundle_appears_whole_or_not_at_all() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("topic/20260101T000000Z");
        let staging = Staging::begin(Target::Numbered(target.clone())).unwrap();
        staging.write("results/a.txt", "hello").unwrap();
        assert!(!target.exists());
        assert!(names(&root.path().join("topic"))[0].starts_with(PARTIAL));
        assert_eq!(staging.publish().unwrap(), target.canonicalize().unwrap());
        assert_eq!(names(&root.path().join("topic")), ["20260101T000000Z"]);
        assert_eq!(names(&target), ["results", MANIFEST]);
    }

    #[test]
    fn records_of_a_bundle_inside_are_told_from_its_results() {
        let all = ["results/b/sha256.txt", "results/b/env.json", "results/b/results/x", "results/env.json"];
        let all = all.map(str::to_owned);
        let records: Vec<&String> = all.iter().filter(|path| is_record(path, &all)).collect();
        assert_eq!(records, ["results/b/sha256.txt", "results/b/env.json"]);
    }

    #[test]
    fn a_dropped_bundle_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        drop(Staging::begin(Target::Exact(root.path().join("x"))).unwrap());
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn two_writers_of_the_same_second_get_two_folders() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("s");
        let made: Vec<Staging> =
            (0..8).map(|_| Staging::begin(Target::Numbered(path.clone())).unwrap()).collect();
        std::thread::scope(|scope| {
            made.into_iter().for_each(|s| {
                scope.spawn(|| s.publish().unwrap());
            });
        });
        assert_eq!(names(root.path()), ["s", "s-2", "s-3", "s-4", "s-5", "s-6", "s-7", "s-8"]);
    }

    #[test]
    fn an_exact_target_is_never_overwritten_not_even_an_empty_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x");
        let late = Staging::begin(Target::Exact(path.clone())).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(Staging::begin(Target::Exact(path.clone())), Err(BundleError::Exists(_))));
        assert!(matches!(late.publish(), Err(BundleError::Exists(_))));
        assert_eq!(names(root.path()), ["x"]);
    }

    #[test]
    fn nothing_is_written_outside() {
        let root = tempfile::tempdir().unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        for name in ["../y", "/y", "a/../../y", ""] {
            assert!(matches!(staging.write(name, ""), Err(BundleError::Unfit { .. })), "{name}");
        }
    }
}
