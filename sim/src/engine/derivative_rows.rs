//! Rows of derivatives side by side, and of the image where both are computed in one pass.
//!
//! Blocks lie where the exact engine's do. A float that is not proven is the reference engine's, from the state into which
//! the first row settles. Not here: what is computed (`derivative_block`, `derivative_pixel`).

use super::Render;
use super::carry::Carry;
use super::derivative::Wanted;
use super::derivative_dispatch::render;
use super::derivative_jacobian::Slope;
use super::derivative_pixel::Pixels;
use super::derivative_shared::{Shared, SlopeBlock};
use super::exact::{self, Paths, Plan, Sink};
use super::kernel::LANES;
use super::reference::{Context, Pixel};
use super::statistics::Totals;
use super::threads;
use super::vector::{Block, Place};
use crate::error::UsageError;
use crate::image::raster::{Raster, ask_for_large_pages};
use crate::model::experiment::Experiment;
use crate::trace::observer::NoTrace;
use rayon::prelude::*;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

/// Rows between two reports of progress.
const BATCH: usize = 64;

/// One pass over the pixels.
pub(super) enum Pass<'a> {
    /// In blocks; places of the parameters.
    Blocks(Shared<'a>, Vec<usize>),
    /// Pixel by pixel; places of the parameters.
    Single(Pixels<'a, Slope>, Vec<usize>),
}

/// An image that is rendered on the way.
pub(super) struct Image<'a> {
    context: &'a Context<'a>,
    raster: Raster<f32>,
    progress: &'a dyn Fn(usize),
    solid_angle_sum: f64,
    paths: Paths,
    settled: Carry,
}

/// Some of its rows: the pixels, and the state they start from.
struct ImageRow<'a> {
    context: &'a Context<'a>,
    slow: usize,
    pixels: &'a mut [f32],
    solid_angle_sum: f64,
}

impl<'a> Image<'a> {
    /// Renders the first row; `None` if the state that pixels leave behind has not settled then, or there is no row.
    ///
    /// # Errors
    /// An image too large for memory.
    pub(super) fn start(
        context: &'a Context<'a>,
        plan: &Plan,
        progress: &'a dyn Fn(usize),
    ) -> Result<Option<Self>, UsageError> {
        let e = context.experiment;
        let mut raster = super::blank(e)?;
        let (columns, rows) = e.window();
        let Some(slow) = rows.clone().next() else { return Ok(None) };
        let mut carry = Carry::initial(e);
        let pixels = &mut raster.data[slow * e.pixels[0]..][..e.pixels[0]];
        let mut first = ImageRow { context, slow, pixels, solid_angle_sum: 0.0 };
        let paths = exact::row((context, plan), (slow, columns), &mut carry, &mut first, &mut Block::new());
        let solid_angle_sum = 0.0 + first.solid_angle_sum;
        let image = Self { context, raster, progress, solid_angle_sum, paths, settled: plan.settled };
        Ok((carry == plan.settled.with_interpolation(carry.interpolate)).then_some(image))
    }

    /// The rows from `first` on, without the one that is there already.
    fn rows(&mut self, first: usize, skip: bool) -> impl Iterator<Item = Option<(ImageRow<'_>, Carry)>> {
        let (context, settled) = (self.context, self.settled);
        let width = self.context.experiment.pixels[0].max(1);
        let rows = self.raster.data[first * width..].chunks_mut(width).take(BATCH).enumerate();
        rows.map(move |(i, pixels)| {
            let row = ImageRow { context, slow: first + i, pixels, solid_angle_sum: 0.0 };
            (i > 0 || !skip).then_some((row, settled))
        })
    }

    /// Takes what rows have added.
    fn take(&mut self, rows: &[(f64, Paths)], count: usize) {
        (self.progress)(count);
        for (sum, paths) in rows {
            self.solid_angle_sum += sum;
            self.paths = self.paths.plus(*paths);
        }
    }

    pub(super) fn finish(self) -> Render {
        let Self { context, raster: image, solid_angle_sum, paths, .. } = self;
        let mut totals = Totals::default();
        totals.add_rows(context.experiment, context.experiment.window().1, &image.data);
        Render { image, solid_angle_sum, left_list: None, traces: Vec::new(), paths, totals }
    }
}

impl ImageRow<'_> {
    /// Takes the pixels `fast` of the block that starts at `start`.
    fn take(
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
        for fast in fast.filter(|fast| !e.is_masked(*fast, slow)) {
            let lane = fast - start;
            if block.sums.redo[lane] == 0 {
                let solid_angle_sum = block.sums.solid_angle_sum[lane];
                self.proven(fast, &Pixel { photons: block.image[lane], solid_angle_sum, left_list: None });
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

    fn proven(&mut self, fast: usize, pixel: &Pixel) {
        self.pixels[fast] = pixel.photons;
        self.solid_angle_sum += pixel.solid_angle_sum;
    }

    fn reference(&mut self, fast: usize, carry: &mut Carry) {
        let pixel = self.context.pixel(self.slow, fast, carry, &mut NoTrace);
        self.proven(fast, &pixel);
    }
}

/// What all rows share.
pub(super) struct Rows<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) passes: &'a [Pass<'a>],
    pub(super) wanted: &'a Wanted<'a>,
}

