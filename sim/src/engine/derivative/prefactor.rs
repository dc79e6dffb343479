//! What moving a pixel does to the factors that scale its sum: solid angle, polarisation, capture fraction.
//!
//! Their values are the image's (`geometry`, `rays`). Not here: the sums (`kernel`). As in the reference,
//! solid angle and polarisation are taken at the first sub-pixel of the first layer, the capture fraction at the first of
//! the last.

use crate::engine::block::state::BlockPosition;
use crate::engine::block::sums::Sums;
use crate::engine::reference::pixel::Context;
use crate::engine::simd::{LANES, Lanes};
use crate::physics::polarization::IncidentFrame;
use crate::physics::vec3::Vec3;

/// Components below this of a unit vector are rounding.
const NEGLIGIBLE_SLOPE: f64 = 1e-14;

/// The number of each pixel in its block.
pub(crate) const COUNT: Lanes = {
    let mut count = [0.0; LANES];
    let mut i = 1;
    while i < LANES {
        count[i] = count[i - 1] + 1.0;
        i += 1;
    }
    count
};

/// One over the distances, 1/m, of the sub-pixels whose directions are in `sums`.
#[inline(always)]
pub(crate) fn distances(
    context: &Context<'_>,
    at: BlockPosition,
    [layer, sub_slow, sub_fast]: [i32; 3],
    sums: &Sums,
    out: &mut Lanes,
) {
    let e = context.experiment;
    if e.curved {
        for i in 0..LANES {
            out[i] = 1.0 / sums.distance[i];
        }
        return;
    }
    let (d, n) = (&e.detector, e.detector.normal);
    let (along_slow, depth) = (context.along(at.first.slow, sub_slow), f64::from(layer) * e.layer_step);
    // Of a plane, there is neither a root nor, mostly, a division for each pixel.
    let height = d.origin.dot(n) + along_slow * d.slow.dot(n) + depth * n.dot(n);
    // Axes given one by one need not be at right angles.
    let slope = d.fast.dot(n);
    if slope.abs() < NEGLIGIBLE_SLOPE {
        let over = 1.0 / height;
        for i in 0..LANES {
            out[i] = along(sums, i, n) * over;
        }
    } else {
        let (first, pitch) = (context.along(at.first.fast, sub_fast), e.pixel_size);
        for i in 0..LANES {
            out[i] = along(sums, i, n) / (height + COUNT[i].mul_add(pitch, first) * slope);
        }
    }
}

/// Component of a direction.
#[inline(always)]
fn along(sums: &Sums, i: usize, v: Vec3) -> f64 {
    let [x, y, z] = &sums.diffracted;
    v.x.mul_add(x[i], v.y.mul_add(y[i], v.z * z[i]))
}

/// Relative derivatives of the product of the factors by the position.
#[repr(C, align(64))]
pub(crate) struct Prefactor {
    /// Those of solid angle and polarisation, by the position of the first sub-pixel.
    pub(crate) first: [Lanes; 3],
    /// That of the capture fraction, by the position of the first sub-pixel of the last layer.
    pub(crate) last: [Lanes; 3],
    /// That of the capture fraction, by the detector's normal.
    pub(crate) normal: [Lanes; 3],
}

impl Prefactor {
    pub(crate) const fn new() -> Self {
        let zero = [[0.0; LANES]; 3];
        Self { first: zero, last: zero, normal: zero }
    }

    /// Solid angle and polarisation, whose factor is in `sums` already.
    #[inline(always)]
    pub(crate) fn scatter(&mut self, context: &Context<'_>, inverse_distance: &Lanes, sums: &Sums) {
        let e = context.experiment;
        let power = if e.point_pixel { 2.0 } else { 3.0 };
        if e.no_polarization {
            for i in 0..LANES {
                let back = -power * inverse_distance[i];
                self.first[0][i] = back * sums.diffracted[0][i];
                self.first[1][i] = back * sums.diffracted[1][i];
                self.first[2][i] = back * sums.diffracted[2][i];
            }
            return;
        }
        if e.kahn_factor == 0.0 {
            self.polarize::<false>(context, power, inverse_distance, sums);
        } else {
            self.polarize::<true>(context, power, inverse_distance, sums);
        }
    }

    /// Solid angle and polarisation; of a beam that is not polarised the azimuth does not matter.
    #[inline(always)]
    fn polarize<const POLARIZED: bool>(
        &mut self,
        context: &Context<'_>,
        power: f64,
        inverse_distance: &Lanes,
        sums: &Sums,
    ) {
        let IncidentFrame { incident, electric, magnetic } = *context.axes.frame(0, 0).0;
        let kahn = context.experiment.kahn_factor;
        // The factor is (1 + c² - K (e² - b²))/2 with the components c, e, b of the direction along the three.
        for i in 0..LANES {
            let (x, y, z) = (sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]);
            let factor = sums.polarization[i];
            // Beyond a resolution limit there is none.
            let over = if factor == 0.0 { 0.0 } else { 1.0 / factor };
            let inverse = inverse_distance[i];
            let c = along(sums, i, incident);
            let scale = over * inverse;
            let back = -inverse.mul_add(power, (2.0 * factor - 1.0) * scale);
            let (mut by_x, mut by_y, mut by_z) = (c * incident.x, c * incident.y, c * incident.z);
            if POLARIZED {
                let (e, b) = (kahn * along(sums, i, electric), -kahn * along(sums, i, magnetic));
                by_x = by_x - e * electric.x - b * magnetic.x;
                by_y = by_y - e * electric.y - b * magnetic.y;
                by_z = by_z - e * electric.z - b * magnetic.z;
            }
            self.first[0][i] = by_x.mul_add(scale, back * x);
            self.first[1][i] = by_y.mul_add(scale, back * y);
            self.first[2][i] = by_z.mul_add(scale, back * z);
        }
    }

    /// The capture fraction of a layer.
    #[inline(always)]
    pub(crate) fn capture(
        &mut self,
        context: &Context<'_>,
        layer: i32,
        inverse_distance: &Lanes,
        sums: &Sums,
    ) {
        let e = context.experiment;
        let normal = e.detector.normal;
        let before = f64::from(-layer) * e.layer_step * e.attenuation;
        let after = f64::from(-(layer + 1)) * e.layer_step * e.attenuation;
        for i in 0..LANES {
            let (x, y, z) = (sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]);
            let parallax = along(sums, i, normal);
            let inverse = 1.0 / parallax;
            let (at, behind) = ((before * inverse).exp(), (after * inverse).exp());
            let slope = -(at * before - behind * after) * inverse * inverse / (at - behind);
            let across = slope * inverse_distance[i];
            self.last[0][i] = across * (normal.x - parallax * x);
            self.last[1][i] = across * (normal.y - parallax * y);
            self.last[2][i] = across * (normal.z - parallax * z);
            self.normal[0][i] = slope * x;
            self.normal[1][i] = slope * y;
            self.normal[2][i] = slope * z;
        }
    }
}
