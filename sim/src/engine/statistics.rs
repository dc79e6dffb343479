//! Statistics of the float image, summed in the reference's order.
//!
//! Not here: printing them (`output::report`).

use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use serde::Serialize;

/// What the summary says about the image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    /// Largest pixel, photons; 0 when no pixel is positive.
    pub max: f64,
    /// Position of the largest pixel along fast and slow (its last sub-pixel's centre), m.
    pub max_at: [f64; 2],
    /// Sum over the rendered pixels.
    pub sum: f64,
    /// Mean over the rendered pixels.
    pub mean: f64,
    /// Root of the mean square, divided by the count less one.
    pub rms: f64,
    /// Root mean square deviation from the mean, over the region with its masked pixels, divided by the count less one.
    pub rmsd: f64,
    /// Rendered pixels.
    pub pixels: usize,
    /// Solid angle of the detector as the reference computes it, sr.
    pub solid_angle: f64,
}

/// Sums up `image`; `solid_angle_sum` is the engine's.
pub fn statistics(experiment: &Experiment, image: &Raster<f32>, solid_angle_sum: f64) -> Statistics {
    let (columns, rows) = experiment.window();
    let (mut sum, mut sum_sqr, mut count) = (0.0, 0.0, 0_usize);
    let (mut max, mut max_pixel) = (0.0_f64, None);
    for slow in rows.clone() {
        for fast in columns.clone() {
            if experiment.is_masked(fast, slow) {
                continue;
            }
            let value = image.data[slow * image.fast + fast];
            if f64::from(value) > max {
                (max, max_pixel) = (f64::from(value), Some([fast, slow]));
            }
            sum += f64::from(value);
            sum_sqr += f64::from(value * value);
            count += 1;
        }
    }
    let at_least = |n: usize, least: usize| n.max(least) as f64;
    let mean = sum / at_least(count, 1);
    let rms = (sum_sqr / (at_least(count, 2) - 1.0)).sqrt();

    let (mut deviations, mut region) = (0.0, 0_usize);
    for slow in rows {
        for value in &image.data[slow * image.fast..][columns.clone()] {
            let deviation = f64::from(*value) - mean;
            deviations += deviation * deviation;
            region += 1;
        }
    }
    let rmsd = (deviations / (at_least(region, 2) - 1.0)).sqrt();
    let sampling = &experiment.sampling;
    let last = |pixel: usize| {
        let side = experiment.pixel_size / f64::from(sampling.oversample);
        let count = (pixel as i64 + 1) * i64::from(sampling.oversample) - 1;
        side * count as f64 + side / 2.0
    };
    Statistics {
        max,
        max_at: max_pixel.map_or([0.0; 2], |p| p.map(last)),
        sum,
        mean,
        rms,
        rmsd,
        pixels: count,
        solid_angle: solid_angle_sum / f64::from(sampling.steps),
    }
}
