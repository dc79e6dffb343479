//! What all blocks of a run share: tables, the cells of a sweep, the bound of the error, and how blocks are computed.
//!
//! Not here: the blocks (`block`), rows and threads (`schedule`), the derivation of the error bound (docs/performance.md).

use super::index_range::{inside, largest_argument, within_reach};
use super::simd::Level;
use super::sine::LARGEST_SHORT_MULTIPLE;
use super::structure_factors_squared::{LatestTable, SquaredTable};
use crate::choices::Precision;
use crate::config::Shape;
use crate::engine::interpolation::nodes::Nodes;
use crate::engine::proof::{Bounds, LARGEST_BOUND, POLARIZATION_ERROR, ROUNDING};
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::Context;
use crate::engine::shape::factor::LatticeFactor;
use crate::engine::shape::round::Round;
use crate::engine::shape::square::Square;
use crate::engine::spots::choice::Choice;
use crate::engine::spots::slabs::Slabs;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;

/// How lattice factors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
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
pub(super) struct Plan {
    /// Instruction set.
    pub level: Level,
    /// Squared structure factors.
    pub table: SquaredTable,
    /// Nodes to interpolate between, where that is requested.
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
    /// The spots of the image, where they end and it is worth knowing which pixels they can light.
    pub spots: Option<Slabs>,
    /// Where Gaussian spots run together, so that no list is worth it: the logarithm, to the base 2, of the squared share of a
    /// lattice point's light below which a term may be left out. `None` where their terms are the reference's own.
    pub weakest: Option<f64>,
    /// Bound of the photons that a pixel lacks without the terms that are left out.
    pub omitted: f64,
    /// Whether a block that no term lights is black, whatever its rays.
    pub unlit_is_black: bool,
    /// State that pixels leave as they find it, but for interpolation.
    pub settled: Carry,
}

impl Plan {
    /// A plan for instruction set `level`; `None` for what the vector path does not cover.
    pub(super) fn new(context: &Context<'_>, level: Level, tables: &mut LatestTable) -> Option<Self> {
        let e = context.experiment;
        let plan = Self::settled(context, level, tables)?;
        let mut bound = bound(e, plan.short);
        if bound > LARGEST_BOUND {
            return None;
        }
        let spots = Choice::new(e, context.scale, (&plan.sweep, &plan.table))
            .filter(|spots| bound + spots.error <= LARGEST_BOUND);
        let Choice { slabs: spots, weakest, error, omitted } = spots.unwrap_or_default();
        bound += error;
        let unlit_is_black = e.background == 0.0
            && e.thickness == 0.0
            && !(e.capture_zero && e.sampling.oversample_thick)
            && e.kahn_factor.is_finite()
            && context.scale.is_finite();
        Some(Self { bound, spots, weakest, omitted, unlit_is_black, ..plan })
    }

    /// A plan for the reference engine: blocks of its own operations, which need no proof.
    pub(super) fn platform(context: &Context<'_>, level: Level, tables: &mut LatestTable) -> Option<Self> {
        Some(Self { arithmetic: Arithmetic::Platform, ..Self::settled(context, level, tables)? })
    }

    /// A plan within a tolerance: no proof, and for square crystals sines that are accurate enough without one.
    pub(super) fn fast(
        context: &Context<'_>,
        level: Level,
        precision: Precision,
        tables: &mut LatestTable,
    ) -> Option<Self> {
        let plan = Self::new(context, level, tables)?;
        let arithmetic = if precision == Precision::Single { Arithmetic::Single } else { Arithmetic::Fast };
        Some(Self { arithmetic, bound: 0.0, ..plan })
    }

    /// What all plans share; `None` where the state never settles, or where indices lead too far.
    fn settled(context: &Context<'_>, level: Level, tables: &mut LatestTable) -> Option<Self> {
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
        let table = tables.take(&e.structure_factors)?;
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
            weakest: None,
            omitted: 0.0,
            unlit_is_black: false,
            settled,
        })
    }

    /// What is known of the photons of every pixel before they become floats.
    #[inline(always)]
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { relative: self.bound, omitted: self.omitted }
    }

    /// Whether the next pixel can be part of a block: it will leave the state as it is.
    pub(crate) fn is_settled(&self, carry: Carry) -> bool {
        carry == self.settled.with_interpolation(carry.interpolate)
    }
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
    // Taken for each term, the polarisation multiplies the whole sum at every step.
    let times = if s.oversample_polar { steps } else { 1.0 };
    let per_term = if s.has_factors_per_term() { 4.0 } else { 1.0 };
    let first_order =
        shape_error(e, short) + times * polarization + (16.0 + 2.0 * per_term * steps) * ROUNDING;
    1.01 * first_order
}

/// Whether there is anything here that the vector path would do differently from the reference.
fn covered(e: &Experiment) -> bool {
    // Of sums with a negative background the relative error is not bounded.
    e.layers >= 1 && e.sampling.oversample >= 1 && e.background >= 0.0 && e.sampling.steps >= 1
}

/// Bound of the relative error that the experiment's shape brings in; `short` as in the plan.
fn shape_error(e: &Experiment, short: bool) -> f64 {
    match e.shape {
        Shape::Square if short => Square::<true>::RELATIVE,
        Shape::Square => Square::<false>::RELATIVE,
        Shape::Round => Round::RELATIVE,
        Shape::Gauss | Shape::Tophat => 0.0,
    }
}
