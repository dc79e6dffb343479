//! Pure functions of diffraction physics and numerics, in the reference's order of operations.
//!
//! Not here: state between calls (but for the random generator's own), input, output, units of the user.

pub mod dual;
pub mod interpolation;
pub mod lattice;
pub mod numerical;
pub mod polarization;
pub mod random;
pub mod rotation;
pub mod scalar;
pub mod vec3;
