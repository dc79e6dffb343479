//! Pearson's correlation of two sets of pixels, as they are and after log(1 + I).
//!
//! Not here: correlation of ranks (`rank`).

use crate::compare::metrics::accumulate::{BLOCK, Merge, by_blocks, lane_sums};
use crate::compare::metrics::differences::Totals;
use crate::compare::metrics::measured::Measured;
use crate::compare::pixel::PixelNumber;

/// Count, means and centred second moments of two variables; merging keeps them centred (Chan, Golub, LeVeque 1983), so
/// that a large mean costs no digits.
#[derive(Debug, Clone, Copy)]
struct Moments {
    count: f64,
    mean: [f64; 2],
    /// Centred sums of x², y², xy.
    second: [f64; 3],
}

impl Merge for Moments {
    fn merge(self, right: Self) -> Self {
        let count = self.count + right.count;
        let d = [right.mean[0] - self.mean[0], right.mean[1] - self.mean[1]];
        let share = right.count / count;
        let weight = self.count * share;
        let shift = [d[0] * d[0] * weight, d[1] * d[1] * weight, d[0] * d[1] * weight];
        Self {
            count,
            mean: [self.mean[0] + d[0] * share, self.mean[1] + d[1] * share],
            second: self.second.merge(right.second).merge(shift),
        }
    }
}

/// Moments of one block after `transform`.
fn moments<T: PixelNumber>(a: &[T], b: &[T], transform: impl Fn(f64) -> f64) -> Moments {
    let mut x = [0.0; BLOCK];
    let mut y = [0.0; BLOCK];
    let n = a.len().min(BLOCK);
    x.iter_mut().zip(a).for_each(|(t, v)| *t = transform(v.wide()));
    y.iter_mut().zip(b).for_each(|(t, v)| *t = transform(v.wide()));
    let count = n as f64;
    let mean = [x[..n].iter().sum::<f64>() / count, y[..n].iter().sum::<f64>() / count];
    let mut second = [0.0; 3];
    for (p, q) in x[..n].iter().zip(&y[..n]) {
        let (p, q) = (p - mean[0], q - mean[1]);
        second = second.merge([p * p, q * q, p * q]);
    }
    Moments { count, mean, second }
}

fn coefficient(m: Moments) -> f64 {
    // One root of the product: for equal variances it gives back the variance exactly, so that a perfect agreement is 1.
    (m.second[2] / (m.second[0] * m.second[1]).sqrt()).clamp(-1.0, 1.0)
}

fn blocked<T: PixelNumber>(a: &[T], b: &[T], transform: impl Fn(f64) -> f64 + Sync + Copy) -> Measured {
    match by_blocks(a.len().min(b.len()), |r| moments(&a[r.clone()], &b[r], transform)) {
        Some(m) => Measured::finite(coefficient(m), "a side does not vary in 64-bit arithmetic"),
        None => Measured::undefined("no pixel was compared"),
    }
}

/// Why no correlation of these images exists, if none does.
pub fn undefined(totals: &Totals) -> Option<String> {
    match (totals.pixels, totals.is_constant(0), totals.is_constant(1)) {
        (0, ..) => Some("no pixel was compared".to_owned()),
        (_, true, true) => Some("both sides are constant".to_owned()),
        (_, true, _) => Some("side A is constant".to_owned()),
        (_, _, true) => Some("side B is constant".to_owned()),
        _ => None,
    }
}

/// Pearson's correlation coefficient.
pub fn pearson<T: PixelNumber>(a: &[T], b: &[T], totals: &Totals) -> Measured {
    if let Some(why) = undefined(totals) {
        return Measured::Undefined(why);
    }
    // The means are known: centring on them in one pass is as exact as the merged moments and cheaper.
    let count = totals.pixels as f64;
    let mean = [totals.sum[0] / count, totals.sum[1] / count];
    let second = by_blocks(a.len().min(b.len()), |r| {
        lane_sums(&a[r.clone()], &b[r], |p, q| {
            let (p, q) = (p - mean[0], q - mean[1]);
            [p * p, q * q, p * q]
        })
    });
    let second = second.unwrap_or_default();
    Measured::finite(
        coefficient(Moments { count, mean, second }),
        "a side does not vary in 64-bit arithmetic",
    )
}

