//! The reference engine: one pixel after the other, in the reference's order of operations.
//!
//! Not here: blocks of pixels (`block`), rows and threads (`schedule`).

pub(crate) mod carry;
mod factors;
pub(crate) mod pixel;
