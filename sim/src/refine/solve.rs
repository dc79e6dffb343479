//! The optimisers: Levenberg and Marquardt's method, and L-BFGS, both run by argmin.
//!
//! argmin has no damped least squares, so that solver is here; its executor, bookkeeping and L-BFGS are the crate's. Not
//! here: what is minimised (`problem`), stages and reports (`command`).

use super::options::Method;
use super::problem::{Evaluation, Problem};
use argmin::core::observers::{Observe, ObserverMode};
use argmin::core::{
    CostFunction, Error, Executor, Gradient, IterState, KV, Problem as Counted, Solver, State,
    TerminationReason, TerminationStatus,
};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use nalgebra::{DMatrix, DVector};
use std::cell::RefCell;
use std::rc::Rc;

/// Corrections that L-BFGS remembers.
const MEMORY: usize = 7;

/// Attempts with more and more damping before a point counts as the end.
const ATTEMPTS: usize = 16;

/// One finished step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepTaken {
    /// Loss after it.
    pub loss: f64,
    /// Parameters after it, each in its unit.
    pub values: Vec<f64>,
}

/// Where an optimiser ended.
#[derive(Debug, Clone)]
pub struct Solution {
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

/// A problem in variables of about equal weight: their unit is a standard deviation at the start.
#[derive(Clone)]
struct Scaled<'p, 'e> {
    problem: &'p Problem<'e>,
    start: Vec<f64>,
    unit: Vec<f64>,
    ranges: Vec<[f64; 2]>,
}

impl Scaled<'_, '_> {
    fn values(&self, y: &[f64]) -> Vec<f64> {
        let value =
            |i: usize| (self.start[i] + self.unit[i] * y[i]).clamp(self.ranges[i][0], self.ranges[i][1]);
        (0..y.len()).map(value).collect()
    }

    fn scaled(&self, values: &[f64]) -> Vec<f64> {
        (0..values.len()).map(|i| (values[i] - self.start[i]) / self.unit[i]).collect()
    }

    /// Loss, gradient and normal matrix in the scaled variables.
    fn evaluate(&self, y: &[f64]) -> Result<Evaluation, Error> {
        let evaluation = self.problem.evaluate(&self.values(y))?;
        let unit = DVector::from_column_slice(&self.unit);
        let gradient = evaluation.gradient.component_mul(&unit);
        let normal = DMatrix::from_diagonal(&unit) * &evaluation.normal * DMatrix::from_diagonal(&unit);
        Ok(Evaluation { gradient, normal, ..evaluation })
    }

    /// How far `y` is outside the ranges, in scaled variables; exactly 0 inside.
    fn outside(&self, y: &[f64]) -> Vec<f64> {
        let distance = |i: usize| {
            let (value, [low, high]) = (self.start[i] + self.unit[i] * y[i], self.ranges[i]);
            if value < low {
                (value - low) / self.unit[i]
            } else if value > high {
                (value - high) / self.unit[i]
            } else {
                0.0
            }
        };
        (0..y.len()).map(distance).collect()
    }
}

impl CostFunction for Scaled<'_, '_> {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, y: &Vec<f64>) -> Result<f64, Error> {
        // Beyond a range the loss grows with the square of the distance, which leads a line search back.
        let outside: f64 = self.outside(y).iter().map(|d| d * d).sum();
        Ok(self.evaluate(y)?.loss + 0.5 * outside)
    }
}

impl Gradient for Scaled<'_, '_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, y: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let gradient = self.evaluate(y)?.gradient;
        let slope = |(g, d): (&f64, f64)| if d == 0.0 { *g } else { d };
        Ok(gradient.iter().zip(self.outside(y)).map(slope).collect())
    }
}

/// State of Levenberg and Marquardt's method.
type LmState = IterState<Vec<f64>, (), (), (), (), f64>;

/// Damped Gauss-Newton steps: the normal matrix with a share of its own diagonal added.
struct LevenbergMarquardt {
    damping: f64,
    /// A step that is expected to lower the loss by less than this ends the search.
    tolerance: f64,
    stuck: bool,
}

impl<'p, 'e> Solver<Scaled<'p, 'e>, LmState> for LevenbergMarquardt {
    fn name(&self) -> &str {
        "Levenberg-Marquardt"
    }

    fn init(
        &mut self,
        problem: &mut Counted<Scaled<'p, 'e>>,
        mut state: LmState,
    ) -> Result<(LmState, Option<KV>), Error> {
        let y = state.take_param().unwrap_or_default();
        let cost = problem.cost(&y)?;
        Ok((state.param(y).cost(cost), None))
    }

    fn next_iter(
        &mut self,
        problem: &mut Counted<Scaled<'p, 'e>>,
        mut state: LmState,
    ) -> Result<(LmState, Option<KV>), Error> {
        let y = state.take_param().unwrap_or_default();
        let now = problem.problem("evaluate_count", |p| p.evaluate(&y))?;
        for _ in 0..ATTEMPTS {
            let (next, expected) = problem.problem("step_count", |p| Ok(self.step(p, &y, &now)))?;
            if expected <= self.tolerance {
                break;
            }
            let cost = problem.cost(&next)?;
            if cost < now.loss {
                self.damping = (self.damping * 0.2).max(1e-9);
                return Ok((state.param(next).cost(cost), None));
            }
            self.damping = (self.damping * 6.0).min(1e12);
        }
        self.stuck = true;
        Ok((state.param(y).cost(now.loss), None))
    }

