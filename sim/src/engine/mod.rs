//! Rendering: from an immutable experiment to an image. The only part of the simulator that uses threads.
//!
//! No input, no output, no clock. The image does not depend on the number of threads, nor on tracing.

mod block;
pub mod derivative;
#[doc(hidden)]
pub mod for_benches;
mod index_range;
mod interpolation;
mod plan;
mod proof;
mod reference;
mod schedule;
mod shape;
mod simd;
mod sine;
mod spots;
pub mod statistics;
mod structure_factors_squared;

pub use block::row::Paths;
pub use reference::carry::Leave;
pub use schedule::threads;

use crate::cli::options::{Dtype, EngineName, TraceDepth};
use crate::error::UsageError;
use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use crate::trace::pixel_log::PixelLog;
use crate::trace::text::LastState;
use schedule::rows;
use statistics::Totals;

/// How to render.
pub struct Request<'a> {
    /// Which engine.
    pub engine: EngineName,
    /// Precision of the fast engine.
    pub dtype: Dtype,
    /// Threads; 0 means all cores.
    pub threads: usize,
    /// Pixels to trace: (slow, fast).
    pub trace: &'a [(usize, usize)],
    /// How deep to trace.
    pub depth: TraceDepth,
    /// Pixels to print: none, all, or one (fast, slow).
    #[allow(clippy::option_option)]
    pub printout: Option<Option<(i32, i32)>>,
    /// Called for each pixel to print, in the order of the pixels.
    pub printed: &'a dyn Fn(&LastState),
    /// Called with the number of rows finished.
    pub progress: &'a dyn Fn(usize),
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
    /// Traces of the pixels asked for that were rendered, in the order asked for.
    pub traces: Vec<PixelLog>,
    /// How many pixels were rendered which way.
    pub paths: Paths,
    /// Sums over the image.
    pub totals: Totals,
}

/// Renders the experiment. The reference and the exact engine give the same bytes.
///
/// # Errors
/// An image too large for memory, or threads that cannot be started.
pub fn render(experiment: &Experiment, request: &Request<'_>) -> Result<Render, UsageError> {
    let image = blank(experiment)?;
    let pool = threads::pool(experiment, request.threads)?;
    Ok(rows::render(experiment, request, image, pool.as_ref()))
}

/// An image without photons.
fn blank(experiment: &Experiment) -> Result<Raster<f32>, UsageError> {
    let [fast, slow] = experiment.pixels;
    Raster::zeros(fast, slow).ok_or_else(|| {
        UsageError::new(
            format!("an image of `{fast} x {slow}` pixels does not fit into memory"),
            "a smaller detector",
        )
    })
}
