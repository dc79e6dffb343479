//! What is left between two float images, byte by byte.
//!
//! Not here: any tolerance; a defect explains a difference when nothing is left.

use serde::Serialize;

/// What differs between two images of little-endian 32-bit floats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Residual {
    /// Pixels of each image.
    pub pixels: usize,
    /// Pixels whose bytes differ; −0 and 0 do.
    pub differing_pixels: usize,
    /// Bytes that differ.
    pub differing_bytes: usize,
    /// Largest difference of two pixels; `null` where one is NaN.
    pub largest: Option<f64>,
}

impl Residual {
    /// Whether the images are the same bytes.
    pub fn is_zero(&self) -> bool {
        self.differing_bytes == 0
    }
}

/// Bytes that are no pair of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResidualError {
    /// Two sizes.
    #[error("images of {a} and {b} bytes; expected the same size")]
    Sizes {
        /// Bytes of the first.
        a: usize,
        /// Bytes of the second.
        b: usize,
    },
    /// No pixel, or a part of one at the end.
    #[error("an image of {bytes} bytes; expected four for each pixel, and a pixel")]
    Pixels {
        /// Bytes of both.
        bytes: usize,
    },
}

/// Compares the bytes of two images.
///
/// # Errors
/// They are not of the same size, hold no pixel, or no whole number of pixels.
pub fn residual(a: &[u8], b: &[u8]) -> Result<Residual, ResidualError> {
    if a.len() != b.len() {
        return Err(ResidualError::Sizes { a: a.len(), b: b.len() });
    }
    if a.is_empty() || !a.len().is_multiple_of(4) {
        return Err(ResidualError::Pixels { bytes: a.len() });
    }
    let mut left =
        Residual { pixels: a.len() / 4, differing_pixels: 0, differing_bytes: 0, largest: Some(0.0) };
    for (x, y) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        if x == y {
            continue;
        }
        left.differing_pixels += 1;
        left.differing_bytes += x.iter().zip(y).filter(|(p, q)| p != q).count();
        let apart = (f64::from(f32::from_le_bytes(*x)) - f64::from(f32::from_le_bytes(*y))).abs();
        left.largest = left.largest.filter(|_| apart.is_finite()).map(|largest| largest.max(apart));
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(pixels: &[f32]) -> Vec<u8> {
        pixels.iter().flat_map(|x| x.to_le_bytes()).collect()
    }

    #[test]
    fn the_same_bytes_leave_nothing_even_where_they_are_no_numbers() {
        let image = bytes(&[1.0, f32::NAN, -0.0]);
        assert!(residual(&image, &image).unwrap().is_zero());
    }

    #[test]
    fn a_sign_of_zero_is_a_difference() {
        let left = residual(&bytes(&[0.0, 1.0]), &bytes(&[-0.0, 3.0])).unwrap();
        assert_eq!((left.pixels, left.differing_pixels, left.largest), (2, 2, Some(2.0)));
        assert!(!left.is_zero() && left.differing_bytes >= 2);
    }

    #[test]
    fn a_difference_to_no_number_has_no_size() {
        assert_eq!(residual(&bytes(&[f32::NAN, 2.0]), &bytes(&[1.0, 1.0])).unwrap().largest, None);
    }

    #[test]
    fn images_of_other_sizes_are_no_pair() {
        let unlike = residual(&bytes(&[1.0]), &bytes(&[1.0, 2.0]));
        assert_eq!(unlike, Err(ResidualError::Sizes { a: 4, b: 8 }));
        for broken in [&[][..], &[1, 2, 3]] {
            assert_eq!(residual(broken, broken), Err(ResidualError::Pixels { bytes: broken.len() }));
        }
    }
}
