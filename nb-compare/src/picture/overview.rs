//! A small picture of a whole image, for the place of a region in it.
//!
//! Not here: drawing the region.

use nanobragg::image::raster::Raster;
use serde::Serialize;
use trace_harness::evidence::page::base64;

use crate::compare::metrics::quantile::{from_order_key, nearest_rank, order_key};

/// Longest side of the picture.
const LARGEST: usize = 256;

/// A small picture of a whole image, for the place of the region in it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Overview {
    /// Pixels of the whole image.
    pub size: [usize; 2],
    /// Dots of the picture.
    pub dots: [usize; 2],
    /// Grey levels, base 64.
    pub levels: String,
}

/// A small picture of `image` in which the brightest pixel of each block is kept; logarithmic, since it only has to show
/// where things are.
pub(crate) fn overview(image: &Raster<f32>) -> Overview {
    let block = image.fast.max(image.slow).div_ceil(LARGEST).max(1);
    let (fast, slow) = (image.fast.div_ceil(block), image.slow.div_ceil(block));
    let mut brightest = vec![0.0_f32; fast * slow];
    for (s, row) in image.rows().enumerate() {
        for (f, &value) in row.iter().enumerate() {
            let dot = &mut brightest[s / block * fast + f / block];
            *dot = dot.max(if value.is_finite() { value } else { 0.0 });
        }
    }
    // The direct beam, or one spot, must not hide everything else.
    let high = nearest_rank(|| brightest.iter().map(|&v| order_key(v)), 0.99).map_or(0.0, from_order_key);
    let most = if high > 0.0 { high } else { brightest.iter().copied().fold(f32::MIN_POSITIVE, f32::max) };
    let level = |v: f32| ((1.0 + (v / most).min(1.0) * 1e3).ln() / 1001.0_f32.ln() * 255.0) as u8;
    let levels: Vec<u8> = brightest.into_iter().map(level).collect();
    Overview { size: [image.fast, image.slow], dots: [fast, slow], levels: base64(&levels) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overview_keeps_the_brightest_of_each_block() {
        let mut image = Raster { fast: 600, slow: 300, data: vec![0.0_f32; 180_000] };
        image.data[0] = 9.0;
        image.data[1] = f32::INFINITY;
        let o = overview(&image);
        assert_eq!((o.size, o.dots), ([600, 300], [200, 100]));
        let mut expected = vec![0_u8; 20_000];
        expected[0] = 255;
        assert_eq!(o.levels, base64(&expected));
    }
}
