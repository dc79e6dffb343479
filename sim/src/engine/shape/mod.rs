//! Lattice factors, a file for each formula: the reference's scalar, proven and fast lanes, lanes of the platform's functions,
//! and slopes side by side.
//!
//! Not here: sines (`sine`), what the factors are used for (`reference`, `block`, `derivative`).

pub(crate) mod factor;
pub(crate) mod round;
pub(crate) mod slope;
pub(crate) mod spot;
pub(crate) mod square;
