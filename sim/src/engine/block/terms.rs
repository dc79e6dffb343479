//! Terms of a block where each needs a decision: a resolution limit, factors for every term, interpolation.
//!
//! Not here: the plain sum (`block`), interpolated amplitudes themselves (`interpolation::nodes`).

use super::rays::Rays;
use super::state::BlockPosition;
use super::sums::Sums;
use crate::engine::interpolation::nodes::{Amplitudes, interpolate};
use crate::engine::plan::Plan;
use crate::engine::reference::pixel::Context;
use crate::engine::shape::factor::{Factors, LatticeFactor};
use crate::engine::simd::LANES;

/// Adds one orientation's terms.
#[inline(always)]
pub(crate) fn general_terms<L: LatticeFactor>(
    context: &Context<'_>,
    plan: &Plan,
    at: BlockPosition,
    rays: &Rays,
    (factors, amplitudes): (&Factors, &mut Amplitudes),
    sums: &mut Sums,
) {
    let e = context.experiment;
    match (at.interpolate, &plan.nodes) {
        (false, _) => look_up(plan, factors, amplitudes),
        (true, Some(nodes)) => interpolate(plan.level, nodes, &e.structure_factors, &factors.hkl, amplitudes),
        (true, None) => amplitudes.outside = [u64::MAX; LANES],
    }
    let s = &e.sampling;
    if s.dmin > 0.0 || s.oversample_thick || s.oversample_polar || s.oversample_omega {
        for i in 0..LANES {
            if rays.passed[i] {
                term::<L>(context, i, factors, amplitudes, sums);
            }
        }
    } else {
        all_terms::<L>(e.water, factors, amplitudes, sums);
    }
}

/// F·F of the nearest reflections.
#[inline(always)]
fn look_up(plan: &Plan, factors: &Factors, amplitudes: &mut Amplitudes) {
    amplitudes.outside = [0; LANES];
    match plan.table.constant() {
        Some(f_sqr) => amplitudes.squared = [f_sqr; LANES],
        None => {
            for i in 0..LANES {
                amplitudes.squared[i] = plan.table.at(factors.place[i]);
            }
        }
    }
}

/// Whether a factor that is not exact may be 0, and so may be the decision to pass the term over.
#[inline(always)]
const fn is_inexact<L: LatticeFactor>() -> bool {
    L::ABSOLUTE || L::RELATIVE > 0.0
}

/// Adds the terms of all pixels, where the only decisions are whether a term is passed over and whether it is in the list.
#[inline(always)]
fn all_terms<L: LatticeFactor>(water: bool, factors: &Factors, amplitudes: &Amplitudes, sums: &mut Sums) {
    let always = if water { u64::MAX } else { 0 };
    for i in 0..LANES {
        let lattice = factors.lattice[i];
        let counts = if lattice == 0.0 { always } else { u64::MAX };
        let f_sqr = amplitudes.squared[i];
        let term = f_sqr * lattice * lattice;
        sums.intensity[i] += if counts == 0 { 0.0 } else { term };
        sums.redo[i] |= counts & amplitudes.outside[i];
    }
    if !is_inexact::<L>() {
        return;
    }
    for i in 0..LANES {
        let lattice = factors.lattice[i].abs();
        let error = if L::ABSOLUTE { factors.error[i] } else { 0.0 };
        sums.redo[i] |= if lattice <= error { u64::MAX } else { 0 };
        if L::ABSOLUTE {
            sums.error[i] += amplitudes.squared[i] * (2.0 * lattice + error) * error;
        }
    }
}

/// Adds one term of one pixel, with the decisions the reference takes.
#[inline(always)]
fn term<L: LatticeFactor>(
    context: &Context<'_>,
    i: usize,
    factors: &Factors,
    amplitudes: &Amplitudes,
    sums: &mut Sums,
) {
    let e = context.experiment;
    let (lattice, error) = (factors.lattice[i], if L::ABSOLUTE { factors.error[i] } else { 0.0 });
    sums.redo[i] |= u64::from(is_inexact::<L>() && lattice.abs() <= error);
    if lattice == 0.0 && !e.water {
        return;
    }
    sums.redo[i] |= amplitudes.outside[i];
    let f_sqr = amplitudes.squared[i];
    sums.intensity[i] += f_sqr * lattice * lattice;
    sums.error[i] += f_sqr * (2.0 * lattice.abs() + error) * error;
    let s = &e.sampling;
    for (per_term, factor) in [
        (s.oversample_thick, sums.capture[i]),
        (s.oversample_polar, sums.polarization[i]),
        (s.oversample_omega, sums.solid_angle[i]),
    ] {
        if per_term {
            sums.intensity[i] *= factor;
            sums.error[i] *= factor;
            // Sums of both signs would cancel, and the relative bound with them.
            sums.redo[i] |= u64::from(factor.is_nan() || factor < 0.0);
        }
    }
}
