//! A block of pixels of one row, computed side by side in plain loops that the compiler turns into vector instructions.
//!
//! The loops follow `reference` step by step; what may differ from it in the last bits is bounded in `plan`. Not here:
//! where pixels are (`geometry`), rays (`rays`), lattice factors (`shape`), terms that need decisions
//! (`terms`), choice of the instruction set (`dispatch`), what happens to pixels that cannot be proven (`row`).

use super::geometry::{absorb, aim};
use super::state::{Block, BlockPosition, Start};
use super::sums::Sums;
use super::terms::general_terms;
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::pixel::Context;
use crate::engine::shape::factor::{Factors, LatticeFactor};
use crate::engine::simd::LANES;
use crate::engine::spots::band::BandSpots;
use crate::engine::spots::list::SpotList;
use crate::model::orientation::CellVectors;
use std::hint::black_box;

/// Which terms are to be added.
#[derive(Clone, Copy)]
enum TermSelection<'a> {
    /// Those of all orientations.
    All,
    /// Those of spots.
    Listed(&'a SpotList, &'a BandSpots),
    /// None: they are summed up already.
    None,
}

/// Computes a block. `GENERAL` covers what needs a decision per term: a resolution limit, factors for every term,
/// interpolation.
#[inline(always)]
pub(crate) fn block<L: LatticeFactor, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: BlockPosition,
    out: &mut Block,
) {
    let e = context.experiment;
    out.sums.start(context);
    // Terms too weak to be seen still show where interpolation leaves the list.
    let band = std::mem::take(&mut out.spots);
    let start = if at.interpolate { Start::Background } else { out.start };
    if start != Start::Background {
        out.sums.intensity = out.before;
    }
    let spots = match band.list() {
        _ if at.interpolate => TermSelection::All,
        _ if start == Start::All => TermSelection::None,
        Some(list) => TermSelection::Listed(list, &band),
        None => TermSelection::All,
    };
    let black = plan.unlit_is_black
        && match spots {
            TermSelection::All => false,
            TermSelection::None => !out.sums.is_lit(),
            TermSelection::Listed(_, band) => start == Start::Background && band.is_dark(at.first),
        };
    // Of a block that stays black no polarisation is needed.
    let alone = e.sources.list.len() == 1 && e.layers == 1 && e.sampling.oversample == 1;
    let polarize_later = L::ENDS && !GENERAL && plan.unlit_is_black && alone;
    out.rays.start(!e.no_polarization && !polarize_later);
    for layer in 0..e.layers {
        for sub_slow in 0..e.sampling.oversample {
            for sub_fast in 0..e.sampling.oversample {
                let sub = [layer, sub_slow, sub_fast];
                aim(context, at, sub, !black, &mut out.sums);
                if !black {
                    absorb(context, sub, &mut out.sums);
                    sub_pixel::<L, GENERAL>(shape, context, at, (plan, spots), layer, out);
                }
            }
        }
    }
    let Block { photons, sums, rays, .. } = out;
    if polarize_later && sums.is_lit() {
        rays.start(!e.no_polarization);
        rays.aim::<GENERAL>(context, plan, (0, never_zero::<L>(at)), sums);
    }
    finish::<L, GENERAL>(context, plan, sums, photons);
    out.spots = band;
}

/// Whether indices of exactly 0 are kept away. Interpolation depends on which side of 0 an index is.
#[inline(always)]
const fn never_zero<L: LatticeFactor>(at: BlockPosition) -> bool {
    L::ZERO_BY_ZERO && !at.interpolate
}

