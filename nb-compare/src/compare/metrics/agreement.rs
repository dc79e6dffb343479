//! The share of the pixels that agree: every pixel counts alike, so that no single one can decide.
//!
//! Not here: how large the share has to be (`verdict`).

use crate::compare::metrics::measured::Measured;
use crate::compare::pixel::PixelNumber;

/// Pixels agree where they differ by at most this part of the larger of them, unless asked otherwise. A correlation of 0.9995
/// leaves room for 3 %.
pub const TOLERANCE: f64 = 0.05;
/// Counts agree within so many standard deviations of their difference, which is √(a + b) for photons.
const DEVIATIONS: f64 = 3.0;
/// Pixels below this part of the median of what is not zero are zero for this purpose: where one program has 0, another may
/// leave its rounding.
const NEGLIGIBLE: f64 = 1e-6;
/// Fewer pixels than these make the variance: then the counting noise of all others is no excuse for them.
const FEW: usize = 10;
/// The part of the variance that is looked for.
const VARIANCE: f64 = 0.99;

/// How many pixels agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Largest difference of agreeing pixels, as a part of the larger one.
    pub tolerance: f64,
    /// Whether counting noise was allowed as well: both images hold counts, and more than a few pixels make up the variance.
    pub counts: bool,
    /// Share of the pixels that agree, among those that are not zero on both sides.
    pub share: Measured,
    /// The least number of pixels that carry 99 % of the variance of A, where that is few: at most a thousandth, or 10.
    pub carriers: Option<usize>,
}

/// The agreement of `a` and `b`, pixel by pixel. Pixels that are nothing on both sides say nothing and do not count.
pub fn agreement<T: PixelNumber>(a: &[T], b: &[T], tolerance: f64) -> Agreement {
    let carriers = carriers(a);
    let floor = NEGLIGIBLE * median_of_nonzero(a);
    let pairs = || a.iter().zip(b).map(|(x, y)| (x.wide(), y.wide()));
    let counted = || pairs().filter(|(x, y)| x.abs().max(y.abs()) > floor);
    // Halves, because the difference of large numbers of opposite sign can exceed what a 64-bit float holds.
    let difference = |(x, y): (f64, f64)| y / 2.0 - x / 2.0;
    let within = |(x, y): (f64, f64)| difference((x, y)).abs() <= tolerance * x.abs().max(y.abs()) / 2.0;
    let noise = |(x, y): (f64, f64)| DEVIATIONS * (x + y).min(f64::MAX).sqrt();
    let by_noise = |pair: (f64, f64)| difference(pair).abs() <= noise(pair) / 2.0;
    let counts = carriers.is_none_or(|n| n >= FEW)
        && a.iter().chain(b).all(|v| is_count(v.wide()))
        && is_balanced(counted().filter(|pair| !within(*pair) && by_noise(*pair)).map(difference));
    let agreeing = counted().filter(|pair| within(*pair) || (counts && by_noise(*pair))).count();
    let share = match (a.len().min(b.len()), counted().count()) {
        (0, _) => Measured::undefined("no pixel was compared"),
        (_, 0) => Measured::undefined("every pixel is zero on both sides"),
        (_, n) => Measured::Value(agreeing as f64 / n as f64),
    };
    Agreement { tolerance, counts, share, carriers }
}

/// Whether differences have either sign about as often, as noise has: what always goes one way is no noise.
fn is_balanced(differences: impl Iterator<Item = f64>) -> bool {
    let (mut all, mut signs) = (0.0, 0.0);
    for difference in differences {
        all += 1.0;
        signs += difference.signum();
    }
    f64::abs(signs) <= 4.0 * f64::sqrt(all)
}

fn is_count(value: f64) -> bool {
    value >= 0.0 && value.fract() == 0.0
}

/// The median size of the pixels that are not zero; 0 where there are none.
fn median_of_nonzero<T: PixelNumber>(values: &[T]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|v| v.wide().abs()).filter(|v| *v > 0.0).collect();
    match sizes.len() {
        0 => 0.0,
        n => *sizes.select_nth_unstable_by(n / 2, f64::total_cmp).1,
    }
}

