//! A block of pixels of one row, computed side by side in plain loops that the compiler turns into vector instructions.
//!
//! The loops follow `reference` step by step; what may differ from it in the last bits is bounded in `exact`. Not here:
//! where pixels are (`vector_aim`), rays (`vector_ray`), lattice factors (`kernel`), terms that need decisions
//! (`vector_general`), choice of the instruction set (`vector_dispatch`), what happens to pixels that cannot be proven (`exact`).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::exact::{Arithmetic, Plan};
use super::kernel::{Factors, LANES, Lanes, Lattice};
use super::kernel_tricubic::Amplitudes;
use super::reference::Context;
use super::spot_map::SpotMap;
use super::vector_aim::{absorb, aim};
use super::vector_general::general_terms;
use super::vector_ray::Rays;
use crate::model::orientation::CellVectors;

/// Where a block lies, and what it starts from.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Row.
    pub slow: usize,
    /// First column.
    pub fast: usize,
    /// Whether structure factors are interpolated.
    pub interpolate: bool,
}

/// Room for computing one block after the other, and the last one finished.
#[repr(C, align(64))]
pub struct Block {
    /// Photons per pixel.
    pub photons: [f32; LANES],
    sums: Sums,
    rays: Rays,
    factors: Factors,
    amplitudes: Amplitudes,
}

impl Block {
    /// An empty block.
    pub fn new() -> Self {
        let (rays, factors, amplitudes) = (Rays::new(), Factors::new(), Amplitudes::new());
        Self { photons: [0.0; LANES], sums: Sums::new(), rays, factors, amplitudes }
    }

    /// Sum of the solid angles of each pixel's sub-pixels, sr.
    pub fn solid_angle_sum(&self) -> &Lanes {
        &self.sums.solid_angle_sum
    }

    /// Not 0 where the reference engine must decide.
    pub fn redo(&self) -> &[u64; LANES] {
        &self.sums.redo
    }

    /// Whether every pixel is proven, those beyond the end of the row included.
    pub fn is_proven(&self) -> bool {
        self.sums.is_proven()
    }
}

/// What changes while a block is summed up.
#[repr(C, align(64))]
pub(super) struct Sums {
    pub(super) intensity: Lanes,
    /// Bound of the absolute error of the intensity, for shapes that have one.
    pub(super) error: Lanes,
    pub(super) polarization: Lanes,
    pub(super) solid_angle: Lanes,
    pub(super) solid_angle_sum: Lanes,
    pub(super) capture: Lanes,
    pub(super) diffracted: [Lanes; 3],
    pub(super) redo: [u64; LANES],
    /// Of the current sub-pixel.
    pub(super) position: [Lanes; 3],
    /// The same.
    pub(super) distance: Lanes,
}

impl Sums {
    /// Whether every pixel is proven, those beyond the end of the row included.
    pub(super) fn is_proven(&self) -> bool {
        self.redo.iter().fold(0, |any, redo| any | redo) == 0
    }

    pub(super) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            intensity: zero,
            error: zero,
            polarization: zero,
            solid_angle: zero,
            solid_angle_sum: zero,
            capture: zero,
            diffracted: [zero; 3],
            redo: [0; LANES],
            position: [zero; 3],
            distance: zero,
        }
    }

    /// Whether any intensity differs from 0.
    #[inline(always)]
    fn is_lit(&self) -> bool {
        let mut lit = 0_u64;
        for i in 0..LANES {
            lit |= u64::from(self.intensity[i] != 0.0);
        }
        lit != 0
    }

    /// Before the first term. What every block sets before it is read stays as it is.
    #[inline(always)]
    pub(super) fn start(&mut self, context: &Context<'_>) {
        let e = context.experiment;
        self.intensity = [e.background; LANES];
        self.error = [0.0; LANES];
        self.polarization = [if e.no_polarization { 1.0 } else { 0.0 }; LANES];
        self.solid_angle_sum = [0.0; LANES];
        self.capture = [1.0; LANES];
        self.redo = [0; LANES];
    }
}

