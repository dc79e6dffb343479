//! The numbers of a NumPy file, a piece at a time: files are larger than memory.
//!
//! Not here: the header (`nanobragg::image::npy_header`).

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use nanobragg::image::npy_header::{Header, NpyError};

use crate::evidence::given;
use crate::trace::array::error::ArrayFault;

/// No header of an array of plain numbers is longer, bytes.
const LONGEST_HEADER: u64 = 1 << 17;
/// From here on not every integer is a double.
const LARGEST_INTEGER: u64 = 1 << 53;

/// An element type that is read: how its bytes become a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    F32,
    F64,
    Signed,
    Unsigned,
}

/// A file that is being read.
pub(super) struct Numbers<'p> {
    path: &'p Path,
    input: BufReader<Box<dyn Read + 'p>>,
    element: Element,
    /// Bytes of a number, and whether the first is the most significant.
    width: usize,
    big_endian: bool,
    /// Lengths of the axes; complex numbers have one of two more.
    pub shape: Vec<u64>,
    /// Whether the first axis varies fastest.
    pub fortran_order: bool,
    /// Numbers that have not been read yet.
    pub left: u64,
    bytes: Vec<u8>,
}

impl<'p> Numbers<'p> {
    /// Begins to read the file at `path`.
    ///
    /// # Errors
    /// The system refuses, or it is no NumPy file of numbers.
    pub(super) fn open(path: &'p Path) -> Result<Self, ArrayFault> {
        let io = |source| ArrayFault::Io { path: path.to_owned(), source };
        let stream: Box<dyn Read + 'p> = Box::new(given::stream(path).map_err(io)?);
        let mut input = BufReader::with_capacity(1 << 18, stream);
        // The header says how long it is in its first bytes, and the reader takes no more than it says.
        let mut start = Vec::new();
        input.by_ref().take(12).read_to_end(&mut start).map_err(io)?;
        let length = match start[..] {
            [_, _, _, _, _, _, 1, _, a, b, ..] => 10 + u64::from(u16::from_le_bytes([a, b])),
            [_, _, _, _, _, _, _, _, a, b, c, d] => 12 + u64::from(u32::from_le_bytes([a, b, c, d])),
            _ => 12,
        };
        let header = |problem| ArrayFault::Header { path: path.to_owned(), problem };
        if length > LONGEST_HEADER {
            return Err(header(NpyError::Truncated));
        }
        input.by_ref().take(length.saturating_sub(12)).read_to_end(&mut start).map_err(io)?;
        let (parsed, _) = Header::split(&start).map_err(header)?;
        let unknown = || header(NpyError::Element(parsed.element.clone()));
        let (element, width, big_endian, complex) = element(&parsed.element).ok_or_else(unknown)?;
        let mut shape: Vec<u64> = parsed.shape.iter().map(|length| *length as u64).collect();
        shape.extend(complex.then_some(2));
        let count = shape.iter().try_fold(1_u64, |count, length| count.checked_mul(*length));
        let left = count.ok_or_else(|| header(NpyError::Axes(shape.len())))?;
        let fortran_order = parsed.fortran_order && shape.len() > 1;
        Ok(Self { path, input, element, width, big_endian, shape, fortran_order, left, bytes: Vec::new() })
    }

    /// Reads the next numbers, `most` at most, into `numbers`; none at the end.
    ///
    /// # Errors
    /// The file ends before its numbers do or goes on after them, or has an integer that is no double.
    pub(super) fn next(&mut self, most: usize, numbers: &mut Vec<f64>) -> Result<(), ArrayFault> {
        let count = self.left.min(most as u64) as usize;
        self.bytes.resize(count * self.width, 0);
        let path = self.path;
        let wrong =
            |problem: &str| ArrayFault::Elements { path: path.to_owned(), problem: problem.to_owned() };
        self.input.read_exact(&mut self.bytes).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                wrong("ends before its last element; expected what its shape says")
            }
            _ => ArrayFault::Io { path: path.to_owned(), source: e },
        })?;
        self.left -= count as u64;
        if count == 0
            && !self
                .input
                .fill_buf()
                .map_err(|source| ArrayFault::Io { path: path.to_owned(), source })?
                .is_empty()
        {
            return Err(wrong("goes on after its last element; expected what its shape says"));
        }
        numbers.clear();
        if self.big_endian {
            self.bytes.chunks_exact_mut(self.width).for_each(<[u8]>::reverse);
        }
        match self.element {
            Element::F64 => numbers.extend(self.bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b))),
            Element::F32 => {
                numbers.extend(self.bytes.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))));
            }
            Element::Signed | Element::Unsigned => {
                for bytes in self.bytes.chunks_exact(self.width) {
                    let negative = self.element == Element::Signed && bytes[self.width - 1] >= 0x80;
                    let mut wide = [if negative { 0xff } else { 0 }; 8];
                    wide[..self.width].copy_from_slice(bytes);
                    let bits = u64::from_le_bytes(wide);
                    let size = if negative { bits.wrapping_neg() } else { bits };
                    if size > LARGEST_INTEGER {
                        return Err(wrong("has an integer beyond 2^53; expected integers that doubles hold"));
                    }
                    numbers.push(if negative { -(size as f64) } else { size as f64 });
                }
            }
        }
        Ok(())
    }
}

/// What NumPy's word for an element type says: the type, its bytes, their order, and whether two of them are one element.
fn element(word: &str) -> Option<(Element, usize, bool, bool)> {
    let (order, kind) = word.split_at_checked(1)?;
    let big_endian = match order {
        "<" | "|" | "=" => false,
        ">" => true,
        _ => return None,
    };
    let (element, width, complex) = match kind {
        "f4" => (Element::F32, 4, false),
        "f8" => (Element::F64, 8, false),
        "c8" => (Element::F32, 4, true),
        "c16" => (Element::F64, 8, true),
        "b1" | "u1" => (Element::Unsigned, 1, false),
        "u2" => (Element::Unsigned, 2, false),
        "u4" => (Element::Unsigned, 4, false),
        "u8" => (Element::Unsigned, 8, false),
        "i1" => (Element::Signed, 1, false),
        "i2" => (Element::Signed, 2, false),
        "i4" => (Element::Signed, 4, false),
        "i8" => (Element::Signed, 8, false),
        _ => return None,
    };
    Some((element, width, big_endian, complex))
}
