//! What is stored beside a list of cases: packs of texts, and pieces of float images.
//!
//! Not here: making them (`scripts/pack_golden.py`), comparing with them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::{GzDecoder, ZlibDecoder};

use super::list::ImagePiece;
use crate::evidence::bundle::reading::regular;

/// Largest text, unpacked, bytes.
const LARGEST: u64 = 1 << 30;

/// What is stored beside a list of cases, and cannot be read or makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {fault}", path.display())]
pub struct PackError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub fault: PackFault,
}

/// What is wrong with a file of stored texts or values.
#[derive(Debug, thiserror::Error)]
pub enum PackFault {
    /// The system refuses.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// A line that begins no entry.
    #[error("`{0}`; expected `== NAME LINES`")]
    Head(String),
    /// The end comes before that of an entry.
    #[error("entry `{name}` has {lines} lines; expected {expected}")]
    Short {
        /// Its name.
        name: String,
        /// How many lines there are.
        lines: usize,
        /// How many it says.
        expected: usize,
    },
    /// Two entries have the same name.
    #[error("entry `{0}` stands twice")]
    Twice(String),
    /// A line that is no value of a function.
    #[error("`{0}` is no line of a probe; expected FUNCTION BITS BITS")]
    ProbeLine(String),
    /// No value of a function.
    #[error("holds no value; expected FUNCTION BITS BITS")]
    NoValue,
}

/// A piece of an image that the pieces do not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// The file of pieces ends before it.
    #[error("its piece lies beyond the end of the pieces")]
    Beyond,
    /// What is there is no piece, or one of another size.
    #[error("its stored piece does not hold {0} pixels")]
    Pixels(usize),
}

/// A text file, unpacked if its name ends in `.gz`.
///
/// # Errors
/// It cannot be read.
pub fn text(path: &Path) -> Result<String, PackError> {
    let wrong = |e| PackError { path: path.to_owned(), fault: PackFault::Unreadable(e) };
    let file = regular::open(path).map_err(wrong)?;
    let mut text = String::new();
    match path.extension().is_some_and(|e| e == "gz") {
        true => GzDecoder::new(file).take(LARGEST).read_to_string(&mut text),
        false => file.take(LARGEST).read_to_string(&mut text),
    }
    .map_err(wrong)?;
    Ok(text)
}

/// The entries of a pack of texts, by name: a line `== NAME LINES`, then so many lines.
///
/// # Errors
/// It cannot be read, or is no such pack.
pub fn entries(path: &Path) -> Result<BTreeMap<String, Vec<String>>, PackError> {
    parse(&text(path)?).map_err(|fault| PackError { path: path.to_owned(), fault })
}

fn parse(text: &str) -> Result<BTreeMap<String, Vec<String>>, PackFault> {
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some(head) = lines.next() {
        let parts = head.strip_prefix("== ").and_then(|h| h.rsplit_once(' '));
        let parts = parts.and_then(|(name, count)| Some((name, count.parse::<usize>().ok()?)));
        let (name, count) = parts.ok_or_else(|| PackFault::Head(head.to_owned()))?;
        let body: Vec<String> = lines.by_ref().take(count).map(str::to_owned).collect();
        if body.len() != count {
            let lines = body.len();
            return Err(PackFault::Short { name: name.to_owned(), lines, expected: count });
        }
        if found.insert(name.to_owned(), body).is_some() {
            return Err(PackFault::Twice(name.to_owned()));
        }
    }
    Ok(found)
}

impl ImagePiece {
    /// Its pixels out of a file of pieces, row after row.
    ///
    /// # Errors
    /// The file does not hold them.
    pub fn unpack(&self, pieces: &[u8]) -> Result<Vec<f32>, PieceError> {
        let end = self.offset.checked_add(self.length);
        let packed = end.and_then(|end| pieces.get(self.offset..end));
        let packed = packed.ok_or(PieceError::Beyond)?;
        let n = self.pixels();
        let mut planes = Vec::new();
        let read = ZlibDecoder::new(packed).take(4 * n as u64 + 1).read_to_end(&mut planes);
        if read.is_err() || planes.len() != 4 * n {
            return Err(PieceError::Pixels(n));
        }
        // Bytes of equal weight stand together.
        Ok((0..n).map(|i| f32::from_le_bytes([0, 1, 2, 3].map(|plane| planes[plane * n + i]))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_as_long_as_their_heads_say() {
        let found = parse("== a 2\none\ntwo\n== b c 0\n").unwrap();
        assert_eq!(found["a"], ["one", "two"]);
        assert!(found["b c"].is_empty());
        for (text, reason) in [
            ("one\n", "expected `== NAME LINES`"),
            ("== a x\n", "expected `== NAME LINES`"),
            ("== a 2\none\n", "1 lines; expected 2"),
            ("== a 0\n== a 0\n", "stands twice"),
        ] {
            assert!(parse(text).unwrap_err().to_string().contains(reason), "{text}");
        }
    }

    #[test]
    fn a_piece_that_is_not_there_is_refused() {
        let piece = ImagePiece { fast: [0, 1], slow: [0, 0], offset: 4, length: 9 };
        assert!(piece.unpack(&[0; 12]).unwrap_err().to_string().contains("beyond the end"));
        assert!(piece.unpack(&[0; 13]).unwrap_err().to_string().contains("does not hold 2 pixels"));
        let piece = ImagePiece { offset: usize::MAX, ..piece };
        assert!(piece.unpack(&[0; 13]).is_err());
    }
}
