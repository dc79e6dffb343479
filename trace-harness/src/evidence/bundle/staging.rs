//! The making of a bundle in a `.partial-` folder beside its final place, and the one step that makes it visible.
//!
//! Not here: what is put in.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{CWD, Mode, OFlags, RenameFlags, mkdirat, openat, renameat_with};
use rustix::io::Errno;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::evidence::bundle::paths::recordable;
use crate::evidence::bundle::{BundleError, manifest};
use crate::evidence::process::{RANDOM, Unfinished};

/// How the names of unfinished bundles begin.
pub const PARTIAL: &str = ".partial-";

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
    /// Names of the files that were placed here.
    placed: Mutex<BTreeSet<String>>,
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
        recordable(&parent.join(name))?;
        // Of a long name the beginning is enough: with what follows it may not become longer than names can be.
        let shown: String = name.to_string_lossy().chars().take(32).collect();
        let folder = tempfile::Builder::new()
            .prefix(&format!("{PARTIAL}{shown}-"))
            .rand_bytes(RANDOM)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&parent);
        let folder = folder.map_err(BundleError::io(&parent, "no folder can be made in it"))?;
        let place = parent.join(name);
        let target = match target {
            Target::Exact(_) => Target::Exact(place),
            Target::Numbered(_) => Target::Numbered(place),
        };
        let unfinished = Unfinished::new(folder.path());
        Ok(Self { unfinished, folder, target, placed: Mutex::default() })
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
        self.folder_of(path)?;
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        Ok(self.folder().join(path))
    }

    /// The names of the files that were placed here, in order; one of them may not be there.
    pub fn placed(&self) -> BTreeSet<String> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder that `path` lies in, made if need be. None on the way may be a link: programs that ran meanwhile can have put one
    /// there, and what is written through it lies elsewhere.
    fn folder_of(&self, path: &Path) -> Result<OwnedFd, BundleError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut full = self.folder().to_owned();
        let mut folder = openat(CWD, &full, flags, Mode::empty())
            .map_err(|e| BundleError::io(&full, "cannot be opened")(e.into()))?;
        for part in path.parent().into_iter().flat_map(Path::components) {
            full.push(part);
            match mkdirat(&folder, part.as_os_str(), Mode::RWXU | Mode::RWXG | Mode::RWXO) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(e) => return Err(BundleError::io(&full, "cannot be made")(e.into())),
            }
            folder = openat(&folder, part.as_os_str(), flags, Mode::empty()).map_err(|e| match e {
                Errno::NOTDIR | Errno::LOOP => {
                    let problem = "is a link or a file; expected a folder of the bundle".to_owned();
                    BundleError::Unfit { path: full.clone(), problem }
                }
                e => BundleError::io(&full, "cannot be opened")(e.into()),
            })?;
        }
        Ok(folder)
    }

    /// Makes a file that is not there yet, and gives its full path with it.
    ///
    /// # Errors
    /// As [`Staging::place`]; something is there already, a link that leads nowhere included.
    pub fn create(&self, name: &str) -> Result<(File, PathBuf), BundleError> {
        let full = self.place(name)?;
        let folder = self.folder_of(Path::new(name))?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let made = openat(&folder, full.file_name().unwrap_or_default(), flags, mode);
        let file = made.map_err(|e| BundleError::io(&full, "cannot be made")(e.into()))?;
        Ok((file.into(), full))
    }

    /// Writes a file.
    ///
    /// # Errors
    /// As [`Staging::place`], and those of writing.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), BundleError> {
        let (mut file, path) = self.create(name)?;
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
    use crate::evidence::bundle::MANIFEST;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
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
    fn a_dropped_bundle_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        drop(Staging::begin(Target::Exact(root.path().join("x"))).unwrap());
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn a_name_may_be_as_long_as_the_system_lets_it() {
        let root = tempfile::tempdir().unwrap();
        let name = "é".repeat(127);
        assert!(
            Staging::begin(Target::Exact(root.path().join(&name)))
                .unwrap()
                .publish()
                .unwrap()
                .ends_with(&name)
        );
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

    /// A program that runs beside an unfinished bundle can put links into it.
    #[test]
    fn nothing_is_written_through_a_link() {
        let [root, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        fs::create_dir(staging.folder().join("outputs")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), staging.folder().join("outputs/reference")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("b"), staging.folder().join("a")).unwrap();
        for name in ["outputs/reference/t.txt", "outputs/reference/deep/t.txt", "a"] {
            assert!(staging.write(name, "t").is_err(), "{name}");
        }
        let refusal = staging.place("outputs/reference/t.txt").unwrap_err().to_string();
        assert!(refusal.ends_with("expected a folder of the bundle"), "{refusal}");
        assert!(names(elsewhere.path()).is_empty());
        staging.write("outputs/candidate/t.txt", "t").unwrap();
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
