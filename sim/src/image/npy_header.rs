//! The header of a NumPy file: element type, order of storage and shape, as a Python dictionary.
//!
//! By hand because the header's claims must be checked against the file before anything is allocated for them, and because the
//! crate for it parses Python in general, which brings twenty more. Not here: the elements (`npy`).
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, versions 1 to 3.

use std::io::{self, Write};

/// What every file begins with.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Elements begin at a multiple of this many bytes.
const ALIGNMENT: usize = 64;

/// Why a file is no array that can be read, in words that follow its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NpyError {
    /// It begins otherwise.
    #[error("does not begin as a NumPy file does")]
    Begin,
    /// A version that does not exist.
    #[error("has version `{0}` of the format")]
    Version(u8),
    /// It ends before its header does.
    #[error("ends inside its header")]
    Truncated,
    /// The header is no text.
    #[error("has a header that is no text")]
    NotText,
    /// The header is not the dictionary that it should be.
    #[error("has the header `{0}`")]
    Dictionary(String),
    /// Elements of a type that is not read.
    #[error("has elements of type `{0}`")]
    Element(String),
    /// So many axes.
    #[error("has an array of `{0}` axes")]
    Axes(usize),
    /// A shape that the file does not have the bytes of.
    #[error("states `{slow} x {fast}` pixels in `{bytes}` bytes")]
    Size {
        /// Pixels along the slow axis.
        slow: usize,
        /// Pixels along the fast axis.
        fast: usize,
        /// Bytes behind the header.
        bytes: usize,
    },
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// NumPy's word for the element type: `<f4` for little-endian 32-bit floats.
    pub element: String,
    /// Whether the first axis varies fastest.
    pub fortran_order: bool,
    /// Lengths of the axes.
    pub shape: Vec<usize>,
}

impl Header {
    /// Reads the header at the begin of `bytes`; gives what follows it, too.
    ///
    /// # Errors
    /// It is none.
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8]), NpyError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(NpyError::Begin)?;
        let (length, rest) = match rest {
            [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
            [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
            [version, _, ..] => return Err(NpyError::Version(*version)),
            _ => return Err(NpyError::Truncated),
        };
        let (text, elements) = rest.split_at_checked(length).ok_or(NpyError::Truncated)?;
        let text = std::str::from_utf8(text).map_err(|_| NpyError::NotText)?;
        let header = Dictionary(text).header().ok_or_else(|| NpyError::Dictionary(text.trim().to_owned()))?;
        Ok((header, elements))
    }

    /// Writes a header after which the elements can follow.
    ///
    /// # Errors
    /// Those of `out`; a header of more than 64 KiB.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let order = if self.fortran_order { "True" } else { "False" };
        let shape: String = self.shape.iter().map(|length| format!("{length}, ")).collect();
        // A tuple of one has a comma, others need none at the end.
        let shape = if self.shape.len() == 1 { shape.trim_end() } else { shape.trim_end_matches(", ") };
        let text = format!("{{'descr': '{}', 'fortran_order': {order}, 'shape': ({shape}), }}", self.element);
        let before = MAGIC.len() + 4;
        let whole = (before + text.len() + 1).next_multiple_of(ALIGNMENT);
        let length = u16::try_from(whole - before).map_err(io::Error::other)?;
        out.write_all(MAGIC)?;
        out.write_all(&[1, 0])?;
        out.write_all(&length.to_le_bytes())?;
        writeln!(out, "{text:<width$}", width = usize::from(length) - 1)
    }
}

/// What is left of the text of a dictionary.
struct Dictionary<'t>(&'t str);

impl Dictionary<'_> {
    /// The whole: the three keys once each, in any order, and nothing behind.
    fn header(mut self) -> Option<Header> {
        let (mut element, mut fortran_order, mut shape) = (None, None, None);
        self.take("{")?;
        while self.take("}").is_none() {
            let key = self.string()?;
            self.take(":")?;
            let known = match key.as_str() {
                "descr" => element.replace(self.string()?).is_some(),
                "fortran_order" => fortran_order.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.lengths()?).is_some(),
                _ => return None,
            };
            if known || self.take(",").is_none() && !self.0.trim_start().starts_with('}') {
                return None;
            }
        }
        let header = Header { element: element?, fortran_order: fortran_order?, shape: shape? };
        self.0.trim().is_empty().then_some(header)
    }

    /// Takes `word` from the begin, blanks before it left out.
    fn take(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(word)?;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let quote = if self.take("'").is_some() { '\'' } else { self.take("\"").map(|()| '"')? };
        let (text, rest) = self.0.split_once(quote)?;
        self.0 = rest;
        (!text.contains('\\')).then(|| text.to_owned())
    }

    fn truth(&mut self) -> Option<bool> {
        self.take("True").map(|()| true).or_else(|| self.take("False").map(|()| false))
    }

    /// A tuple of whole numbers.
    fn lengths(&mut self) -> Option<Vec<usize>> {
        self.take("(")?;
        let (inner, rest) = self.0.split_once(')')?;
        self.0 = rest;
        let inner = inner.trim();
        let length = |text: &str| text.trim().parse().ok();
        match inner.strip_suffix(',') {
            Some(lengths) => lengths.split(',').map(length).collect(),
            None if inner.is_empty() => Some(Vec::new()),
            // One number in brackets is that number, not a tuple.
            None if !inner.contains(',') => None,
            None => inner.split(',').map(length).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Result<Header, NpyError> {
        let length = u16::try_from(text.len()).expect("short");
        let bytes = [MAGIC, &[1, 0], &length.to_le_bytes(), text.as_bytes()].concat();
        Header::split(&bytes).map(|(header, _)| header)
    }

    proptest! {
        #[test]
        fn a_header_that_was_written_reads_back_and_elements_are_aligned(
            element in "[<>=|][fiub][1248]",
            fortran_order: bool,
            shape in prop::collection::vec(any::<usize>(), 0..5),
        ) {
            let header = Header { element, fortran_order, shape };
            let mut bytes = Vec::new();
            header.write(&mut bytes).expect("room");
            prop_assert_eq!(bytes.len() % ALIGNMENT, 0);
            bytes.extend(b"elements");
            prop_assert_eq!(Header::split(&bytes), Ok((header, &b"elements"[..])));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}'\"a-z:,()0-9TF_ ]{0,60}", bytes: Vec<u8>) {
            let _ = split(&text);
            let _ = split(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), {text}"));
            let _ = Header::split(&bytes);
        }
    }

    #[test]
    fn keys_come_in_any_order_and_with_any_blanks() {
        let expected = Header { element: "<f8".to_owned(), fortran_order: true, shape: vec![3] };
        for text in [
            "{'descr': '<f8', 'fortran_order': True, 'shape': (3,), }  \n",
            "{\"shape\":(3,),\"descr\":\"<f8\",\"fortran_order\":True}",
            " { 'fortran_order' : True , 'shape' : ( 3 , ) , 'descr' : '<f8' }\n",
        ] {
            assert_eq!(split(text), Ok(expected.clone()), "{text}");
        }
    }

    #[test]
    fn anything_but_the_three_keys_is_refused() {
        for text in [
            "",
            "{}",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}",
            "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': (3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} and more",
            "{'descr': '<f4' 'fortran_order': False 'shape': (3,)}",
        ] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
