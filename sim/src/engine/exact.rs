//! The exact engine: blocks of pixels at vector speed, each float proven or computed again by the reference engine.
//!
//! Not here: the blocks (`vector`), rows and threads (`rows`), the derivation of the error bound (docs/performance.md).

use super::carry::Carry;
use super::kernel::{LANES, ROUNDING};
use super::kernel_sine::LARGEST_SHORT_MULTIPLE;
use super::kernel_table::SquaredTable;
use super::kernel_tricubic::Nodes;
use super::reach::{inside, largest_argument, within_reach};
use super::reference::{Context, Pixel};
use super::spot_map::SpotMap;
use super::spot_panel::Panel;
use super::spot_reach::Reach;
use super::vector::{Block, Place};
use super::vector_dispatch::{Level, render, shape_error};
use super::vector_ray::POLARIZATION_ERROR;
use crate::cli::options::Dtype;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use serde::Serialize;
use std::ops::Range;

/// Largest relative error bound with which proving floats is worth while: above, too many fail.
const LARGEST_BOUND: f64 = 1e-8;

/// How many pixels went which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Paths {
    /// Computed in blocks and proven.
    pub vector: usize,
    /// Computed in blocks, and again by the reference engine because they could not be proven (or were traced).
    pub fallback: usize,
    /// Computed by the reference engine alone.
    pub reference: usize,
}

impl Paths {
    /// Pixels in all.
    pub fn all(self) -> usize {
        self.vector + self.fallback + self.reference
    }

    /// Counts of two parts of an image together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            vector: self.vector + other.vector,
            fallback: self.fallback + other.fallback,
            reference: self.reference + other.reference,
        }
    }
}

/// How lattice factors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// Bounded errors, and every float proven.
    Proven,
    /// With the platform's own functions: nothing is left to prove.
    Platform,
    /// Within a tolerance, double precision.
    Fast,
    /// Within a tolerance, sines in single precision.
    Single,
}

/// What all blocks of a run share.
#[derive(Debug)]
pub struct Plan {
    /// Instruction set.
    pub level: Level,
    /// Squared structure factors.
    pub table: SquaredTable,
    /// Nodes to interpolate between, where that is asked for.
    pub nodes: Option<Nodes>,
    /// Cells of one sweep over rotation steps and domains, in the order of evaluation, once the state has settled.
    pub sweep: Vec<CellVectors>,
    /// State of the polarisation axis once it has settled.
    pub axis: u32,
    /// Bound of a pixel's relative error.
    pub bound: f64,
    /// How lattice factors are computed, and whether that leaves anything to prove.
    pub arithmetic: Arithmetic,
    /// Whether two parts of π are enough to reduce every argument.
    pub short: bool,
    /// Square of a length, 1/m²: scattering vectors that are shorter lead to indices inside the table.
    pub inside_sqr: f64,
    /// Whether a second normalisation of the diffracted vector can be seen.
    pub normalize_again: bool,
    /// Which terms can light which blocks, where that is worth knowing.
    pub spots: Option<SpotMap>,
    /// Whether a block that no term lights is black, whatever its rays.
    pub unlit_is_black: bool,
    /// State that pixels leave as they find it, but for interpolation.
    pub settled: Carry,
}

impl Plan {
    /// A plan for instruction set `level`; `None` for what the vector path does not cover.
    pub fn new(context: &Context<'_>, level: Level) -> Option<Self> {
        let e = context.experiment;
        let plan = Self::settled(context, level)?;
        let bound = bound(e, plan.short);
        if bound > LARGEST_BOUND {
            return None;
        }
        // With water the reference takes terms whose lattice factor is 0 as well, and each may change the sum.
        let spots = (!e.water).then(|| spots(context, &plan)).flatten();
        let unlit_is_black = e.background == 0.0
            && e.thickness == 0.0
            && !(e.capture_zero && e.sampling.oversample_thick)
            && e.kahn_factor.is_finite()
            && context.scale.is_finite();
        Some(Self { bound, spots, unlit_is_black, ..plan })
    }

    /// The same for the reference engine: blocks of its own operations, which need no proof.
    pub fn platform(context: &Context<'_>, level: Level) -> Option<Self> {
        Some(Self { arithmetic: Arithmetic::Platform, ..Self::settled(context, level)? })
    }

    /// The same within a tolerance: no proof, and for square crystals sines that are accurate enough without one.
    pub fn fast(context: &Context<'_>, level: Level, dtype: Dtype) -> Option<Self> {
        let plan = Self::new(context, level)?;
        let arithmetic = if dtype == Dtype::F32 { Arithmetic::Single } else { Arithmetic::Fast };
        Some(Self { arithmetic, bound: 0.0, ..plan })
    }

    /// What all plans share; `None` where the state never settles, or where indices lead too far.
    fn settled(context: &Context<'_>, level: Level) -> Option<Self> {
        let e = context.experiment;
        if !covered(e) {
            return None;
        }
        let mut settled = Carry::initial(e);
        if !e.no_polarization || e.sampling.oversample_polar {
            settled.axis = context.axes.fixed_point()?;
        }
        sweep(e, &mut settled);
        let before = settled;
        let sweep = sweep(e, &mut settled);
        let covered = settled == before && within_reach(e, &sweep);
        let short = largest_argument(e, &sweep) < LARGEST_SHORT_MULTIPLE;
        let normalize_again = e.sources.list.len() > 1;
        let axis = settled.axis;
        covered.then_some(())?;
        let table = SquaredTable::new(&e.structure_factors)?;
        let nodes = if e.interpolate { Some(Nodes::new(&e.structure_factors)?) } else { None };
        let inside_sqr = inside(&table, &sweep).powi(2);
        Some(Self {
            level,
            table,
            nodes,
            sweep,
            axis,
            bound: 0.0,
            arithmetic: Arithmetic::Proven,
            short,
            inside_sqr,
            normalize_again,
            spots: None,
            unlit_is_black: false,
            settled,
        })
    }

