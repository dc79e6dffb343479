//! One pixel over any kind of number: with duals its value and its derivatives, for every feature of the simulator.
//!
//! Scalar, and the plain formulas: it serves what the vector kernel (`kernel`) does not cover, and tests of it.
//! Not here: which pixels (`derivative`).

use crate::config::Shape;
use crate::constants::{R_E_SQR, SPHERE_TO_CUBE};
use crate::engine::reference::carry::sweep_steps;
use crate::engine::reference::pixel::Context;
use crate::engine::shape::round::sphere;
use crate::engine::shape::spot::{GAUSSIAN_WIDTH, SPOT_EDGE};
use crate::engine::shape::square::interference;
use crate::model::orientation::CellVectors;
use crate::model::sources::Source;
use crate::model::variable::Variable;
use crate::physics::interpolation::tricubic;
use crate::physics::lattice::nearest_index;
use crate::physics::rotation::rotate_axis;
use crate::physics::scalar::Scalar;
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;
use std::f64::consts::PI;

/// What all pixels share.
pub(crate) struct ScalarPixels<'a, T> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) variable: &'a Variable<T>,
    /// Cells of one sweep over rotation steps and domains.
    pub(crate) sweep: Vec<&'a CellVectors<T>>,
}

/// What changes while a pixel is summed up.
struct ScalarSums<T> {
    intensity: T,
    polarization: Option<T>,
    solid_angle: Option<T>,
    capture: T,
    interpolate: bool,
}

impl<'a, T: Scalar> ScalarPixels<'a, T> {
    /// Prepares what does not depend on the pixel.
    pub(crate) fn new(context: &'a Context<'a>, variable: &'a Variable<T>) -> Self {
        let steps = sweep_steps(context.experiment);
        let sweep = steps.into_iter().flat_map(|step| variable.orientations.at(step)).collect();
        Self { context, variable, sweep }
    }

    /// Photons of a pixel, and whether interpolation is still on after it.
    pub(crate) fn photons(&self, pixel: Pixel, interpolate: bool) -> (T, bool) {
        let e = self.context.experiment;
        let s = &e.sampling;
        let mut sum = ScalarSums {
            intensity: self.variable.background,
            polarization: e.no_polarization.then(|| T::from(1.0)),
            solid_angle: None,
            capture: T::from(1.0),
            interpolate,
        };
        for layer in 0..e.layers {
            for sub_slow in 0..s.oversample {
                for sub_fast in 0..s.oversample {
                    let along = [(pixel.fast, sub_fast), (pixel.slow, sub_slow)]
                        .map(|(n, sub)| self.context.along(n, sub));
                    let fresh_capture = [sub_slow, sub_fast] == [0; 2] || s.oversample_thick;
                    let diffracted = self.aim(&mut sum, along, layer, fresh_capture);
                    for (i, source) in e.sources.list.iter().enumerate() {
                        self.ray((i, source), diffracted, &mut sum);
                    }
                }
            }
        }
        let mut photons =
            T::from(R_E_SQR) * self.variable.fluence * sum.intensity / T::from(f64::from(s.steps));
        let one = T::from(1.0);
        for (per_term, factor) in [
            (s.oversample_thick, sum.capture),
            (s.oversample_polar, sum.polarization.unwrap_or(T::from(0.0))),
            (s.oversample_omega, sum.solid_angle.unwrap_or(one)),
        ] {
            if !per_term {
                photons = photons * factor;
            }
        }
        (photons, sum.interpolate)
    }

    /// Direction of a sub-pixel; brings solid angle and capture fraction up to date.
    fn aim(&self, sum: &mut ScalarSums<T>, [f, s]: [f64; 2], layer: i32, fresh_capture: bool) -> Vec3<T> {
        let e = self.context.experiment;
        let d = &self.variable.detector;
        let (f, s, depth) = (T::from(f), T::from(s), T::from(f64::from(layer) * e.layer_step));
        let mut position = Vec3::new(
            f * d.fast.x + s * d.slow.x + depth * d.normal.x + d.origin.x,
            f * d.fast.y + s * d.slow.y + depth * d.normal.y + d.origin.y,
            f * d.fast.z + s * d.slow.z + depth * d.normal.z + d.origin.z,
        );
        if e.curved {
            let straight = e.beam_direction.lifted().scaled(d.distance);
            let turned = rotate_axis(straight, d.slow, position.y / d.distance);
            position = rotate_axis(turned, d.fast, position.z / d.distance);
        }
        let (diffracted, distance) = position.unitized();
        if sum.solid_angle.is_none() || e.sampling.oversample_omega {
            let inverse_square = T::from(1.0) / distance / distance;
            let area = T::from(e.pixel_size * e.pixel_size);
            sum.solid_angle = Some(if e.point_pixel {
                inverse_square
            } else {
                area * inverse_square * d.close_distance / distance
            });
        }
        if fresh_capture && (e.thickness != 0.0 || e.capture_zero && e.sampling.oversample_thick) {
            let parallax = diffracted.dot(d.normal);
            let through = |n: i32| (T::from(f64::from(-n) * e.layer_step * e.attenuation) / parallax).exp();
            sum.capture = through(layer) - through(layer + 1);
        }
        diffracted
    }

