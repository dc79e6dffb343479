//! Mean and scatter of a few measurements.
//!
//! Not here: where they come from.

use serde::Serialize;

/// What a series of numbers comes to. All in the unit of the numbers, but for the coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Statistics {
    /// How many.
    pub count: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the sample (divided by n − 1); 0 for a single number.
    pub standard_deviation: f64,
    /// Coefficient of variation: standard deviation over mean; 0 where the mean is 0.
    pub variation: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl Statistics {
    /// Of `values`; all zero where there are none.
    pub fn of(values: &[f64]) -> Self {
        let count = values.len();
        if count == 0 {
            return Self::default();
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        // Two passes: the short formula loses everything where the scatter is small.
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let standard_deviation = if count > 1 { (squares / (count - 1) as f64).sqrt() } else { 0.0 };
        Self {
            count,
            mean,
            standard_deviation,
            variation: if mean > 0.0 { standard_deviation / mean } else { 0.0 },
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_from_one_to_n_obey_their_laws() {
        for n in [2_u32, 5, 100] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let (s, n) = (Statistics::of(&values), f64::from(n));
            let (mean, variance) = ((n + 1.0) / 2.0, n * (n + 1.0) / 12.0);
            assert!((s.mean - mean).abs() < 1e-12 && (s.standard_deviation - variance.sqrt()).abs() < 1e-12);
            assert!((s.variation - variance.sqrt() / mean).abs() < 1e-12);
            assert_eq!((s.min, s.max, s.count), (1.0, n, values.len()));
        }
    }

    #[test]
    fn a_large_mean_does_not_drown_a_small_scatter() {
        let s = Statistics::of(&[1e9, 1e9 + 1.0, 1e9 + 2.0]);
        assert_eq!((s.mean, s.standard_deviation), (1e9 + 1.0, 1.0));
    }

    #[test]
    fn one_number_has_no_scatter_and_none_has_nothing() {
        assert_eq!(Statistics::of(&[3.0]).standard_deviation, 0.0);
        assert_eq!(Statistics::of(&[]), Statistics::default());
    }
}
