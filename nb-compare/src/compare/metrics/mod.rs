//! Every number that is computed from two sets of pixels, one family per file.
//!
//! Not here: which numbers are good enough (`verdict`), peaks (`peaks`), and files.

pub(crate) mod accumulate;
pub mod agreement;
pub mod correlation;
pub mod differences;
pub(crate) mod fourier;
pub(crate) mod measured;
pub(crate) mod quantile;
pub mod rank;
pub mod shift;
pub mod ssim;
pub mod ulp;
pub(crate) mod unit;

pub use measured::Measured;
use unit::BinaryScale;

use nanobragg::Pixel;

use crate::compare::peaks::{self, PeakOptions, PeakSummary};
use crate::compare::pixel::PixelNumber;
use crate::compare::region::Region;

/// Version of the definitions of all metrics; raised whenever a number may change for the same images.
pub const DEFINITIONS: u32 = 4;

/// Everything that is measured on two images.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Counts, sums and extremes.
    pub totals: differences::Totals,
    /// Place (fast, slow) in the images of the largest absolute difference.
    pub max_abs_pixel: Option<Pixel>,
    /// NaN or infinite pixels in A, and in B.
    pub non_finite: [usize; 2],
    /// Pixels left out by the mask.
    pub masked: usize,
    /// Whether all unmasked pixels are the same bits.
    pub byte_identical: bool,
    /// Pearson's correlation.
    pub correlation: Measured,
    /// Correlation of log(1 + I).
    pub log_correlation: Measured,
    /// Spearman's rank correlation.
    pub rank_correlation: Measured,
    /// Which share of the pixels agrees.
    pub agreement: agreement::Agreement,
    /// What is left after the best scale.
    pub residual: differences::Residual,
    /// Distances in units of the last place.
    pub ulp: ulp::UlpSummary,
    /// Structural similarity.
    pub ssim: Measured,
    /// Displacement of B against A.
    pub shift: shift::Shift,
    /// Peaks and their match.
    pub peaks: PeakSummary,
}

/// What the measures leave open.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What a peak is.
    pub peaks: PeakOptions,
    /// Largest difference of pixels that agree, as a part of the larger one.
    pub rtol: f64,
}

impl Default for Measure {
    fn default() -> Self {
        Self { peaks: PeakOptions::default(), rtol: agreement::TOLERANCE }
    }
}

impl Metrics {
    /// Measures everything.
    pub fn of<T: PixelNumber>(region: &Region<'_, T>, measure: &Measure) -> Self {
        let (a, b) = region.pixels();
        let unit = BinaryScale::of(&a, &b);
        if unit.is_one() {
            return Self::in_range(region, measure);
        }
        let mut metrics = Self::in_range(&region.in_unit(unit), measure);
        // Single pixels are looked at as they are.
        metrics.totals.describe(&a, &b);
        metrics.log_correlation = correlation::log_pearson(&a, &b, &metrics.totals);
        metrics.agreement = agreement::agreement(&a, &b, measure.rtol);
        metrics.ulp = ulp::summary(&a, &b);
        metrics.byte_identical = region.byte_identical();
        metrics.totals.unit = unit;
        metrics.residual.rmse = match metrics.residual.rmse {
            Measured::Value(rmse) => unit.plain(rmse, 1, ""),
            undefined @ Measured::Undefined(_) => undefined,
        };
        metrics
    }

    /// Measures pixels whose squares stay in range.
    fn in_range<T: PixelNumber>(region: &Region<'_, T>, measure: &Measure) -> Self {
        let (a, b) = region.pixels();
        let totals = differences::totals(&a, &b);
        let compared = totals.pixels > 0;
        Self {
            max_abs_pixel: compared.then(|| region.counted_pixel(totals.max_abs_difference.1)).flatten(),
            non_finite: region.non_finite,
            masked: region.masked,
            byte_identical: region.byte_identical(),
            agreement: agreement::agreement(&a, &b, measure.rtol),
            correlation: correlation::pearson(&a, &b, &totals),
            log_correlation: correlation::log_pearson(&a, &b, &totals),
            rank_correlation: rank::spearman(&a, &b, &totals),
            residual: differences::residual(&a, &b, &totals),
            ulp: ulp::summary(&a, &b),
            ssim: ssim::ssim(region, &totals),
            shift: shift::shift(region, &totals),
            peaks: peaks::compare(region, &measure.peaks),
            totals,
        }
    }

    /// Fraction of the compared pixels whose bits are the same.
    pub fn identical_fraction(&self) -> Measured {
        match self.totals.pixels {
            0 => Measured::undefined("no pixel was compared"),
            n => Measured::Value(self.ulp.same_bits as f64 / n as f64),
        }
    }
}
