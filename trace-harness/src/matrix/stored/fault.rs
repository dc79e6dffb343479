//! How a run differs from what is stored beside the digests of its case.
//!
//! Not here: finding it out (`stored`).

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use nanobragg::Pixel;

use crate::cases::pack::PieceError;

/// How the traces of a case differ from the stored ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceFault {
    /// The trace of a pixel that the case asks for.
    #[error("trace of slow {} fast {}: {fault}", pixel.slow, pixel.fast)]
    Pixel {
        /// The pixel.
        pixel: Pixel,
        /// How it differs.
        fault: PixelFault,
    },
    /// The trace of a pixel that the case does not request.
    #[error("a trace of slow {} fast {} that nobody asked for", _0.slow, _0.fast)]
    Stranger(Pixel),
}

/// How the trace of a pixel differs from the stored one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PixelFault {
    /// There is no stored one.
    #[error("is not stored")]
    NotStored,
    /// The first line that differs.
    #[error("line {number}: `{found}` instead of `{expected}`")]
    Line {
        /// Its number, from 1.
        number: usize,
        /// What was written.
        found: String,
        /// What is stored.
        expected: String,
    },
    /// There are more or fewer lines.
    #[error("{found} lines instead of {expected}")]
    Lines {
        /// How many were written.
        found: usize,
        /// How many are stored.
        expected: usize,
    },
}

/// Why an image is not as its stored piece, or cannot be judged by one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PieceFault {
    /// The list has no piece of it.
    #[error("no piece of it is stored")]
    NotStored,
    /// The file of pieces cannot be read.
    #[error(transparent)]
    Pieces(#[from] PiecesError),
    /// The file of pieces does not hold it.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// The image cannot be read.
    #[error("cannot be read: {0}")]
    Image(#[source] Arc<io::Error>),
    /// The image is too short.
    #[error("ends before pixel {0} of its stored piece")]
    Short(usize),
    /// It is further off than is allowed.
    #[error(transparent)]
    Differs(#[from] ImageDifference),
}

/// How far an image is from its stored piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "in its stored piece {differing} of {pixels} pixels differ, by up to {largest} units of the last place"
)]
pub struct ImageDifference {
    /// Pixels that are not the same bits.
    pub differing: usize,
    /// Pixels of the piece.
    pub pixels: usize,
    /// The largest distance of two pixels, in units of the last place.
    pub largest: u32,
}

/// The file of pieces that cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the pieces `{}` cannot be read: {source}", path.display())]
pub struct PiecesError {
    /// The file.
    pub path: PathBuf,
    /// The system's reason.
    pub source: Arc<io::Error>,
}
