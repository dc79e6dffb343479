//! Derivatives of an experiment's pixels by the user's parameters, in forward mode.
//!
//! One pass over the pixels computes all derivatives, and with the exact engine the image as well, to the byte. Not here:
//! what a derivative is worth (`model::differentiability`), rows (`rows`), the kernel (`kernel`), the
//! general case (`scalar`).

use super::dispatch::covers;
use super::image::Image;
use super::moments::{PASS, Slope, Taken, directions, quantities};
use super::request::{GradientRequest, Gradients};
use super::rows::{DerivativeRows, Pass};
use super::scalar::ScalarPixels;
use super::state::Shared;
use crate::choices::{Engine, Printout};
use crate::engine::error::EngineError;
use crate::engine::past_cache::{DOUBLES_PER_LINE, start_of_line};
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::carry::sweep_steps;
use crate::engine::reference::pixel::Context;
use crate::engine::render::{Render, RenderOptions};
use crate::engine::session::{Session, room};
use crate::engine::simd::Level;
use crate::engine::structure_factors_squared::LatestTable;
use crate::model::differentiability::{self, Differentiability};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::model::variable::Variable;
use ndarray::{Array1, s};

/// Computes the derivatives. They do not depend on the number of threads.
///
/// # Errors
/// Parameters by which there is no derivative; threads that cannot be started; not enough memory.
pub fn gradients(e: &Experiment, request: &GradientRequest<'_>) -> Result<Gradients, EngineError> {
    Session::default().gradients(e, request)
}

/// Renders the image, the same bytes as [`crate::engine::render`], and the derivatives: with the exact engine in one pass, unless
/// pixels are observed one by one or the kernel does not cover the experiment. Where rendering left the reflection list
/// is taken from the image, not from `request`.
///
/// # Errors
/// As of [`gradients`] and of [`crate::engine::render`].
pub fn image_and_gradients(
    e: &Experiment,
    options: &RenderOptions<'_>,
    request: &GradientRequest<'_>,
) -> Result<(Render, Gradients), EngineError> {
    Session::default().image_and_gradients(e, options, request)
}

impl Session {
    /// The same as [`gradients`], which starts from nothing each time.
    ///
    /// # Errors
    /// As of [`gradients`].
    pub fn gradients(
        &mut self,
        e: &Experiment,
        request: &GradientRequest<'_>,
    ) -> Result<Gradients, EngineError> {
        let context = Context::new(e);
        let plan = blocks(&context, request, &mut self.table);
        let gradients = compute(self, &context, plan.as_ref(), request, None);
        self.keep(e, plan);
        gradients
    }

    /// The same as [`image_and_gradients`], which starts from nothing each time.
    ///
    /// # Errors
    /// As of [`image_and_gradients`].
    pub fn image_and_gradients(
        &mut self,
        e: &Experiment,
        options: &RenderOptions<'_>,
        request: &GradientRequest<'_>,
    ) -> Result<(Render, Gradients), EngineError> {
        refuse(e, request.parameters)?;
        let context = Context::new(e);
        let unobserved = options.trace.is_empty() && options.printout == Printout::Nothing;
        // Where interpolation ends is known only after the image.
        if options.engine == Engine::Exact && unobserved && !e.interpolate {
            let plan = blocks(&context, request, &mut self.table);
            let mut both = None;
            if let Some(plan) = plan.as_ref().filter(|plan| plan.arithmetic == Arithmetic::Proven)
                && let Some(mut image) = Image::start(&context, plan, self.blank(e)?, options.progress)
            {
                let gradients = compute(self, &context, Some(plan), request, Some(&mut image))?;
                both = Some((image.finish(), gradients));
            }
            self.keep(e, plan);
            if let Some(both) = both {
                return Ok(both);
            }
        }
        let render = self.render(e, options)?;
        let gradients = self.gradients(e, &GradientRequest { left_list: render.left_list, ..*request })?;
        Ok((render, gradients))
    }

    /// Takes the memory of derivatives that are done with.
    pub fn reuse_gradients(&mut self, gradients: Gradients) {
        self.derivatives = gradients.into_memory();
    }

