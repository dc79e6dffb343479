//! Readers of the files a run starts from: reflections, crystal matrix, sources, headers and masks.
//!
//! Not here: images to compare (`image`), units, precedence, and what a missing file means to a run. Each reader has a
//! `parse` form that works on the bytes alone, and returns its warnings instead of printing them.

use std::path::Path;

use crate::error::{Error, InputError};
use crate::open_file;

pub mod cache;
pub mod grid;
pub mod header;
pub mod hkl;
mod hkl_pieces;
mod hkl_records;
pub mod matrix;
pub mod provenance;
pub mod source_file;

/// What to do with a file that nanoBragg would read differently from what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Leniency {
    /// Refuse it, naming the place and the remedy.
    #[default]
    Strict,
    /// Read what nanoBragg reads: valid prefixes, streams that end at the first word, columns that become 0.
    Reference,
}

/// Why a file could not be used. Some files may be absent without harm, which only the caller knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened.
    #[error(transparent)]
    CannotOpen(InputError),
    /// The file was opened but cannot be read or understood.
    #[error(transparent)]
    Malformed(InputError),
}

impl ReadError {
    /// Whether the file could not even be opened.
    pub const fn is_cannot_open(&self) -> bool {
        matches!(self, Self::CannotOpen(_))
    }

    /// The error itself.
    pub const fn error(&self) -> &InputError {
        match self {
            Self::CannotOpen(error) | Self::Malformed(error) => error,
        }
    }
}

impl From<InputError> for ReadError {
    fn from(error: InputError) -> Self {
        Self::Malformed(error)
    }
}

impl From<ReadError> for InputError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::CannotOpen(error) | ReadError::Malformed(error) => error,
        }
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Self::Input(error.into())
    }
}

/// The whole file, of at most `limit` bytes; `what` says what was expected, for the message.
fn read_file(path: &Path, what: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
    Ok(open_file::open(path, what, limit).map_err(ReadError::CannotOpen)?.read()?)
}

/// The line of `text` that byte `position` lies in, counted from 1.
fn line_of(text: &[u8], position: usize) -> usize {
    1 + text.iter().take(position).filter(|&&b| b == b'\n').count()
}

/// What stands at `position`, for a message: the word there, shortened, never raw binary.
fn word_at(text: &[u8], position: usize) -> String {
    let rest = text.get(position..).unwrap_or_default();
    let word = rest.split(|&b| crate::c_number::is_space(b)).next().unwrap_or_default();
    let shown: String = word.iter().take(24).flat_map(|&b| b.escape_ascii()).map(char::from).collect();
    if word.len() > 24 { shown + "..." } else { shown }
}
