//! Writing a file so that it appears complete or not at all.
//!
//! Not here: what is written. Durability across a power cut is not promised either: nothing waits for the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::OutputError;

/// Symbolic links followed before giving up, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Small, so that the pixels of any image go to the file without a copy.
const BUFFER_BYTES: usize = 1 << 14;

/// Writes `path` by calling `fill` with a buffered writer.
///
/// The bytes go to a file in the same folder that takes the place of `path` once complete; on Linux it has no name until then, so
/// that nothing is left of a program that is killed, elsewhere a temporary one. An existing
/// file's permissions are kept, a new one gets those of any newly created file; a symbolic link stays and its target is
/// replaced. What is no regular file (a device, a pipe, anything under `/dev` or `/proc`) is written directly.
///
/// # Errors
/// Those of `fill` and of the system; then neither a partial nor a temporary file is left.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), OutputError> {
    prepare(path, fill)?.appear()
}

/// As [`write()`], but what there is to be seen of it waits for [`Ready::appear`].
///
/// # Errors
/// As [`write()`].
pub(crate) fn prepare(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Ready, OutputError> {
    let error = |source| OutputError { path: path.to_owned(), source };
    prepare_io(path, fill).map(|waiting| Ready { path: path.to_owned(), waiting }).map_err(error)
}

/// A file that is complete but does not have its name yet; dropped, it leaves nothing.
#[derive(Debug)]
#[must_use]
pub(crate) struct Ready {
    path: PathBuf,
    /// The file and what it is to replace; none if it was written directly.
    waiting: Option<(Complete, PathBuf)>,
}

/// A file with all of its bytes.
#[derive(Debug)]
enum Complete {
    /// It has no name yet.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    /// It has that of a temporary file.
    Temporary(tempfile::TempPath),
}

impl Ready {
    /// Gives the file its name.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn appear(self) -> Result<(), OutputError> {
        let Some((complete, target)) = self.waiting else { return Ok(()) };
        complete.appear(&target).map_err(|source| OutputError { path: self.path, source })
    }
}

impl Complete {
    fn appear(self, target: &Path) -> io::Result<()> {
        let temporary = match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => match unnamed::link(&file, target) {
                Ok(()) => return Ok(()),
                // Only a name can take the place of another file.
                Err(_) => match beside().make_in(folder_of(target), |name| unnamed::link(&file, name)) {
                    Ok(named) => named.into_temp_path(),
                    Err(_) => copied(&file, target)?,
                },
            },
            Self::Temporary(temporary) => temporary,
        };
        temporary.persist(target).map_err(|refused| refused.error)
    }
}

/// A temporary file beside `target` with the bytes and permissions of `file`, where the system has files without names and gives
/// them none.
#[cfg(target_os = "linux")]
fn copied(mut file: &File, target: &Path) -> io::Result<tempfile::TempPath> {
    let (mut named, temporary) = beside().tempfile_in(folder_of(target))?.into_parts();
    io::Seek::rewind(&mut file)?;
    io::copy(&mut file, &mut named)?;
    named.set_permissions(file.metadata()?.permissions())?;
    Ok(temporary)
}

