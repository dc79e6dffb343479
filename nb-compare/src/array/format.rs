//! What a file holds and which array of it is meant: the words of options and adapters, and what a file's first bytes say.
//!
//! Not here: reading (`readers`).

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::array::element::{ByteOrder, ElementType};
use crate::array::layout::Order;

/// A format of files that hold arrays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Format {
    /// What the file's first bytes say.
    #[default]
    Auto,
    /// NumPy's file of one array.
    Npy,
    /// A member of NumPy's archive.
    Npz,
    /// An SMV image.
    Smv,
    /// A matrix of numbers as text.
    Csv,
    /// TIFF.
    Tiff,
    /// An image in a FITS file.
    Fits,
    /// The European Synchrotron's data format.
    Edf,
    /// A crystallographic binary file.
    Cbf,
    /// A variable of an HDF5 or NetCDF-4 file.
    Hdf5,
    /// Bare numbers in a stated layout.
    Raw(RawLayout),
}

/// How bare numbers lie in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLayout {
    /// Their type.
    pub element: ElementType,
    /// Which byte of a number comes first.
    pub bytes: ByteOrder,
    /// Lengths of the axes; one axis as long as the file where they are not stated.
    pub shape: Option<Vec<usize>>,
    /// Bytes before the first number.
    pub offset: u64,
    /// How elements follow each other.
    pub order: Order,
}

/// The formats that have a name and nothing to state.
const NAMED: [(&str, Format); 11] = [
    ("auto", Format::Auto),
    ("npy", Format::Npy),
    ("npz", Format::Npz),
    ("hdf5", Format::Hdf5),
    ("netcdf", Format::Hdf5),
    ("tiff", Format::Tiff),
    ("fits", Format::Fits),
    ("edf", Format::Edf),
    ("cbf", Format::Cbf),
    ("smv", Format::Smv),
    ("csv", Format::Csv),
];

const RAW: &str = "raw";

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; expected {expected}")]
pub struct FormatError {
    problem: String,
    expected: String,
}

impl FormatError {
    fn new(problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { problem: problem.into(), expected: expected.into() }
    }
}

impl FromStr for Format {
    type Err = FormatError;

    /// `npy`, or `raw:dtype=<f8,shape=100x200,offset=512,order=F`.
    fn from_str(text: &str) -> Result<Self, FormatError> {
        if let Some((_, format)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(format.clone());
        }
        if let Some(layout) = text.strip_prefix(RAW).and_then(|rest| rest.strip_prefix(':')) {
            return layout.parse().map(Self::Raw);
        }
        let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        Err(FormatError::new(
            format!("`{text}`: is no format that is read"),
            format!("one of {}, or raw:dtype=<f8,shape=100x200,offset=0,order=C", names.join(", ")),
        ))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(layout) => write!(f, "{RAW}:{layout}"),
            named => {
                f.write_str(NAMED.iter().find(|(_, format)| format == named).map_or("", |(name, _)| name))
            }
        }
    }
}

impl FromStr for RawLayout {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let (mut element, mut shape, mut offset, mut order) = (None, None, None, None);
        for entry in text.split(',') {
            let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
            let wrong = |expected: &str| FormatError::new(format!("`{entry}`: is not understood"), expected);
            let twice = match key.trim() {
                "dtype" => {
                    let named = ElementType::of_numpy(value.trim());
                    element
                        .replace(named.ok_or_else(|| wrong("a type of NumPy's, as in dtype=<f8"))?)
                        .is_some()
                }
                "shape" => shape
                    .replace(shape_of(value).ok_or_else(|| wrong("lengths, as in shape=100x200"))?)
                    .is_some(),
                "offset" => {
                    let bytes: Option<u64> = value.trim().parse().ok();
                    offset
                        .replace(bytes.ok_or_else(|| wrong("a number of bytes, as in offset=512"))?)
                        .is_some()
                }
                "order" => {
                    let named = match value.trim() {
                        "C" | "c" => Order::C,
                        "F" | "f" => Order::Fortran,
                        _ => {
                            return Err(wrong(
                                "order=C (the last axis varies fastest) or order=F (the first)",
                            ));
                        }
                    };
                    order.replace(named).is_some()
                }
                _ => return Err(wrong("dtype, shape, offset or order")),
            };
            if twice {
                return Err(FormatError::new(format!("`{key}`: is stated twice"), "it once"));
            }
        }
        let Some((element, bytes)) = element else {
            return Err(FormatError::new(
                format!("`{text}`: does not say the type"),
                "dtype=<f8 or another type of NumPy's",
            ));
        };
        let order = order.unwrap_or(Order::C);
        Ok(Self { element, bytes, shape, offset: offset.unwrap_or(0), order })
    }
}