    /// Adds what one source contributes to a sub-pixel.
    fn ray(&self, (i, source): (usize, &Source), diffracted: Vec3<T>, sum: &mut ScalarSums<T>) {
        let e = self.context.experiment;
        let incident: Vec3<T> = (-source.direction).lifted();
        let scattering = (diffracted - incident).scaled(T::from(1.0) / self.variable.wavelength(source));
        if e.sampling.dmin > 0.0 {
            let stol = 0.5 * scattering.norm().value();
            if stol > 0.0 && e.sampling.dmin > 0.5 / stol {
                return;
            }
        }
        if sum.polarization.is_none() || e.sampling.oversample_polar {
            sum.polarization = Some(self.polarization(i, diffracted));
        }
        for cell in &self.sweep {
            self.step(cell, scattering, sum);
        }
    }

    fn polarization(&self, source: usize, diffracted: Vec3<T>) -> T {
        let kahn = self.context.experiment.kahn_factor;
        let (frame, _) = self.context.axes.frame(0, source);
        let one = T::from(1.0);
        let cos = frame.incident.lifted().dot(diffracted);
        let cos_sqr = cos * cos;
        let (b, e) = (diffracted.dot(frame.magnetic.lifted()), diffracted.dot(frame.electric.lifted()));
        let (b, e) = (b * b, e * e);
        // In the beam itself there is no azimuth.
        let cos_2psi = if kahn == 0.0 || (b + e).value() == 0.0 { one } else { (e - b) / (e + b) };
        T::from(0.5) * (one + cos_sqr - T::from(kahn) * cos_2psi * (one - cos_sqr))
    }

    /// Adds one term.
    fn step(&self, cell: &CellVectors<T>, scattering: Vec3<T>, sum: &mut ScalarSums<T>) {
        let e = self.context.experiment;
        let s = &e.sampling;
        let hkl = cell.map(|axis| axis.dot(scattering));
        let nearest = hkl.map(|h| nearest_index(h.value()));
        let lattice = self.lattice(hkl, nearest);
        if lattice.value() == 0.0 && !e.water {
            return;
        }
        let f_cell = self.structure_factor(hkl, nearest, sum);
        sum.intensity = sum.intensity + f_cell * f_cell * lattice * lattice;
        for (per_term, factor) in [
            (s.oversample_thick, Some(sum.capture)),
            (s.oversample_polar, sum.polarization),
            (s.oversample_omega, sum.solid_angle),
        ] {
            if let (true, Some(factor)) = (per_term, factor) {
                sum.intensity = sum.intensity * factor;
            }
        }
    }

    /// Structure factor of the finite lattice, but for its sign.
    fn lattice(&self, hkl: [T; 3], nearest: [i32; 3]) -> T {
        let e = self.context.experiment;
        let [na, nb, nc] = self.variable.counts;
        let offset: [T; 3] = std::array::from_fn(|i| hkl[i] - T::from(f64::from(nearest[i])));
        let ([dh, dk, dl], all) = (offset, na * nb * nc);
        let fudge = T::from(e.fudge);
        let distance_sqr = || {
            let [a, b, c] = self.variable.cell.reciprocal;
            let component = |a: T, b: T, c: T| dh * a + dk * b + dl * c;
            let d = Vec3::new(component(a.x, b.x, c.x), component(a.y, b.y, c.y), component(a.z, b.z, c.z));
            d.dot(d) * all * all * fudge
        };
        match e.shape {
            Shape::Square => interference(dh, na) * interference(dk, nb) * interference(dl, nc),
            Shape::Round => {
                let radius_sqr = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
                all * T::from(SPHERE_TO_CUBE) * sphere(radius_sqr * fudge * T::from(PI * PI))
            }
            Shape::Gauss => all * (-(distance_sqr() / T::from(GAUSSIAN_WIDTH))).exp(),
            Shape::Tophat => all * T::from(f64::from(u8::from(distance_sqr().value() < SPOT_EDGE))),
        }
    }

    /// Structure factor of the cell: interpolated, or that of the nearest reflection.
    fn structure_factor(&self, hkl: [T; 3], nearest: [i32; 3], sum: &mut ScalarSums<T>) -> T {
        let e = self.context.experiment;
        let variable = |of: [i32; 3], f: f64| {
            let found = self.variable.reflections.iter().find(|(hkl, _)| *hkl == of);
            found.map_or(T::from(f), |(_, f)| *f)
        };
        if sum.interpolate {
            if let Some((nodes, values)) = e.structure_factors.neighbourhood(hkl.map(T::value)) {
                let at = |i: usize, n: usize| nodes[i][n] as i32;
                let values = std::array::from_fn(|i| {
                    std::array::from_fn(|j| {
                        std::array::from_fn(|m| variable([at(0, i), at(1, j), at(2, m)], values[i][j][m]))
                    })
                });
                return tricubic(&nodes, &values, hkl);
            }
            sum.interpolate = !e.interpolation_stops;
        }
        variable(nearest, e.structure_factors.nearest(nearest))
    }
}
