//! Blocks of pixels of one row, computed side by side: where they are, their rays, the sum over terms, choice of the
//! instruction set.
//!
//! Not here: lattice factors (`shape`), what a run shares (`plan`), blocks with derivatives (`derivative`).

pub(crate) mod dispatch;
pub(crate) mod geometry;
pub(crate) mod kernel;
pub(crate) mod rays;
pub(crate) mod row;
pub(crate) mod state;
pub(crate) mod sums;
mod terms;

#[cfg(test)]
mod tests;
