//! Files a run leaves behind: how pixels become bytes, and how files come into being whole or not at all.
//!
//! Not here: file formats that are also read (`image`), and which files are wanted.

#[cfg(feature = "cli")]
mod advice;
pub(crate) mod atomic;
#[cfg(feature = "cli")]
pub(crate) mod gradients;
#[cfg(feature = "cli")]
pub(crate) mod noise;
#[cfg(feature = "cli")]
pub(crate) mod pgm;
#[cfg(feature = "cli")]
pub(crate) mod quantize;
#[cfg(feature = "cli")]
pub(crate) mod report;
#[cfg(feature = "cli")]
pub(crate) mod summary;
#[cfg(feature = "cli")]
pub(crate) mod writing;
