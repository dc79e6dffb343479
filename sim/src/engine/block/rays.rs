//! The rays of one source to a block of pixels: scattering vectors, resolution limit, polarisation.
//!
//! Not here: the terms they scatter into (`block`).

use super::sums::Sums;
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::proof::SMALLEST_FACTOR;
use crate::engine::reference::pixel::Context;
use crate::engine::simd::{LANES, Lanes};
use crate::physics::polarization::IncidentFrame;
use crate::physics::vec3::Vec3;

/// Added to the components of scattering vectors (1/m, of order 1e10) so that an index along an axis is not exactly 0, but
/// its limit: where its products are not all 0, one of this size is far below their last place.
const NEVER_ZERO: f64 = 1e-90;

/// What is known of the current rays.
#[repr(C, align(64))]
pub(crate) struct Rays {
    /// Scattering vectors, 1/m.
    pub scattering: [Lanes; 3],
    /// Whether a ray is inside the resolution limit.
    pub passed: [bool; LANES],
    /// Whether all of them lead to indices inside the table of structure factors.
    pub inside: bool,
    /// Whether some pixel still has no polarisation factor.
    pending: bool,
}

impl Rays {
    /// Room for a block.
    pub(crate) const fn new() -> Self {
        Self { scattering: [[0.0; LANES]; 3], passed: [true; LANES], inside: false, pending: false }
    }

    /// Before the first ray of a block; `pending` unless the polarisation factor is switched off.
    #[inline(always)]
    pub(crate) fn start(&mut self, pending: bool) {
        self.passed = [true; LANES];
        self.pending = pending;
    }

    /// Turns to `source`. The reference's operations in its order, except for the azimuth of the polarisation, and for
    /// components of 0 if `never_zero`.
    #[inline(always)]
    pub(crate) fn aim<const GENERAL: bool>(
        &mut self,
        context: &Context<'_>,
        plan: &Plan,
        (source, never_zero): (usize, bool),
        sums: &mut Sums,
    ) {
        let e = context.experiment;
        let from = &e.sources.list[source];
        let (incident, wavelength) = (-from.direction, from.wavelength);
        for i in 0..LANES {
            self.scattering[0][i] = (sums.diffracted[0][i] - incident.x) / wavelength;
            self.scattering[1][i] = (sums.diffracted[1][i] - incident.y) / wavelength;
            self.scattering[2][i] = (sums.diffracted[2][i] - incident.z) / wavelength;
        }
        if never_zero {
            for component in &mut self.scattering {
                for value in component {
                    *value += NEVER_ZERO;
                }
            }
        }
        self.inside = self.are_inside(plan.inside_sqr);
        if GENERAL && e.sampling.dmin > 0.0 {
            self.limit(e.sampling.dmin);
        }
        let (frame, _) = context.axes.frame(plan.axis, source);
        if e.sampling.oversample_polar || (GENERAL && self.pending) {
            self.polarize_some(context, plan, frame, sums);
        } else if self.pending {
            polarize_all(context, plan, frame, sums);
            self.pending = false;
        }
    }

    #[inline(always)]
    fn are_inside(&self, inside_sqr: f64) -> bool {
        let mut beyond = 0_u64;
        for i in 0..LANES {
            let (x, y, z) = (self.scattering[0][i], self.scattering[1][i], self.scattering[2][i]);
            // Written so that NaN is beyond.
            let near = x * x + y * y + z * z < inside_sqr;
            beyond |= u64::from(!near);
        }
        beyond == 0
    }

    /// Which rays are inside the resolution limit.
    #[inline(always)]
    fn limit(&mut self, dmin: f64) {
        for i in 0..LANES {
            let s = Vec3::new(self.scattering[0][i], self.scattering[1][i], self.scattering[2][i]);
            let stol = 0.5 * s.norm();
            self.passed[i] = !(stol > 0.0 && dmin > 0.5 / stol);
        }
    }