/// The least number of pixels that carry [`VARIANCE`] of the variance; `None` where they are many or nothing varies.
fn carriers<T: PixelNumber>(values: &[T]) -> Option<usize> {
    let n = values.len();
    let largest = values.iter().map(|v| v.wide().abs()).fold(0.0, f64::max);
    // In units of the largest pixel, so that no square leaves the range of floats.
    let unit = if largest > 0.0 { largest } else { return None };
    let mean = values.iter().map(|v| v.wide() / unit).sum::<f64>() / n as f64;
    let mut squares: Vec<f64> = values.iter().map(|v| (v.wide() / unit - mean).powi(2)).collect();
    let wanted = VARIANCE * squares.iter().sum::<f64>();
    let few = (n / 1000).max(FEW).min(n);
    if wanted <= 0.0 || few == 0 {
        return None;
    }
    squares.select_nth_unstable_by(few - 1, |p, q| q.total_cmp(p));
    squares.truncate(few);
    squares.sort_unstable_by(|p, q| q.total_cmp(p));
    let mut sum = 0.0;
    let reached = |square: &f64| {
        sum += square;
        sum >= wanted
    };
    squares.iter().position(reached).map(|last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(a: &[f32], b: &[f32]) -> f64 {
        agreement(a, b, TOLERANCE).share.value().unwrap()
    }

    #[test]
    fn every_pixel_counts_alike() {
        let (a, mut b) = ([1e8_f32, 1.5, 2.5, 3.5], [1e8_f32, 1.5, 2.5, 3.5]);
        assert_eq!(share(&a, &b), 1.0);
        b[1] = 1.6;
        assert_eq!(share(&a, &b), 0.75, "0.1 is more than 5 % of 1.6");
        b[0] = 0.0;
        assert_eq!(share(&a, &b), 0.5, "and a bright pixel is one pixel");
        assert_eq!(agreement::<f32>(&[], &[], 0.1).share.reason(), Some("no pixel was compared"));
    }

    #[test]
    fn counts_agree_within_their_noise_unless_few_pixels_are_all_the_image() {
        let a: Vec<f32> = (0..100_u8).map(|i| f32::from(100 + i % 7)).collect();
        let b: Vec<f32> = a.iter().map(|v| v + 30.0).collect();
        // √230 is 15.2, and 30 is less than three times that; but what is always more is no noise.
        assert!(!agreement(&a, &b, TOLERANCE).counts);
        assert_eq!(share(&a, &b), 0.0);
        let b: Vec<f32> =
            a.iter().enumerate().map(|(i, v)| if i % 2 == 0 { v + 30.0 } else { v - 30.0 }).collect();
        assert!(agreement(&a, &b, TOLERANCE).counts);
        assert_eq!(share(&a, &b), 1.0);
        let shifted =
            |by: f32| -> [Vec<f32>; 2] { [&a, &b].map(|side| side.iter().map(|v| v + by).collect()) };
        let [halves_a, halves_b] = shifted(0.5);
        assert_eq!(share(&halves_a, &halves_b), 0.0, "what is no count has no counting noise");
        let (mut bright_a, mut bright_b) = (a, b);
        (bright_a[7], bright_b[7]) = (1e6, 1e6);
        assert_eq!(share(&bright_a, &bright_b), 0.01);
    }

    #[test]
    fn rounding_where_the_other_side_has_zero_is_zero() {
        let a = [0.0_f32, 0.0, 10.0, 20.5];
        assert_eq!(share(&a, &[1e-9, -1e-12, 10.0, 20.5]), 1.0);
        assert_eq!(share(&a, &[1e-3, 0.0, 10.0, 20.5]), 2.0 / 3.0, "zero against zero is no agreement");
        assert_eq!(agreement(&[0.0_f32; 4], &[0.0; 4], TOLERANCE).share.value(), None);
    }

    #[test]
    fn the_pixels_that_carry_the_variance_are_counted_where_they_are_few() {
        let mut a = vec![1.0_f32; 4096];
        assert_eq!(carriers(&a), None, "nothing varies");
        a[9] = 1e8;
        assert_eq!(carriers(&a), Some(1));
        a[10] = 1e8;
        assert_eq!(carriers(&a), Some(2));
        let even: Vec<f32> = (0..4096_u16).map(f32::from).collect();
        assert_eq!(carriers(&even), None);
        assert_eq!(carriers(&[1e300_f64, -1e300, 0.0]), Some(2), "squares stay in range");
    }
}
