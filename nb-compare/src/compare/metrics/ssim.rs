//! Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004) with a flat 7×7 window, sample covariances, K1 = 0.01 and
//! K2 = 0.03: the definition that scikit-image uses by default. The data range is that of both images together.
//!
//! Not here: multi-scale variants.

use std::ops::Range;

use rayon::prelude::*;

use crate::compare::metrics::accumulate::{Merge, tree};
use crate::compare::metrics::differences::Totals;
use crate::compare::metrics::measured::Measured;
use crate::compare::pixel::PixelNumber;
use crate::compare::region::Region;

/// Side of the window in pixels.
pub const WINDOW: usize = 7;
/// Sums of a, b, a², b², ab.
const QUANTITIES: usize = 5;

/// Mean structural similarity over all windows that lie in the region and hold no left-out pixel.
pub fn ssim<T: PixelNumber>(region: &Region<'_, T>, totals: &Totals) -> Measured {
    if region.fast < WINDOW || region.slow < WINDOW {
        return Measured::undefined(format!("the region is smaller than the {WINDOW}x{WINDOW} window"));
    }
    let low = totals.range[0].0.min(totals.range[1].0);
    let high = totals.range[0].1.max(totals.range[1].1);
    if totals.pixels == 0 || high <= low {
        return Measured::undefined("the data range is zero");
    }
    let constants = [0.01, 0.03].map(|k: f64| (k * (high - low)).powi(2));
    let (columns, rows) = (region.fast + 1 - WINDOW, region.slow + 1 - WINDOW);
    let band = |scratch: &mut Scratch, band: usize| {
        let rows = band * BAND..((band + 1) * BAND).min(rows);
        let starts = (0..columns).step_by(TILE);
        let tiles =
            starts.map(|start| scratch.tile(region, &rows, start..(start + TILE).min(columns), constants));
        tiles.fold([0.0; 2], Merge::merge)
    };
    let bands: Vec<[f64; 2]> =
        (0..rows.div_ceil(BAND)).into_par_iter().map_init(Scratch::new, |s, b| band(s, b)).collect();
    match tree(bands) {
        Some([sum, windows]) if windows > 0.0 => {
            Measured::finite(sum / windows, "overflow of 64-bit arithmetic")
        }
        _ => Measured::undefined("every window holds a pixel that is left out"),
    }
}

/// Rows, and columns, of windows that are done together: what is kept between rows stays in the processor's cache. Both are
/// part of the definition: changing them changes last bits.
const BAND: usize = 64;
const TILE: usize = 512;
/// Pixels of a row that the windows of a tile cover.
const WIDTH: usize = TILE + WINDOW - 1;

/// For each quantity a sum per column.
type Columns = [[f64; WIDTH]; QUANTITIES];

/// Sums over rows that begin at the row whose number is the index, modulo the length: of one, two, four and seven rows. Each
/// is put together from smaller ones, so that a row is read once, and always in the same order.
struct Scratch {
    one: [Box<Columns>; 2],
    two: [Box<Columns>; 4],
    four: [Box<Columns>; 4],
    seven: Box<Columns>,
    /// How many of the seven rows leave the pixel of a column out.
    left_out: Box<[u32; WIDTH]>,
    /// Sums over whole windows, and what comes of them.
    sums: Box<[[f64; TILE]; QUANTITIES]>,
    values: Box<[f64; TILE]>,
}

fn columns() -> Box<Columns> {
    Box::new([[0.0; WIDTH]; QUANTITIES])
}

/// `out = a + b` in the first `width` columns.
fn add(out: &mut Columns, a: &Columns, b: &Columns, width: usize) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        out[..width].iter_mut().zip(&a[..width]).zip(&b[..width]).for_each(|((o, x), y)| *o = x + y);
    }
}

impl Scratch {
    fn new() -> Self {
        Self {
            one: std::array::from_fn(|_| columns()),
            two: std::array::from_fn(|_| columns()),
            four: std::array::from_fn(|_| columns()),
            seven: columns(),
            left_out: Box::new([0; WIDTH]),
            sums: Box::new([[0.0; TILE]; QUANTITIES]),
            values: Box::new([0.0; TILE]),
        }
    }

    /// Sum of the similarity of the windows that begin in these rows and columns, and their number.
    fn tile<T: PixelNumber>(
        &mut self,
        region: &Region<'_, T>,
        rows: &Range<usize>,
        starts: Range<usize>,
        constants: [f64; 2],
    ) -> [f64; 2] {
        let width = starts.len() + WINDOW - 1;
        let span = |row: usize| row * region.fast + starts.start..row * region.fast + starts.start + width;
        self.left_out.fill(0);
        let mut total = [0.0; 2];
        for row in rows.start..rows.end + WINDOW - 1 {
            read(&mut self.one[row % 2], &region.a[span(row)], &region.b[span(row)]);
            if let Some(keep) = &region.counts {
                let gone = row.checked_sub(WINDOW).filter(|gone| *gone >= rows.start);
                self.leave_out(&keep[span(row)], gone.map(|gone| &keep[span(gone)]));
            }
            let rows_done = row - rows.start;
            if rows_done >= 1 {
                add(&mut self.two[(row - 1) % 4], &self.one[(row - 1) % 2], &self.one[row % 2], width);
            }
            if rows_done >= 3 {
                add(&mut self.four[(row - 3) % 4], &self.two[(row - 3) % 4], &self.two[(row - 1) % 4], width);
            }
            if rows_done >= 6 {
                let (four, two) = (&self.four[(row - 6) % 4], &self.two[(row - 2) % 4]);
                add(&mut self.seven, two, &self.one[row % 2], width);
                for (sum, four) in self.seven.iter_mut().zip(four.iter()) {
                    sum[..width].iter_mut().zip(&four[..width]).for_each(|(s, f)| *s += f);
                }
                total = total.merge(self.windows(starts.len(), constants, region.counts.is_some()));
            }
        }
        total
    }

