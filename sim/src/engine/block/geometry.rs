//! Where the sub-pixels of a block of pixels are: direction, distance, solid angle, capture fraction.
//!
//! The reference's operations in its order, all of them: these numbers are amplified, or printed. Not here: what is summed
//! up there (`block`).

use super::state::BlockPosition;
use super::sums::Sums;
use crate::engine::reference::pixel::Context;
use crate::engine::simd::{LANES, Lanes};
use crate::physics::rotation::rotate_axis;
use crate::physics::vec3::Vec3;

/// Direction (if `lit`), distance and solid angle of a sub-pixel, with the reference's operations. One loop for each thing,
/// without decisions inside: else the compiler gives up.
#[inline(always)]
pub(crate) fn aim(context: &Context<'_>, at: BlockPosition, sub: [i32; 3], lit: bool, sums: &mut Sums) {
    let e = context.experiment;
    positions(context, at, sub, &mut sums.position);
    if e.curved {
        curve(context, &mut sums.position);
    }
    let Sums { position: [px, py, pz], distance, .. } = sums;
    for i in 0..LANES {
        distance[i] = Vec3::new(px[i], py[i], pz[i]).norm();
    }
    for i in 0..if lit { LANES } else { 0 } {
        sums.diffracted[0][i] = px[i] / distance[i];
        sums.diffracted[1][i] = py[i] / distance[i];
        sums.diffracted[2][i] = pz[i] / distance[i];
    }
    let fresh = sub == [0; 3] || e.sampling.oversample_omega;
    let (area, close) = (e.pixel_size * e.pixel_size, e.detector.close_distance);
    match (fresh, e.point_pixel) {
        (false, _) => {}
        (true, true) => {
            for i in 0..LANES {
                sums.solid_angle[i] = 1.0 / distance[i] / distance[i];
            }
        }
        (true, false) => {
            for i in 0..LANES {
                sums.solid_angle[i] = area / distance[i] / distance[i] * close / distance[i];
            }
        }
    }
    for i in 0..LANES {
        // At the sample itself, or at a solid angle of 0, the reference goes other ways.
        let odd = (distance[i] == 0.0) | (sums.solid_angle[i] == 0.0);
        sums.redo[i] |= u64::from(odd);
        sums.solid_angle_sum[i] += sums.solid_angle[i];
    }
}

/// Fills in the centres of a sub-pixel of every pixel, on a flat detector.
#[inline(always)]
fn positions(
    context: &Context<'_>,
    at: BlockPosition,
    [layer, sub_slow, sub_fast]: [i32; 3],
    position: &mut [Lanes; 3],
) {
    let e = context.experiment;
    let d = &e.detector;
    let oversample = f64::from(e.sampling.oversample);
    let first = at.first.fast as f64 * oversample + f64::from(sub_fast);
    let (sub_pixel, half) = (context.sub_pixel, context.sub_pixel / 2.0);
    let in_row = d.slow.scaled(context.along(at.first.slow, sub_slow));
    let sunk = d.normal.scaled(f64::from(layer) * e.layer_step);
    for i in 0..LANES {
        let f = sub_pixel * (first + f64::from(i as u32) * oversample) + half;
        position[0][i] = f * d.fast.x + in_row.x + sunk.x + d.origin.x;
        position[1][i] = f * d.fast.y + in_row.y + sunk.y + d.origin.y;
        position[2][i] = f * d.fast.z + in_row.z + sunk.z + d.origin.z;
    }
}

/// Bends positions onto a detector whose pixels are all at one distance. These sines are amplified: they must be the platform's.
#[inline(never)]
fn curve(context: &Context<'_>, position: &mut [Lanes; 3]) {
    let e = context.experiment;
    let d = &e.detector;
    let straight = e.beam_direction.scaled(d.distance);
    let (mut of, mut turned) = (f64::NAN, Vec3::ZERO);
    for i in 0..LANES {
        let (y, z) = (position[1][i], position[2][i]);
        // Along a row the first angle is often the same.
        if y.to_bits() != of.to_bits() {
            (of, turned) = (y, rotate_axis(straight, d.slow, y / d.distance));
        }
        let p = rotate_axis(turned, d.fast, z / d.distance);
        (position[0][i], position[1][i], position[2][i]) = (p.x, p.y, p.z);
    }
}

/// Capture fraction: at the first sub-pixel of each layer, of which the last one's counts, or at every one.
#[inline(always)]
pub(crate) fn absorb(context: &Context<'_>, [layer, sub_slow, sub_fast]: [i32; 3], sums: &mut Sums) {
    let e = context.experiment;
    let first_of_last = layer + 1 == e.layers && [sub_slow, sub_fast] == [0; 2] && e.thickness != 0.0;
    if !(first_of_last || e.sampling.oversample_thick) {
        return;
    }
    for i in 0..LANES {
        let direction = Vec3::new(sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]);
        sums.capture[i] = context.capture_fraction(layer, direction);
        // At 0 the next sub-pixel would compute it again.
        sums.redo[i] |= u64::from(sums.capture[i] == 0.0 && !e.sampling.oversample_thick);
    }
}