/// Lengths with `x` between them.
fn shape_of(text: &str) -> Option<Vec<usize>> {
    match text.trim() {
        "" => Some(Vec::new()),
        text => text.split('x').map(|length| length.trim().parse().ok()).collect(),
    }
}

impl fmt::Display for RawLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dtype={}", self.element.numpy(self.bytes))?;
        if let Some(shape) = &self.shape {
            let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
            write!(f, ",shape={}", lengths.join("x"))?;
        }
        if self.offset > 0 {
            write!(f, ",offset={}", self.offset)?;
        }
        if self.order == Order::Fortran { f.write_str(",order=F") } else { Ok(()) }
    }
}

/// A file, and which array of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The file.
    pub path: PathBuf,
    /// What stands behind the colon: a member, a variable, or the layout of bare numbers.
    pub part: Option<String>,
}

impl Spec {
    /// What `text` means: a file, or `FILE:PART`. A file of the whole name comes first, then the longest one that is there.
    pub fn of(text: &Path) -> Self {
        let whole = Self { path: text.to_owned(), part: None };
        let Some(word) = text.to_str().filter(|_| !text.exists()) else { return whole };
        let cuts = word.rmatch_indices(':').map(|(at, _)| (&word[..at], &word[at + 1..]));
        let there = cuts.into_iter().find(|(file, _)| !file.is_empty() && Path::new(file).exists());
        there.map_or(whole, |(file, part)| Self { path: file.into(), part: Some(part.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_written_as_they_are_read() {
        for text in [
            "auto",
            "npy",
            "raw:dtype=<f8",
            "raw:dtype=>i2,shape=100x200,offset=512,order=F",
            "raw:dtype=|u1,shape=",
        ] {
            assert_eq!(text.parse::<Format>().expect("a format").to_string(), text);
        }
    }

    #[test]
    fn what_is_no_format_is_refused_with_what_is_expected() {
        for (text, word) in [
            ("bmp", "one of auto, npy"),
            ("raw", "raw:dtype"),
            ("raw:shape=3", "dtype=<f8"),
            ("raw:dtype=<f3", "a type of NumPy's"),
            ("raw:dtype=<f8,shape=3x-1", "lengths"),
            ("raw:dtype=<f8,size=3", "dtype, shape, offset or order"),
            ("raw:dtype=<f8,dtype=<f8", "once"),
            ("raw:dtype=<f8,order=X", "order=C"),
        ] {
            let error = text.parse::<Format>().expect_err(text).to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn a_colon_parts_a_file_from_what_is_meant_in_it_only_where_the_file_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a"), "").expect("a file");
        std::fs::write(at("a:b"), "").expect("a file");
        let part = |name: &str| Spec::of(&at(name));
        assert_eq!(part("a:b"), Spec { path: at("a:b"), part: None });
        assert_eq!(part("a:b:c"), Spec { path: at("a:b"), part: Some("c".to_owned()) });
        assert_eq!(part("a:/x:y"), Spec { path: at("a"), part: Some("/x:y".to_owned()) });
        assert_eq!(part("c:x"), Spec { path: at("c:x"), part: None });
    }
}
