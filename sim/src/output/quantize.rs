//! From photons per pixel to 16-bit integers.
//!
//! Not here: noise, the header around the pixels, and the maximum that decides an automatic scale.

use crate::image::raster::Raster;
use crate::image::roi::Roi;

/// Where an automatic scale puts the brightest pixel (the offset is added on top).
const BRIGHTEST: f64 = 55_000.0;

const LARGEST: f64 = 65_535.0;

/// The scale to use: `scale` itself if positive, else one that brings `maximum` to 55000, or 1 for a black image.
pub fn automatic_scale(scale: f64, maximum: f64) -> f64 {
    // Written so that a NaN falls through both tests, as it does in nanoBragg.
    if scale <= 0.0 { if maximum > 0.0 { BRIGHTEST / maximum } else { 1.0 } } else { scale }
}

/// One pixel: scaled and offset in double precision, clamped to 16 bits, then rounded half up in single precision. What
/// is not a number becomes 0.
pub fn pixel(value: f32, scale: f64, offset: f64) -> u16 {
    let scaled = f64::from(value) * scale + offset;
    let limited = if scaled > LARGEST { LARGEST } else { scaled };
    let limited = if limited < 0.0 { 0.0 } else { limited };
    // The sum is rounded to single precision before its fraction is cut off: near a half this decides the result.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 65535, or NaN, which becomes 0"
    )]
    let rounded = ((limited + 0.5) as f32) as u16;
    rounded
}

/// The integer image: every pixel of `image` in `roi` by [`pixel`], 0 outside.
pub fn to_u16(image: &Raster<f32>, roi: &Roi, scale: f64, offset: f64) -> Raster<u16> {
    in_region(image, roi, |value| pixel(value, scale, offset))
}

/// Converts the pixels inside `roi`; the others are `T`'s default.
pub(super) fn in_region<T: Clone + Default>(
    image: &Raster<f32>,
    roi: &Roi,
    convert: impl Fn(f32) -> T,
) -> Raster<T> {
    let mut data = vec![T::default(); image.data.len()];
    let spans = roi.clip(image.fast, image.slow).into_iter().flat_map(|r| r.row_spans(image.fast));
    for span in spans {
        let (Some(from), Some(to)) = (image.data.get(span.clone()), data.get_mut(span)) else { continue };
        for (out, &value) in to.iter_mut().zip(from) {
            *out = convert(value);
        }
    }
    Raster { fast: image.fast, slow: image.slow, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_up_in_single_precision() {
        assert_eq!(pixel(0.49, 1.0, 0.0), 0);
        assert_eq!(pixel(0.5, 1.0, 0.0), 1);
        assert_eq!(pixel(2.5, 1.0, 40.0), 43);
        // Just below a half: the sum of doubles stays below the integer, its single-precision neighbour is the integer.
        let below = f64::from(4096_u16) + 0.499_999_99;
        assert_eq!(((below + 0.5).floor(), pixel(1.0, below, 0.0)), (4096.0, 4097));
    }

    #[test]
    fn what_does_not_fit_is_clamped_and_what_is_no_number_is_zero() {
        assert_eq!(pixel(1e30, 1.0, 0.0), 65_535);
        assert_eq!(pixel(f32::INFINITY, 1.0, 0.0), 65_535);
        assert_eq!(pixel(65_534.6, 1.0, 0.0), 65_535);
        assert_eq!(pixel(-1.0, 1.0, 0.0), 0);
        assert_eq!(pixel(-1.0, 1.0, 40.0), 39);
        assert_eq!(pixel(f32::NAN, 1.0, 40.0), 0);
        assert_eq!(pixel(1.0, f64::NAN, 40.0), 0);
    }

    #[test]
    fn a_scale_that_is_not_positive_is_chosen_from_the_maximum() {
        assert_eq!(automatic_scale(2.0, 11.0), 2.0);
        assert_eq!(automatic_scale(0.0, 11.0), 5_000.0);
        assert_eq!(automatic_scale(-1.0, 0.0), 1.0);
        assert_eq!(automatic_scale(0.0, f64::NAN), 1.0);
        assert_eq!(pixel(11.0, automatic_scale(0.0, 11.0), 40.0), 55_040);
    }

    #[test]
    fn pixels_outside_the_region_stay_zero_without_the_offset() {
        let image = Raster::from_vec(3, 2, vec![1.0_f32; 6]).unwrap();
        let roi = Roi { fast_min: 1, fast_max: 9, slow_min: -4, slow_max: 0 };
        assert_eq!(to_u16(&image, &roi, 1.0, 40.0).data, [0, 41, 41, 0, 0, 0]);
        let nowhere = Roi { fast_min: 3, ..roi };
        assert_eq!(to_u16(&image, &nowhere, 1.0, 40.0).data, [0; 6]);
    }

    proptest::proptest! {
        #[test]
        fn a_brighter_pixel_never_becomes_darker(a in 0.0_f32..1e6, b in 0.0_f32..1e6, scale in 0.0_f64..10.0) {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            proptest::prop_assert!(pixel(low, scale, 40.0) <= pixel(high, scale, 40.0));
        }
    }
}
