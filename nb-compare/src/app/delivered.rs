//! What a side delivered, held in memory where no program can change it.
//!
//! Not here: running the sides (`sides`).

use std::path::Path;

use nanobragg::error::InputError;

use crate::app::request::ImageJob;
use crate::effective::Stated;
use crate::image::file;
use crate::image::pixels::Image;
use crate::image::shape::from_companion;
use crate::runner::Side;

/// What a side delivered, read before the other side could touch it.
pub(super) struct Delivered {
    /// The float image as it was written.
    pub bytes: Vec<u8>,
    /// The header of the integer image that the same run wrote; empty if it wrote none.
    pub header: Vec<u8>,
    /// What the side says it computed with.
    pub stated: Stated,
}

impl Delivered {
    /// The image. The integer image of the same run says its shape; it comes after the arguments and before a shape by hand.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn image(&self, side: Side, job: &ImageJob) -> Result<Image, InputError> {
        let mut shapes = job.shapes.clone();
        let at = shapes.len().min(1);
        shapes.splice(at..at, from_companion(&self.header));
        file::parse(Path::new(&side.float_image()), &self.bytes, &shapes)
    }
}
