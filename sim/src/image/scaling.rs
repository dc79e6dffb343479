//! From intensities to the 256 levels of a picture.
//!
//! Not here: picture files (`png`), colours, and the 16-bit images of a run, whose scale is part of their content.

use super::raster::Raster;

/// How the levels of a picture are chosen from its pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scaling {
    /// Linear from 0 (or the least pixel, if negative) to this percentile of the pixels, 0 to 100.
    Percentile(f64),
    /// Logarithmic from the least to the greatest pixel.
    Log,
}

/// The ends of a picture's scale. Taken once and applied to several images, it makes them comparable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    low: f64,
    high: f64,
    log: bool,
}

impl Levels {
    /// The levels of `scaling` for `pixels` (of one image, or of several together). What is not finite has no say; with
    /// no finite pixel, or only one value, everything will be black, or white where it exceeds that value.
    pub fn new(pixels: impl IntoIterator<Item = f32>, scaling: Scaling) -> Self {
        let mut finite: Vec<f32> = pixels.into_iter().filter(|p| p.is_finite()).collect();
        let log = scaling == Scaling::Log;
        let least = finite.iter().copied().fold(f32::INFINITY, f32::min);
        let Some(last) = finite.len().checked_sub(1) else { return Self { low: 0.0, high: 0.0, log } };
        let (low, high) = match scaling {
            Scaling::Log => (least, finite.iter().copied().fold(f32::NEG_INFINITY, f32::max)),
            Scaling::Percentile(percent) => {
                let rank = nearest_rank(percent, last);
                let (_, high, _) = finite.select_nth_unstable_by(rank, f32::total_cmp);
                (least.min(0.0), *high)
            }
        };
        Self { low: f64::from(low), high: f64::from(high), log }
    }

    /// The level of one pixel: 0 at the low end and for NaN, 255 from the high end on.
    pub fn level(&self, value: f32) -> u8 {
        let value = f64::from(value);
        if value.is_nan() || value <= self.low {
            return 0;
        }
        if value >= self.high {
            return 255;
        }
        let (part, whole) = (value - self.low, self.high - self.low);
        // Shifted so that the least pixel maps to log 1 = 0 and the range keeps its decades: 1 unit is 1/1000 of it.
        let unit = whole / 1000.0;
        let fraction = if self.log { (part / unit).ln_1p() / 1000.0_f64.ln_1p() } else { part / whole };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the fraction is 0 to 1")]
        let level = (fraction * 255.0).round() as u8;
        level
    }

    /// The picture of `image`.
    pub fn apply(&self, image: &Raster<f32>) -> Raster<u8> {
        image.map(|&value| self.level(value))
    }
}

/// The picture of one image on its own scale.
pub fn picture(image: &Raster<f32>, scaling: Scaling) -> Raster<u8> {
    Levels::new(image.data.iter().copied(), scaling).apply(image)
}

/// Which of the sorted pixels 0..=`last` is the percentile (nearest rank).
fn nearest_rank(percent: f64, last: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a pixel more or less does not show")]
    let rank = (percent.clamp(0.0, 100.0) / 100.0 * last as f64).round();
    // NaN becomes 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
    let rank = rank as usize;
    rank.min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(data: &[f32], scaling: Scaling) -> Vec<u8> {
        picture(&Raster::from_vec(data.len(), 1, data.to_vec()).unwrap(), scaling).data
    }

    #[test]
    fn a_percentile_saturates_what_lies_above_it() {
        let data: Vec<f32> = (0_u16..=100).map(f32::from).collect();
        let pictured = levels(&data, Scaling::Percentile(50.0));
        assert_eq!((pictured[0], pictured[25], pictured[50], pictured[100]), (0, 128, 255, 255));
        assert_eq!(levels(&data, Scaling::Percentile(100.0))[99], 252);
        assert!(levels(&data, Scaling::Percentile(f64::NAN)).iter().skip(1).all(|&l| l == 255));
    }

    #[test]
    fn a_logarithmic_scale_lifts_what_is_faint() {
        let data = [0.0, 1.0, 10.0, 100.0, 1000.0];
        let pictured = levels(&data, Scaling::Log);
        assert!(pictured.is_sorted() && pictured[0] == 0 && pictured[4] == 255);
        assert!(pictured[1] > levels(&data, Scaling::Percentile(100.0))[1]);
    }

    #[test]
    fn what_is_not_finite_does_not_set_the_scale() {
        for scaling in [Scaling::Percentile(100.0), Scaling::Log] {
            let pictured = levels(&[f32::NAN, f32::NEG_INFINITY, 0.0, 1.0, f32::INFINITY], scaling);
            assert_eq!(pictured, [0, 0, 0, 255, 255]);
            assert_eq!(levels(&[f32::NAN; 3], scaling), [0; 3]);
            assert!(levels(&[], scaling).is_empty());
        }
    }

    #[test]
    fn a_constant_image_is_black_at_zero_and_never_divides_by_zero() {
        for scaling in [Scaling::Percentile(99.5), Scaling::Log] {
            assert_eq!(levels(&[0.0; 4], scaling), [0; 4]);
            let constant = levels(&[5.0; 4], scaling);
            assert!(constant.iter().all(|l| *l == constant[0]));
        }
    }

    proptest::proptest! {
        #[test]
        fn brighter_pixels_never_have_lower_levels(mut data: Vec<f32>, percent in 0.0_f64..=100.0) {
            data.retain(|v| !v.is_nan());
            data.sort_by(f32::total_cmp);
            for scaling in [Scaling::Percentile(percent), Scaling::Log] {
                proptest::prop_assert!(levels(&data, scaling).is_sorted());
            }
        }
    }
}
