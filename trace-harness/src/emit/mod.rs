//! Sources that let programs in other languages write traces, and take the values of a reference instead of their own.
//!
//! Each is one file without dependencies, in `data/emit`; all write the same bytes for the same values, which a test holds. Not here:
//! reading traces (`trace`).

use std::borrow::Cow;

const C: &str = include_str!("../../data/emit/nbtrace.h");
const CPP: &str = include_str!("../../data/emit/nbtrace.hpp");
const FORTRAN: &str = include_str!("../../data/emit/nbtrace.f90");
const PYTHON: &str = include_str!("../../data/emit/nbtrace.py");
const RUST: &str = include_str!("../../data/emit/nbtrace.rs");

/// A language that there is a source for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Language {
    /// A header for C99.
    C,
    /// A header for C++11.
    Cpp,
    /// A module for Fortran 2008.
    Fortran,
    /// A module for Python 3.
    Python,
    /// A module for Rust 1.85.
    Rust,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::C, Self::Cpp, Self::Fortran, Self::Python, Self::Rust];

    /// The name that the file should have.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::C => "nbtrace.h",
            Self::Cpp => "nbtrace.hpp",
            Self::Fortran => "nbtrace.f90",
            Self::Python => "nbtrace.py",
            Self::Rust => "nbtrace.rs",
        }
    }

    /// The file.
    pub fn source(self) -> Cow<'static, str> {
        match self {
            Self::C => C.into(),
            // One file holds both, so that nothing has to be found beside it.
            Self::Cpp => format!("{C}{CPP}").into(),
            Self::Fortran => FORTRAN.into(),
            Self::Python => PYTHON.into(),
            Self::Rust => RUST.into(),
        }
    }
}
