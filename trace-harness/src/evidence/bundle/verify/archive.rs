//! Bundles in one file, as they are sent: unpacked into a temporary folder as far as they are nothing but files below it.
//!
//! Not here: whether the bundle is sound (`verify`); other kinds of archives, which people can unpack themselves.

mod tar;
#[cfg(test)]
mod tests;
mod unpacked;
mod zip;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::{BundleError, MANIFEST};
use unpacked::Unpacked;

pub(super) use unpacked::{LIMITS, Limits, Refused};

/// What a file at `path` is, by how its name ends; `None` where that is no archive that can be verified.
pub(super) fn kind(path: &Path) -> Option<ArchiveKind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match name.as_str() {
        _ if !path.is_file() => None,
        _ if ends(&[".zip"]) => Some(ArchiveKind::Zip),
        _ if ends(&[".tar"]) => Some(ArchiveKind::Tar),
        _ if ends(&[".tar.gz", ".tgz"]) => Some(ArchiveKind::PackedTar),
        _ => None,
    }
}

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArchiveKind {
    /// Members stored or deflated.
    Zip,
    /// POSIX or GNU tar.
    Tar,
    /// The same through gzip.
    PackedTar,
}

/// Unpacks the archive at `path` below the empty folder `into`; gives the folder of the bundle in it.
///
/// # Errors
/// A member is neither file nor folder, leads out of the folder, or stands twice; the archive is broken or above a limit; a file cannot
/// be read or written.
pub(super) fn unpack(
    path: &Path,
    kind: ArchiveKind,
    into: &Path,
    limits: Limits,
) -> Result<PathBuf, Refused> {
    let file =
        regular::open(path).map_err(BundleError::io(path, "cannot be read")).map_err(Refused::Machine)?;
    let mut unpacked = Unpacked { into, left: limits, files: HashSet::new() };
    match kind {
        ArchiveKind::Zip => zip::unpack(file, &mut unpacked)?,
        ArchiveKind::Tar => tar::unpack(file, &mut unpacked)?,
        ArchiveKind::PackedTar => tar::unpack(MultiGzDecoder::new(file), &mut unpacked)?,
    }
    Ok(root(into))
}

/// The folder of the bundle: most archives hold one folder with everything in it.
fn root(folder: &Path) -> PathBuf {
    let entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    match entries.as_slice() {
        [only] if only.is_dir() && !folder.join(MANIFEST).exists() => only.clone(),
        _ => folder.to_owned(),
    }
}