    /// Whether the next pixel can be part of a block: it will leave the state as it is.
    fn is_settled(&self, carry: Carry) -> bool {
        carry == self.settled.with_interpolation(carry.interpolate)
    }
}

/// The map of spots, where it pays.
fn spots(context: &Context<'_>, plan: &Plan) -> Option<SpotMap> {
    let e = context.experiment;
    if !Reach::ends(e.shape) {
        return None;
    }
    let f_sqr = plan.table.largest()?;
    let panel = Panel::new(e)?;
    let reach = Reach::new(e, context.scale, f_sqr, panel.nearest())?;
    SpotMap::new(e, &plan.sweep, &panel, reach)
}

/// The cells of one sweep, and the state after it.
fn sweep(e: &Experiment, carry: &mut Carry) -> Vec<CellVectors> {
    let mut cells = Vec::with_capacity(e.orientations.phi.len() * e.orientations.domains);
    for step in 0..e.orientations.phi.len() {
        cells.extend_from_slice(carry.cells(e, step));
    }
    cells
}

/// Bound of a pixel's relative error against the reference engine's f64 value.
fn bound(e: &Experiment, short: bool) -> f64 {
    let s = &e.sampling;
    let polarization = if e.no_polarization && !s.oversample_polar { 0.0 } else { POLARIZATION_ERROR };
    let steps = f64::from(s.steps) * f64::from(e.layers);
    // Taken anew, the polarisation multiplies the whole sum at every step.
    let times = if s.oversample_polar { steps } else { 1.0 };
    let anew = if s.oversample_thick || s.oversample_polar || s.oversample_omega { 4.0 } else { 1.0 };
    let first_order = shape_error(e, short) + times * polarization + (16.0 + 2.0 * anew * steps) * ROUNDING;
    1.01 * first_order
}

/// Whether there is anything here that the vector path would do differently from the reference.
fn covered(e: &Experiment) -> bool {
    // Of sums with a negative background the relative error is not bounded.
    e.layers >= 1 && e.sampling.oversample >= 1 && e.background >= 0.0 && e.sampling.steps >= 1
}

/// Where the pixels of a row go.
pub trait Sink {
    /// Whether a pixel is traced or printed, which is the reference engine's work.
    fn is_observed(&self, fast: usize) -> bool;
    /// Whether any pixel of the row is observed.
    fn observes(&self) -> bool;
    /// Takes neighbouring pixels from `fast` on: photons, and sums of solid angles.
    fn proven_all(&mut self, fast: usize, photons: &[f32], solid_angle_sums: &[f64]);
    /// Takes a pixel.
    fn proven(&mut self, fast: usize, pixel: &Pixel);
    /// Renders a pixel by the reference engine and takes it; this may change the state.
    fn reference(&mut self, fast: usize, carry: &mut Carry);
}

/// Renders the columns of a row; `block` is room for that.
pub fn row(
    (context, plan): (&Context<'_>, &Plan),
    (slow, columns): (usize, Range<usize>),
    carry: &mut Carry,
    sink: &mut impl Sink,
    block: &mut Block,
) -> Paths {
    let e = context.experiment;
    let mut paths = Paths::default();
    let in_whole_blocks = e.mask.is_none() && !sink.observes();
    let mut fast = columns.start;
    while fast < columns.end {
        if e.is_masked(fast, slow) {
            fast += 1;
        } else if plan.is_settled(*carry) {
            let start = fast - fast % LANES;
            render(context, plan, Place { slow, fast: start, interpolate: carry.interpolate }, block);
            let (before, end) = (*carry, columns.end.min(start + LANES));
            if in_whole_blocks && block.is_proven() {
                let lanes = fast - start..end - start;
                paths.vector += lanes.len();
                sink.proven_all(fast, &block.photons[lanes.clone()], &block.solid_angle_sum()[lanes]);
                fast = end;
            }
            // What follows a pixel that changes the state was computed from the wrong one.
            while fast < end && *carry == before {
                if !e.is_masked(fast, slow) {
                    take(block, (fast, fast - start), carry, sink, &mut paths);
                }
                fast += 1;
            }
        } else {
            sink.reference(fast, carry);
            paths.reference += 1;
            fast += 1;
        }
    }
    paths
}

/// Takes a block's pixel, or has it rendered by the reference engine.
#[inline]
fn take(
    block: &Block,
    (fast, lane): (usize, usize),
    carry: &mut Carry,
    sink: &mut impl Sink,
    paths: &mut Paths,
) {
    if block.redo()[lane] != 0 || sink.is_observed(fast) {
        sink.reference(fast, carry);
        paths.fallback += 1;
    } else {
        let (photons, solid_angle_sum) = (block.photons[lane], block.solid_angle_sum()[lane]);
        sink.proven(fast, &Pixel { photons, solid_angle_sum, left_list: None });
        paths.vector += 1;
    }
}

#[cfg(test)]
#[path = "exact_tests.rs"]
mod tests;