/// Files without a name, which the system forgets with the program that has them open (`O_TMPFILE` of open(2)).
#[cfg(target_os = "linux")]
mod unnamed {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags};

    /// Where a file that is open has a name to link to.
    const OPEN_FILES: &str = "/proc/self/fd";

    /// A new one in `folder`; none where the system or the kind of folder has no such files.
    pub(super) fn open(folder: &Path) -> Option<File> {
        rustix::fs::access(OPEN_FILES, rustix::fs::Access::EXEC_OK).ok()?;
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        rustix::fs::open(folder, flags, Mode::from_raw_mode(0o666)).ok().map(File::from)
    }

    /// Gives it a name that is not there yet.
    pub(super) fn link(file: &File, name: &Path) -> io::Result<()> {
        let open = format!("{OPEN_FILES}/{}", file.as_raw_fd());
        Ok(rustix::fs::linkat(CWD, open, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
    }
}

/// Whether two files can be written at the same time: neither is one that is written directly, and they have names of their
/// own wherever links lead.
pub(crate) fn are_apart(one: &Path, other: &Path) -> bool {
    let name = |path: &Path| {
        let target = link_target(path).ok().filter(|_| !is_special(path))?;
        // Some systems do not distinguish capital letters from small ones.
        Some(target.file_name()?.to_ascii_lowercase())
    };
    name(one).is_some_and(|one| name(other).is_some_and(|other| one != other))
}

/// Where a file is or would be, the same for all its names; none for what is written directly, and where there is no folder.
pub(crate) fn place(path: &Path) -> Option<PathBuf> {
    let target = link_target(path).ok().filter(|_| !is_special(path))?;
    Some(fs::canonicalize(folder_of(&target)).ok()?.join(target.file_name()?))
}

/// Whether a file could appear under this name, as far as one can know without writing it.
///
/// # Errors
/// It is a folder or must not be written to, or its folder is missing or must not be written to.
pub(crate) fn check_place(path: &Path) -> Result<(), OutputError> {
    let check = || {
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if is_special(path) {
            return Ok(());
        }
        let target = link_target(path)?;
        match fs::metadata(&target) {
            Ok(_) => OpenOptions::new().write(true).open(&target).map(drop)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        accepts_files(folder_of(&target))
    };
    check().map_err(|source| OutputError { path: path.to_owned(), source })
}

/// Whether this folder takes files, or could be made.
///
/// # Errors
/// It is no folder, or it or the one that it would be made in must not be written to.
pub(crate) fn check_folder(path: &Path) -> Result<(), OutputError> {
    let existing = path.ancestors().map(or_here).find(|folder| fs::metadata(folder).is_ok());
    let check = existing.map_or(Ok(()), accepts_files);
    check.map_err(|source| OutputError { path: path.to_owned(), source })
}

fn accepts_files(folder: &Path) -> io::Result<()> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    #[cfg(unix)]
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)?;
    Ok(())
}

/// The folder of a file.
fn folder_of(path: &Path) -> &Path {
    or_here(path.parent().unwrap_or(Path::new("")))
}

/// An empty name stands for the current folder.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn prepare_io(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Option<(Complete, PathBuf)>> {
    if is_special(path) {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        return fill_and_flush(file, fill).map(|_| None);
    }
    let target = link_target(path)?;
    let permissions = match fs::metadata(&target) {
        // Renaming would replace even a file that must not be written to.
        Ok(existing) => OpenOptions::new().write(true).open(&target).map(|_| Some(existing.permissions()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    #[cfg(target_os = "linux")]
    if let Some(file) = unnamed::open(folder_of(&target)) {
        let file = fill_and_flush(file, fill)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        return Ok(Some((Complete::Unnamed(file), target)));
    }
    let (file, temporary) = beside().tempfile_in(folder_of(&target))?.into_parts();
    fill_and_flush(file, fill)?;
    if let Some(permissions) = permissions {
        fs::set_permissions(&temporary, permissions)?;
    }
    Ok(Some((Complete::Temporary(temporary), target)))
}

fn fill_and_flush(file: File, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
    fill(&mut writer)?;
    writer.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Whether the file must be written where it is: there is nothing to replace, or others hold it open under this name.
fn is_special(path: &Path) -> bool {
    let in_system_folder = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    in_system_folder || fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// Where `path` leads, following symbolic links in its last part even if nothing is there yet.
fn link_target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        if !fs::symlink_metadata(&target).is_ok_and(|m| m.is_symlink()) {
            return Ok(target);
        }
        let link = fs::read_link(&target)?;
        target = target.parent().unwrap_or(Path::new("")).join(link);
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Names and permissions of temporary files.
fn beside() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".partial-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The system takes the user's mask off these, as for any new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
#[path = "atomic_tests.rs"]
mod tests;
