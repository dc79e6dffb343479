//! Why arrays cannot be compared.
//!
//! Not here: finding out (`npy`, `compare`).

use std::path::PathBuf;

use nanobragg::image::npy_header::NpyError;

/// Why an array cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum ArrayFault {
    /// Its name leads out of the folder of the trace.
    #[error("`{file}`: leads out of the folder of its trace; expected the name of a file beside it")]
    Outside {
        /// The name.
        file: String,
    },
    /// The system refuses.
    #[error("`{}`: cannot be read: {source}; expected a NumPy file", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is no NumPy file of numbers.
    #[error("`{}`: {problem}; expected a NumPy file of numbers", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: NpyError,
    },
    /// Its elements are not what they should be.
    #[error("`{}`: {problem}", path.display())]
    Elements {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what was expected.
        problem: String,
    },
}
