//! Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004) with a flat 7×7 window, sample covariances, K1 = 0.01 and
//! K2 = 0.03: the definition that scikit-image uses by default. The data range is that of both images together.
//!
//! Not here: multi-scale variants.

use rayon::prelude::*;

use super::accumulate::tree;
use super::differences::Totals;
use super::measured::Measured;
use crate::region::Region;

/// Side of the window in pixels.
pub const WINDOW: usize = 7;
/// Sums of a, b, a², b², ab.
const QUANTITIES: usize = 5;

/// Mean structural similarity over all windows that lie in the region and hold no left-out pixel.
pub fn ssim(region: &Region<'_>, totals: &Totals) -> Measured {
    if region.fast < WINDOW || region.slow < WINDOW {
        return Measured::undefined(format!("the region is smaller than the {WINDOW}x{WINDOW} window"));
    }
    let low = f64::from(totals.range[0].0.min(totals.range[1].0));
    let high = f64::from(totals.range[0].1.max(totals.range[1].1));
    if totals.pixels == 0 || high <= low {
        return Measured::undefined("the data range is zero");
    }
    let constants = [0.01, 0.03].map(|k: f64| (k * (high - low)).powi(2));
    let rows: Vec<[f64; 2]> = (0..=region.slow - WINDOW)
        .into_par_iter()
        .map_init(|| Scratch::new(region.fast), |scratch, row| scratch.row(region, row, constants))
        .collect();
    match tree(rows) {
        Some([sum, windows]) if windows > 0.0 => {
            Measured::finite(sum / windows, "overflow of 64-bit arithmetic")
        }
        _ => Measured::undefined("every window holds a pixel that is left out"),
    }
}

/// Sums over seven rows, per column; reused from row to row.
struct Scratch {
    columns: [Vec<f64>; QUANTITIES],
    left_out: Vec<u32>,
}

impl Scratch {
    fn new(fast: usize) -> Self {
        Self { columns: std::array::from_fn(|_| vec![0.0; fast]), left_out: vec![0; fast] }
    }

    /// Sum of the similarity of the windows whose first row is `row`, and their number.
    fn row(&mut self, region: &Region<'_>, row: usize, constants: [f64; 2]) -> [f64; 2] {
        self.add_columns(region, row);
        let windows = region.fast + 1 - WINDOW;
        let mut sums = [const { [0.0; CHUNK] }; QUANTITIES];
        let mut total = [0.0; 2];
        for start in (0..windows).step_by(CHUNK) {
            let n = CHUNK.min(windows - start);
            for (sum, column) in sums.iter_mut().zip(&self.columns) {
                window_sums(&column[start..start + n + WINDOW - 1], &mut sum[..n]);
            }
            let [a, b, aa, bb, ab] = &sums;
            for i in 0..n {
                let clean = region.counts.is_none() || self.is_clean(start + i);
                let value = similarity([a[i], b[i], aa[i], bb[i], ab[i]], constants);
                total[0] += if clean { value } else { 0.0 };
                total[1] += f64::from(u8::from(clean));
            }
        }
        total
    }

    /// Whether the window that begins at column `start` holds no left-out pixel.
    fn is_clean(&self, start: usize) -> bool {
        self.left_out[start..start + WINDOW].iter().all(|&n| n == 0)
    }

    fn add_columns(&mut self, region: &Region<'_>, first: usize) {
        let width = region.fast;
        self.columns.iter_mut().for_each(|c| c.fill(0.0));
        self.left_out.fill(0);
        for row in first..first + WINDOW {
            let span = row * width..(row + 1) * width;
            let [ca, cb, caa, cbb, cab] = &mut self.columns;
            let (a, b) = (&region.a[span.clone()], &region.b[span.clone()]);
            for x in 0..width {
                let (p, q) = (f64::from(a[x]), f64::from(b[x]));
                ca[x] += p;
                cb[x] += q;
                caa[x] += p * p;
                cbb[x] += q * q;
                cab[x] += p * q;
            }
            if let Some(keep) = &region.counts {
                self.left_out.iter_mut().zip(&keep[span]).for_each(|(n, k)| *n += u32::from(!k));
            }
        }
    }
}

const CHUNK: usize = 256;

/// Sums of seven neighbours; `column` is six longer than `out`.
fn window_sums(column: &[f64], out: &mut [f64]) {
    for (sum, c) in out.iter_mut().zip(column.windows(WINDOW)) {
        *sum = ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + c[6]);
    }
}

/// The similarity of one window from its five sums.
fn similarity([a, b, aa, bb, ab]: [f64; QUANTITIES], [c1, c2]: [f64; 2]) -> f64 {
    const N: f64 = (WINDOW * WINDOW) as f64;
    const SAMPLE: f64 = N / (N - 1.0);
    let (ua, ub) = (a / N, b / N);
    let va = SAMPLE * (aa / N - ua * ua);
    let vb = SAMPLE * (bb / N - ub * ub);
    let vab = SAMPLE * (ab / N - ua * ub);
    ((2.0 * ua * ub + c1) * (2.0 * vab + c2)) / ((ua * ua + ub * ub + c1) * (va + vb + c2))
}

#[cfg(test)]
mod tests {
    use nanobragg::image::raster::Raster;

    use super::super::differences::totals;
    use super::*;
    use crate::region::Roi;

    fn of(a: &Raster<f32>, b: &Raster<f32>) -> Measured {
        let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
        let (pa, pb) = region.pixels();
        ssim(&region, &totals(&pa, &pb))
    }

    fn texture(sign: f32) -> Raster<f32> {
        let data = (0..40 * 30_u16).map(|i| sign * (f32::from(i) * 0.7).sin()).collect();
        Raster { fast: 40, slow: 30, data }
    }

    #[test]
    fn an_image_is_similar_to_itself_and_unlike_its_negative() {
        assert!((of(&texture(1.0), &texture(1.0)).value().unwrap() - 1.0).abs() < 1e-12);
        assert!(of(&texture(1.0), &texture(-1.0)).value().unwrap() < 0.0);
        assert!(of(&texture(1.0), &texture(2.0)).value().unwrap() < 0.99);
    }

    #[test]
    fn windows_over_left_out_pixels_do_not_count() {
        let a = texture(1.0);
        let mut b = a.clone();
        b.data[0] = f32::NAN;
        assert!((of(&a, &b).value().unwrap() - 1.0).abs() < 1e-12);
        b.data.fill(f32::NAN);
        assert!(of(&a, &b).value().is_none());
    }

    #[test]
    fn a_small_or_flat_region_has_no_similarity() {
        let small = Raster { fast: 6, slow: 9, data: (0..54_u8).map(f32::from).collect() };
        assert!(of(&small, &small).reason().unwrap().contains("smaller than"));
        let flat = Raster { fast: 9, slow: 9, data: vec![2.0; 81] };
        assert_eq!(of(&flat, &flat).reason(), Some("the data range is zero"));
    }
}