    /// Counts the left-out pixels of a row that has come, and forgets those of the row that has gone.
    fn leave_out(&mut self, come: &[bool], gone: Option<&[bool]>) {
        self.left_out.iter_mut().zip(come).for_each(|(n, keep)| *n += u32::from(!keep));
        let gone = gone.into_iter().flatten();
        self.left_out.iter_mut().zip(gone).for_each(|(n, keep)| *n -= u32::from(!keep));
    }

    /// Sum of the similarity of `count` windows from the sums over seven rows, and how many of them count.
    fn windows(&mut self, count: usize, constants: [f64; 2], some_left_out: bool) -> [f64; 2] {
        for (sum, column) in self.sums.iter_mut().zip(self.seven.iter()) {
            window_sums(&column[..count + WINDOW - 1], &mut sum[..count]);
        }
        let [a, b, aa, bb, ab] = self.sums.as_ref();
        let values = &mut self.values;
        values[count..].fill(0.0);
        for i in 0..count {
            values[i] = similarity([a[i], b[i], aa[i], bb[i], ab[i]], constants);
        }
        let mut counted = count;
        if some_left_out {
            for (i, value) in values[..count].iter_mut().enumerate() {
                if self.left_out[i..i + WINDOW].iter().any(|&n| n > 0) {
                    *value = 0.0;
                    counted -= 1;
                }
            }
        }
        [sum(values), counted as f64]
    }
}

/// The five quantities of a row.
fn read<T: PixelNumber>(out: &mut Columns, a: &[T], b: &[T]) {
    let [ca, cb, caa, cbb, cab] = out;
    for x in 0..a.len().min(b.len()).min(WIDTH) {
        let (p, q) = (a[x].wide(), b[x].wide());
        ca[x] = p;
        cb[x] = q;
        caa[x] = p * p;
        cbb[x] = q * q;
        cab[x] = p * q;
    }
}

/// Sums of seven neighbours; `column` is six longer than `out`.
fn window_sums(column: &[f64], out: &mut [f64]) {
    for (sum, c) in out.iter_mut().zip(column.windows(WINDOW)) {
        *sum = ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + c[6]);
    }
}

/// The sum of all values in eight lanes.
fn sum(values: &[f64; TILE]) -> f64 {
    let mut lanes = [0.0; 8];
    for chunk in values.as_chunks::<8>().0 {
        lanes.iter_mut().zip(chunk).for_each(|(lane, value)| *lane += value);
    }
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
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
    use crate::compare::region::Roi;

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

    /// The definition, window by window.
    fn plainly(a: &Raster<f32>, b: &Raster<f32>, keep: &dyn Fn(usize) -> bool) -> f64 {
        let all = || a.data.iter().chain(&b.data).map(|v| f64::from(*v));
        let range = all().fold(f64::MIN, f64::max) - all().fold(f64::MAX, f64::min);
        let constants = [0.01, 0.03].map(|k: f64| (k * range).powi(2));
        let (mut total, mut count) = (0.0, 0.0);
        for y in 0..=a.slow - WINDOW {
            for x in 0..=a.fast - WINDOW {
                let inside = || (0..WINDOW * WINDOW).map(|i| (y + i / WINDOW) * a.fast + x + i % WINDOW);
                if inside().all(keep) {
                    let sum = |f: &dyn Fn(f64, f64) -> f64| {
                        inside().map(|i| f(f64::from(a.data[i]), f64::from(b.data[i]))).sum::<f64>()
                    };
                    let sums = [
                        sum(&|p, _| p),
                        sum(&|_, q| q),
                        sum(&|p, _| p * p),
                        sum(&|_, q| q * q),
                        sum(&|p, q| p * q),
                    ];
                    total += similarity(sums, constants);
                    count += 1.0;
                }
            }
        }
        total / count
    }

    #[test]
    fn tiles_and_bands_meet_without_a_seam_and_masks_are_followed() {
        let (fast, slow) = (TILE + 40, BAND + 21);
        let texture = |k: f32| Raster {
            fast,
            slow,
            data: (0..fast * slow).map(|i| (i as f32 * k).sin() * 9.0 + (i % 7) as f32).collect(),
        };
        let (a, b) = (texture(0.37), texture(0.41));
        let left_out = |i: usize| i % 977 == 3 || (60 * fast..60 * fast + 30).contains(&i);
        let mask = Raster { fast, slow, data: (0..fast * slow).map(|i| !left_out(i)).collect::<Vec<bool>>() };
        for mask in [None, Some(&mask)] {
            let region = Region::new(&a, &b, Roi::whole(fast, slow), mask);
            let everything = totals(&a.data, &b.data);
            let expected = plainly(&a, &b, &|i| mask.is_none() || !left_out(i));
            let got = ssim(&region, &everything).value().unwrap();
            assert!((got - expected).abs() < 1e-12, "{got}, expected {expected}");
        }
    }

    #[test]
    fn a_small_or_flat_region_has_no_similarity() {
        let small = Raster { fast: 6, slow: 9, data: (0..54_u8).map(f32::from).collect() };
        assert!(of(&small, &small).reason().unwrap().contains("smaller than"));
        let flat = Raster { fast: 9, slow: 9, data: vec![2.0; 81] };
        assert_eq!(of(&flat, &flat).reason(), Some("the data range is zero"));
    }
}
