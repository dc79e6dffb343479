//! Levenberg and Marquardt's method: Gauss-Newton steps, the normal matrix with a share of its own diagonal added.
//!
//! By hand because it keeps parameters in ranges, which no crate of least squares does. Not here: when to stop for good
//! (`solve`).

use super::cholesky::Cholesky;
use super::problem::Evaluation;
use super::scaled::ScaledProblem;
use crate::engine::EngineError;

/// Attempts with more and more damping before a point counts as the end.
const ATTEMPTS: usize = 16;

/// The state between steps.
pub(super) struct LevenbergMarquardt {
    damping: f64,
    /// A step that is expected to lower the loss by less than this ends the search.
    tolerance: f64,
}

impl LevenbergMarquardt {
    /// Hardly damped at first.
    pub(super) fn new(tolerance: f64) -> Self {
        Self { damping: 1e-2, tolerance }
    }

    /// The next point and what is there, with a lower loss than `now` at `y`; `None` at the end of the search.
    pub(super) fn next(
        &mut self,
        problem: &ScaledProblem<'_, '_>,
        y: &[f64],
        now: &Evaluation,
    ) -> Result<Option<(Vec<f64>, Evaluation)>, EngineError> {
        for _ in 0..ATTEMPTS {
            // A singular matrix becomes regular with more damping.
            if let Some((next, expected)) = step(problem, y, now, self.damping) {
                if expected <= self.tolerance {
                    break;
                }
                let there = problem.evaluate(&next)?;
                if there.loss < now.loss {
                    self.damping = (self.damping * 0.2).max(1e-9);
                    return Ok(Some((next, there)));
                }
            }
            self.damping = (self.damping * 6.0).min(1e12);
        }
        Ok(None)
    }
}

/// The step with this damping: the next point, inside the ranges, and by how much the loss should fall. Variables that press
/// against the end of their range stay there. `None` where the matrix is singular.
pub(super) fn step(
    problem: &ScaledProblem<'_, '_>,
    y: &[f64],
    now: &Evaluation,
    damping: f64,
) -> Option<(Vec<f64>, f64)> {
    let mut matrix = now.normal.clone();
    let mut right: Vec<f64> = now.gradient.iter().map(|g| -g).collect();
    for (i, pressed) in problem.pressed(y, &now.gradient).into_iter().enumerate() {
        // A parameter that moves nothing has no diagonal to share.
        let diagonal = matrix[(i, i)];
        if pressed || diagonal <= 0.0 {
            matrix.row_mut(i).fill(0.0);
            matrix.column_mut(i).fill(0.0);
            (matrix[(i, i)], right[i]) = (1.0, 0.0);
        } else {
            matrix[(i, i)] = diagonal * (1.0 + damping);
        }
    }
    let step = Cholesky::new(&matrix)?.solve(&right);
    let next: Vec<f64> = y.iter().zip(&step).map(|(y, step)| y + step).collect();
    let gain = 0.5 * step.iter().zip(&right).map(|(s, r)| s * r).sum::<f64>();
    Some((problem.inside(&next), gain))
}
