//! From derivatives by the positions of pixels to those by the detector's origin and axes.
//!
//! A position on a curved detector is the beam's direction times the detector's distance, turned about the slow axis by one
//! angle and about the fast axis by another; the angles are coordinates of the flat detector over the distance. Here that is
//! gone through backwards. Not here: the positions themselves (`block::geometry`), derivatives by them (`kernel`, `finish`).

use super::moments::moment;
use super::prefactor::COUNT;
use super::state::Shared;
use crate::engine::block::state::BlockPosition;
use crate::engine::simd::{LANES, Lanes};
use crate::engine::sine::{cosine, nearest_multiple, reduced, sine_9};
use crate::physics::vec3::Vec3;

/// Adds a derivative by the position of a sub-pixel to what origin, fast, slow and normal axis are multiplied with.
#[inline(always)]
pub(crate) fn add_to_geometry_moments(
    shared: &Shared<'_>,
    at: BlockPosition,
    sub: [i32; 3],
    d_scattering: &mut [Lanes; 3],
    moments: &mut [Lanes; moment::COUNT],
) {
    let (context, e) = (shared.context, shared.context.experiment);
    if e.curved {
        flatten(shared, at, sub, d_scattering, moments);
    }
    let [layer, sub_slow, sub_fast] = sub;
    let first = context.along(at.first.fast, sub_fast);
    let (along_slow, depth) = (context.along(at.first.slow, sub_slow), f64::from(layer) * e.layer_step);
    let weights = [(1.0, 0.0), (first, e.pixel_size), (along_slow, 0.0), (depth, 0.0)];
    for (vector, (start, pitch)) in weights.into_iter().enumerate() {
        if !shared.geometry[vector] {
            continue;
        }
        let [x, y, z] = [0, 1, 2].map(|axis| moment::GEOMETRY + 3 * vector + axis);
        for i in 0..LANES {
            let weight = COUNT[i].mul_add(pitch, start);
            moments[x][i] = d_scattering[0][i].mul_add(weight, moments[x][i]);
            moments[y][i] = d_scattering[1][i].mul_add(weight, moments[y][i]);
            moments[z][i] = d_scattering[2][i].mul_add(weight, moments[z][i]);
        }
    }
}

/// Turns `d_scattering`, the derivative by the position of a sub-pixel, into that by its place on the flat detector, and adds those
/// by the axes of the turns and by the distance.
#[inline(always)]
fn flatten(
    shared: &Shared<'_>,
    at: BlockPosition,
    [layer, sub_slow, sub_fast]: [i32; 3],
    d_scattering: &mut [Lanes; 3],
    moments: &mut [Lanes; moment::COUNT],
) {
    let (context, e) = (shared.context, shared.context.experiment);
    let d = &e.detector;
    let (distance, inverse) = (d.distance, 1.0 / d.distance);
    let straight = e.beam_direction.scaled(distance);
    let first = context.along(at.first.fast, sub_fast);
    let start = d.slow.scaled(context.along(at.first.slow, sub_slow))
        + d.normal.scaled(f64::from(layer) * e.layer_step)
        + d.origin;
    for i in 0..LANES {
        let along = COUNT[i].mul_add(e.pixel_size, first);
        let about_slow = along.mul_add(d.fast.y, start.y) * inverse;
        let about_fast = along.mul_add(d.fast.z, start.z) * inverse;
        let by = Vec3::new(d_scattering[0][i], d_scattering[1][i], d_scattering[2][i]);
        let once = Turn::new(d.slow, about_slow, straight);
        let again = Turn::new(d.fast, about_fast, once.turned());
        let by_once = again.back(by);
        let (by_slow, by_fast) = (once.by_angle(by_once), again.by_angle(by));
        let (slow, fast) = (once.by_axis(by_once), again.by_axis(by));
        let [fast_x, fast_y, fast_z, slow_x, slow_y, slow_z] =
            [3, 4, 5, 6, 7, 8].map(|place| moment::GEOMETRY + place);
        moments[fast_x][i] += fast.x;
        moments[fast_y][i] += fast.y;
        moments[fast_z][i] += fast.z;
        moments[slow_x][i] += slow.x;
        moments[slow_y][i] += slow.y;
        moments[slow_z][i] += slow.z;
        let angles = by_slow * about_slow + by_fast * about_fast;
        moments[moment::DISTANCE][i] += once.back(by_once).dot(e.beam_direction) - angles * inverse;
        (d_scattering[0][i], d_scattering[1][i], d_scattering[2][i]) =
            (0.0, by_slow * inverse, by_fast * inverse);
    }
}

