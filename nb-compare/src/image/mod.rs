//! Images as files: reading them, and finding out their shape.
//!
//! Not here: comparing them (`compare`).

pub mod file;
pub mod shape;
