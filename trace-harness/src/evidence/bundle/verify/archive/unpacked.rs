//! What is unpacked of an archive by somebody else: files and folders below one folder, within limits.
//!
//! Not here: kinds of archives (`zip`, `tar`).

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::reading::files::is_inside;
use crate::evidence::bundle::verify::finding::{BundleFault, BundleFinding};

/// How much is unpacked, whatever an archive says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Files and folders.
    pub members: u64,
}

/// What is unpacked of an archive by somebody else.
pub(crate) const LIMITS: Limits = Limits { bytes: 8 << 30, members: 100_000 };

/// Names in a path of a member.
pub(super) const DEEPEST: usize = 32;

/// Why an archive was not unpacked to its end.
#[derive(Debug)]
pub(crate) enum Refused {
    /// What is in it; a bundle it is not.
    Content(BundleFinding),
    /// This machine.
    Machine(BundleError),
}

/// What is wrong with the member `name`.
pub(super) fn content(fault: BundleFault, name: &[u8], detail: impl Into<String>) -> Refused {
    let path = String::from_utf8_lossy(name).into_owned();
    Refused::Content(BundleFinding { fault, path, detail: detail.into() })
}

/// The folder that members go into.
pub(super) struct Unpacked<'a> {
    /// Which one.
    pub(super) into: &'a Path,
    /// What may still be unpacked.
    pub(super) left: Limits,
    /// Names of files in lower case: where systems take no notice of it, one of two would replace the other.
    pub(super) files: HashSet<String>,
}

impl Unpacked<'_> {
    /// Where the member goes, whose name is counted; `None` for the folder of the archive itself.
    fn place(&mut self, name: &[u8]) -> Result<Option<PathBuf>, Refused> {
        // Every folder in its name may have to be made.
        let parts = name.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).count().max(1);
        if parts > DEEPEST {
            let detail = format!("lies {parts} folders deep; expected at most {DEEPEST}");
            return Err(content(BundleFault::Unsafe, &name[..name.len().min(200)], detail));
        }
        self.left.members = self.left.members.checked_sub(parts as u64).ok_or_else(|| {
            content(
                BundleFault::Unsafe,
                name,
                format!("is one member too many; expected at most {} files and folders", LIMITS.members),
            )
        })?;
        let text = std::str::from_utf8(name).map_err(|_| {
            content(BundleFault::Unlisted, name, "has a name that is not UTF-8, which no manifest can list")
        })?;
        // `tar` writes `./` in front of what it finds in the folder it stands in.
        let inside = text.strip_prefix("./").unwrap_or(text);
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        match inside {
            "" | "." if text.starts_with('.') => Ok(None),
            _ if is_inside(inside) => Ok(Some(self.into.join(inside))),
            _ => Err(content(
                BundleFault::Unsafe,
                name,
                "leads out of the archive; expected a relative path without `..`",
            )),
        }
    }

    /// Makes the folder that a member is.
    pub(super) fn folder(&mut self, name: &[u8]) -> Result<(), Refused> {
        let Some(place) = self.place(name)? else { return Ok(()) };
        fs::create_dir_all(&place).map_err(|e| clash(name, &place, e))
    }

    /// Writes the file that a member is.
    pub(super) fn file(&mut self, name: &[u8], from: &mut dyn Read) -> Result<(), Refused> {
        let place = self.place(name)?;
        let place = place.ok_or_else(|| content(BundleFault::Unsafe, name, "is a file without a name"))?;
        if !place.exists() && !self.files.insert(place.to_string_lossy().to_lowercase()) {
            return Err(content(
                BundleFault::Unsafe,
                name,
                "differs from another name in the case of letters only",
            ));
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(|e| clash(name, parent, e))?;
        }
        let mut to = File::create_new(&place).map_err(|e| clash(name, &place, e))?;
        let mut piece = vec![0; 1 << 16];
        loop {
            let length = match from.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(content(BundleFault::Format, name, format!("cannot be unpacked: {e}"))),
            };
            self.left.bytes = self.left.bytes.checked_sub(length as u64).ok_or_else(|| {
                content(
                    BundleFault::Unsafe,
                    name,
                    format!("makes more than {} bytes; expected fewer", LIMITS.bytes),
                )
            })?;
            let written = to.write_all(&piece[..length]);
            written.map_err(BundleError::io(&place, "cannot be written")).map_err(Refused::Machine)?;
        }
    }
}

/// Two members of one name, or one that is a file and a folder, are the archive's fault; the rest is this machine's.
fn clash(name: &[u8], place: &Path, e: io::Error) -> Refused {
    match e.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
            content(BundleFault::Unsafe, name, format!("stands twice, or is a file and a folder: {e}"))
        }
        _ => Refused::Machine(BundleError::io(place, "cannot be made")(e)),
    }
}
