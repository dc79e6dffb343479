//! Where the pixels of a block are, and the factors that scale their sums (solid angle, capture, polarisation), with what
//! moving a pixel does to them.
//!
//! Not here: the sums (`derivative_block`). As in the reference, solid angle and polarisation are taken at the first
//! sub-pixel of the first layer, the capture fraction at the first of the last.

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::kernel::{LANES, Lanes};
use super::reference::Context;
use crate::physics::polarization::IncidentFrame;
use crate::physics::vec3::Vec3;

/// Sub-pixels of a block.
pub(super) struct Aimed {
    /// Unit vectors from the sample.
    pub(super) direction: [Lanes; 3],
    inverse_distance: Lanes,
    /// Coordinates along fast and slow and the depth, m: what the detector's axes are multiplied with.
    along_fast: Lanes,
    along_slow: f64,
    depth: f64,
}

/// Where a sub-pixel of each pixel is.
#[inline(always)]
pub(super) fn aim(
    context: &Context<'_>,
    (slow, fast): (usize, usize),
    [layer, sub_slow, sub_fast]: [i32; 3],
) -> Aimed {
    let e = context.experiment;
    let d = &e.detector;
    let (along_slow, depth) = (context.along(slow, sub_slow), f64::from(layer) * e.layer_step);
    let (first, pitch) = (context.along(fast, sub_fast), e.pixel_size);
    let start = Vec3::new(
        along_slow * d.slow.x + depth * d.normal.x + d.origin.x,
        along_slow * d.slow.y + depth * d.normal.y + d.origin.y,
        along_slow * d.slow.z + depth * d.normal.z + d.origin.z,
    );
    let zero = [0.0; LANES];
    let mut aimed =
        Aimed { direction: [zero; 3], inverse_distance: zero, along_fast: zero, along_slow, depth };
    for i in 0..LANES {
        let f = first + i as f64 * pitch;
        let (x, y, z) = (f * d.fast.x + start.x, f * d.fast.y + start.y, f * d.fast.z + start.z);
        let inverse = 1.0 / (x * x + y * y + z * z).sqrt();
        aimed.along_fast[i] = f;
        aimed.inverse_distance[i] = inverse;
        aimed.direction[0][i] = x * inverse;
        aimed.direction[1][i] = y * inverse;
        aimed.direction[2][i] = z * inverse;
    }
    aimed
}

impl Aimed {
    #[inline(always)]
    fn direction(&self, i: usize) -> Vec3 {
        Vec3::new(self.direction[0][i], self.direction[1][i], self.direction[2][i])
    }

    /// What a derivative by the direction, as a vector, is by the position: across the direction, over the distance.
    #[inline(always)]
    fn across(&self, i: usize, v: Vec3) -> Vec3 {
        let d = self.direction(i);
        let (along, inverse) = (v.dot(d), self.inverse_distance[i]);
        Vec3::new((v.x - along * d.x) * inverse, (v.y - along * d.y) * inverse, (v.z - along * d.z) * inverse)
    }

    /// Adds a derivative by the position to what origin, fast, slow and normal axis are multiplied with.
    #[inline(always)]
    fn add(&self, i: usize, v: Vec3, geometry: &mut [[Lanes; 3]; 4]) {
        let weights = [1.0, self.along_fast[i], self.along_slow, self.depth];
        for (moment, weight) in geometry.iter_mut().zip(weights) {
            moment[0][i] += v.x * weight;
            moment[1][i] += v.y * weight;
            moment[2][i] += v.z * weight;
        }
    }

    /// Adds the moments of rays of one wavelength (given its inverse), which are derivatives by the scattering vector.
    #[inline(always)]
    pub(super) fn collect(&self, moment: &[Lanes; 3], inverse: f64, geometry: &mut [[Lanes; 3]; 4]) {
        for i in 0..LANES {
            let v = Vec3::new(moment[0][i] * inverse, moment[1][i] * inverse, moment[2][i] * inverse);
            self.add(i, self.across(i, v), geometry);
        }
    }
}

/// The product of the three factors, and its relative derivatives.
pub(super) struct Prefactor {
    /// The product.
    pub(super) value: Lanes,
    /// Relative derivatives by what origin, fast, slow and normal axis are.
    relative: [[Lanes; 3]; 4],
}

