//! Runs a method of minimising until it ends, and says whether anything worth while is left to gain.
//!
//! Not here: what is minimised (`problem`), the methods (`levenberg_marquardt`, `lbfgs`), stages and reports (`command`).

use super::lbfgs::Lbfgs;
use super::levenberg_marquardt::{self, LevenbergMarquardt};
use super::options::Method;
use super::problem::Problem;
use super::scaled::ScaledProblem;
use crate::engine::EngineError;

/// One finished step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StepTaken {
    /// Loss after it.
    pub loss: f64,
    /// Parameters after it, each in its unit.
    pub values: Vec<f64>,
}

/// Where a method ended.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    /// Parameters, each in its unit.
    pub values: Vec<f64>,
    /// Steps, the first without a move.
    pub steps: Vec<StepTaken>,
    /// Whether nothing worth while is left to gain.
    pub converged: bool,
}

/// Share of a standard deviation's effect on the loss (0.5) that a converged search may leave, and share of the loss for a
/// blurred one.
const LEFT: f64 = 1e-2;

/// Minimises `problem` from `start`, inside `ranges`; `observe` is called after every step with its number.
///
/// # Errors
/// Those of evaluating.
pub(crate) fn minimise(
    problem: &Problem<'_>,
    start: &[f64],
    ranges: &[[f64; 2]],
    (method, steps, tolerance): (Method, u64, f64),
    mut observe: impl FnMut(usize, &StepTaken),
) -> Result<Solution, EngineError> {
    let scaled = ScaledProblem::new(problem, start, ranges)?;
    let mut levenberg_marquardt = LevenbergMarquardt::new(tolerance);
    let mut lbfgs = Lbfgs::new(tolerance);
    let mut y = vec![0.0; start.len()];
    let mut now = scaled.evaluate(&y)?;
    let mut taken = Vec::new();
    loop {
        let step = StepTaken { loss: now.loss, values: scaled.values(&y) };
        observe(taken.len(), &step);
        taken.push(step);
        if taken.len() as u64 > steps {
            break;
        }
        let next = match method {
            Method::LevenbergMarquardt => levenberg_marquardt.next(&scaled, &y, &now)?,
            Method::LBfgs => lbfgs.next(&scaled, &y, &now)?,
        };
        let Some(next) = next else { break };
        (y, now) = next;
    }
    // Why a method ended says little (a line search may fail at the minimum); what is left to gain does.
    let gain = levenberg_marquardt::step(&scaled, &y, &now, 0.0).map_or(f64::INFINITY, |(_, gain)| gain);
    let allowed = if problem.is_blurred() { LEFT * now.loss } else { LEFT * 0.5 };
    Ok(Solution { values: scaled.values(&y), steps: taken, converged: gain <= allowed })
}
