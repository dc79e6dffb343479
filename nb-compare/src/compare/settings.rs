//! What to compare and how to judge it.
//!
//! Not here: how that stands in the evidence (`recorded`).

use nanobragg::image::raster::Raster;

use crate::compare::metrics::Measure;
use crate::compare::region::Roi;
use crate::compare::verdict::Gates;

/// What to compare and how to judge it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Only this part of the images.
    pub roi: Option<Roi>,
    /// Pixels to leave out.
    pub mask: Option<Raster<bool>>,
    /// Bring B to the shape of A by taking nearest neighbours.
    pub resample: bool,
    /// What the measures leave open.
    pub measure: Measure,
    /// What has to hold.
    pub gates: Gates,
}