/// Computes a block. `GENERAL` covers what needs a decision per term: a resolution limit, factors anew for every term,
/// interpolation.
#[inline(always)]
pub fn block<L: Lattice, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: Place,
    out: &mut Block,
) {
    let e = context.experiment;
    let Block { photons, sums, rays, factors, amplitudes } = out;
    sums.start(context);
    // Terms too weak to be seen still show where interpolation leaves the list.
    let lit = plan
        .spots
        .as_ref()
        .filter(|_| !at.interpolate)
        .map(|spots| (spots.at(at.slow, at.fast), spots.cells()));
    let black = plan.unlit_is_black && lit.is_some_and(|(terms, _)| terms.is_empty());
    // Interpolation asks on which side of 0 an index is.
    let never_zero = L::ZERO_BY_ZERO && !at.interpolate;
    // Of a block that stays black no polarisation is needed.
    let alone = e.sources.list.len() == 1 && e.layers == 1 && e.sampling.oversample == 1;
    let polarize_later = L::ENDS && !GENERAL && plan.unlit_is_black && alone;
    rays.start(!e.no_polarization && !polarize_later);
    for layer in 0..e.layers {
        for sub_slow in 0..e.sampling.oversample {
            for sub_fast in 0..e.sampling.oversample {
                let sub = [layer, sub_slow, sub_fast];
                aim(context, at, sub, !black, sums);
                if black {
                    continue;
                }
                absorb(context, sub, sums);
                let mut left = lit;
                for source in 0..e.sources.list.len() {
                    rays.aim::<GENERAL>(context, plan, (source, never_zero), sums);
                    // Plain loops: a closure would not be compiled for the caller's instruction set.
                    let Some((terms, cells)) = &mut left else {
                        if L::LOOKS_INSIDE && !GENERAL && rays.inside {
                            for cell in &plan.sweep {
                                step::<L, GENERAL, true>(
                                    shape, context, plan, at, cell, rays, factors, amplitudes, sums,
                                );
                            }
                        } else {
                            for cell in &plan.sweep {
                                step::<L, GENERAL, false>(
                                    shape, context, plan, at, cell, rays, factors, amplitudes, sums,
                                );
                            }
                        }
                        continue;
                    };
                    let first = source as u32 * *cells;
                    while let Some((entry, rest)) = terms.split_first() {
                        if entry.term - first >= *cells {
                            break;
                        }
                        let cell = &plan.sweep[(entry.term - first) as usize];
                        if L::ENDS && !GENERAL {
                            let intensity = &mut sums.intensity;
                            shape.light(cell, &rays.scattering, entry.group, &plan.table, intensity);
                        } else if rest.first().is_none_or(|next| next.term != entry.term) {
                            // Once for all groups of the term.
                            step::<L, GENERAL, false>(
                                shape, context, plan, at, cell, rays, factors, amplitudes, sums,
                            );
                        }
                        *terms = rest;
                    }
                }
            }
        }
    }
    if polarize_later && sums.is_lit() {
        rays.start(!e.no_polarization);
        rays.aim::<GENERAL>(context, plan, (0, never_zero), sums);
    }
    finish::<L, GENERAL>(context, plan, sums, photons);
}

/// Adds one orientation's terms.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn step<L: Lattice, const GENERAL: bool, const INSIDE: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: Place,
    cell: &CellVectors,
    rays: &Rays,
    factors: &mut Factors,
    amplitudes: &mut Amplitudes,
    sums: &mut Sums,
) {
    shape.factors::<GENERAL, INSIDE>(cell, &rays.scattering, &plan.table, factors);
    if GENERAL {
        general_terms::<L>(context, plan, at, rays, (factors, amplitudes), sums);
        return;
    }
    if !factors.any {
        return;
    }
    let constant = plan.table.constant();
    for i in 0..LANES {
        let f_sqr = match constant {
            Some(f_sqr) => f_sqr,
            // SAFETY: there is a list, and the shapes take their places from this table, with `INSIDE` for rays that
            // were found to be inside.
            None => unsafe { plan.table.at(factors.place[i]) },
        };
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
}

/// From sums to photons, and whether their float is proven.
#[inline(always)]
fn finish<L: Lattice, const GENERAL: bool>(
    context: &Context<'_>,
    plan: &Plan,
    sums: &mut Sums,
    out: &mut [f32; LANES],
) {
    let s = &context.experiment.sampling;
    let steps = f64::from(s.steps);
    let proves = plan.arithmetic == Arithmetic::Proven;
    // Terms that are left out could only add.
    let omitted = plan.spots.as_ref().map_or(0.0, SpotMap::omitted);
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
        let mut bound = plan.bound;
        if L::ABSOLUTE && proves && sums.error[i] != 0.0 {
            bound += sums.error[i] / sums.intensity[i];
        }
        let low = (0.0 + photons * (1.0 - bound)) as f32;
        let high = (omitted + photons * (1.0 + bound)) as f32;
        let proven = (low.to_bits() == high.to_bits()) & high.is_finite();
        out[i] = high;
        sums.redo[i] |= u64::from(!proven);
    }
}