    fn terminate(&mut self, _: &LmState) -> TerminationStatus {
        if self.stuck {
            return TerminationStatus::Terminated(TerminationReason::SolverConverged);
        }
        TerminationStatus::NotTerminated
    }
}

impl LevenbergMarquardt {
    /// The next point, inside the ranges, and by how much the loss should fall. Variables that press against the end of
    /// their range stay there.
    fn step(&self, problem: &Scaled<'_, '_>, y: &[f64], now: &Evaluation) -> (Vec<f64>, f64) {
        let values = problem.values(y);
        let mut matrix = now.normal.clone();
        let mut right = -&now.gradient;
        for i in 0..y.len() {
            let [low, high] = problem.ranges[i];
            let pressed =
                values[i] <= low && now.gradient[i] > 0.0 || values[i] >= high && now.gradient[i] < 0.0;
            // A parameter that moves nothing has no diagonal to share.
            let diagonal = matrix[(i, i)];
            if pressed || diagonal <= 0.0 {
                matrix.row_mut(i).fill(0.0);
                matrix.column_mut(i).fill(0.0);
                (matrix[(i, i)], right[i]) = (1.0, 0.0);
            } else {
                matrix[(i, i)] = diagonal * (1.0 + self.damping);
            }
        }
        let Some(factor) = matrix.cholesky() else { return (y.to_vec(), f64::INFINITY) };
        let step = factor.solve(&right);
        let next: Vec<f64> = y.iter().zip(step.iter()).map(|(y, step)| y + step).collect();
        let next = problem.scaled(&problem.values(&next));
        (next, 0.5 * step.dot(&right))
    }
}

/// Tells of every step.
struct Teller<F> {
    tell: F,
    steps: Rc<RefCell<Vec<StepTaken>>>,
    start: Vec<f64>,
    unit: Vec<f64>,
    ranges: Vec<[f64; 2]>,
}

impl<F: FnMut(usize, &StepTaken), S: State<Param = Vec<f64>, Float = f64>> Observe<S> for Teller<F> {
    fn observe_init(&mut self, _: &str, state: &S, _: &KV) -> Result<(), Error> {
        self.observe(state);
        Ok(())
    }

    fn observe_iter(&mut self, state: &S, _: &KV) -> Result<(), Error> {
        self.observe(state);
        Ok(())
    }
}

impl<F: FnMut(usize, &StepTaken)> Teller<F> {
    fn observe<S: State<Param = Vec<f64>, Float = f64>>(&mut self, state: &S) {
        let Some(y) = state.get_param() else { return };
        let value =
            |i: usize| (self.start[i] + self.unit[i] * y[i]).clamp(self.ranges[i][0], self.ranges[i][1]);
        let step = StepTaken { loss: state.get_cost(), values: (0..y.len()).map(value).collect() };
        let number = self.steps.borrow().len();
        (self.tell)(number, &step);
        self.steps.borrow_mut().push(step);
    }
}

/// Minimises `problem` from `start`, inside `ranges`; `tell` hears of every step.
///
/// # Errors
/// Those of evaluating, and those of the optimiser.
pub fn minimise(
    problem: &Problem<'_>,
    start: &[f64],
    ranges: &[[f64; 2]],
    (method, steps, tolerance): (Method, u64, f64),
    tell: impl FnMut(usize, &StepTaken) + 'static,
) -> Result<Solution, Error> {
    let first = problem.evaluate(start)?;
    let unit = |i: usize| if first.normal[(i, i)] > 0.0 { first.normal[(i, i)].sqrt().recip() } else { 1.0 };
    let unit: Vec<f64> = (0..start.len()).map(unit).collect();
    let scaled = Scaled { problem, start: start.to_vec(), unit: unit.clone(), ranges: ranges.to_vec() };
    let told = Rc::new(RefCell::new(Vec::new()));
    let (start, ranges) = (start.to_vec(), ranges.to_vec());
    let teller = Teller { tell, steps: Rc::clone(&told), start, unit, ranges };
    let origin = vec![0.0; scaled.start.len()];
    let best = match method {
        Method::LevenbergMarquardt => {
            let solver = LevenbergMarquardt { damping: 1e-2, tolerance, stuck: false };
            let done = Executor::new(scaled.clone(), solver)
                .configure(|state| state.param(origin).max_iters(steps))
                .add_observer(teller, ObserverMode::Always)
                .run()?;
            done.state.get_best_param().cloned()
        }
        Method::LBfgs => {
            let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
                .with_tolerance_grad(1e-3)?
                .with_tolerance_cost(tolerance)?;
            let done = Executor::new(scaled.clone(), solver)
                .configure(|state| state.param(origin).max_iters(steps))
                .add_observer(teller, ObserverMode::Always)
                .run()?;
            done.state.get_best_param().cloned()
        }
    };
    let y = best.unwrap_or_else(|| vec![0.0; scaled.start.len()]);
    // Why an optimiser ended says little (a line search may fail at the minimum); what is left to gain does.
    let last = scaled.evaluate(&y)?;
    let plain = LevenbergMarquardt { damping: 0.0, tolerance, stuck: false };
    let (_, gain) = plain.step(&scaled, &y, &last);
    let allowed = if problem.is_blurred() { LEFT * last.loss } else { LEFT * 0.5 };
    let steps = told.borrow().clone();
    Ok(Solution { values: scaled.values(&y), steps, converged: gain <= allowed })
}
