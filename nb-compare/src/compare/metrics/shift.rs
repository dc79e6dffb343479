//! The displacement of B against A to a hundredth of a pixel, by phase correlation (Kuglin, Hines 1975) refined by direct
//! Fourier sums round the peak (Guizar-Sicairos, Thurman, Fienup 2008).
//!
//! Not here: rotation and magnification.

use rustfft::FftDirection;
use rustfft::num_complex::{Complex32, Complex64};
use std::f64::consts::TAU;

use crate::compare::metrics::differences::Totals;
use crate::compare::metrics::fourier::Plane;
use crate::compare::metrics::measured::Measured;
use crate::compare::pixel::PixelNumber;
use crate::compare::region::Region;

/// Longest side of the window that is transformed; of a larger region, the window round the brightest pixel of A.
pub const LARGEST_WINDOW: usize = 1024;

/// A displacement in pixels: the content of B lies this much further along each axis than that of A.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// Along the fast axis.
    pub fast: Measured,
    /// Along the slow axis.
    pub slow: Measured,
    /// Height of the correlation peak, 1 for a pure shift; near 0 the displacement means nothing.
    pub peak: Measured,
}

/// The displacement of the region's B against its A.
pub fn shift<T: PixelNumber>(region: &Region<'_, T>, totals: &Totals) -> Shift {
    let none = |why: &str| {
        let why = Measured::undefined(why);
        Shift { fast: why.clone(), slow: why.clone(), peak: why }
    };
    if let Some(why) = crate::compare::metrics::correlation::undefined(totals) {
        return none(&why);
    }
    let window = Window::around_brightest(region);
    if window.fast < 4 || window.slow < 4 {
        return none("the region is smaller than 4x4 pixels");
    }
    let Some(spectrum) = cross_spectrum(region, &window) else {
        return none("a side does not vary within the window of the transform");
    };
    let mut surface = spectrum.clone();
    Plane::new(window.fast, window.slow, FftDirection::Inverse).process(&mut surface);
    let brightest = (0..surface.len()).fold(0, |m, i| if surface[i].re > surface[m].re { i } else { m });
    drop(surface);
    let coarse = [signed(brightest % window.fast, window.fast), signed(brightest / window.fast, window.slow)];
    let ([fast, slow], height) = refine(&spectrum, &window, coarse);
    let weight: f64 = spectrum.iter().map(|c| f64::from(c.norm())).sum();
    let value = |v| Measured::finite(v, "overflow");
    Shift { fast: value(fast), slow: value(slow), peak: value(height / weight) }
}

/// The part of the region that is transformed.
struct Window {
    left: usize,
    top: usize,
    fast: usize,
    slow: usize,
}

impl Window {
    fn around_brightest<T: PixelNumber>(region: &Region<'_, T>) -> Self {
        let counted = (0..region.a.len()).filter(|&i| region.counts_at(i));
        let brightest = counted.fold(0, |m, i| if region.a[i] > region.a[m] { i } else { m });
        let span = |centre: usize, size: usize| {
            let length = size.min(LARGEST_WINDOW);
            (centre.saturating_sub(length / 2).min(size - length), length)
        };
        let (left, fast) = span(brightest % region.fast, region.fast);
        let (top, slow) = span(brightest / region.fast, region.slow);
        Self { left, top, fast, slow }
    }

    /// The two images as real and imaginary part, each centred on its mean and scaled to unit variance.
    fn load<T: PixelNumber>(&self, region: &Region<'_, T>) -> Option<Vec<Complex32>> {
        let indices = || {
            let rows = self.top..self.top + self.slow;
            rows.flat_map(|y| (self.left..self.left + self.fast).map(move |x| y * region.fast + x))
        };
        let scale = |side: &[T]| {
            let counted = || indices().filter(|&i| region.counts_at(i)).map(|i| side[i].wide());
            let (n, sum) = counted().fold((0.0, 0.0), |(n, s), v| (n + 1.0, s + v));
            let mean: f64 = sum / f64::max(n, 1.0);
            let variance = counted().map(|v| (v - mean) * (v - mean)).sum::<f64>() / f64::max(n, 1.0);
            (variance > 0.0).then(|| (mean, variance.sqrt().recip()))
        };
        let ((ma, sa), (mb, sb)) = (scale(&region.a)?, scale(&region.b)?);
        let pixel = |i: usize| match region.counts_at(i) {
            true => Complex32::new(
                ((region.a[i].wide() - ma) * sa) as f32,
                ((region.b[i].wide() - mb) * sb) as f32,
            ),
            false => Complex32::default(),
        };
        Some(indices().map(pixel).collect())
    }
}

