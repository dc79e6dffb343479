//! An image in memory, as precise as its file, and what kind of number the file holds.
//!
//! Not here: reading files (`file`).

use std::borrow::Cow;
use std::fmt;

use nanobragg::image::raster::Raster;

/// The kind of number that a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// 32-bit floats.
    Single,
    /// 64-bit floats.
    Double,
    /// Unsigned 16-bit integers.
    Unsigned16,
}

impl fmt::Display for NumberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "32-bit floats",
            Self::Double => "64-bit floats",
            Self::Unsigned16 => "16-bit integers",
        })
    }
}

/// The pixels of an image.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// In single precision, which holds 16-bit integers exactly.
    Single(Raster<f32>),
    /// In double precision.
    Double(Raster<f64>),
}

/// An image as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Its pixels.
    pub pixels: Pixels,
    /// What its file holds.
    pub kind: NumberKind,
}

impl From<Raster<f32>> for Image {
    fn from(image: Raster<f32>) -> Self {
        Self { pixels: Pixels::Single(image), kind: NumberKind::Single }
    }
}

impl From<Raster<f64>> for Image {
    fn from(image: Raster<f64>) -> Self {
        Self { pixels: Pixels::Double(image), kind: NumberKind::Double }
    }
}

impl Image {
    /// Pixels along the fast and the slow axis.
    pub fn shape(&self) -> (usize, usize) {
        match &self.pixels {
            Pixels::Single(image) => (image.fast, image.slow),
            Pixels::Double(image) => (image.fast, image.slow),
        }
    }

    /// The pixels in double precision; nothing is lost.
    pub fn double(&self) -> Cow<'_, Raster<f64>> {
        match &self.pixels {
            Pixels::Single(image) => Cow::Owned(image.map(|&v| f64::from(v))),
            Pixels::Double(image) => Cow::Borrowed(image),
        }
    }

    /// The pixels in single precision, for pictures and for programs that take no other.
    pub fn single(&self) -> Cow<'_, Raster<f32>> {
        match &self.pixels {
            Pixels::Single(image) => Cow::Borrowed(image),
            Pixels::Double(image) => Cow::Owned(image.map(|&v| narrow(v))),
        }
    }
}

/// `value` in single precision; finite values stay finite.
#[expect(clippy::cast_possible_truncation, reason = "single precision is what is asked for")]
pub(crate) fn narrow(value: f64) -> f32 {
    let limit = f64::from(f32::MAX);
    if value.is_finite() { value.clamp(-limit, limit) as f32 } else { value as f32 }
}
