//! From the sums of a block to photons, derivatives and floats of the image.
//!
//! Not here: the sums (`kernel`), what becomes of floats that are not proven (`rows`).

use super::geometry::add_to_geometry_moments;
use super::moments::{Direction, moment};
use super::state::{Shared, SlopeBlock};
use crate::engine::block::state::BlockPosition;
use crate::engine::proof::Bounds;
use crate::engine::shape::slope::Sloped;
use crate::engine::simd::{LANES, Lanes};

/// Photons, and derivatives by every direction.
#[inline(always)]
pub(crate) fn finish(shared: &Shared<'_>, at: BlockPosition, out: &mut SlopeBlock) {
    let context = shared.context;
    let steps = f64::from(context.experiment.sampling.steps);
    let per_step = context.scale / steps;
    let mut scale = [0.0; LANES];
    for i in 0..LANES {
        let (capture, polarization) = (out.sums.capture[i], out.sums.polarization[i]);
        let solid_angle = out.sums.solid_angle[i];
        // The image's own operations.
        out.photons[i] = context.scale * out.sums.intensity[i] / steps * capture * polarization * solid_angle;
        scale[i] = per_step * capture * polarization * solid_angle;
    }
    if shared.moves_detector() {
        move_factors(shared, at, out);
    }
    for (direction, slope) in shared.directions.iter().zip(&mut out.slopes) {
        apply(direction, &out.sums.intensity, &out.moments, &scale, slope);
    }
}

/// Adds the factors' relative derivatives, times the sum they scale, to the sum's own.
#[inline(always)]
fn move_factors(shared: &Shared<'_>, at: BlockPosition, out: &mut SlopeBlock) {
    let e = shared.context.experiment;
    let SlopeBlock { sums, moments, prefactor, .. } = out;
    add_to_geometry_moments(shared, at, [0; 3], &mut times(&prefactor.first, &sums.intensity), moments);
    if e.thickness != 0.0 {
        add_to_geometry_moments(
            shared,
            at,
            [e.layers - 1, 0, 0],
            &mut times(&prefactor.last, &sums.intensity),
            moments,
        );
        if !shared.geometry[3] {
            return;
        }
        let turned = times(&prefactor.normal, &sums.intensity);
        for axis in 0..3 {
            for i in 0..LANES {
                moments[moment::GEOMETRY + 9 + axis][i] += turned[axis][i];
            }
        }
    }
}

#[inline(always)]
fn times(vector: &[Lanes; 3], by: &Lanes) -> [Lanes; 3] {
    let mut product = [[0.0; LANES]; 3];
    for axis in 0..3 {
        for i in 0..LANES {
            product[axis][i] = vector[axis][i] * by[i];
        }
    }
    product
}

/// The derivative of a group of moments: their weighted sum, all at once so that they pass through registers.
#[inline(always)]
fn apply(
    direction: &Direction,
    intensity: &Lanes,
    moments: &[Lanes; moment::COUNT],
    scale: &Lanes,
    out: &mut Lanes,
) {
    for i in 0..LANES {
        out[i] = direction.intensity.mul_add(intensity[i], direction.background);
    }
    for [(p, a), (q, b), (r, c), (s, d)] in &direction.weights {
        let (p, q, r, s) = (&moments[*p], &moments[*q], &moments[*r], &moments[*s]);
        for i in 0..LANES {
            out[i] = a.mul_add(p[i], b.mul_add(q[i], c.mul_add(r[i], d.mul_add(s[i], out[i]))));
        }
    }
    for i in 0..LANES {
        out[i] *= scale[i];
    }
}

/// Floats of the image, and whether they are proven, as the exact engine does it.
#[inline(always)]
pub(crate) fn prove<L: Sloped>(shared: &Shared<'_>, out: &mut SlopeBlock) {
    // Whatever the plan's own factors allow, and what those of this kernel do.
    let Bounds { relative, omitted } = shared.plan.bounds();
    let bounds = Bounds { relative: relative + L::RELATIVE, omitted };
    for i in 0..LANES {
        let error = if L::ABSOLUTE { Some(out.sums.error[i]) } else { None };
        let (float, unproven) = bounds.float(out.photons[i], error, out.sums.intensity[i]);
        out.image[i] = float;
        out.sums.redo[i] |= unproven;
    }
}
