//! Derivatives of an experiment's pixels by the user's parameters, in forward mode.
//!
//! One pass over the pixels computes all derivatives, and with the exact engine the image as well, to the byte. Not here:
//! what a derivative is worth (`model::differentiability`), rows (`rows`), the kernel (`kernel`), the
//! general case (`scalar`).

use super::dispatch::covers;
use super::image::Image;
use super::moments::{PASS, Slope, Taken, directions, quantities};
use super::rows::{Pass, Rows};
use super::scalar::Pixels;
use super::state::Shared;
use crate::cli::options::EngineName;
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::carry::Leave;
use crate::engine::reference::pixel::Context;
use crate::engine::simd::Level;
use crate::engine::{Render, Request};
use crate::error::UsageError;
use crate::model::differentiability::{self, Differentiability};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::model::variable::Variable;
use ndarray::{Array3, ArrayView2, s};
use std::ops::Range;

/// What to compute.
pub struct Wanted<'a> {
    /// By which parameters.
    pub parameters: &'a [Parameter],
    /// Threads; 0 means all cores.
    pub threads: usize,
    /// Where rendering first left the reflection list: from there on interpolation is off, if it stops.
    pub left_list: Option<Leave>,
    /// Whether to do without the vector kernel, for comparison.
    pub scalar: bool,
}

/// Pixels of the rendered region with their derivatives.
#[derive(Debug, Clone)]
pub struct Gradients {
    /// What the derivatives are by.
    pub parameters: Vec<Parameter>,
    /// Rendered columns.
    pub columns: Range<usize>,
    /// Rendered rows.
    pub rows: Range<usize>,
    /// Shape (rows, 1 + parameters, columns).
    data: Array3<f64>,
}

impl Gradients {
    /// Photons per pixel before rounding to single precision, shape (slow, fast) of the region; 0 where masked.
    pub fn photons(&self) -> ArrayView2<'_, f64> {
        self.data.slice(s![.., 0, ..])
    }

    /// Derivative by parameter `i` in photons per the user's unit, shape (slow, fast) of the region; 0 where masked.
    ///
    /// # Panics
    /// If there is no such parameter.
    pub fn by(&self, i: usize) -> ArrayView2<'_, f64> {
        self.data.slice(s![.., 1 + i, ..])
    }
}

/// Rotation steps whose cells the terms of a sweep see, once the state carried over has settled.
pub(crate) fn sweep_steps(e: &Experiment) -> Vec<usize> {
    let phi = &e.orientations.phi;
    let mut held = phi.iter().rposition(|angle| *angle != 0.0);
    let step = |(step, angle): (usize, &f64)| {
        if !e.phi_carry_over {
            return step;
        }
        if *angle != 0.0 {
            held = Some(step);
        }
        held.unwrap_or(step)
    };
    phi.iter().enumerate().map(step).collect()
}

/// Computes the derivatives. They do not depend on the number of threads.
///
/// # Errors
/// Parameters by which there is no derivative; threads that cannot be started; not enough memory.
pub fn gradients(e: &Experiment, wanted: &Wanted<'_>) -> Result<Gradients, UsageError> {
    let context = Context::new(e);
    compute(&context, blocks(&context, wanted).as_ref(), wanted, None)
}

/// Renders the image, the same bytes as [`crate::engine::render`], and the derivatives: with the exact engine in one pass, unless
/// pixels are observed one by one or the kernel does not cover the experiment. Where rendering left the reflection list
/// is taken from the image, not from `wanted`.
///
/// # Errors
/// As of [`gradients`] and of [`crate::engine::render`].
pub fn image_and_gradients(
    e: &Experiment,
    request: &Request<'_>,
    wanted: &Wanted<'_>,
) -> Result<(Render, Gradients), UsageError> {
    refuse(e, wanted.parameters)?;
    let context = Context::new(e);
    let unobserved = request.trace.is_empty() && request.printout.is_none();
    if request.engine == EngineName::Exact && unobserved {
        let plan = blocks(&context, wanted);
        // Where interpolation ends is known only after the image.
        let plan = plan.filter(|plan| plan.arithmetic == Arithmetic::Proven && !e.interpolate);
        if let Some(plan) = plan
            && let Some(mut image) = Image::start(&context, &plan, request.progress)?
        {
            let gradients = compute(&context, Some(&plan), wanted, Some(&mut image))?;
            return Ok((image.finish(), gradients));
        }
    }
    let render = crate::engine::render(e, request)?;
    let gradients = gradients(e, &Wanted { left_list: render.left_list, ..*wanted })?;
    Ok((render, gradients))
}