    fn keep(&mut self, e: &Experiment, plan: Option<Plan>) {
        if let Some(plan) = plan {
            self.table.keep(&e.structure_factors, plan.table);
        }
    }
}

fn refuse(e: &Experiment, parameters: &[Parameter]) -> Result<(), EngineError> {
    for parameter in parameters {
        if let Differentiability::None(reason) = differentiability::of(e, *parameter) {
            return Err(EngineError::NotDifferentiable { parameter: *parameter, reason });
        }
    }
    Ok(())
}

/// The plan of the vector kernel, where it covers the experiment.
fn blocks(context: &Context<'_>, request: &GradientRequest<'_>, table: &mut LatestTable) -> Option<Plan> {
    let level = Level::detect().filter(|_| covers(context.experiment) && !request.scalar)?;
    // Derivatives need no proof.
    Plan::new(context, level, table).or_else(|| Plan::platform(context, level, table))
}

/// Fills all derivatives, and `image` on the way.
fn compute(
    session: &mut Session,
    context: &Context<'_>,
    plan: Option<&Plan>,
    request: &GradientRequest<'_>,
    image: Option<&mut Image<'_>>,
) -> Result<Gradients, EngineError> {
    let e = context.experiment;
    let parameters = request.parameters;
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
        let shared = Shared::new(context, plan, directions, request.left_list, image.is_some());
        passes.push(Pass::Blocks(shared, fast.clone()));
    }
    for ((_, variable), group) in variables.iter().zip(&groups).skip(fast_groups) {
        passes.push(Pass::Single(ScalarPixels::new(context, variable), group.to_vec()));
    }
    let nothing;
    if passes.is_empty() {
        // Pixels are wanted even if no derivative is.
        (_, nothing) = variable(e, &[], &[])?;
        passes.push(Pass::Single(ScalarPixels::new(context, &nothing), Vec::new()));
    }
    let depth = request.before() + parameters.len();
    let shape = (rows.len(), depth, columns.len());
    let too_large = || EngineError::DerivativesTooLarge { images: depth };
    let count = [rows.len(), depth, columns.len()].into_iter().try_fold(1, usize::checked_mul);
    let count = count.ok_or_else(too_large)?;
    // Whole lines of the cache are written if the first row begins with one, and rows are as many of them.
    let padded = count.checked_add(DOUBLES_PER_LINE - 1);
    let room = padded.and_then(|padded| room(&mut session.derivatives, padded));
    let (mut pixels, dirty) = room.ok_or_else(too_large)?;
    let start = start_of_line(&pixels);
    let pool = session.threads.pool(e, request.threads)?;
    let numbers = &mut pixels[start..start + count];
    DerivativeRows { experiment: e, passes: &passes, request, dirty }.fill(numbers, image, pool);
    let pixels = Array1::from_vec(pixels).slice_move(s![start..start + count]);
    let data = pixels.into_shape_with_order(shape).map_err(|_| too_large())?;
    Ok(Gradients { parameters: parameters.to_vec(), columns, rows, data })
}

/// Places of the parameters that the vector kernel computes, and of the others.
fn split(e: &Experiment, parameters: &[Parameter], blocks: bool) -> (Vec<usize>, Vec<usize>) {
    let mut taken = Taken::default();
    // An interpolated amplitude depends on all reflections around.
    let covers = |p: Parameter| !(e.interpolate && matches!(p, Parameter::Reflection(_)));
    (0..parameters.len()).partition(|i| blocks && covers(parameters[*i]) && taken.fits(parameters[*i]))
}

/// What moves with the parameters of one group.
fn variable(
    e: &Experiment,
    parameters: &[Parameter],
    group: &[usize],
) -> Result<(Vec<Parameter>, Variable<Slope>), EngineError> {
    let group: Vec<Parameter> = group.iter().map(|i| parameters[*i]).collect();
    let q = quantities(e, &group).ok_or(EngineError::NoSuchParameter)?;
    Ok((group, e.basis.variable(&q)))
}
