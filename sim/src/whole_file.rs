//! Writing a file that appears complete or not at all, for programs around this one.
//!
//! Not here: how (`output::atomic`).

use std::io::{self, Write};
use std::path::Path;

use crate::output::atomic;

/// Writes `content` to `path`: on an error, a full disk for instance, or where the program is killed, a file that was there before stays
/// as it was. Permissions of that file are kept; links stay and their target is replaced; devices and pipes are written directly.
///
/// # Errors
/// Those of the system.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    atomic::write(path, |out: &mut dyn Write| out.write_all(content)).map_err(|error| error.source)
}
