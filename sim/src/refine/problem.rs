//! The function that is minimised: loss, gradient and normal matrix of an experiment against a target.
//!
//! Not here: how it is minimised (`solve`).

use super::loss::Loss;
use super::smooth::blur;
use crate::engine::derivative::GradientRequest;
use crate::engine::{EngineError, Session};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use ndarray::Array2;
use std::cell::RefCell;

/// Smallest rate of a pixel, photons: the likelihood of anything else is 0.
const SMALLEST_RATE: f64 = 1e-9;

/// Everything about one point.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    /// Loss.
    pub loss: f64,
    /// Its derivatives by the parameters, each in its unit.
    pub gradient: Vec<f64>,
    /// Expected second derivatives.
    pub normal: Array2<f64>,
    /// Pixels compared.
    pub pixels: usize,
}

/// One stage's problem.
pub(crate) struct Problem<'e> {
    experiment: &'e Experiment,
    parameters: &'e [Parameter],
    /// Target of the region; NaN where nothing is compared.
    target: Vec<f64>,
    columns: usize,
    sigma: f64,
    loss: Loss,
    background: f64,
    threads: usize,
    /// The last point and what it gave: optimisers ask for loss and derivatives one after the other.
    last: RefCell<Option<(Vec<f64>, Evaluation)>>,
    /// What one evaluation leaves for the next.
    session: RefCell<Session>,
}

/// How a stage compares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    /// Blur in pixels.
    pub sigma: f64,
    /// Loss without blur.
    pub loss: super::options::LossName,
    /// Photons per pixel beside the model's.
    pub background: f64,
    /// Threads; 0 means all cores.
    pub threads: usize,
}

impl<'e> Problem<'e> {
    /// The problem of one stage.
    pub(crate) fn new(e: &'e Experiment, parameters: &'e [Parameter], target: &[f64], stage: Stage) -> Self {
        let columns = e.window().0.len();
        let Stage { sigma, loss, background, threads } = stage;
        let (target, loss) = if sigma > 0.0 {
            let filled: Vec<f64> = target.iter().map(|t| if t.is_nan() { 0.0 } else { *t }).collect();
            let mean = filled.iter().sum::<f64>() / filled.len().max(1) as f64;
            let mut blurred = blur(&filled, columns, sigma);
            blurred.iter_mut().zip(target).filter(|(_, t)| t.is_nan()).for_each(|(b, t)| *b = *t);
            (blurred, Loss::Blurred(mean.max(background)))
        } else {
            (target.to_vec(), Loss::Counts(loss))
        };
        Self {
            experiment: e,
            parameters,
            target,
            columns,
            sigma,
            loss,
            background,
            threads,
            last: RefCell::new(None),
            session: RefCell::default(),
        }
    }

    /// Loss and derivatives at `values`, the parameters in their units.
    ///
    /// # Errors
    /// Derivatives that do not exist, or cannot be computed for want of memory or threads.
    pub(crate) fn evaluate(&self, values: &[f64]) -> Result<Evaluation, EngineError> {
        if let Some((at, evaluation)) = &*self.last.borrow()
            && at == values
        {
            return Ok(evaluation.clone());
        }
        let evaluation = self.compute(values)?;
        *self.last.borrow_mut() = Some((values.to_vec(), evaluation.clone()));
        Ok(evaluation)
    }

    /// Whether images are compared blurred.
    pub(crate) fn is_blurred(&self) -> bool {
        self.sigma > 0.0
    }

    fn compute(&self, values: &[f64]) -> Result<Evaluation, EngineError> {
        let mut q = self.experiment.basis.quantities.clone();
        for (parameter, value) in self.parameters.iter().zip(values) {
            if let Some(place) = parameter.place(&mut q) {
                *place = value * parameter.per_unit();
            }
        }
        let moved = self.experiment.moved(&q);
        let wanted = GradientRequest {
            parameters: self.parameters,
            threads: self.threads,
            ..GradientRequest::default()
        };
        let mut session = self.session.borrow_mut();
        let found = session.gradients(&moved, &wanted)?;
        let region = |view: ndarray::ArrayView2<'_, f64>| -> Vec<f64> {
            if self.sigma <= 0.0 {
                return view.iter().copied().collect();
            }
            // What is not compared must not be smeared over what is.
            let pixel = |(x, target): (&f64, &f64)| if target.is_nan() { 0.0 } else { *x };
            let pixels: Vec<f64> = view.iter().zip(&self.target).map(pixel).collect();
            blur(&pixels, self.columns, self.sigma)
        };
        // The request keeps them.
        let model = found.photons().map(region).unwrap_or_default();
        let slopes: Vec<Vec<f64>> = (0..self.parameters.len()).map(|i| region(found.by(i))).collect();
        session.reuse_gradients(found);
        Ok(self.sum(&model, &slopes))
    }

    fn sum(&self, model: &[f64], slopes: &[Vec<f64>]) -> Evaluation {
        let count = slopes.len();
        let mut evaluation = Evaluation {
            loss: 0.0,
            gradient: vec![0.0; count],
            normal: Array2::zeros((count, count)),
            pixels: 0,
        };
        for (k, (photons, target)) in model.iter().zip(&self.target).enumerate() {
            if target.is_nan() {
                continue;
            }
            let share = self.loss.share((photons + self.background).max(SMALLEST_RATE), *target);
            evaluation.loss += share.value;
            evaluation.pixels += 1;
            for i in 0..count {
                let slope = slopes[i][k];
                if slope == 0.0 {
                    continue;
                }
                evaluation.gradient[i] += share.slope * slope;
                for (j, other) in slopes[..=i].iter().enumerate() {
                    evaluation.normal[(i, j)] += share.weight * slope * other[k];
                }
            }
        }
        for i in 0..count {
            for j in 0..i {
                evaluation.normal[(j, i)] = evaluation.normal[(i, j)];
            }
        }
        evaluation
    }
}