fn refuse(e: &Experiment, parameters: &[Parameter]) -> Result<(), UsageError> {
    for parameter in parameters {
        if let Differentiability::None(reason) = differentiability::of(e, *parameter) {
            return Err(UsageError::new(
                format!("no derivative by `{parameter}`: {reason}"),
                "parameters that move this experiment smoothly",
            ));
        }
    }
    Ok(())
}

/// The plan of the vector kernel, where it covers the experiment.
fn blocks(context: &Context<'_>, wanted: &Wanted<'_>) -> Option<Plan> {
    let level = Level::detect().filter(|_| covers(context.experiment) && !wanted.scalar)?;
    // Derivatives need no proof.
    Plan::new(context, level).or_else(|| Plan::platform(context, level))
}

/// Fills all derivatives, and `image` on the way.
fn compute(
    context: &Context<'_>,
    plan: Option<&Plan>,
    wanted: &Wanted<'_>,
    image: Option<&mut Image<'_>>,
) -> Result<Gradients, UsageError> {
    let e = context.experiment;
    let parameters = wanted.parameters;
    refuse(e, parameters)?;
    let (columns, rows) = e.window();
    let (fast, slow) = split(e, parameters, plan.is_some());
    let groups: Vec<&[usize]> = fast.chunks(PASS).chain(slow.chunks(PASS)).collect();
    let variables: Vec<(Vec<Parameter>, Variable<Slope>)> =
        groups.iter().map(|group| variable(e, parameters, group)).collect::<Result<_, _>>()?;
    let fast_groups = fast.len().div_ceil(PASS);
    let mut passes = Vec::new();
    if let Some(plan) = plan {
        let (steps, mut taken) = (sweep_steps(e), Taken::default());
        let mut of =
            |(group, variable): &(Vec<Parameter>, _)| directions(e, group, variable, &steps, &mut taken);
        let directions = variables[..fast_groups].iter().flat_map(&mut of).collect();
        let shared = Shared::new(context, plan, directions, wanted.left_list, image.is_some());
        passes.push(Pass::Blocks(shared, fast.clone()));
    }
    for ((_, variable), group) in variables.iter().zip(&groups).skip(fast_groups) {
        passes.push(Pass::Single(Pixels::new(context, variable), group.to_vec()));
    }
    let nothing;
    if passes.is_empty() {
        // Pixels are wanted even if no derivative is.
        (_, nothing) = variable(e, &[], &[])?;
        passes.push(Pass::Single(Pixels::new(context, &nothing), Vec::new()));
    }
    let depth = 1 + parameters.len();
    let shape = (rows.len(), depth, columns.len());
    let count = [rows.len(), depth, columns.len()].into_iter().try_fold(1, usize::checked_mul);
    let mut pixels = Vec::new();
    let count = count.filter(|n| pixels.try_reserve_exact(*n).is_ok()).ok_or_else(|| too_large(depth))?;
    Rows { experiment: e, passes: &passes, wanted }.fill(&mut pixels, count, image)?;
    let data = Array3::from_shape_vec(shape, pixels).map_err(|_| too_large(depth))?;
    Ok(Gradients { parameters: parameters.to_vec(), columns, rows, data })
}

/// Places of the parameters that the vector kernel computes, and of the others.
fn split(e: &Experiment, parameters: &[Parameter], blocks: bool) -> (Vec<usize>, Vec<usize>) {
    let mut taken = Taken::default();
    // An interpolated amplitude depends on all reflections around.
    let covers = |p: Parameter| !(e.interpolate && matches!(p, Parameter::Reflection(_)));
    (0..parameters.len()).partition(|i| blocks && covers(parameters[*i]) && taken.fits(parameters[*i]))
}

fn too_large(depth: usize) -> UsageError {
    UsageError::new(
        format!("`{depth}` images of doubles do not fit into memory"),
        "a smaller region, or fewer parameters",
    )
}

/// What moves with the parameters of one group.
fn variable(
    e: &Experiment,
    parameters: &[Parameter],
    group: &[usize],
) -> Result<(Vec<Parameter>, Variable<Slope>), UsageError> {
    let group: Vec<Parameter> = group.iter().map(|i| parameters[*i]).collect();
    let q = quantities(e, &group).ok_or_else(|| {
        UsageError::new("a parameter that this experiment does not have", "parameters that move it")
    })?;
    Ok((group, e.basis.variable(&q)))
}
