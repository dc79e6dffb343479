//! The pixels that the page shows: the region itself, or its brightest pixels where it is too large for a page.
//!
//! Not here: drawing them (`view.js`).

use nanobragg::image::raster::Raster;
use trace_harness::evidence::page::base64;

use crate::compare::region::Region;

/// Longest side of what is embedded.
const LARGEST: usize = 512;

/// Both sides, as base 64 of little-endian 32-bit floats.
pub(super) struct Embedded {
    /// Dots along the fast axis.
    pub fast: usize,
    /// Dots along the slow axis.
    pub slow: usize,
    /// Pixels along each side of a dot.
    pub block: usize,
    /// Side A.
    pub a: String,
    /// Side B.
    pub b: String,
    /// For each dot whether its pixel counts (1) or is masked or not finite (0); absent where all count.
    pub counts: Option<String>,
}

/// The region's pixels; of each block the one that is brightest on either side, so that peaks stay.
pub(super) fn embed(region: &Region<'_>) -> Embedded {
    let dots = dots(region, LARGEST);
    let bytes =
        |side: &[f32]| base64(&dots.chosen.iter().flat_map(|i| side[*i].to_le_bytes()).collect::<Vec<u8>>());
    let counts: Vec<u8> = dots.chosen.iter().map(|i| u8::from(region.counts_at(*i))).collect();
    Embedded {
        fast: dots.fast,
        slow: dots.slow,
        block: dots.block,
        a: bytes(&region.a),
        b: bytes(&region.b),
        counts: counts.contains(&0).then(|| base64(&counts)),
    }
}

/// Both sides no larger than `largest` dots along any axis, chosen as for the page; and the pixels along a dot's side.
pub(crate) fn reduced(region: &Region<'_>, largest: usize) -> (usize, Raster<f32>, Raster<f32>) {
    let dots = dots(region, largest);
    let side = |side: &[f32]| Raster {
        fast: dots.fast,
        slow: dots.slow,
        data: dots.chosen.iter().map(|i| side[*i]).collect(),
    };
    (dots.block, side(&region.a), side(&region.b))
}

struct Dots {
    fast: usize,
    slow: usize,
    block: usize,
    /// Index of the pixel that each dot shows.
    chosen: Vec<usize>,
}

fn dots(region: &Region<'_>, largest: usize) -> Dots {
    let block = region.fast.max(region.slow).div_ceil(largest).max(1);
    let (fast, slow) = (region.fast.div_ceil(block), region.slow.div_ceil(block));
    let size = |i: usize| region.a[i].abs().max(region.b[i].abs());
    let mut chosen = Vec::with_capacity(fast * slow);
    for s in 0..slow {
        for f in 0..fast {
            let rows = s * block..((s + 1) * block).min(region.slow);
            let columns = f * block..((f + 1) * block).min(region.fast);
            let all = rows.flat_map(|y| columns.clone().map(move |x| y * region.fast + x));
            chosen.push(all.reduce(|m, i| if size(i) > size(m) { i } else { m }).unwrap_or(0));
        }
    }
    Dots { fast, slow, block, chosen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::region::Roi;

    #[test]
    fn a_large_region_is_reduced_to_its_brightest_pixels() {
        let mut a = Raster { fast: 1025, slow: 3, data: vec![0.0_f32; 1025 * 3] };
        a.data[1025 + 4] = 7.0;
        let b = a.map(|v| v * 2.0);
        let embedded = embed(&Region::new(&a, &b, Roi::whole(1025, 3), None));
        assert_eq!((embedded.fast, embedded.slow, embedded.block), (342, 1, 3));
        let mut expected = vec![0_u8; 342 * 4];
        expected[4..8].copy_from_slice(&7.0_f32.to_le_bytes());
        assert_eq!(embedded.a, base64(&expected));
    }

    #[test]
    fn a_small_region_is_embedded_as_it_is() {
        let a = Raster { fast: 2, slow: 1, data: vec![1.5_f32, f32::NAN] };
        let embedded = embed(&Region::new(&a, &a, Roi::whole(2, 1), None));
        assert_eq!((embedded.block, embedded.fast), (1, 2));
        assert_eq!(embedded.a, base64(&[1.5_f32.to_le_bytes(), f32::NAN.to_le_bytes()].concat()));
    }
}
