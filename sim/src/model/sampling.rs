//! How finely one run is sampled: sub-pixels, rotation steps, mosaic domains, sources, and the limits on their numbers.
//!
//! Not here: the automatic choice of ranges and steps (`config::steps`).

use super::crystal::{self, Size};
use super::detector::Detector;
use super::orientation::Orientations;
use crate::config::Config;
use crate::error::UsageError;
use crate::physics::random::{RotationDraw, Shuffle};

/// Rotated cells kept at most (about a gigabyte).
const MAX_ORIENTATIONS: usize = 1 << 24;

/// Sources kept at most.
const MAX_SOURCES: i64 = 1 << 24;

/// Sampling and scaling of one pixel's sum.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Sampling {
    /// Sub-pixels along a pixel's side.
    pub oversample: i32,
    /// Sub-pixels that the spots would need.
    pub recommended_oversample: i32,
    /// Size in the crystal that one pixel resolves, m.
    pub reciprocal_pixel: f64,
    /// Terms of a pixel's sum: sources × domains × phi steps × sub-pixels.
    pub steps: i32,
    /// Capture fraction for each term instead of once per pixel.
    pub oversample_thick: bool,
    /// Polarisation for each term instead of once per pixel.
    pub oversample_polar: bool,
    /// Solid angle for each term instead of once per pixel.
    pub oversample_omega: bool,
    /// Resolution limit, m.
    pub dmin: f64,
}

impl Sampling {
    /// Whether any factor is taken for each term instead of once per pixel.
    pub(crate) fn has_factors_per_term(&self) -> bool {
        self.oversample_thick || self.oversample_polar || self.oversample_omega
    }

    /// Whether there is a decision to take, or something to do, for every term by itself.
    pub(crate) fn decides_per_term(&self) -> bool {
        self.has_factors_per_term() || self.dmin > 0.0
    }
}

/// Refuses a divergence and dispersion grid that would not fit into memory.
pub(super) fn check_source_count(config: &Config) -> Result<(), UsageError> {
    let b = &config.beam;
    let counts = [b.horizontal_divergence.steps, b.vertical_divergence.steps, b.dispersion.steps];
    let total = counts.iter().fold(1_i64, |product, n| product.saturating_mul(i64::from(*n)));
    if total <= MAX_SOURCES {
        return Ok(());
    }
    let [h, v, d] = counts;
    Err(UsageError::new(
        format!("`{h}` x `{v}` divergence steps with `{d}` wavelengths"),
        format!("at most {MAX_SOURCES} sources"),
    )
    .hint("take larger -hdivstep and -vdivstep, or fewer -divsteps and -dispsteps"))
}

/// The random rotations of the mosaic domains; refuses more orientations than can be kept.
pub(super) fn domains(config: &Config, shuffle: &mut Shuffle) -> Result<Vec<RotationDraw>, UsageError> {
    let s = &config.sampling;
    let domains = usize::try_from(s.mosaic_domains).unwrap_or(1);
    let steps = usize::try_from(s.phi.steps).unwrap_or(0);
    if domains.saturating_mul(steps.max(1)) > MAX_ORIENTATIONS {
        return Err(UsageError::new(
            format!("`{steps}` phi steps with `{domains}` mosaic domains"),
            format!("at most {MAX_ORIENTATIONS} orientations of the crystal"),
        )
        .hint("take fewer -phisteps or -mosaic_dom"));
    }
    let mut seed = config.seeds.mosaic;
    // The first domain is the aligned one; its random numbers are drawn all the same.
    Ok((0..domains).map(|_| shuffle.rotation_draw(&mut seed)).collect())
}

/// Sub-pixels and the number of steps.
pub(super) fn sampling(
    config: &Config,
    detector: &Detector,
    size: &Size,
    sources: usize,
    orientations: &Orientations,
) -> Result<Sampling, UsageError> {
    let s = &config.sampling;
    let (recommended, reciprocal_pixel) = crystal::recommended_oversample(
        size.max,
        config.beam.wavelength,
        detector.distance,
        config.detector.pixel_size,
    );
    let oversample = if s.oversample <= 0 { recommended } else { s.oversample };
    let side = oversample as usize;
    // A crystal without spread has one domain whatever the count says.
    let domains = usize::try_from(s.mosaic_domains).unwrap_or(1);
    let steps = [domains, orientations.phi.len(), side, side]
        .iter()
        .try_fold(sources, |product, n| product.checked_mul(*n))
        .and_then(|n| i32::try_from(n).ok());
    let steps = steps.ok_or_else(|| {
        UsageError::new(
            format!(
                "`{sources}` sources x `{domains}` domains x `{}` phi steps x `{side}`^2 sub-pixels",
                orientations.phi.len()
            ),
            "at most 2147483647 steps per pixel",
        )
        .hint("set -oversample, -phisteps, -mosaic_dom, or the counts of divergence and dispersion steps")
    })?;
    Ok(Sampling {
        oversample,
        recommended_oversample: recommended,
        reciprocal_pixel,
        steps,
        oversample_thick: s.oversample_thick,
        oversample_polar: s.oversample_polar,
        oversample_omega: s.oversample_omega,
        dmin: s.dmin,
    })
}
