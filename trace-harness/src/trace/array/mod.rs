//! Arrays that a trace names and that stand in files beside it: `PREFIX key @array FILE.npy shape 10x20`.
//!
//! Not here: reading a file (`npy`), comparing two (`compare`).

mod compare;
mod elsewhere;
mod error;
mod npy;

use std::path::{Path, PathBuf};

pub use compare::{ArrayDifference, ArrayTolerance, Compared, compare, numbers, shape_text};
pub use elsewhere::Elsewhere;
pub use error::ArrayFault;

/// What begins the value of a key that is an array.
pub const MARK: &str = "@array ";

/// Whether a value begins as the name of an array does. What does, and has no file and shape after it, is refused: its words would be
/// compared, and never what is in the file.
pub fn is_marked(value: &str) -> bool {
    value.split_ascii_whitespace().next() == Some(MARK.trim_end())
}

/// An array as a line of a trace names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<'t> {
    /// The file, beside the trace.
    pub file: &'t str,
    /// Its shape.
    pub shape: Vec<u64>,
}

impl<'t> Named<'t> {
    /// The array that the words of a value name; `None` where they name none, or one whose shape is not `NxM`.
    pub fn in_words(words: &'t str) -> Option<Self> {
        let (file, shape) = words.trim().strip_prefix(MARK)?.rsplit_once(" shape ")?;
        // The reader of integers takes a sign, which has no place here.
        let length =
            |word: &str| word.bytes().all(|b| b.is_ascii_digit()).then(|| word.parse().ok()).flatten();
        let shape: Option<Vec<u64>> = shape.trim().split('x').map(length).collect();
        Some(Self { file: file.trim(), shape: shape? })
    }

    /// Where the file is, beside the trace in `folder`: a trace from elsewhere leads to no other folder.
    ///
    /// # Errors
    /// The name leads out of the folder.
    pub fn place(&self, folder: &Path) -> Result<PathBuf, ArrayFault> {
        let path = Path::new(self.file);
        let inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        match inside && !self.file.is_empty() {
            true => Ok(folder.join(path)),
            false => Err(ArrayFault::Outside { file: self.file.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_has_a_file_beside_the_trace_and_a_shape() {
        let named = |file, shape: &[u64]| Some(Named { file, shape: shape.to_vec() });
        assert_eq!(Named::in_words("@array a b.npy shape 10x20"), named("a b.npy", &[10, 20]));
        assert_eq!(Named::in_words("@array a.npy shape 6"), named("a.npy", &[6]));
        for words in [
            "@array a.npy",
            "a.npy shape 6",
            "@array a.npy shape 6x",
            "@array a.npy shape +6",
            "@array a shape ",
            "",
        ] {
            assert_eq!(Named::in_words(words), None, "{words}");
        }
        for file in ["/etc/passwd", "../a.npy", "b/../../a.npy", ""] {
            assert!(Named { file, shape: vec![1] }.place(Path::new("x")).is_err(), "{file}");
        }
        assert!(Named { file: "b/a.npy", shape: vec![1] }.place(Path::new("x")).is_ok());
    }
}
