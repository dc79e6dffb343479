//! Derivatives of an experiment's pixels by the user's parameters, in forward mode.
//!
//! One pass over the pixels computes all derivatives; the image itself is the render engine's, to the byte. Not here: what a
//! derivative is worth (`model::differentiability`), the kernel (`derivative_block`), the general case
//! (`derivative_pixel`).

use super::carry::Leave;
use super::derivative_block::Shared;
use super::derivative_dispatch::{covers, covers_parameter, render};
use super::derivative_jacobian::{Direction, PASS, Slope, directions, quantities};
use super::derivative_pixel::Pixels;
use super::kernel::LANES;
use super::kernel_table::SquaredTable;
use super::reference::Context;
use super::vector_dispatch::Level;
use crate::error::UsageError;
use crate::model::differentiability::{self, Differentiability};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::model::variable::Variable;
use ndarray::{Array3, ArrayView2, s};
use rayon::prelude::*;
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

/// One pass over the pixels.
enum Pass<'a> {
    /// In blocks; places of the parameters.
    Blocks(Level, Box<Shared<'a>>, Vec<usize>),
    /// Pixel by pixel; place of the first parameter.
    Single(Pixels<'a, Slope>, Vec<usize>),
}

/// Rotation steps whose cells the terms of a sweep see, once the state carried over has settled.
pub(super) fn sweep_steps(e: &Experiment) -> Vec<usize> {
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
    for parameter in wanted.parameters {
        if let Differentiability::None(reason) = differentiability::of(e, *parameter) {
            return Err(UsageError::new(
                format!("no derivative by `{parameter}`: {reason}"),
                "parameters that move this experiment smoothly",
            ));
        }
    }
    let (columns, rows) = e.window();
    let depth = 1 + wanted.parameters.len();
    let mut data = zeros(rows.len(), depth, columns.len())?;
    let context = Context::new(e);
    let table = SquaredTable::new(&e.structure_factors);
    let level = Level::detect().filter(|_| covers(e) && !wanted.scalar).zip(table.as_ref());
    let (fast, slow): (Vec<usize>, Vec<usize>) = (0..wanted.parameters.len())
        .partition(|i| level.is_some() && covers_parameter(wanted.parameters[*i]));
    let groups: Vec<&[usize]> = fast.chunks(PASS).chain(slow.chunks(PASS)).collect();
    let variables: Vec<(Vec<Parameter>, Variable<Slope>)> =
        groups.iter().map(|group| variable(e, wanted.parameters, group)).collect::<Result<_, _>>()?;
    let fast_groups = fast.len().div_ceil(PASS);
    let mut passes = Vec::new();
    if let Some((level, table)) = level {
        let steps = sweep_steps(e);
        let of = |(parameters, variable): &(Vec<Parameter>, _)| directions(e, parameters, variable, &steps);
        let directions = variables[..fast_groups].iter().flat_map(of).collect();
        passes.push(Pass::Blocks(level, Box::new(shared(&context, table, &steps, directions)), fast.clone()));
    }
    for ((_, variable), group) in variables.iter().zip(&groups).skip(fast_groups) {
        passes.push(Pass::Single(Pixels::new(&context, variable), group.to_vec()));
    }
    let nothing;
    if passes.is_empty() {
        // Pixels are wanted even if no derivative is.
        (_, nothing) = variable(e, &[], &[])?;
        passes.push(Pass::Single(Pixels::new(&context, &nothing), Vec::new()));
    }
    let row = |(i, out): (usize, &mut [f64])| {
        for pass in &passes {
            pass.row(e, rows.start + i, columns.clone(), wanted.left_list, out);
        }
    };
    let width = (depth * columns.len()).max(1);
    let Some(pixels) = data.as_slice_mut() else { return Err(too_large(depth)) };
    if wanted.threads == 1 {
        pixels.chunks_mut(width).enumerate().for_each(row);
    } else {
        let threads = wanted.threads;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| {
            UsageError::new(format!("`{threads}` threads cannot be started: {e}"), "fewer --threads")
        })?;
        pool.install(|| pixels.par_chunks_mut(width).enumerate().for_each(row));
    }
    Ok(Gradients { parameters: wanted.parameters.to_vec(), columns, rows, data })
}

fn too_large(depth: usize) -> UsageError {
    UsageError::new(
        format!("`{depth}` images of doubles do not fit into memory"),
        "a smaller region, or fewer parameters",
    )
}

fn zeros(rows: usize, depth: usize, columns: usize) -> Result<Array3<f64>, UsageError> {
    let count = rows.checked_mul(depth).and_then(|n| n.checked_mul(columns));
    let mut data = Vec::new();
    let count = count.filter(|n| data.try_reserve_exact(*n).is_ok()).ok_or_else(|| too_large(depth))?;
    data.resize(count, 0.0);
    Array3::from_shape_vec((rows, depth, columns), data).map_err(|_| too_large(depth))
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

fn shared<'a>(
    context: &'a Context<'a>,
    table: &'a SquaredTable,
    steps: &[usize],
    directions: Vec<Direction>,
) -> Shared<'a> {
    let orientations = &context.experiment.orientations;
    let sweep = steps.iter().flat_map(|step| orientations.at(*step).iter().copied()).collect();
    let turning = (0..directions.len()).filter(|i| directions[*i].turns.is_some()).collect();
    let moves_cell = directions.iter().any(|d| d.crystal.is_some());
    Shared { context, table, sweep, directions, turning, moves_cell }
}

impl Pass<'_> {
    /// Fills the row `slow` of the result.
    fn row(&self, e: &Experiment, slow: usize, columns: Range<usize>, left: Option<Leave>, out: &mut [f64]) {
        match self {
            Self::Blocks(level, shared, places) => {
                let mut photons = [0.0; LANES];
                let mut slopes = vec![[0.0; LANES]; places.len()];
                for start in columns.clone().step_by(LANES) {
                    render(shared, *level, (slow, start), &mut photons, &mut slopes);
                    let count = LANES.min(columns.end - start);
                    for i in (0..count).filter(|i| !e.is_masked(start + i, slow)) {
                        let at = start + i - columns.start;
                        out[at] = photons[i];
                        for (place, slope) in places.iter().zip(&slopes) {
                            out[(1 + place) * columns.len() + at] = slope[i];
                        }
                    }
                }
            }
            Self::Single(pixels, places) => {
                for fast in columns.clone().filter(|fast| !e.is_masked(*fast, slow)) {
                    let interpolates = match left.filter(|_| e.interpolation_stops) {
                        Some(left) => e.interpolate && (slow, fast) <= (left.slow, left.fast),
                        None => e.interpolate,
                    };
                    let (photons, _) = pixels.photons(slow, fast, interpolates);
                    let at = fast - columns.start;
                    out[at] = photons.value;
                    for (i, place) in places.iter().enumerate() {
                        out[(1 + place) * columns.len() + at] = photons.slopes[i];
                    }
                }
            }
        }
    }
}
