//! From the sums of a block to photons, derivatives and floats of the image.
//!
//! Not here: the sums (`kernel`), what becomes of floats that are not proven (`rows`).

use super::geometry::add_to_geometry_moments;
use super::moments::{Direction, moment};
use super::state::{Derivative, Shared, SlopeBlock};
use crate::engine::block::state::BlockPosition;
use crate::engine::proof::Bounds;
use crate::engine::shape::slope::Sloped;
use crate::engine::simd::{LANES, Lanes, on_every_level};

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
    let SlopeBlock { sums, moments, slopes, .. } = out;
    apply_on_level(shared.plan.level, &shared.directions, &sums.intensity, moments, &scale, slopes);
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

/// Room for the weights of most directions: those of a turned detector are the components of four vectors.
const MOST_AT_ONCE: usize = 12;

on_every_level! {
    /// The derivatives by every direction. The kernels of all shapes share one copy.
    fn apply_on_level[][](
        directions: &[Direction],
        intensity: &Lanes,
        moments: &[Lanes; moment::COUNT],
        scale: &Lanes,
        out: &mut [Derivative],
    ) => apply
}

#[inline(always)]
fn apply(
    directions: &[Direction],
    intensity: &Lanes,
    moments: &[Lanes; moment::COUNT],
    scale: &Lanes,
    out: &mut [Derivative],
) {
    for (direction, Derivative(out)) in directions.iter().zip(out) {
        match direction.weights.len() {
            0 => weigh::<0>(direction, intensity, moments, scale, out),
            1 => weigh::<1>(direction, intensity, moments, scale, out),
            2 => weigh::<2>(direction, intensity, moments, scale, out),
            3 => weigh::<3>(direction, intensity, moments, scale, out),
            4 => weigh::<4>(direction, intensity, moments, scale, out),
            5 => weigh::<5>(direction, intensity, moments, scale, out),
            6 => weigh::<6>(direction, intensity, moments, scale, out),
            7 | 8 => weigh::<8>(direction, intensity, moments, scale, out),
            9 => weigh::<9>(direction, intensity, moments, scale, out),
            _ => weigh::<MOST_AT_ONCE>(direction, intensity, moments, scale, out),
        }
    }
}

/// The weighted sum of up to `AT_ONCE` moments, all together so that it passes through registers, and of any further ones.
#[inline(always)]
fn weigh<const AT_ONCE: usize>(
    direction: &Direction,
    intensity: &Lanes,
    moments: &[Lanes; moment::COUNT],
    scale: &Lanes,
    out: &mut Lanes,
) {
    let mut weighed = [(intensity, 0.0); AT_ONCE];
    for (to, (moment, weight)) in weighed.iter_mut().zip(&direction.weights) {
        *to = (&moments[*moment], *weight);
    }
    let (by_intensity, background) = (direction.intensity, direction.background);
    for i in 0..LANES {
        let mut sum = by_intensity.mul_add(intensity[i], background);
        for n in 0..AT_ONCE {
            let (moment, weight) = weighed[n];
            sum = weight.mul_add(moment[i], sum);
        }
        out[i] = sum * scale[i];
    }
    for (moment, weight) in direction.weights.iter().skip(AT_ONCE) {
        for i in 0..LANES {
            out[i] = (weight * scale[i]).mul_add(moments[*moment][i], out[i]);
        }
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
