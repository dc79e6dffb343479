//! L-BFGS: quasi-Newton steps from the last few changes of the gradient, kept in ranges by projection.
//!
//! Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 3.5 (the latter by bisection); variables that
//! press against a range stay out of the step as in Bertsekas, SIAM J. Control Optim. 20 (1982) 221. Not here: when to stop
//! for good (`solve`).

use super::problem::Evaluation;
use super::scaled::ScaledProblem;
use crate::engine::EngineError;
use std::collections::VecDeque;

/// Steps whose changes are remembered.
const MEMORY: usize = 7;

/// Points tried along one direction.
const ATTEMPTS: usize = 30;

/// Share of the slope by which a step must lower the loss.
const SUFFICIENT: f64 = 1e-4;

/// Share of the slope that may be left after a step.
const FLAT: f64 = 0.9;

/// Length of a gradient, in standard deviations, at which the search ends.
const SMALLEST_GRADIENT: f64 = 1e-3;

/// What one step changed.
struct Change {
    point: Vec<f64>,
    gradient: Vec<f64>,
}

/// The state between steps.
pub(super) struct Lbfgs {
    changes: VecDeque<Change>,
    /// A step that lowers the loss by less than this ends the search.
    tolerance: f64,
    converged: bool,
}

impl Lbfgs {
    /// Remembers nothing yet.
    pub(super) fn new(tolerance: f64) -> Self {
        Self { changes: VecDeque::with_capacity(MEMORY), tolerance, converged: false }
    }

    /// The next point and what is there, with a lower loss than `now` at `y`; `None` at the end of the search.
    pub(super) fn next(
        &mut self,
        problem: &ScaledProblem<'_, '_>,
        y: &[f64],
        now: &Evaluation,
    ) -> Result<Option<(Vec<f64>, Evaluation)>, EngineError> {
        let pressed = problem.pressed(y, &now.gradient);
        let slope = |(g, pressed): (&f64, &bool)| if *pressed { 0.0 } else { *g };
        let gradient: Vec<f64> = now.gradient.iter().zip(&pressed).map(slope).collect();
        let length = dot(&gradient, &gradient).sqrt();
        if self.converged || length < SMALLEST_GRADIENT {
            return Ok(None);
        }
        let mut direction = self.direction(&gradient);
        direction.iter_mut().zip(&pressed).filter(|(_, p)| **p).for_each(|(d, _)| *d = 0.0);
        if dot(&direction, &gradient) >= 0.0 {
            self.changes.clear();
            direction = gradient.iter().map(|g| -g).collect();
        }
        // Nothing is known about the loss's size before the first step: that goes one standard deviation far.
        let first = if self.changes.is_empty() { length.recip().min(1.0) } else { 1.0 };
        let Some((next, there)) = search(problem, y, now, &direction, first)? else { return Ok(None) };
        self.remember(Change {
            point: difference(&next, y),
            gradient: difference(&there.gradient, &now.gradient),
        });
        self.converged = now.loss - there.loss < self.tolerance;
        Ok(Some((next, there)))
    }

    /// The quasi-Newton direction: less the inverse of the remembered curvature times `gradient`.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(MEMORY);
        for change in self.changes.iter().rev() {
            let share = dot(&change.point, &q) / dot(&change.point, &change.gradient);
            add(&mut q, -share, &change.gradient);
            shares.push(share);
        }
        if let Some(last) = self.changes.back() {
            let scale = dot(&last.point, &last.gradient) / dot(&last.gradient, &last.gradient);
            q.iter_mut().for_each(|x| *x *= scale);
        }
        for (change, share) in self.changes.iter().zip(shares.into_iter().rev()) {
            let back = dot(&change.gradient, &q) / dot(&change.point, &change.gradient);
            add(&mut q, share - back, &change.point);
        }
        q
    }

    /// Keeps a change along which the loss is convex; any other would turn directions uphill.
    fn remember(&mut self, change: Change) {
        let curvature = dot(&change.point, &change.gradient);
        if curvature > f64::EPSILON * dot(&change.gradient, &change.gradient) {
            if self.changes.len() == MEMORY {
                self.changes.pop_front();
            }
            self.changes.push_back(change);
        }
    }
}

/// A point along `direction`, inside the ranges, that lowers the loss sufficiently and where the slope is flat enough; if no
/// attempt finds both, the last that lowered the loss; `None` if none did.
fn search(
    problem: &ScaledProblem<'_, '_>,
    y: &[f64],
    now: &Evaluation,
    direction: &[f64],
    first: f64,
) -> Result<Option<(Vec<f64>, Evaluation)>, EngineError> {
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, first);
    let mut best = None;
    for _ in 0..ATTEMPTS {
        let mut next = y.to_vec();
        add(&mut next, length, direction);
        let next = problem.inside(&next);
        let moved = difference(&next, y);
        let slope = dot(&moved, &now.gradient);
        let there = problem.evaluate(&next)?;
        // Written so that a loss that is NaN counts as too high.
        if there.loss <= now.loss + SUFFICIENT * slope && there.loss < now.loss {
            let flat = dot(&moved, &there.gradient) >= FLAT * slope;
            best = Some((next, there));
            if flat {
                break;
            }
            low = length;
        } else {
            high = length;
        }
        length = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * length };
    }
    Ok(best)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], share: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(t, w)| *t += share * w);
}
