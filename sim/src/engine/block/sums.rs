//! What changes while a block of pixels is summed up.
//!
//! Not here: what computes it (`kernel`), the block as a whole (`state`).

use crate::engine::reference::pixel::Context;
use crate::engine::simd::{LANES, Lanes};

/// What changes while a block is summed up.
#[repr(C, align(64))]
pub(crate) struct Sums {
    pub(crate) intensity: Lanes,
    /// Bound of the absolute error of the intensity, for shapes that have one.
    pub(crate) error: Lanes,
    pub(crate) polarization: Lanes,
    pub(crate) solid_angle: Lanes,
    pub(crate) solid_angle_sum: Lanes,
    pub(crate) capture: Lanes,
    pub(crate) diffracted: [Lanes; 3],
    pub(crate) redo: [u64; LANES],
    /// Position of the current sub-pixel, m.
    pub(crate) position: [Lanes; 3],
    /// Its distance from the sample, m.
    pub(crate) distance: Lanes,
}

impl Sums {
    /// Whether every pixel is proven, those beyond the end of the row included.
    pub(crate) fn is_proven(&self) -> bool {
        self.redo.iter().fold(0, |any, redo| any | redo) == 0
    }

    pub(crate) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            intensity: zero,
            error: zero,
            polarization: zero,
            solid_angle: zero,
            solid_angle_sum: zero,
            capture: zero,
            diffracted: [zero; 3],
            redo: [0; LANES],
            position: [zero; 3],
            distance: zero,
        }
    }

    /// Whether any intensity differs from 0.
    #[inline(always)]
    pub(super) fn is_lit(&self) -> bool {
        let mut lit = 0_u64;
        for i in 0..LANES {
            lit |= u64::from(self.intensity[i] != 0.0);
        }
        lit != 0
    }

    /// Before the first term. What every block sets before it is read stays as it is.
    #[inline(always)]
    pub(crate) fn start(&mut self, context: &Context<'_>) {
        let e = context.experiment;
        self.intensity = [e.background; LANES];
        self.error = [0.0; LANES];
        self.polarization = [if e.no_polarization { 1.0 } else { 0.0 }; LANES];
        self.solid_angle_sum = [0.0; LANES];
        self.capture = [1.0; LANES];
        self.redo = [0; LANES];
    }
}
