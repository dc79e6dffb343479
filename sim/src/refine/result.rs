//! The result file: parameters with their errors, correlations, history of every stage.
//!
//! Not here: the picture (`plot`).

use super::cholesky::Cholesky;
use super::options::RefineOptions;
use super::problem::Evaluation;
use super::solve::Solution;
use ndarray::Array2;
use serde_json::{Value, json};

/// A finished refinement.
pub(super) struct Refined {
    /// Where it started, each parameter in its unit.
    pub(super) start: Vec<f64>,
    /// Stages in their order: blur, and what came out.
    pub(super) stages: Vec<(f64, Solution)>,
    /// The last stage's problem at its end.
    pub(super) last: Evaluation,
}

impl Refined {
    /// Final values, each in its parameter's unit.
    pub(super) fn values(&self) -> &[f64] {
        self.stages.last().map_or(&self.start, |(_, solution)| &solution.values)
    }

    /// Whether the last stage ended by itself.
    pub(super) fn converged(&self) -> bool {
        self.stages.last().is_some_and(|(_, solution)| solution.converged)
    }

    /// Covariance of the parameters, each in its unit: the inverse of the normal matrix; `None` if that is singular.
    pub(super) fn covariance(&self) -> Option<Array2<f64>> {
        let normal = &self.last.normal;
        // Brought to a diagonal of ones first: units differ by many orders of magnitude.
        let scale: Vec<f64> = normal.diag().iter().map(|d| d.sqrt().recip()).collect();
        if !scale.iter().all(|s| s.is_finite()) {
            return None;
        }
        let n = scale.len();
        let balanced = Array2::from_shape_fn((n, n), |(i, j)| normal[(i, j)] * scale[i] * scale[j]);
        let inverse = Cholesky::new(&balanced)?.inverse();
        Some(Array2::from_shape_fn((n, n), |(i, j)| inverse[(i, j)] * scale[i] * scale[j]))
    }

    /// Standard deviations, each in its parameter's unit.
    pub(super) fn errors(&self) -> Option<Vec<f64>> {
        self.covariance().map(|c| c.diag().iter().map(|variance| variance.sqrt()).collect())
    }

    /// Everything as JSON.
    pub(super) fn json(&self, options: &RefineOptions) -> Value {
        let (covariance, errors) = (self.covariance(), self.errors());
        let parameters: Vec<Value> = (options.parameters.iter().enumerate())
            .map(|(i, parameter)| {
                json!({
                    "name": parameter.to_string(),
                    "unit": parameter.unit(),
                    "start": self.start[i],
                    "value": self.values()[i],
                    "error": errors.as_ref().map(|e| e[i]),
                })
            })
            .collect();
        let correlation = covariance.zip(errors).map(|(c, e)| {
            let row = |i: usize| (0..e.len()).map(|j| c[(i, j)] / (e[i] * e[j])).collect::<Vec<f64>>();
            (0..e.len()).map(row).collect::<Vec<_>>()
        });
        let stages: Vec<Value> = (self.stages.iter())
            .map(|(sigma, solution)| {
                let steps: Vec<Value> = (solution.steps.iter())
                    .map(|step| json!({ "loss": step.loss, "values": step.values }))
                    .collect();
                json!({ "blur_pixels": sigma, "converged": solution.converged, "steps": steps })
            })
            .collect();
        json!({
            "schema": "nanobragg-refinement-1",
            "converged": self.converged(),
            "loss": { "name": options.loss, "value": self.last.loss, "pixels": self.last.pixels },
            "method": options.method,
            "background": options.background,
            "parameters": parameters,
            "correlation": correlation,
            "stages": stages,
        })
    }
}
