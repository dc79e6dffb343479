//! Files a run leaves behind: how pixels become bytes, and how files come into being whole or not at all.
//!
//! Not here: file formats that are also read (`image`), and which files are wanted.

#[cfg(feature = "cli")]
mod advice;
pub(crate) mod atomic;
#[cfg(feature = "cli")]
pub(crate) mod gradients;
#[cfg(feature = "cli")]
pub(crate) mod noise;
#[cfg(feature = "cli")]
pub(crate) mod pgm;
#[cfg(feature = "cli")]
pub(crate) mod quantize;
#[cfg(feature = "cli")]
pub(crate) mod report;
#[cfg(feature = "cli")]
pub(crate) mod summary;
#[cfg(feature = "cli")]
pub(crate) mod writing;

use std::io::{self, Write};
use std::path::Path;

/// Writes `content` to `path`, for programs around this one: on an error, a full disk for instance, or where the program is killed, a file
/// that was there before stays as it was. Permissions of that file are kept; links stay and their target is replaced; devices and
/// pipes are written directly.
///
/// # Errors
/// Those of the system.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    atomic::write(path, |out: &mut dyn Write| out.write_all(content)).map_err(|error| error.source)
}
