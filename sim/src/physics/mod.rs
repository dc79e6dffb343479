//! Pure functions of diffraction physics and numerics, in the reference's order of operations.
//!
//! Not here: state between calls (but for the random generator's own), input, output, units of the user.

pub(crate) mod dual;
pub mod interpolation;
pub mod lattice;
pub mod numerical;
pub(crate) mod polarization;
pub(crate) mod random;
pub(crate) mod rotation;
pub mod scalar;
pub mod vec3;
