//! The grey picture (PGM, 8 bits) that a run writes for a first look.
//!
//! Not here: PNG pictures (`image::png`), and the statistics an automatic scale is made from.

use std::io::{self, Write};

use super::quantize::in_region;
use crate::c_number::g6;
use crate::image::raster::Raster;
use crate::image::roi::Roi;

/// The scale to use: `scale` itself if positive, else one that makes five times `rmsd` (the root mean square deviation
/// from the mean) 250, or `int_scale` where there is no deviation.
pub(crate) fn automatic_scale(scale: f64, rmsd: f64, int_scale: f64) -> f64 {
    // Written so that a NaN falls through both tests, as it does in nanoBragg.
    if scale <= 0.0 { if rmsd > 0.0 { 250.0 / (5.0 * rmsd) } else { int_scale } } else { scale }
}

/// One pixel: scaled, limited to 255 from above only, its fraction cut off. A negative value wraps round, as nanoBragg's
/// conversion does on common machines: through a 32-bit integer (0 when out of range or not a number) to its low byte.
pub(crate) fn pixel(value: f32, scale: f64) -> u8 {
    let scaled = f64::from(value) * scale;
    let limited = if scaled > 255.0 { 255.0 } else { scaled };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "keeping the low byte is the rule"
    )]
    let byte = limited as i32 as u8;
    byte
}

/// Every pixel of `image` in `roi` by [`pixel`], 0 outside.
pub(crate) fn to_u8(image: &Raster<f32>, roi: &Roi, scale: f64) -> Raster<u8> {
    in_region(image, roi, |value| pixel(value, scale))
}

/// Writes the picture with a comment naming its scale, byte for byte as nanoBragg does.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, picture: &Raster<u8>, scale: f64) -> io::Result<()> {
    write!(out, "P5\n{} {}\n# pixels scaled by {}\n255\n", picture.fast, picture.slow, g6(scale))?;
    out.write_all(&picture.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_cut_and_only_the_top_is_limited() {
        assert_eq!(pixel(1.999, 1.0), 1);
        assert_eq!(pixel(1e9, 1.0), 255);
        assert_eq!(pixel(f32::INFINITY, 1.0), 255);
        assert_eq!(pixel(-3.7, 1.0), 253);
        assert_eq!(pixel(-0.9, 1.0), 0);
        assert_eq!(pixel(-3e9, 1.0), 0);
        assert_eq!(pixel(f32::NEG_INFINITY, 1.0), 0);
        assert_eq!(pixel(f32::NAN, 1.0), 0);
    }

    #[test]
    fn a_scale_that_is_not_positive_is_chosen_from_the_deviation() {
        assert_eq!(automatic_scale(2.0, 5.0, 7.0), 2.0);
        assert_eq!(automatic_scale(0.0, 5.0, 7.0), 10.0);
        assert_eq!(automatic_scale(-1.0, 0.0, 7.0), 7.0);
        assert_eq!(automatic_scale(0.0, f64::NAN, 7.0), 7.0);
    }

    #[test]
    fn the_header_names_the_size_and_the_scale() {
        let image = Raster::from_vec(3, 1, vec![1.0_f32, 2.0, 3.0]).unwrap();
        let roi = Roi { fast_min: 0, fast_max: 1, slow_min: 0, slow_max: 0 };
        let mut bytes = Vec::new();
        write(&mut bytes, &to_u8(&image, &roi, 2.5), 2.5).unwrap();
        assert_eq!(bytes, b"P5\n3 1\n# pixels scaled by 2.5\n255\n\x02\x05\x00");
    }
}
