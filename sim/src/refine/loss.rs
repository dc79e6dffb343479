//! Losses per pixel, with their first derivative by the model's rate and the weight of the normal matrix.
//!
//! Not here: sums over pixels (`problem`).

use super::options::LossName;

/// How pixels are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Loss {
    /// A loss of counts.
    Counts(LossName),
    /// Squares of blurred images, each over its value and this mean.
    Blurred(f64),
}

/// One pixel's share of the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share {
    /// The loss, 0 for a perfect model.
    pub value: f64,
    /// Its derivative by the rate.
    pub slope: f64,
    /// Weight in the normal matrix: the expected second derivative.
    pub weight: f64,
}

impl Loss {
    /// Compares the rate of a model (above 0) with a target.
    pub(crate) fn share(self, rate: f64, target: f64) -> Share {
        match self {
            Self::Counts(LossName::Poisson) => {
                // Less the same of a perfect model, so that the sum does not lose its digits.
                let count = target.max(0.0);
                let perfect = if count > 0.0 { count * (count / rate).ln() } else { 0.0 };
                Share { value: rate - count + perfect, slope: 1.0 - count / rate, weight: 1.0 / rate }
            }
            Self::Counts(LossName::LeastSquares) => squares(rate - target, 1.0 / (target.max(0.0) + 1.0)),
            Self::Blurred(mean) => squares(rate - target, 1.0 / (target.max(0.0) + mean)),
        }
    }
}

fn squares(difference: f64, weight: f64) -> Share {
    Share { value: 0.5 * weight * difference * difference, slope: weight * difference, weight }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::numerical;

    #[test]
    fn slopes_are_those_of_the_values_and_a_perfect_model_costs_nothing() {
        for loss in
            [Loss::Counts(LossName::Poisson), Loss::Counts(LossName::LeastSquares), Loss::Blurred(2.0)]
        {
            let slope = numerical::derivatives(0.3, &[], |x| vec![loss.share(3.0 + x, 5.0).value])[0].value;
            assert!((loss.share(3.0, 5.0).slope - slope).abs() < 1e-10, "{loss:?}");
            let perfect = loss.share(5.0, 5.0);
            assert!(perfect.value.abs() < 1e-15 && perfect.slope.abs() < 1e-15, "{loss:?}");
            assert!(loss.share(3.0, 5.0).value > 0.0 && loss.share(1.0, 0.0).value.is_finite());
        }
    }
}
