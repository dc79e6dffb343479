//! The request for a rendering, and its result.
//!
//! Not here: rendering (`schedule`), derivatives (`derivative`).

use super::block::row::Paths;
use super::reference::carry::Leave;
use super::statistics::Totals;
use crate::choices::{Engine, Precision, Printout, TraceDepth};
use crate::image::raster::Raster;
use crate::pixel::Pixel;
use crate::trace::last_state::LastState;
use crate::trace::pixel_log::PixelLog;

/// How to render. By default the exact engine does, on all cores, and nothing is traced, printed or reported.
#[derive(Clone, Copy)]
pub struct RenderOptions<'a> {
    /// Which engine.
    pub engine: Engine,
    /// Precision of the fast engine.
    pub precision: Precision,
    /// Threads; 0 means all cores.
    pub threads: usize,
    /// Pixels to trace.
    pub trace: &'a [Pixel],
    /// How deep to trace.
    pub depth: TraceDepth,
    /// Pixels to print.
    pub printout: Printout,
    /// Called for each pixel to print, in the order of the pixels.
    pub printed: &'a dyn Fn(&LastState),
    /// Called with the number of rows finished.
    pub progress: &'a dyn Fn(usize),
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            precision: Precision::default(),
            threads: 0,
            trace: &[],
            depth: TraceDepth::default(),
            printout: Printout::default(),
            printed: &|_| {},
            progress: &|_| {},
        }
    }
}

/// What rendering gives.
#[derive(Debug)]
pub struct Render {
    /// Photons per pixel, shape (fast, slow).
    pub image: Raster<f32>,
    /// Sum of the solid angles of all sub-pixels of all layers, sr.
    pub solid_angle_sum: f64,
    /// The first evaluation whose neighbourhood left the reflection list.
    pub left_list: Option<Leave>,
    /// Traces of the requested pixels that were rendered, in the order requested.
    pub traces: Vec<PixelLog>,
    /// How many pixels were rendered which way.
    pub paths: Paths,
    /// Sums over the image.
    pub totals: Totals,
}