/// Adds what all sources contribute to a sub-pixel of a layer: the terms of the spots, where it is known which those are, or
/// all.
#[inline(always)]
fn sub_pixel<L: LatticeFactor, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    at: BlockPosition,
    (plan, spots): (&Plan, TermSelection<'_>),
    layer: i32,
    out: &mut Block,
) {
    let sources = context.experiment.sources.list.len();
    for source in 0..sources {
        let pass = layer as usize * sources + source;
        let terms: &[_] =
            if let TermSelection::Listed(_, band) = spots { band.at(at.first, pass) } else { &[] };
        // The first ray settles the direction and the polarisation for the others; further ones matter for their terms only.
        if !GENERAL && source > 0 && terms.is_empty() && !matches!(spots, TermSelection::All) {
            continue;
        }
        out.rays.aim::<GENERAL>(context, plan, (source, never_zero::<L>(at)), &mut out.sums);
        // Plain loops: a closure would not be compiled for the caller's instruction set.
        let list = match spots {
            TermSelection::Listed(list, _) => list,
            TermSelection::None => continue,
            TermSelection::All => {
                if L::LOOKS_INSIDE && !GENERAL && out.rays.inside {
                    for cell in &plan.sweep {
                        step::<L, GENERAL, true>(shape, context, plan, at, cell, out);
                    }
                } else {
                    for cell in &plan.sweep {
                        step::<L, GENERAL, false>(shape, context, plan, at, cell, out);
                    }
                }
                continue;
            }
        };
        for (i, entry) in terms.iter().enumerate() {
            let spot = list.at(entry.spot);
            let cell = &plan.sweep[spot.cell as usize];
            if L::ENDS && !GENERAL {
                let Block { rays, sums, .. } = out;
                let groups = entry.first..=entry.last;
                shape.add_reflection(cell, &spot.reflection, &rays.scattering, groups, &mut sums.intensity);
            } else if terms.get(i + 1).is_none_or(|next| list.at(next.spot).cell != spot.cell) {
                // Once for all spots of the term.
                step::<L, GENERAL, false>(shape, context, plan, at, cell, out);
            }
        }
    }
}

/// Adds one orientation's terms.
#[inline(always)]
fn step<L: LatticeFactor, const GENERAL: bool, const INSIDE: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: BlockPosition,
    cell: &CellVectors,
    out: &mut Block,
) {
    let Block { rays, factors, amplitudes, sums, .. } = out;
    shape.factors::<GENERAL, INSIDE>(cell, &rays.scattering, &plan.table, factors);
    if GENERAL {
        general_terms::<L>(context, plan, at, rays, (factors, amplitudes), sums);
        return;
    }
    if !factors.any {
        return;
    }
    // Two loops: with the question inside, the compiler looks up what it does not need, and gives up vectors for that. Hidden
    // from it, the answer keeps the loops apart.
    if let Some(f_sqr) = black_box(plan.table.constant()) {
        for i in 0..LANES {
            add::<L>(f_sqr, factors, i, sums);
        }
    } else {
        for i in 0..LANES {
            add::<L>(plan.table.at(factors.place[i]), factors, i, sums);
        }
    }
}

/// Adds the term of pixel `i`.
#[inline(always)]
fn add<L: LatticeFactor>(f_sqr: f64, factors: &Factors, i: usize, sums: &mut Sums) {
    let lattice = factors.lattice[i];
    let intensity = &mut sums.intensity[i];
    *intensity = if L::FUSED {
        (f_sqr * lattice).mul_add(lattice, *intensity)
    } else {
        *intensity + f_sqr * lattice * lattice
    };
    if L::ABSOLUTE {
        let error = factors.error[i];
        sums.error[i] += f_sqr * (2.0 * lattice.abs() + error) * error;
    }
}

/// From sums to photons, and whether their float is proven.
#[inline(always)]
fn finish<L: LatticeFactor, const GENERAL: bool>(
    context: &Context<'_>,
    plan: &Plan,
    sums: &mut Sums,
    out: &mut [f32; LANES],
) {
    let s = &context.experiment.sampling;
    let steps = f64::from(s.steps);
    let proves = plan.arithmetic == Arithmetic::Proven;
    let bounds = plan.bounds();
    for i in 0..LANES {
        let mut photons = context.scale * sums.intensity[i] / steps;
        if !(GENERAL && s.oversample_thick) {
            photons *= sums.capture[i];
        }
        if !(GENERAL && s.oversample_polar) {
            photons *= sums.polarization[i];
        }
        if !(GENERAL && s.oversample_omega) {
            photons *= sums.solid_angle[i];
        }
        let error = if L::ABSOLUTE && proves { Some(sums.error[i]) } else { None };
        let (float, unproven) = bounds.float(photons, error, sums.intensity[i]);
        out[i] = float;
        sums.redo[i] |= unproven;
    }
}
