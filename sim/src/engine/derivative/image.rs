//! The image that is rendered on the way of its derivatives: floats of blocks where they are proven, the reference engine's
//! elsewhere, from the state into which the first row settles.
//!
//! Not here: rows of derivatives (`rows`), what is computed (`kernel`).

use super::state::SlopeBlock;
use crate::engine::block::row::{self, Paths, Sink};
use crate::engine::block::state::Block;
use crate::engine::plan::Plan;
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::{Context, RenderedPixel};
use crate::engine::render::Render;
use crate::engine::statistics::Totals;
use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;
use crate::trace::observer::NoTrace;
use std::ops::Range;

/// An image that is rendered on the way.
pub(crate) struct Image<'a> {
    context: &'a Context<'a>,
    raster: Raster<f32>,
    progress: &'a dyn Fn(usize),
    solid_angle_sum: f64,
    paths: Paths,
    settled: Carry,
}

/// Some of its rows: the pixels, and the state they start from.
pub(crate) struct ImageRow<'a> {
    context: &'a Context<'a>,
    slow: usize,
    pixels: &'a mut [f32],
    pub(crate) solid_angle_sum: f64,
}

impl<'a> Image<'a> {
    /// Renders the first row into `raster`; `None` if the state that pixels leave behind has not settled then, or there is no
    /// row.
    pub(crate) fn start(
        context: &'a Context<'a>,
        plan: &Plan,
        mut raster: Raster<f32>,
        progress: &'a dyn Fn(usize),
    ) -> Option<Self> {
        let e = context.experiment;
        let (columns, rows) = e.window();
        let slow = rows.clone().next()?;
        let mut carry = Carry::initial(e);
        let pixels = &mut raster.data[slow * e.pixels[0]..][..e.pixels[0]];
        let mut first = ImageRow { context, slow, pixels, solid_angle_sum: 0.0 };
        let paths =
            row::row((context, plan, &()), (slow, columns), &mut carry, &mut first, &mut Block::new());
        let solid_angle_sum = 0.0 + first.solid_angle_sum;
        let image = Self { context, raster, progress, solid_angle_sum, paths, settled: plan.settled };
        (carry == plan.settled.with_interpolation(carry.interpolate)).then_some(image)
    }

    /// The rows from `first` on, without the one that is there already.
    pub(crate) fn rows(
        &mut self,
        first: usize,
        skip: bool,
    ) -> impl Iterator<Item = Option<(ImageRow<'_>, Carry)>> {
        let (context, settled, width) =
            (self.context, self.settled, self.context.experiment.pixels[0].max(1));
        let rows = self.raster.data[first * width..].chunks_mut(width).enumerate();
        rows.map(move |(i, pixels)| {
            let row = ImageRow { context, slow: first + i, pixels, solid_angle_sum: 0.0 };
            (i > 0 || !skip).then_some((row, settled))
        })
    }

    /// Takes what rows have added.
    pub(crate) fn take(&mut self, rows: &[(f64, Paths)], count: usize) {
        (self.progress)(count);
        for (sum, paths) in rows {
            self.solid_angle_sum += sum;
            self.paths = self.paths.plus(*paths);
        }
    }

    pub(crate) fn finish(self) -> Render {
        let Self { context, raster: image, solid_angle_sum, paths, .. } = self;
        let mut totals = Totals::default();
        totals.add_rows(context.experiment, context.experiment.window().1, &image.data);
        Render { image, solid_angle_sum, left_list: None, traces: Vec::new(), paths, totals }
    }
}

impl ImageRow<'_> {
    /// Takes the pixels `fast` of the block that starts at `start`.
    pub(crate) fn take(
        &mut self,
        e: &Experiment,
        block: &SlopeBlock,
        (start, fast): (usize, Range<usize>),
        settled: Carry,
        paths: &mut Paths,
    ) {
        let slow = self.slow;
        if e.mask.is_none() && block.sums.is_proven() {
            let lanes = fast.start - start..fast.end - start;
            paths.vector += lanes.len();
            self.proven_all(fast.start, &block.image[lanes.clone()], &block.sums.solid_angle_sum[lanes]);
            return;
        }
        for fast in fast.filter(|fast| !e.is_masked(Pixel { slow, fast: *fast })) {
            let lane = fast - start;
            if block.sums.redo[lane] == 0 {
                let solid_angle_sum = block.sums.solid_angle_sum[lane];
                self.proven(
                    fast,
                    &RenderedPixel { photons: block.image[lane], solid_angle_sum, left_list: None },
                );
                paths.vector += 1;
            } else {
                self.reference(fast, &mut { settled });
                paths.fallback += 1;
            }
        }
    }
}

impl Sink for ImageRow<'_> {
    fn is_observed(&self, _: usize) -> bool {
        false
    }

    fn observes(&self) -> bool {
        false
    }

    fn proven_all(&mut self, fast: usize, photons: &[f32], solid_angle_sums: &[f64]) {
        self.pixels[fast..fast + photons.len()].copy_from_slice(photons);
        // One after the other: the sum is printed, and its last bits with it.
        self.solid_angle_sum = solid_angle_sums.iter().fold(self.solid_angle_sum, |sum, x| sum + x);
    }

    fn proven(&mut self, fast: usize, pixel: &RenderedPixel) {
        self.pixels[fast] = pixel.photons;
        self.solid_angle_sum += pixel.solid_angle_sum;
    }

    fn reference(&mut self, fast: usize, carry: &mut Carry) {
        let pixel = self.context.pixel(Pixel { slow: self.slow, fast }, carry, &mut NoTrace);
        self.proven(fast, &pixel);
    }
}
