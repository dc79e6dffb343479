//! Images and the files that hold them.
//!
//! Not here: what the pixels mean, how they are computed, and which file is written when.

pub mod float_raw;
pub mod npy;
pub mod npy_header;
pub mod png;
pub mod raster;
pub mod roi;
pub mod scaling;
pub mod smv;
mod smv_read;
