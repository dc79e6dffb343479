//! The proof of a float: whether an error that stays within a bound can change it. Also the errors that no other file owns.
//!
//! Not here: errors of sines (`sine`) and of lattice factors (`shape`), the bound of a whole run (`plan`), the derivation
//! (docs/performance.md).

/// Half a unit in the last place of 1: the relative error of one rounding.
pub(super) const ROUNDING: f64 = f64::EPSILON / 2.0;

/// Smallest polarisation factor whose relative error is bounded by [`POLARIZATION_ERROR`].
pub(crate) const SMALLEST_FACTOR: f64 = 1.0 / 16.0;

/// Bound of the relative error of a polarisation factor that is not too small: 64 roundings of 1, over the smallest factor.
pub(crate) const POLARIZATION_ERROR: f64 = 1024.0 * ROUNDING;

/// Largest relative error bound with which proving floats is worth while: above, too many fail.
pub(crate) const LARGEST_BOUND: f64 = 1e-8;

/// What is known of the photons of a block before they become floats.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bound of the relative error of every pixel.
    pub(crate) relative: f64,
    /// Bound of the photons that every pixel lacks because terms were left out; they could only add.
    pub(crate) omitted: f64,
}

impl Bounds {
    /// The float of pixel `i`, and 1 unless it is proven, else 0: unless the smallest and the largest number of photons
    /// within the bounds round to the same finite float. `error`, where there is one, is the bound of the absolute error of the
    /// intensity, on top of the relative one.
    #[inline(always)]
    pub(crate) fn float(self, photons: f64, error: Option<f64>, intensity: f64) -> (f32, u64) {
        let mut bound = self.relative;
        if let Some(error) = error
            && error != 0.0
        {
            bound += error / intensity;
        }
        // The image starts at zero and is added to: this turns -0 into 0.
        let low = (0.0 + photons * (1.0 - bound)) as f32;
        let high = (self.omitted + photons * (1.0 + bound)) as f32;
        let proven = (low.to_bits() == high.to_bits()) & high.is_finite();
        (high, u64::from(!proven))
    }
}
