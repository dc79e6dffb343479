//! Numerical derivatives: central differences extrapolated to step zero (Ridders, Adv. Eng. Softw. 4 (1982) 75).
//!
//! What analytic derivatives are checked against. Not here: what is differentiated.

/// Ratio of neighbouring steps.
const RATIO: f64 = 1.5;

/// Relative rounding error assumed of a function's values: sums of many terms whose arguments are large.
const NOISE: f64 = 5e-13;

/// By how much one order may be better than the one below.
const GAIN: f64 = 100.0;

/// Steps tried: the last is about a 190th of the first.
const STEPS: usize = 14;

/// A derivative with an estimate of its absolute error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The derivative.
    pub value: f64,
    /// How much it differs from those of neighbouring steps and orders.
    pub error: f64,
}

/// Derivatives at 0 of functions evaluated together: `values(x)` gives all of them at `x`, finite and always as many. The
/// values are taken to be rounded in proportion to `sizes`, or to themselves where that ends.
///
/// `first` is the largest step; for each function the step and order with the smallest error estimate are taken.
pub fn derivatives(first: f64, sizes: &[f64], mut values: impl FnMut(f64) -> Vec<f64>) -> Vec<Estimate> {
    let mut step = first;
    let mut previous: Vec<Vec<f64>> = Vec::new();
    let mut best: Vec<Estimate> = Vec::new();
    let mut errors_before: Vec<Vec<f64>> = Vec::new();
    for i in 0..STEPS {
        let (above, below) = (values(step), values(-step));
        let central: Vec<f64> = above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)).collect();
        let size = |k: usize| sizes.get(k).copied().unwrap_or_else(|| above[k].abs().max(below[k].abs()));
        let noise: Vec<f64> = (0..above.len()).map(|k| NOISE * size(k) / step).collect();
        if best.is_empty() {
            best = central.iter().map(|value| Estimate { value: *value, error: f64::INFINITY }).collect();
        }
        let mut orders = vec![central];
        let mut errors = vec![vec![f64::INFINITY; best.len()]];
        let mut weight = RATIO * RATIO;
        for order in 1..=i {
            let better = extrapolated(&orders[order - 1], &previous[order - 1], weight);
            let mut errors_here = vec![f64::INFINITY; best.len()];
            for (k, estimate) in best.iter_mut().enumerate() {
                let value = better[k];
                let difference = (value - orders[order - 1][k]).abs();
                let error = difference.max((value - previous[order - 1][k]).abs()) + noise[k];
                errors_here[k] = error;
                // Estimates may agree by chance: those this one was made from must have agreed nearly as well.
                let before = errors_before[order - 1][k].min(errors[order - 1][k]);
                let error = if before.is_finite() { error.max(before / GAIN) } else { error };
                if error < estimate.error {
                    *estimate = Estimate { value, error };
                }
            }
            errors.push(errors_here);
            orders.push(better);
            weight *= RATIO * RATIO;
        }
        previous = orders;
        errors_before = errors;
        step /= RATIO;
    }
    best
}

/// The next order from the same one at two steps.
fn extrapolated(small: &[f64], large: &[f64], weight: f64) -> Vec<f64> {
    small.iter().zip(large).map(|(small, large)| (small * weight - large) / (weight - 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_are_differentiated_to_eleven_digits() {
        let estimates = derivatives(0.3, &[], |x| vec![(1.0 + x).sin(), (3.0 * x).exp(), 7.0]);
        for (estimate, exact) in estimates.iter().zip([1.0_f64.cos(), 3.0, 0.0]) {
            assert!((estimate.value - exact).abs() < 1e-11, "{estimate:?} {exact}");
            assert!((estimate.value - exact).abs() <= 100.0 * estimate.error + 1e-14, "{estimate:?} {exact}");
        }
    }

    #[test]
    fn a_step_shows_in_the_error() {
        let estimate = derivatives(0.3, &[], |x| vec![if x > 1e-9 { 1.0 } else { 0.0 }])[0];
        assert!(estimate.error > 0.1, "{estimate:?}");
    }
}
