//! A block of pixels: where it lies, and the room in which one after the other is computed.
//!
//! Not here: what computes them (`kernel`), what is summed up (`sums`).

use super::rays::Rays;
use super::sums::Sums;
use crate::engine::interpolation::nodes::Amplitudes;
use crate::engine::shape::factor::Factors;
use crate::engine::simd::{LANES, Lanes};
use crate::engine::spots::band::BandSpots;
use crate::pixel::Pixel;

/// Where a block lies, and what it starts from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockPosition {
    /// The first pixel; the others follow it in the row.
    pub first: Pixel,
    /// Whether structure factors are interpolated.
    pub interpolate: bool,
}

/// Room for computing one block after the other, and the last one finished.
#[repr(C, align(64))]
pub(crate) struct Block {
    /// Photons per pixel.
    pub photons: [f32; LANES],
    pub(super) sums: Sums,
    pub(super) rays: Rays,
    pub(super) factors: Factors,
    pub(super) amplitudes: Amplitudes,
    /// Spots of the rows around, where there is a list of them. All blocks that are computed in here have the same.
    pub(super) spots: BandSpots,
    /// What the next block starts from.
    pub(super) start: Start,
    /// Intensities that were summed up before the block is computed, if it starts from any.
    pub(super) before: Lanes,
}

/// What a block starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The background.
    Background,
    /// Sums of some terms.
    Some,
    /// Sums of all terms.
    All,
}

impl Block {
    /// An empty block.
    pub(crate) fn new() -> Self {
        let (rays, factors, amplitudes) = (Rays::new(), Factors::new(), Amplitudes::new());
        Self {
            photons: [0.0; LANES],
            sums: Sums::new(),
            rays,
            factors,
            amplitudes,
            spots: BandSpots::default(),
            start: Start::Background,
            before: [0.0; LANES],
        }
    }

    /// An empty block for the spots of a list.
    pub(crate) fn of(spots: BandSpots) -> Self {
        Self { spots, ..Self::new() }
    }

    /// The spots that it is computed from.
    pub(crate) fn spots(&mut self) -> &mut BandSpots {
        &mut self.spots
    }

    /// Lets the next block start from the background.
    #[inline(always)]
    pub(crate) fn start_from_background(&mut self) {
        self.start = Start::Background;
    }

    /// Lets the next block start from intensities: sums of some terms or of all.
    pub(crate) fn start_from(&mut self, intensity: &Lanes, terms: Start) {
        (self.start, self.before) = (terms, *intensity);
    }

    /// Sums of all terms so far.
    pub(crate) fn intensity(&self) -> &Lanes {
        &self.sums.intensity
    }

    /// Sum of the solid angles of each pixel's sub-pixels, sr.
    pub(crate) fn solid_angle_sum(&self) -> &Lanes {
        &self.sums.solid_angle_sum
    }

    /// Not 0 where the reference engine must decide.
    pub(crate) fn redo(&self) -> &[u64; LANES] {
        &self.sums.redo
    }

    /// Whether every pixel is proven, those beyond the end of the row included.
    pub(crate) fn is_proven(&self) -> bool {
        self.sums.is_proven()
    }
}
