//! Images as files: reading them as precisely as they are, and finding out their shape.
//!
//! Not here: comparing them (`compare`).

pub mod file;
pub mod pixels;
pub mod shape;