/// conj(A)·B of the two spectra, each term brought to unit length except where it is no more than rounding noise.
fn cross_spectrum<T: PixelNumber>(region: &Region<'_, T>, window: &Window) -> Option<Vec<Complex32>> {
    let mut data = window.load(region)?;
    Plane::new(window.fast, window.slow, FftDirection::Forward).process(&mut data);
    let (w, h) = (window.fast, window.slow);
    let mut out = vec![Complex32::default(); data.len()];
    for y in 0..h {
        let opposite_row = (h - y) % h * w;
        for x in 0..w {
            // A real image's spectrum is Hermitian: both are recovered from the one transform of A + iB.
            let (here, there) = (data[y * w + x], data[opposite_row + (w - x) % w].conj());
            let (a, b) = ((here + there) * 0.5, (here - there) * Complex32::new(0.0, -0.5));
            out[y * w + x] = a.conj() * b;
        }
    }
    let largest = out.iter().map(|c| c.norm()).fold(0.0, f32::max);
    let floor = largest * 1e-6;
    out.iter_mut().for_each(|c| *c /= c.norm() + floor);
    Some(out)
}

/// Index of a transform as a displacement: the upper half is negative.
fn signed(index: usize, size: usize) -> f64 {
    if index > size / 2 { index as f64 - size as f64 } else { index as f64 }
}

/// Narrows the peak near `coarse` down in three rounds of a 7×7 grid; gives its place and height.
fn refine(spectrum: &[Complex32], window: &Window, coarse: [f64; 2]) -> ([f64; 2], f64) {
    let mut best = (coarse, f64::NEG_INFINITY);
    for step in [0.25, 0.06, 0.01] {
        let around = |centre: f64| -> Vec<f64> { (-3..=3).map(|i| centre + f64::from(i) * step).collect() };
        let (xs, ys) = (around(best.0[0]), around(best.0[1]));
        let heights = evaluate(spectrum, window, &xs, &ys);
        for (i, &height) in heights.iter().enumerate() {
            if height > best.1 {
                best = ([xs[i % xs.len()], ys[i / xs.len()]], height);
            }
        }
    }
    best
}

/// The correlation surface at the given displacements, by direct Fourier sums; one row of the result per `ys`.
fn evaluate(spectrum: &[Complex32], window: &Window, xs: &[f64], ys: &[f64]) -> Vec<f64> {
    let phases = |at: f64, size: usize| -> Vec<Complex64> {
        (0..size).map(|k| Complex64::from_polar(1.0, TAU * signed(k, size) * at / size as f64)).collect()
    };
    let columns: Vec<Vec<Complex32>> = xs
        .iter()
        .map(|&x| phases(x, window.fast).iter().map(|p| Complex32::new(p.re as f32, p.im as f32)).collect())
        .collect();
    let rows: Vec<Vec<Complex64>> = ys.iter().map(|&y| phases(y, window.slow)).collect();
    let mut out = vec![0.0; xs.len() * ys.len()];
    for (k, line) in spectrum.chunks_exact(window.fast).enumerate() {
        for (i, column) in columns.iter().enumerate() {
            let sum: Complex32 = line.iter().zip(column).map(|(c, p)| c * p).sum();
            let sum = Complex64::new(f64::from(sum.re), f64::from(sum.im));
            rows.iter().enumerate().for_each(|(j, row)| out[j * xs.len() + i] += (sum * row[k]).re);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use nanobragg::image::raster::Raster;

    use super::super::differences::totals;
    use super::*;
    use crate::compare::region::Roi;

    /// Gaussian spots on a flat background, displaced by (dx, dy).
    fn spots(dx: f64, dy: f64) -> Raster<f32> {
        let places = [(20.3, 18.9, 900.0), (50.7, 30.2, 400.0), (33.1, 55.5, 700.0), (70.2, 60.8, 150.0)];
        let value = |x: f64, y: f64| {
            let spot = |(cx, cy, i): (f64, f64, f64)| {
                i * (-((x - cx - dx).powi(2) + (y - cy - dy).powi(2)) / 3.0).exp()
            };
            (2.0 + places.map(spot).iter().sum::<f64>()) as f32
        };
        let data = (0..90 * 80).map(|i| value(f64::from(i % 90), f64::from(i / 90))).collect();
        Raster { fast: 90, slow: 80, data }
    }

    fn of(a: &Raster<f32>, b: &Raster<f32>) -> Shift {
        let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
        shift(&region, &totals(&region.a, &region.b))
    }

    #[test]
    fn whole_and_fractional_shifts_are_found_to_a_tenth_of_a_pixel() {
        for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (-3.0, 2.0), (0.5, -0.5), (2.3, 0.7), (-0.15, 4.4)] {
            let s = of(&spots(0.0, 0.0), &spots(dx, dy));
            let error = (s.fast.value().unwrap() - dx).abs().max((s.slow.value().unwrap() - dy).abs());
            assert!(error < 0.1, "{dx} {dy}: {s:?}");
        }
    }

    #[test]
    fn scale_does_not_move_the_peak() {
        let a = spots(0.0, 0.0);
        let s = of(&a, &a.map(|v| v * 2.0));
        assert!(s.fast.value().unwrap().abs() < 0.02 && s.peak.value().unwrap() > 0.95, "{s:?}");
    }

    #[test]
    fn a_constant_side_has_no_shift() {
        let a = spots(0.0, 0.0);
        assert_eq!(of(&a, &a.map(|_| 0.0)).fast.reason(), Some("side B is constant"));
    }
}
