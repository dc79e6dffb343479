//! Images as files: reading them as precisely as they are, and finding out their shape.
//!
//! Not here: comparing them (`compare`).

pub(crate) mod file;
pub(crate) mod pixels;
pub(crate) mod shape;
