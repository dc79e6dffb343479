//! Tricubic interpolation of structure factors for blocks of pixels, with the reference's bits or with slopes.
//!
//! Not here: the reference's own interpolation (`physics::interpolation`).

pub(crate) mod nodes;
pub(crate) mod slopes;

#[cfg(test)]
mod tests;