impl Prefactor {
    pub(super) const fn new() -> Self {
        Self { value: [1.0; LANES], relative: [[[0.0; LANES]; 3]; 4] }
    }

    /// Takes the factors that belong to this sub-pixel.
    #[inline(always)]
    pub(super) fn update(
        &mut self,
        context: &Context<'_>,
        [layer, sub_slow, sub_fast]: [i32; 3],
        at: &Aimed,
    ) {
        let e = context.experiment;
        if [sub_slow, sub_fast] != [0; 2] {
            return;
        }
        if layer == 0 {
            self.solid_angle(context, at);
            if !e.no_polarization {
                self.polarization(e.kahn_factor, context.axes.frame(0, 0).0, at);
            }
        }
        if layer + 1 == e.layers && e.thickness != 0.0 {
            self.capture(context, layer, at);
        }
    }

    #[inline(always)]
    fn solid_angle(&mut self, context: &Context<'_>, at: &Aimed) {
        let e = context.experiment;
        let (factor, power) = if e.point_pixel {
            (1.0, -2.0)
        } else {
            (e.pixel_size * e.pixel_size * e.detector.close_distance, -3.0)
        };
        for i in 0..LANES {
            let inverse = at.inverse_distance[i];
            self.value[i] *= factor * inverse * inverse * if e.point_pixel { 1.0 } else { inverse };
            at.add(i, at.direction(i).scaled(power * inverse), &mut self.relative);
        }
    }

    #[inline(always)]
    fn polarization(&mut self, kahn: f64, frame: &IncidentFrame, at: &Aimed) {
        let IncidentFrame { incident, electric, magnetic } = *frame;
        for i in 0..LANES {
            let d = at.direction(i);
            let cos = incident.dot(d);
            let sin_sqr = 1.0 - cos * cos;
            let (e, b) = (d.dot(electric), d.dot(magnetic));
            let sum = e * e + b * b;
            // In the beam itself, or unpolarised, there is no azimuth.
            let inverse = if kahn == 0.0 || sum == 0.0 { 0.0 } else { 1.0 / sum };
            let cos_2psi = if inverse == 0.0 { 1.0 } else { (e * e - b * b) * inverse };
            let factor = 0.5 * (1.0 + cos * cos - kahn * cos_2psi * sin_sqr);
            let by_cos = cos * (1.0 + kahn * cos_2psi);
            let by_azimuth = -0.5 * kahn * sin_sqr * 4.0 * e * b * inverse * inverse;
            let v = Vec3::new(
                by_cos * incident.x + by_azimuth * (b * electric.x - e * magnetic.x),
                by_cos * incident.y + by_azimuth * (b * electric.y - e * magnetic.y),
                by_cos * incident.z + by_azimuth * (b * electric.z - e * magnetic.z),
            );
            self.value[i] *= factor;
            at.add(i, at.across(i, v.scaled(1.0 / factor)), &mut self.relative);
        }
    }

    #[inline(always)]
    fn capture(&mut self, context: &Context<'_>, layer: i32, at: &Aimed) {
        let e = context.experiment;
        let normal = e.detector.normal;
        let depths = [layer, layer + 1].map(|n| f64::from(-n) * e.layer_step * e.attenuation);
        for i in 0..LANES {
            let d = at.direction(i);
            let inverse = 1.0 / d.dot(normal);
            let [before, after] = depths.map(|depth| (depth * inverse).exp());
            let factor = before - after;
            let slope = -(before * depths[0] - after * depths[1]) * inverse * inverse / factor;
            self.value[i] *= factor;
            at.add(i, at.across(i, normal.scaled(slope)), &mut self.relative);
            // The normal turns as well.
            self.relative[3][0][i] += slope * d.x;
            self.relative[3][1][i] += slope * d.y;
            self.relative[3][2][i] += slope * d.z;
        }
    }

    /// Adds the factors' derivatives, times the sum they scale, to the sum's own.
    #[inline(always)]
    pub(super) fn apply(&self, intensity: &Lanes, geometry: &mut [[Lanes; 3]; 4]) {
        for (sum, relative) in geometry.iter_mut().zip(&self.relative) {
            for axis in 0..3 {
                for i in 0..LANES {
                    sum[axis][i] += relative[axis][i] * intensity[i];
                }
            }
        }
    }
}