/// A vector turned about an axis, by Rodrigues' formula with the axis as it is.
struct Turn {
    axis: Vec3,
    of: Vec3,
    sine: f64,
    cosine: f64,
}

impl Turn {
    #[inline(always)]
    fn new(axis: Vec3, angle: f64, of: Vec3) -> Self {
        let multiple = nearest_multiple(angle);
        let r = reduced(angle, multiple);
        // Both change sign with every odd multiple of π.
        let half = 0.5 * multiple;
        let sign = 1.0 - 4.0 * (half - half.floor());
        Self { axis, of, sine: sign * sine_9(r), cosine: sign * cosine(r) }
    }

    #[inline(always)]
    fn turned(&self) -> Vec3 {
        let Self { axis, of, sine, cosine } = *self;
        of.scaled(cosine) + axis.cross(of).scaled(sine) + axis.scaled(axis.dot(of) * (1.0 - cosine))
    }

    /// From a derivative by the turned vector to that by the vector.
    #[inline(always)]
    fn back(&self, by: Vec3) -> Vec3 {
        let Self { axis, sine, cosine, .. } = *self;
        by.scaled(cosine) + by.cross(axis).scaled(sine) + axis.scaled(axis.dot(by) * (1.0 - cosine))
    }

    /// To that by the angle.
    #[inline(always)]
    fn by_angle(&self, by: Vec3) -> f64 {
        let Self { axis, of, sine, cosine } = *self;
        by.dot(axis.cross(of)) * cosine + (axis.dot(of) * axis.dot(by) - by.dot(of)) * sine
    }

    /// To that by the axis.
    #[inline(always)]
    fn by_axis(&self, by: Vec3) -> Vec3 {
        let Self { axis, of, sine, cosine } = *self;
        let along = by.scaled(axis.dot(of)) + of.scaled(axis.dot(by));
        of.cross(by).scaled(sine) + along.scaled(1.0 - cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::rotation::rotate_axis;
    use proptest::prelude::*;

    fn vector() -> impl Strategy<Value = Vec3> {
        [-2.0..2.0_f64, -2.0..2.0, -2.0..2.0].prop_map(|[x, y, z]| Vec3::new(x, y, z))
    }

    proptest! {
        #[test]
        fn a_turn_and_its_derivatives_are_rodrigues_formulas(
            axis in vector(), of in vector(), by in vector(), change in vector(), angle in -9.0..9.0_f64
        ) {
            let turn = Turn::new(axis, angle, of);
            let difference = turn.turned() - rotate_axis(of, axis, angle);
            prop_assert!(difference.norm() < 1e-13);
            let step = 1e-5;
            let numerical = |f: &dyn Fn(f64) -> Vec3| by.dot(f(step) - f(-step)) / (2.0 * step);
            let angles = numerical(&|x| rotate_axis(of, axis, angle + x));
            let vectors = numerical(&|x| rotate_axis(of + change.scaled(x), axis, angle));
            let axes = numerical(&|x| rotate_axis(of, axis + change.scaled(x), angle));
            prop_assert!((turn.by_angle(by) - angles).abs() < 1e-7);
            prop_assert!((turn.back(by).dot(change) - vectors).abs() < 1e-7);
            prop_assert!((turn.by_axis(by).dot(change) - axes).abs() < 1e-7);
        }
    }
}
