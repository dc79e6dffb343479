//! Lattice factors by the shape of the crystal, in every arithmetic.
//!
//! Not here: sines (`sine`), what the factors are used for (`block`, `derivative`).

pub(crate) mod fast;
pub(crate) mod platform;
pub(crate) mod proven;
pub(crate) mod slopes;
pub(crate) mod spot;
pub(crate) mod square_slopes;
