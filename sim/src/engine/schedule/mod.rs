//! What runs side by side: rows of an image, and work before and after rendering.
//!
//! Not here: what a pixel is (`reference`, `block`).

pub(crate) mod rows;
pub(crate) mod threads;
