//! Statistics of the float image, summed in the reference's order.
//!
//! Not here: printing them (`output::report`).

use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;
use serde::Serialize;
use std::ops::Range;

/// Values of a row whose maximum is looked for at once.
const WIDTH: usize = 16;

/// Sums over rendered pixels, taken up row by row in the order of the image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Largest pixel, photons; 0 when no pixel is positive.
    pub max: f64,
    max_pixel: Option<Pixel>,
    /// Smallest pixel, photons.
    min: f32,
    sum: f64,
    sum_sqr: f64,
    count: usize,
}

impl Default for Totals {
    fn default() -> Self {
        Self { max: 0.0, max_pixel: None, min: f32::INFINITY, sum: 0.0, sum_sqr: 0.0, count: 0 }
    }
}

impl Totals {
    /// Whether there is light, and every rendered pixel is finite and not negative.
    pub(crate) fn are_fine(&self) -> bool {
        // Floats cannot sum up to infinity here: where the sum is finite, all of them are.
        self.max > 0.0 && self.min >= 0.0 && self.sum.is_finite()
    }

    /// Takes in the rows `rows` of an image whose pixels from the first on are `data`.
    pub fn add_rows(&mut self, experiment: &Experiment, rows: Range<usize>, data: &[f32]) {
        let [fast, _] = experiment.pixels;
        for slow in rows {
            self.add_row(experiment, slow, &data[slow * fast..(slow + 1) * fast]);
        }
    }

    fn add_row(&mut self, experiment: &Experiment, slow: usize, row: &[f32]) {
        let (columns, _) = experiment.window();
        if experiment.mask.is_some() {
            for fast in columns.filter(|fast| !experiment.is_masked(Pixel { slow, fast: *fast })) {
                self.add(Pixel { slow, fast }, &row[fast..=fast]);
            }
        } else {
            self.add(Pixel { slow, fast: columns.start }, &row[columns]);
        }
    }

    /// Takes in neighbouring pixels of a row, the first of them `first`.
    fn add(&mut self, first: Pixel, pixels: &[f32]) {
        let [smallest, largest] = extremes(pixels);
        self.min = self.min.min(smallest);
        if f64::from(largest) > self.max {
            for (i, value) in pixels.iter().enumerate() {
                if f64::from(*value) > self.max {
                    self.max = f64::from(*value);
                    self.max_pixel = Some(Pixel { fast: first.fast + i, ..first });
                }
            }
        }
        // One after the other, as the reference adds them; side by side the two sums take one instruction.
        let mut sums = [self.sum, self.sum_sqr];
        for value in pixels {
            let both = [*value, value * value];
            sums[0] += f64::from(both[0]);
            sums[1] += f64::from(both[1]);
        }
        [self.sum, self.sum_sqr] = sums;
        self.count += pixels.len();
    }
}

/// The smallest and the largest of `values` that are numbers; infinity and negative infinity if there is none.
fn extremes(values: &[f32]) -> [f32; 2] {
    // One after the other: in one loop the compiler gives up vectors.
    let smallest = foremost(values, f32::INFINITY, |x, than| x < than);
    [smallest, foremost(values, f32::NEG_INFINITY, |x, than| x > than)]
}

/// The one of `values` and `last` that is before all others.
#[inline(always)]
fn foremost(values: &[f32], last: f32, is_before: impl Fn(f32, f32) -> bool) -> f32 {
    let mut found = [last; WIDTH];
    let (whole, rest) = values.as_chunks::<WIDTH>();
    for chunk in whole {
        for i in 0..WIDTH {
            found[i] = if is_before(chunk[i], found[i]) { chunk[i] } else { found[i] };
        }
    }
    found.iter().chain(rest).fold(last, |all, x| if is_before(*x, all) { *x } else { all })
}

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

/// Sums up `image`, whose rows `totals` has taken in; `solid_angle_sum` is the engine's.
pub fn statistics(
    experiment: &Experiment,
    image: &Raster<f32>,
    totals: &Totals,
    solid_angle_sum: f64,
) -> Statistics {
    let at_least = |n: usize, least: usize| n.max(least) as f64;
    let mean = totals.sum / at_least(totals.count, 1);
    let rms = (totals.sum_sqr / (at_least(totals.count, 2) - 1.0)).sqrt();

    let (columns, rows) = experiment.window();
    let (mut deviations, mut region) = (0.0, 0_usize);
    for slow in rows {
        // Squares side by side, sums one after the other.
        let (whole, rest) = image.data[slow * image.fast..][columns.clone()].as_chunks::<WIDTH>();
        let square = |value: f32| (f64::from(value) - mean) * (f64::from(value) - mean);
        for chunk in whole {
            deviations = chunk.map(square).iter().fold(deviations, |sum, x| sum + x);
        }
        deviations = rest.iter().fold(deviations, |sum, x| sum + square(*x));
        region += columns.len();
    }
    let rmsd = (deviations / (at_least(region, 2) - 1.0)).sqrt();
    let sampling = &experiment.sampling;
    let last = |pixel: usize| {
        let side = experiment.pixel_size / f64::from(sampling.oversample);
        let count = (pixel as i64 + 1) * i64::from(sampling.oversample) - 1;
        side * count as f64 + side / 2.0
    };
    Statistics {
        max: totals.max,
        max_at: totals.max_pixel.map_or([0.0; 2], |p| [last(p.fast), last(p.slow)]),
        sum: totals.sum,
        mean,
        rms,
        rmsd,
        pixels: totals.count,
        solid_angle: solid_angle_sum / f64::from(sampling.steps),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_fine_unless_they_are_dark_or_a_pixel_is_negative_or_not_finite() {
        let of = |pixels: &[f32]| {
            let mut totals = Totals::default();
            totals.add(Pixel { slow: 0, fast: 0 }, pixels);
            totals.are_fine()
        };
        assert!(of(&[0.0, 1.0, f32::MAX, f32::MAX, f32::MAX]));
        for bad in [f32::NAN, f32::INFINITY, -1e-40, f32::NEG_INFINITY] {
            for place in 0..20 {
                let mut pixels = [1.0; 20];
                pixels[place] = bad;
                assert!(!of(&pixels), "{bad} at {place}");
            }
        }
        assert!(!of(&[0.0; 20]) && !of(&[]));
    }

    #[test]
    fn the_largest_value_is_found_wherever_it_stands_and_nan_is_passed_over() {
        for place in 0..40 {
            let mut values = [f32::NAN; 40];
            values[place] = -1.0;
            assert_eq!(extremes(&values), [-1.0, -1.0]);
            values[39 - place] = 2.0;
            assert_eq!(extremes(&values)[1], 2.0, "{place}");
            values[39 - place] = -2.0;
            assert_eq!(extremes(&values)[0], -2.0, "{place}");
        }
        assert_eq!(extremes(&[]), [f32::INFINITY, f32::NEG_INFINITY]);
    }

    #[test]
    fn of_equal_largest_pixels_the_first_counts() {
        let mut totals = Totals::default();
        totals.add(Pixel { slow: 0, fast: 3 }, &[0.0, 5.0, 1.0, 5.0]);
        totals.add(Pixel { slow: 1, fast: 0 }, &[5.0]);
        assert_eq!((totals.max, totals.max_pixel), (5.0, Some(Pixel { slow: 0, fast: 4 })));
        assert_eq!((totals.sum, totals.sum_sqr, totals.count), (16.0, 76.0, 5));
    }
}