/// Pearson's correlation of log(1 + I): weak background counts as much as a few bright peaks.
pub fn log_pearson<T: PixelNumber>(a: &[T], b: &[T], totals: &Totals) -> Measured {
    if let Some(why) = undefined(totals) {
        return Measured::Undefined(why);
    }
    let lowest = totals.range[0].0.min(totals.range[1].0);
    if lowest <= -1.0 {
        return Measured::undefined(format!("log(1 + I) does not exist for a pixel of `{lowest}`"));
    }
    blocked(a, b, log_of_one_plus)
}

/// log(1 + x) for x > −1; the plain logarithm is several times as fast as `ln_1p` and as good away from zero.
fn log_of_one_plus(x: f64) -> f64 {
    if x.abs() < 1e-4 { x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * 0.25))) } else { (1.0 + x).ln() }
}

#[cfg(test)]
mod tests {
    use super::super::differences::totals;
    use super::*;

    fn wave(n: u16, scale: f32, offset: f32) -> Vec<f32> {
        (0..n).map(|i| (f32::from(i) * 0.1).sin().abs() * scale + offset).collect()
    }

    fn both(a: &[f32], b: &[f32]) -> (Measured, Measured) {
        let t = totals(a, b);
        (pearson(a, b, &t), log_pearson(a, b, &t))
    }

    #[test]
    fn an_image_correlates_with_itself_exactly() {
        let a = wave(10_000, 1e4, 0.0);
        assert_eq!(both(&a, &a), (Measured::Value(1.0), Measured::Value(1.0)));
    }

    #[test]
    fn scale_is_invisible_to_the_plain_correlation() {
        let a = wave(10_000, 1e4, 0.0);
        let b: Vec<f32> = a.iter().map(|v| v * 2.0).collect();
        let (plain, log) = both(&a, &b);
        assert_eq!(plain, Measured::Value(1.0));
        assert!(log.value().unwrap() < 1.0);
    }

    #[test]
    fn a_negated_image_anticorrelates_and_has_no_logarithm() {
        let a = wave(10_000, 10.0, 0.0);
        let b: Vec<f32> = a.iter().map(|v| -v).collect();
        let (plain, log) = both(&a, &b);
        assert_eq!(plain, Measured::Value(-1.0));
        assert!(log.reason().unwrap().contains("does not exist"));
    }

    #[test]
    fn a_constant_side_has_no_correlation() {
        let a = wave(100, 1.0, 0.0);
        assert_eq!(both(&a, &[0.0; 100]).0.reason(), Some("side B is constant"));
        assert_eq!(both(&[3.0; 100], &a).0.reason(), Some("side A is constant"));
        assert_eq!(both(&[0.0; 100], &[0.0; 100]).1.reason(), Some("both sides are constant"));
        assert_eq!(both(&[], &[]).0.reason(), Some("no pixel was compared"));
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        // A ripple of a few units on 1e6: a one-pass textbook formula is off in the fourth digit.
        let (a, b) = (wave(60_000, 4.0, 1e6), wave(60_000, -4.0, 1e6));
        assert!((both(&a, &b).0.value().unwrap() + 1.0).abs() < 1e-3);
        let merged = blocked(&a, &b, |v| v).value().unwrap();
        assert!((merged - both(&a, &b).0.value().unwrap()).abs() < 1e-12);
    }

    #[test]
    fn the_quick_logarithm_agrees_with_the_library() {
        for x in [-0.999, -1e-5, 0.0, 1e-30, 9.9e-5, 1.1e-4, 0.3, 1e9] {
            let expected = f64::ln_1p(x);
            assert!((log_of_one_plus(x) - expected).abs() <= 2e-12 * expected.abs(), "{x}");
        }
    }
}
