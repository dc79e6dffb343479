//! Which derivatives to compute, and the arrays that come back.
//!
//! Not here: computing them (`gradients`).

use crate::engine::reference::carry::Leave;
use crate::model::parameter::Parameter;
use ndarray::{Array3, ArrayView2, s};
use std::ops::Range;

/// Which derivatives to compute. By default none, on all cores, with the vector kernel.
#[derive(Clone, Copy, Default)]
pub struct GradientRequest<'a> {
    /// By which parameters.
    pub parameters: &'a [Parameter],
    /// Threads; 0 means all cores.
    pub threads: usize,
    /// Where rendering first left the reflection list: from there on interpolation is off, if it stops.
    pub left_list: Option<Leave>,
    /// Whether to do without the vector kernel, for comparison.
    pub scalar: bool,
    /// Whether to leave out the photons before rounding ([`Gradients::photons`]): an image more to be kept, which who has the rounded one
    /// may not need. Without parameters they are kept.
    pub no_photons: bool,
}

impl GradientRequest<'_> {
    /// Numbers per pixel that come before the derivatives.
    pub(super) fn before(&self) -> usize {
        usize::from(!self.no_photons || self.parameters.is_empty())
    }
}

/// Pixels of the rendered region with their derivatives.
#[derive(Debug, Clone)]
pub struct Gradients {
    /// What the derivatives are by.
    pub parameters: Vec<Parameter>,
    /// Rendered columns.
    pub columns: Range<usize>,
    /// Rendered rows.
    pub rows: Range<usize>,
    /// Shape (rows, photons if they are kept and parameters, columns).
    pub(super) data: Array3<f64>,
}

impl Gradients {
    /// The memory behind it.
    pub(super) fn into_memory(self) -> Vec<f64> {
        self.data.into_raw_vec_and_offset().0
    }

    /// Photons per pixel before rounding to single precision, shape (slow, fast) of the region; 0 where masked. `None` where the request
    /// left them out.
    pub fn photons(&self) -> Option<ArrayView2<'_, f64>> {
        (self.before() > 0).then(|| self.data.slice(s![.., 0, ..]))
    }

    /// Numbers per pixel before the derivatives.
    fn before(&self) -> usize {
        self.data.dim().1 - self.parameters.len()
    }

    /// Derivative by parameter `i` in photons per the user's unit, shape (slow, fast) of the region; 0 where masked.
    ///
    /// # Panics
    /// If there is no such parameter.
    pub fn by(&self, i: usize) -> ArrayView2<'_, f64> {
        assert!(i < self.parameters.len(), "parameter {i} of {}", self.parameters.len());
        self.data.slice(s![.., self.before() + i, ..])
    }
}
