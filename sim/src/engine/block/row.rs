//! The columns of a row, block after block: pixels that are proven are taken, the others rendered by the reference engine.
//!
//! Not here: the blocks (`kernel`), rows and threads (`schedule`).

use super::dispatch::render;
use super::state::{Block, BlockPosition, Start};
use crate::engine::plan::Plan;
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::{Context, RenderedPixel};
use crate::engine::simd::{LANES, Lanes};
use crate::pixel::Pixel;
use serde::Serialize;
use std::ops::Range;

/// How many pixels went which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Paths {
    /// Computed in blocks and proven.
    pub vector: usize,
    /// Computed in blocks, and again by the reference engine because they could not be proven (or were traced).
    pub fallback: usize,
    /// Computed by the reference engine alone.
    pub reference: usize,
}

impl Paths {
    /// Pixels in all.
    pub fn all(self) -> usize {
        self.vector + self.fallback + self.reference
    }

    /// Counts of two parts of an image together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            vector: self.vector + other.vector,
            fallback: self.fallback + other.fallback,
            reference: self.reference + other.reference,
        }
    }
}

/// Where the pixels of a row go.
pub(crate) trait Sink {
    /// Whether a pixel is traced or printed, which is the reference engine's work.
    fn is_observed(&self, fast: usize) -> bool;
    /// Whether any pixel of the row is observed.
    fn observes(&self) -> bool;
    /// Takes neighbouring pixels from `fast` on: photons, and sums of solid angles.
    fn proven_all(&mut self, fast: usize, photons: &[f32], solid_angle_sums: &[f64]);
    /// Takes a pixel.
    fn proven(&mut self, fast: usize, pixel: &RenderedPixel);
    /// Renders a pixel by the reference engine and takes it; this may change the state.
    fn reference(&mut self, fast: usize, carry: &mut Carry);
}

/// Intensities that may be summed up before blocks are computed.
pub(crate) trait Summed {
    /// Those of all terms, of the block with this first pixel; `None` where they are not known.
    fn at(&self, first: Pixel) -> Option<&Lanes>;
}

/// Nothing is.
impl Summed for () {
    fn at(&self, _: Pixel) -> Option<&Lanes> {
        None
    }
}

/// Renders the columns of a row; `block` is room for that.
pub(crate) fn row(
    (context, plan, summed): (&Context<'_>, &Plan, &impl Summed),
    (slow, columns): (usize, Range<usize>),
    carry: &mut Carry,
    sink: &mut impl Sink,
    block: &mut Block,
) -> Paths {
    let e = context.experiment;
    let mut paths = Paths::default();
    let in_whole_blocks = e.mask.is_none() && !sink.observes();
    let mut fast = columns.start;
    while fast < columns.end {
        if e.is_masked(Pixel { slow, fast }) {
            fast += 1;
        } else if plan.is_settled(*carry) {
            let start = fast - fast % LANES;
            let first = Pixel { slow, fast: start };
            match summed.at(first) {
                Some(intensity) => block.start_from(intensity, Start::All),
                None => block.start_from_background(),
            }
            render(context, plan, BlockPosition { first, interpolate: carry.interpolate }, block);
            let (before, end) = (*carry, columns.end.min(start + LANES));
            if in_whole_blocks && block.is_proven() {
                let lanes = fast - start..end - start;
                paths.vector += lanes.len();
                sink.proven_all(fast, &block.photons[lanes.clone()], &block.solid_angle_sum()[lanes]);
                fast = end;
            }
            // What follows a pixel that changes the state was computed from the wrong one.
            while fast < end && *carry == before {
                if !e.is_masked(Pixel { slow, fast }) {
                    take(block, (fast, fast - start), carry, sink, &mut paths);
                }
                fast += 1;
            }
        } else {
            sink.reference(fast, carry);
            paths.reference += 1;
            fast += 1;
        }
    }
    paths
}

/// Takes a block's pixel, or has it rendered by the reference engine.
#[inline]
fn take(
    block: &Block,
    (fast, lane): (usize, usize),
    carry: &mut Carry,
    sink: &mut impl Sink,
    paths: &mut Paths,
) {
    if block.redo()[lane] != 0 || sink.is_observed(fast) {
        sink.reference(fast, carry);
        paths.fallback += 1;
    } else {
        let (photons, solid_angle_sum) = (block.photons[lane], block.solid_angle_sum()[lane]);
        sink.proven(fast, &RenderedPixel { photons, solid_angle_sum, left_list: None });
        paths.vector += 1;
    }
}