    /// The factor of the pixels that need one and whose ray passed.
    #[inline(always)]
    fn polarize_some(&mut self, context: &Context<'_>, plan: &Plan, frame: &IncidentFrame, sums: &mut Sums) {
        let always = context.experiment.sampling.oversample_polar;
        self.pending = false;
        for i in 0..LANES {
            if self.passed[i] && (always || sums.polarization[i] == 0.0) {
                polarize(context, plan, frame, i, sums);
            }
            self.pending |= sums.polarization[i] == 0.0;
        }
    }
}

/// Kahn's factor of one pixel with the reference's operations.
#[inline(always)]
fn polarize_as_reference(context: &Context<'_>, frame: &IncidentFrame, i: usize, sums: &mut Sums) {
    let d = Vec3::new(sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]).unitized().0;
    (sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]) = (d.x, d.y, d.z);
    sums.polarization[i] = frame.factor(context.experiment.kahn_factor, d);
    // Of a factor of 0 the reference takes another at the next source.
    sums.redo[i] |= u64::from(sums.polarization[i] == 0.0);
}

/// Kahn's factors of a whole block: the same as one by one, in loops without decisions.
#[inline(always)]
fn polarize_all(context: &Context<'_>, plan: &Plan, frame: &IncidentFrame, sums: &mut Sums) {
    if plan.arithmetic == Arithmetic::Platform {
        for i in 0..LANES {
            polarize_as_reference(context, frame, i, sums);
        }
        return;
    }
    if plan.normalize_again {
        for i in 0..LANES {
            normalize_again(i, sums);
        }
    }
    let kahn = context.experiment.kahn_factor;
    if kahn == 0.0 {
        for i in 0..LANES {
            set_factor(unpolarized(frame, kahn, i, sums), i, sums);
        }
    } else {
        for i in 0..LANES {
            set_factor(polarized(frame, kahn, i, sums), i, sums);
        }
    }
}

/// Kahn's factor of one pixel. Later sources see the diffracted vector normalised once more; with a single source nothing
/// else does, and the factor's error bound allows for leaving that out.
#[inline(always)]
fn polarize(context: &Context<'_>, plan: &Plan, frame: &IncidentFrame, i: usize, sums: &mut Sums) {
    if plan.arithmetic == Arithmetic::Platform {
        return polarize_as_reference(context, frame, i, sums);
    }
    if plan.normalize_again {
        normalize_again(i, sums);
    }
    let kahn = context.experiment.kahn_factor;
    let factor =
        if kahn == 0.0 { unpolarized(frame, kahn, i, sums) } else { polarized(frame, kahn, i, sums) };
    set_factor(factor, i, sums);
}

#[inline(always)]
fn normalize_again(i: usize, sums: &mut Sums) {
    let d = diffracted(i, sums);
    let norm = d.norm();
    (sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]) =
        (d.x / norm, d.y / norm, d.z / norm);
}

#[inline(always)]
fn diffracted(i: usize, sums: &Sums) -> Vec3 {
    Vec3::new(sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i])
}

/// The factor where the azimuth does not matter; the product with 0 is kept for the sake of NaN.
#[inline(always)]
fn unpolarized(frame: &IncidentFrame, kahn: f64, i: usize, sums: &Sums) -> f64 {
    let cos_2theta = frame.incident.dot(diffracted(i, sums));
    let cos_sqr = cos_2theta * cos_2theta;
    0.5 * (1.0 + cos_sqr - kahn * (1.0 - cos_sqr))
}

#[inline(always)]
fn polarized(frame: &IncidentFrame, kahn: f64, i: usize, sums: &Sums) -> f64 {
    let d = diffracted(i, sums);
    let cos_2theta = frame.incident.dot(d);
    let cos_sqr = cos_2theta * cos_2theta;
    let (b, e) = (d.dot(frame.magnetic), d.dot(frame.electric));
    let (b_sqr, e_sqr) = (b * b, e * e);
    let cos_2psi = (e_sqr - b_sqr) / (e_sqr + b_sqr);
    0.5 * (1.0 + cos_sqr - kahn * cos_2psi * (1.0 - cos_sqr))
}

#[inline(always)]
fn set_factor(factor: f64, i: usize, sums: &mut Sums) {
    sums.polarization[i] = factor;
    // Written so that NaN is redone.
    let bounded = factor >= SMALLEST_FACTOR;
    sums.redo[i] |= u64::from(!bounded);
}
