//! A problem in variables of about equal weight, each kept in its range.
//!
//! Not here: the problem itself (`problem`), the methods that move the variables (`levenberg_marquardt`, `lbfgs`).

use super::problem::{Evaluation, Problem};
use crate::engine::EngineError;

/// A problem whose variables are 0 at the start and whose unit is a standard deviation there.
pub(super) struct ScaledProblem<'p, 'e> {
    problem: &'p Problem<'e>,
    start: Vec<f64>,
    unit: Vec<f64>,
    ranges: Vec<[f64; 2]>,
}

impl<'p, 'e> ScaledProblem<'p, 'e> {
    /// Scales `problem` by its normal matrix at `start`.
    pub(super) fn new(
        problem: &'p Problem<'e>,
        start: &[f64],
        ranges: &[[f64; 2]],
    ) -> Result<Self, EngineError> {
        let normal = problem.evaluate(start)?.normal;
        let unit = |d: &f64| if *d > 0.0 { d.sqrt().recip() } else { 1.0 };
        let unit = normal.diag().iter().map(unit).collect();
        Ok(Self { problem, start: start.to_vec(), unit, ranges: ranges.to_vec() })
    }

    /// Parameters in their units; inside their ranges wherever `y` is.
    pub(super) fn values(&self, y: &[f64]) -> Vec<f64> {
        let value =
            |i: usize| (self.start[i] + self.unit[i] * y[i]).clamp(self.ranges[i][0], self.ranges[i][1]);
        (0..y.len()).map(value).collect()
    }

    /// The nearest point inside the ranges.
    pub(super) fn inside(&self, y: &[f64]) -> Vec<f64> {
        let scaled = |(i, value): (usize, f64)| (value - self.start[i]) / self.unit[i];
        self.values(y).into_iter().enumerate().map(scaled).collect()
    }

    /// Loss, gradient and normal matrix in the scaled variables.
    pub(super) fn evaluate(&self, y: &[f64]) -> Result<Evaluation, EngineError> {
        let mut evaluation = self.problem.evaluate(&self.values(y))?;
        let unit = &self.unit;
        evaluation.gradient.iter_mut().zip(unit).for_each(|(g, u)| *g *= u);
        evaluation.normal.indexed_iter_mut().for_each(|((i, j), n)| *n *= unit[i] * unit[j]);
        Ok(evaluation)
    }

    /// Which variables are at an end of their range that the loss would have them leave; they stay there.
    pub(super) fn pressed(&self, y: &[f64], gradient: &[f64]) -> Vec<bool> {
        let pressed = |((value, [low, high]), slope): ((f64, &[f64; 2]), &f64)| {
            value <= *low && *slope > 0.0 || value >= *high && *slope < 0.0
        };
        self.values(y).into_iter().zip(&self.ranges).zip(gradient).map(pressed).collect()
    }
}