/// Zeros, written row by row where they are soon overwritten: zeros for the whole array, in memory that was used before,
/// take as long as a tenth of the derivatives.
fn zeroed(out: &mut [MaybeUninit<f64>]) -> &mut [f64] {
    for value in &mut *out {
        value.write(0.0);
    }
    // SAFETY: all of them are written.
    unsafe { &mut *(ptr::from_mut(out) as *mut [f64]) }
}

/// One row to fill.
struct Row<'a> {
    slow: usize,
    out: &'a mut [MaybeUninit<f64>],
    image: Option<(ImageRow<'a>, Carry)>,
}

impl Rows<'_> {
    /// Fills `data`, which is empty and has room, with `count` numbers, shape (rows, 1 + parameters, columns), and what is
    /// left of `image`.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub(super) fn fill(
        &self,
        data: &mut Vec<f64>,
        count: usize,
        mut image: Option<&mut Image<'_>>,
    ) -> Result<(), UsageError> {
        let (columns, rows) = self.experiment.window();
        let width = ((1 + self.wanted.parameters.len()) * columns.len()).max(1);
        let pool = threads::pool(self.experiment, self.wanted.threads)?;
        let blocks =
            self.passes.iter().map(|pass| if let Pass::Blocks(_, places) = pass { places.len() } else { 0 });
        let most = blocks.max().unwrap_or(0);
        let mut scratch = SlopeBlock::new(most);
        let room = &mut data.spare_capacity_mut()[..count];
        ask_for_large_pages(room);
        for (batch, room) in room.chunks_mut(width * BATCH).enumerate() {
            let first = rows.start + batch * BATCH;
            let work: Vec<Row<'_>> = {
                let lines = image.as_deref_mut().map(|image| image.rows(first, batch == 0));
                let mut lines = lines.into_iter().flatten();
                let row = |(i, out)| Row { slow: first + i, out, image: lines.next().flatten() };
                room.chunks_mut(width).enumerate().map(row).collect()
            };
            let count = work.len();
            let done: Vec<(f64, Paths)> = match &pool {
                None => work.into_iter().map(|row| self.row(&mut scratch, row)).collect(),
                Some(pool) => pool.install(|| {
                    let own = || SlopeBlock::new(most);
                    work.into_par_iter().map_init(own, |scratch, row| self.row(scratch, row)).collect()
                }),
            };
            if let Some(image) = image.as_deref_mut() {
                image.take(&done, count);
            }
        }
        // SAFETY: there is room for them, and every row has set all of its own.
        unsafe { data.set_len(count) };
        Ok(())
    }

    /// Fills a row; what it adds to the image's sum of solid angles and counts.
    fn row(&self, scratch: &mut SlopeBlock, row: Row<'_>) -> (f64, Paths) {
        let Row { slow, out, mut image } = row;
        let out = zeroed(out);
        let mut paths = Paths::default();
        for pass in self.passes {
            match pass {
                Pass::Blocks(shared, places) => {
                    self.blocks((shared, places), slow, scratch, out, &mut image, &mut paths);
                }
                Pass::Single(pixels, places) => self.single((pixels, places), slow, out),
            }
        }
        (image.map_or(0.0, |(row, _)| row.solid_angle_sum), paths)
    }

    fn blocks(
        &self,
        (shared, places): (&Shared<'_>, &[usize]),
        slow: usize,
        scratch: &mut SlopeBlock,
        out: &mut [f64],
        image: &mut Option<(ImageRow<'_>, Carry)>,
        paths: &mut Paths,
    ) {
        let e = self.experiment;
        let (columns, _) = e.window();
        let mut fast = columns.start;
        while fast < columns.end {
            if e.is_masked(fast, slow) {
                fast += 1;
                continue;
            }
            let start = fast - fast % LANES;
            let end = columns.end.min(start + LANES);
            render(shared, Place { slow, fast: start, interpolate: false }, scratch);
            let (lanes, at) = (fast - start..end - start, fast - columns.start);
            let images = std::iter::once((0, &scratch.photons));
            for (place, from) in images.chain(places.iter().map(|p| p + 1).zip(&scratch.slopes)) {
                let to = &mut out[place * columns.len() + at..][..lanes.len()];
                to.copy_from_slice(&from[lanes.clone()]);
                if e.mask.is_some() {
                    for (i, to) in to.iter_mut().enumerate().filter(|(i, _)| e.is_masked(fast + i, slow)) {
                        debug_assert!(i < LANES);
                        *to = 0.0;
                    }
                }
            }
            if let Some((row, settled)) = image {
                row.take(e, scratch, (start, fast..end), *settled, paths);
            }
            fast = end;
        }
    }

    fn single(&self, (pixels, places): (&Pixels<'_, Slope>, &[usize]), slow: usize, out: &mut [f64]) {
        let e = self.experiment;
        let (columns, _) = e.window();
        for fast in columns.clone().filter(|fast| !e.is_masked(*fast, slow)) {
            let interpolates = match self.wanted.left_list.filter(|_| e.interpolation_stops) {
                Some(left) => e.interpolate && (slow, fast) <= (left.slow, left.fast),
                None => e.interpolate,
            };
            let (photons, _) = pixels.photons(slow, fast, interpolates);
            let at = fast - columns.start;
            out[at] = photons.value;
            for (i, place) in places.iter().enumerate() {
                out[(1 + place) * columns.len() + at] = photons.slopes[i];
            }
        }
    }
}
