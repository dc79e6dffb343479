//! Rows of derivatives side by side, and of the image where both are computed in one pass.
//!
//! Blocks lie where the exact engine's do. Not here: what is computed (`kernel`, `scalar`), the image's
//! floats (`image`).

use super::dispatch::render;
use super::image::{Image, ImageRow};
use super::moments::Slope;
use super::request::GradientRequest;
use super::scalar::ScalarPixels;
use super::state::{Derivative, Shared, SlopeBlock, interpolates};
use crate::engine::block::row::Paths;
use crate::engine::block::state::BlockPosition;
use crate::engine::past_cache::{copy_past_cache, end_of_copies};
use crate::engine::reference::carry::Carry;
use crate::engine::simd::{LANES, Level, on_every_level};
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::ops::Range;

/// Rows between two reports of progress.
const BATCH: usize = 64;

/// One pass over the pixels.
pub(crate) enum Pass<'a> {
    /// In blocks; places of the parameters.
    Blocks(Shared<'a>, Vec<usize>),
    /// Pixel by pixel; places of the parameters.
    Single(ScalarPixels<'a, Slope>, Vec<usize>),
}

/// What all rows share.
pub(crate) struct DerivativeRows<'a> {
    pub(crate) experiment: &'a Experiment,
    pub(crate) passes: &'a [Pass<'a>],
    pub(crate) request: &'a GradientRequest<'a>,
    /// Whether the numbers to fill in may be other than 0 before.
    pub(crate) dirty: bool,
}

/// One row to fill.
struct DerivativeRow<'a> {
    slow: usize,
    out: &'a mut [f64],
    image: Option<(ImageRow<'a>, Carry)>,
}

on_every_level! {
    /// Hands the pixels `lanes` of a block on: photons to the beginning of `out` where so many numbers come before the derivatives,
    /// those to their places behind, `columns` apart.
    fn deliver[][](
        level: Level,
        block: &SlopeBlock,
        lanes: &Range<usize>,
        places: (usize, &[usize]),
        out: &mut [f64],
        columns: usize,
    ) => deliver_block
}

#[inline(always)]
fn deliver_block(
    level: Level,
    block: &SlopeBlock,
    lanes: &Range<usize>,
    (before, places): (usize, &[usize]),
    out: &mut [f64],
    columns: usize,
) {
    if before > 0 {
        copy_past_cache(level, &block.photons[lanes.clone()], &mut out[..lanes.len()]);
    }
    for (place, Derivative(slopes)) in places.iter().zip(&block.slopes) {
        copy_past_cache(level, &slopes[lanes.clone()], &mut out[(before + place) * columns..][..lanes.len()]);
    }
}

impl DerivativeRows<'_> {
    /// Fills `data`, shape (rows, photons if they are kept and parameters, columns), and what is left of `image`, on the threads of `pool` or on this one.
    pub(crate) fn fill(
        &self,
        data: &mut [f64],
        mut image: Option<&mut Image<'_>>,
        pool: Option<&ThreadPool>,
    ) {
        let (columns, rows) = self.experiment.window();
        let depth = self.request.before() + self.request.parameters.len();
        let width = (depth * columns.len()).max(1);
        let blocks =
            self.passes.iter().map(|pass| if let Pass::Blocks(_, places) = pass { places.len() } else { 0 });
        let most = blocks.max().unwrap_or(0);
        let mut scratch = SlopeBlock::new(most);
        for (batch, room) in data.chunks_mut(width * BATCH).enumerate() {
            let first = rows.start + batch * BATCH;
            let work: Vec<DerivativeRow<'_>> = {
                let lines = image.as_deref_mut().map(|image| image.rows(first, batch == 0));
                let mut lines = lines.into_iter().flatten();
                let row = |(i, out)| DerivativeRow { slow: first + i, out, image: lines.next().flatten() };
                room.chunks_mut(width).enumerate().map(row).collect()
            };
            let count = work.len();
            let sums_of_rows: Vec<(f64, Paths)> = match pool {
                None => work.into_iter().map(|row| self.row(&mut scratch, row)).collect(),
                Some(pool) => pool.install(|| {
                    let own = || SlopeBlock::new(most);
                    work.into_par_iter().map_init(own, |scratch, row| self.row(scratch, row)).collect()
                }),
            };
            if let Some(image) = image.as_deref_mut() {
                image.take(&sums_of_rows, count);
            }
        }
    }

    /// Fills a row; what it adds to the image's sum of solid angles and counts.
    fn row(&self, scratch: &mut SlopeBlock, row: DerivativeRow<'_>) -> (f64, Paths) {
        let DerivativeRow { slow, out, mut image } = row;
        let mut paths = Paths::default();
        if self.dirty && self.experiment.mask.is_some() {
            out.fill(0.0);
        }
        for pass in self.passes {
            match pass {
                Pass::Blocks(shared, places) => {
                    self.blocks((shared, places), slow, scratch, out, &mut image, &mut paths);
                }
                Pass::Single(pixels, places) => self.single((pixels, places), slow, out),
            }
        }
        end_of_copies();
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
        let before = self.request.before();
        let mut fast = columns.start;
        while fast < columns.end {
            if e.is_masked(Pixel { slow, fast }) {
                fast += 1;
                continue;
            }
            let start = fast - fast % LANES;
            let end = columns.end.min(start + LANES);
            render(shared, BlockPosition { first: Pixel { slow, fast: start }, interpolate: false }, scratch);
            let (lanes, at) = (fast - start..end - start, fast - columns.start);
            let to = &mut out[at..];
            if scratch.lit {
                let level = shared.plan.level;
                deliver(level, level, scratch, &lanes, (before, places), to, columns.len());
            } else if self.dirty {
                for place in (0..before).chain(places.iter().map(|place| place + before)) {
                    to[place * columns.len()..][..lanes.len()].fill(0.0);
                }
            }
            if scratch.lit && e.mask.is_some() {
                let masked = |i: &usize| e.is_masked(Pixel { slow, fast: fast + i });
                for i in (0..lanes.len()).filter(masked) {
                    to.iter_mut().skip(i).step_by(columns.len()).for_each(|x| *x = 0.0);
                }
            }
            if let Some((row, settled)) = image {
                row.take(e, scratch, (start, fast..end), *settled, paths);
            }
            fast = end;
        }
    }

    fn single(&self, (pixels, places): (&ScalarPixels<'_, Slope>, &[usize]), slow: usize, out: &mut [f64]) {
        let e = self.experiment;
        let (columns, _) = e.window();
        let all = columns.clone().map(|fast| Pixel { slow, fast });
        for pixel in all.filter(|pixel| !e.is_masked(*pixel)) {
            let (photons, _) = pixels.photons(pixel, interpolates(e, self.request.left_list, pixel));
            let at = pixel.fast - columns.start;
            let before = self.request.before();
            if before > 0 {
                out[at] = photons.value;
            }
            for (i, place) in places.iter().enumerate() {
                out[(before + place) * columns.len() + at] = photons.slopes[i];
            }
        }
    }
}
