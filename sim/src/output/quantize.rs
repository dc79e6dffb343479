//! From photons per pixel to 16-bit integers.
//!
//! Not here: noise, the header around the pixels, and the maximum that decides an automatic scale.

use crate::image::raster::Raster;
use crate::image::roi::Roi;

/// Where an automatic scale puts the brightest pixel (the offset is added on top).
const BRIGHTEST: f64 = 55_000.0;

const LARGEST: f64 = 65_535.0;

/// Pixels of a piece, if a row is not longer: small enough to stay in the second cache.
const LARGEST_PIECE: usize = 1 << 16;

/// The scale to use: `scale` itself if positive, else one that brings `maximum` to 55000, or 1 for a black image.
pub(crate) fn automatic_scale(scale: f64, maximum: f64) -> f64 {
    // Written so that a NaN falls through both tests, as it does in nanoBragg.
    if scale <= 0.0 { if maximum > 0.0 { BRIGHTEST / maximum } else { 1.0 } } else { scale }
}

/// One pixel: scaled and offset in double precision, clamped to 16 bits, then rounded half up in single precision. What
/// is not a number becomes 0.
pub(crate) fn pixel(value: f32, scale: f64, offset: f64) -> u16 {
    let scaled = f64::from(value) * scale + offset;
    let limited = if scaled > LARGEST { LARGEST } else { scaled };
    // This way round NaN becomes 0, which half is too little to change.
    let limited = if limited > 0.0 { limited } else { 0.0 };
    // The sum is rounded to single precision before its fraction is cut off: near a half this decides the result.
    let sum = (limited + 0.5) as f32;
    // SAFETY: a number from 0.5 to 65535.5. An ordinary cast would spend half of the time on what cannot be.
    let whole: i32 = unsafe { sum.to_int_unchecked() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 65535")]
    let count = whole as u16;
    count
}

/// The integer image, every pixel of `image` in `roi` by [`pixel`], 0 outside: given to `take` in pieces, in the order of
/// the image, so that it need not be in memory as a whole.
///
/// # Errors
/// Those of `take`.
pub(crate) fn in_pieces<E>(
    image: &Raster<f32>,
    roi: &Roi,
    (scale, offset): (f64, f64),
    mut take: impl FnMut(&[u16]) -> Result<(), E>,
) -> Result<(), E> {
    let fast = image.fast.max(1);
    let piece = (LARGEST_PIECE / fast).max(1) * fast;
    let mut counts = vec![0; piece.min(image.data.len())];
    let clipped = roi.clip(image.fast, image.slow);
    let whole = clipped.is_some_and(|r| r.pixels() == image.data.len());
    let mut spans = clipped.into_iter().flat_map(|r| r.row_spans(fast)).peekable();
    for (start, pixels) in image.data.chunks(piece).enumerate().map(|(i, pixels)| (i * piece, pixels)) {
        let counts = &mut counts[..pixels.len()];
        if !whole {
            counts.fill(0);
        }
        while let Some(span) = spans.next_if(|span| span.start < start + pixels.len()) {
            let span = span.start - start..span.end - start;
            for (count, value) in counts[span.clone()].iter_mut().zip(&pixels[span]) {
                *count = pixel(*value, scale, offset);
            }
        }
        take(counts)?;
    }
    Ok(())
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
    use std::convert::Infallible;

    fn to_u16(image: &Raster<f32>, roi: &Roi) -> Vec<u16> {
        let mut all = vec![];
        let Ok(()) = in_pieces(image, roi, (1.0, 40.0), |piece| {
            all.extend_from_slice(piece);
            Ok::<_, Infallible>(())
        });
        all
    }

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
    fn what_does_not_fit_is_clamped_and_nan_is_zero() {
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
        assert_eq!(to_u16(&image, &roi), [0, 41, 41, 0, 0, 0]);
        let nowhere = Roi { fast_min: 3, ..roi };
        assert_eq!(to_u16(&image, &nowhere), [0; 6]);
    }

    #[test]
    fn pieces_put_together_are_the_image() {
        let (fast, slow) = (LARGEST_PIECE / 3, 10);
        let image =
            Raster::from_vec(fast, slow, (0..fast * slow).map(|i| (i % 50_000) as f32).collect()).unwrap();
        for roi in [Roi::whole(fast, slow), Roi { fast_min: 5, fast_max: 1000, slow_min: 2, slow_max: 8 }] {
            let inside = |i: usize| roi.contains((i % fast) as i64, (i / fast) as i64);
            let expected: Vec<u16> = (0..image.data.len())
                .map(|i| if inside(i) { pixel(image.data[i], 1.0, 40.0) } else { 0 })
                .collect();
            assert!(to_u16(&image, &roi) == expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_brighter_pixel_never_becomes_darker(a in 0.0_f32..1e6, b in 0.0_f32..1e6, scale in 0.0_f64..10.0) {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            proptest::prop_assert!(pixel(low, scale, 40.0) <= pixel(high, scale, 40.0));
        }
    }
}
