//! Files a run leaves behind: how pixels become bytes, and how files come into being whole or not at all.
//!
//! Not here: file formats that are also read (`image`), and which files are wanted.

mod advice;
pub mod atomic;
pub mod gradients;
pub mod noise;
pub mod pgm;
pub mod quantize;
pub mod report;
pub mod summary;
pub mod writing;
