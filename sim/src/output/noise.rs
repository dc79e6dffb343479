//! Photon-counting noise: one Poisson deviate per pixel of the region, drawn in the order of the pixels.
//!
//! Masked pixels are drawn for as well (their mean is 0); pixels outside the region are not. Not here: the deviates
//! themselves (`physics::random`).

use crate::image::raster::Raster;
use crate::physics::random::{Poisson, Shuffle};
use std::ops::Range;

/// The noise image and what the summary says about it.
#[derive(Debug)]
pub(crate) struct Noise {
    /// Counts with offset.
    pub image: Raster<u16>,
    /// Photons drawn, offset left out.
    pub photons: f64,
    /// Pixels beyond the largest count.
    pub overloads: usize,
}

/// Draws the noise. `window` holds the rendered columns and rows, `seed` is negative to start a new sequence.
pub(crate) fn draw(
    image: &Raster<f32>,
    window: (Range<usize>, Range<usize>),
    offset: f64,
    shuffle: &mut Shuffle,
    mut seed: i64,
) -> Noise {
    let (columns, rows) = window;
    let mut noise = Noise { image: image.map(|_| 0), photons: 0.0, overloads: 0 };
    let mut poisson = Poisson::default();
    for slow in rows {
        for fast in columns.clone() {
            let at = slow * image.fast + fast;
            let photons = f64::from(poisson.sample(image.data[at], shuffle, &mut seed));
            noise.photons += photons;
            let mut counts = photons + offset;
            if counts > 65535.0 {
                counts = 65535.0;
                noise.overloads += 1;
            }
            // Cut off, not rounded; a negative count wraps round as the conversion does in C on x86-64.
            noise.image.data[at] = counts as i32 as u16;
        }
    }
    noise
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dark_image_shows_the_offset_inside_the_region_only() {
        let image = Raster::from_vec(3, 2, vec![0.0; 6]).expect("six pixels");
        let noise = draw(&image, (1..3, 0..1), 40.0, &mut Shuffle::default(), -1);
        assert_eq!(noise.image.data, [0, 40, 40, 0, 0, 0]);
        assert_eq!((noise.photons, noise.overloads), (0.0, 0));
    }

    #[test]
    fn counts_beyond_sixteen_bits_are_overloads() {
        let image = Raster::from_vec(1, 1, vec![1e7]).expect("one pixel");
        let noise = draw(&image, (0..1, 0..1), 40.0, &mut Shuffle::default(), -1);
        assert_eq!((noise.image.data[0], noise.overloads), (65535, 1));
    }
}
