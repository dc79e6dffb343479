//! A file to read an array from, for all readers.
//!
//! Not here: what is in it.

use std::path::Path;

use nanobragg::error::InputError;

use crate::array::data::Stored;
use crate::array::source::ByteSource;

pub(super) const WHAT: &str = "an array";

/// A file to read an array from.
pub(super) struct ArrayInput<'a> {
    /// For messages.
    pub(super) path: &'a Path,
    pub(super) source: ByteSource,
    /// Which array of it is meant, where that was said.
    pub(super) part: Option<&'a str>,
}

impl ArrayInput<'_> {
    pub(super) fn length(&self) -> Result<u64, InputError> {
        self.source.length().map_err(|e| InputError::io(self.path, WHAT, &e))
    }

    /// The first bytes, at most `most`.
    pub(super) fn start(&self, most: usize) -> Result<Vec<u8>, InputError> {
        self.source.start(most).map_err(|e| InputError::io(self.path, WHAT, &e))
    }

    pub(super) fn wrong(&self, problem: impl Into<String>, expected: impl Into<String>) -> InputError {
        InputError::new(self.path, problem, expected)
    }

    /// Refuses bytes behind the array that `stored` says: nobody would compare them. What is cut short is a matter of the array.
    pub(super) fn nothing_behind(&self, stored: &Stored) -> Result<(), InputError> {
        let end = stored.length().and_then(|length| length.checked_add(stored.start));
        let behind = end.map_or(0, |end| self.length().map_or(0, |length| length.saturating_sub(end)));
        match behind {
            0 => Ok(()),
            n => Err(self.wrong(format!("has `{n}` bytes behind its numbers"), "as many as its header says")),
        }
    }

    /// Refuses a part where a file holds one array.
    pub(super) fn whole(&self) -> Result<(), InputError> {
        match self.part {
            None => Ok(()),
            Some(part) => Err(self.wrong(
                format!("holds one array, and `{part}` of it is asked for"),
                "no colon behind its name",
            )),
        }
    }
}
