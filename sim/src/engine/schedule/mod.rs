//! What runs side by side: rows of an image, and work before and after rendering.
//!
//! Not here: what a pixel is (`reference`, `block`).

pub(crate) mod rows;
mod slab_sums;
pub(crate) mod threads;
