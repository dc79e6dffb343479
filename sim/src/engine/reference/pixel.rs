//! The reference engine: one pixel, scalar, in the reference's order of operations.
//!
//! The order is part of the interface: no fused multiply-add, no reassociation. Not here: rows and threads (`rows`), state
//! carried between pixels (`reference::carry`).

use super::carry::{AxisStates, Carry, Leave};
use crate::constants::R_E_SQR;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::lattice::nearest_index;
use crate::physics::rotation::rotate_axis;
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;
use crate::trace::observer::{Observer, Outcome, Ray, Step};

/// What every pixel shares.
#[derive(Debug)]
pub(crate) struct Context<'e> {
    /// The experiment.
    pub experiment: &'e Experiment,
    pub(crate) axes: AxisStates,
    pub(crate) sub_pixel: f64,
    pub(crate) scale: f64,
}

/// One pixel rendered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RenderedPixel {
    /// Photons.
    pub photons: f32,
    /// Sum of the solid angles of its sub-pixels, sr.
    pub solid_angle_sum: f64,
    /// Where its evaluation first left the reflection list.
    pub left_list: Option<Leave>,
}

/// What changes while a pixel is summed up.
pub(crate) struct PixelSums {
    pub(crate) pixel: Pixel,
    intensity: f64,
    polarization: f64,
    solid_angle: f64,
    capture: f64,
    diffracted: Vec3,
    incident: Vec3,
    pub(crate) left_list: Option<Leave>,
}

impl<'e> Context<'e> {
    /// Prepares what does not depend on the pixel.
    pub(crate) fn new(experiment: &'e Experiment) -> Self {
        Self {
            experiment,
            axes: AxisStates::new(experiment),
            sub_pixel: experiment.pixel_size / f64::from(experiment.sampling.oversample),
            scale: R_E_SQR * experiment.fluence,
        }
    }

    /// Renders a pixel.
    pub(crate) fn pixel<O: Observer>(
        &self,
        pixel: Pixel,
        carry: &mut Carry,
        observer: &mut O,
    ) -> RenderedPixel {
        let e = self.experiment;
        let mut sum = PixelSums {
            pixel,
            intensity: e.background,
            polarization: if e.no_polarization { 1.0 } else { 0.0 },
            solid_angle: 0.0,
            capture: 0.0,
            diffracted: Vec3::ZERO,
            incident: Vec3::ZERO,
            left_list: None,
        };
        let mut solid_angle_sum = 0.0;
        for layer in 0..e.layers {
            sum.capture = if e.thickness == 0.0 { 1.0 } else { 0.0 };
            for sub_slow in 0..e.sampling.oversample {
                for sub_fast in 0..e.sampling.oversample {
                    let (position, distance) = self.aim(&mut sum, layer, sub_slow, sub_fast);
                    solid_angle_sum += sum.solid_angle;
                    let block = [layer, sub_slow, sub_fast];
                    for source in 0..e.sources.list.len() {
                        self.ray(source, block, (position, distance), &mut sum, carry, observer);
                    }
                }
            }
        }
        RenderedPixel { photons: self.finish(&sum, observer), solid_angle_sum, left_list: sum.left_list }
    }

    /// Where a coordinate along an axis lies, m: the centre of sub-pixel `sub` of the pixel that is number `count`.
    pub(crate) fn along(&self, count: usize, sub: i32) -> f64 {
        let count = count as i64 * i64::from(self.experiment.sampling.oversample) + i64::from(sub);
        self.sub_pixel * count as f64 + self.sub_pixel / 2.0
    }

    /// Position of a sub-pixel and its distance; brings direction, solid angle and capture fraction up to date.
    #[inline(always)]
    fn aim(&self, sum: &mut PixelSums, layer: i32, sub_slow: i32, sub_fast: i32) -> (Vec3, f64) {
        let e = self.experiment;
        let d = &e.detector;
        let (f, s) = (self.along(sum.pixel.fast, sub_fast), self.along(sum.pixel.slow, sub_slow));
        let depth = f64::from(layer) * e.layer_step;
        let mut position = Vec3::new(
            f * d.fast.x + s * d.slow.x + depth * d.normal.x + d.origin.x,
            f * d.fast.y + s * d.slow.y + depth * d.normal.y + d.origin.y,
            f * d.fast.z + s * d.slow.z + depth * d.normal.z + d.origin.z,
        );
        if e.curved {
            let straight = e.beam_direction.scaled(d.distance);
            let turned = rotate_axis(straight, d.slow, position.y / d.distance);
            position = rotate_axis(turned, d.fast, position.z / d.distance);
        }
        let (diffracted, distance) = position.unitized();
        sum.diffracted = diffracted;
        if sum.solid_angle == 0.0 || e.sampling.oversample_omega {
            sum.solid_angle = if e.point_pixel {
                1.0 / distance / distance
            } else {
                e.pixel_size * e.pixel_size / distance / distance * d.close_distance / distance
            };
        }
        if sum.capture == 0.0 || e.sampling.oversample_thick {
            sum.capture = self.capture_fraction(layer, diffracted);
        }
        (position, distance)
    }

    /// Share of the photons that a sensor layer absorbs.
    pub(crate) fn capture_fraction(&self, layer: i32, diffracted: Vec3) -> f64 {
        let e = self.experiment;
        if e.thickness == 0.0 && !e.capture_zero {
            return 1.0;
        }
        let parallax = diffracted.dot(e.detector.normal);
        let through = |layers: i32| (f64::from(-layers) * e.layer_step * e.attenuation / parallax).exp();
        through(layer) - through(layer + 1)
    }

    /// Adds what one source contributes to a sub-pixel.
    #[inline(always)]
    fn ray<O: Observer>(
        &self,
        source: usize,
        block: [i32; 3],
        (position, distance): (Vec3, f64),
        sum: &mut PixelSums,
        carry: &mut Carry,
        observer: &mut O,
    ) {
        let e = self.experiment;
        let from = &e.sources.list[source];
        let (incident, wavelength) = (-from.direction, from.wavelength);
        sum.incident = incident;
        let scattering = Vec3::new(
            (sum.diffracted.x - incident.x) / wavelength,
            (sum.diffracted.y - incident.y) / wavelength,
            (sum.diffracted.z - incident.z) / wavelength,
        );
        if O::ENABLED {
            let (solid_angle, diffracted) = (sum.solid_angle, sum.diffracted);
            observer.ray(&Ray {
                source,
                block,
                position,
                distance,
                solid_angle,
                diffracted,
                incident,
                wavelength,
                scattering,
            });
        }
        if e.sampling.dmin > 0.0 {
            let stol = 0.5 * scattering.norm();
            if stol > 0.0 && e.sampling.dmin > 0.5 / stol {
                return;
            }
        }
        if sum.polarization == 0.0 || e.sampling.oversample_polar {
            let (frame, next) = self.axes.frame(carry.axis, source);
            carry.axis = next;
            // Later sources of this sub-pixel see the vectors normalised once more.
            sum.diffracted = sum.diffracted.unitized().0;
            sum.incident = frame.incident;
            sum.polarization = frame.factor(e.kahn_factor, sum.diffracted);
        }
        for phi_step in 0..e.orientations.phi.len() {
            let cells = carry.cells(e, phi_step);
            for (domain, cell) in cells.iter().enumerate() {
                self.step((source, phi_step, domain), cell, scattering, sum, carry, observer);
            }
        }
        if O::ENABLED {
            observer.source_done(source, sum.intensity, sum.polarization);
        }
    }

    /// Adds one term: one source, rotation step and mosaic domain.
    #[inline(always)]
    fn step<O: Observer>(
        &self,
        (source, phi_step, domain): (usize, usize, usize),
        cell: &CellVectors,
        scattering: Vec3,
        sum: &mut PixelSums,
        carry: &mut Carry,
        observer: &mut O,
    ) {
        let e = self.experiment;
        let hkl = [cell[0].dot(scattering), cell[1].dot(scattering), cell[2].dot(scattering)];
        let nearest = [nearest_index(hkl[0]), nearest_index(hkl[1]), nearest_index(hkl[2])];
        if O::ENABLED {
            let phi = e.orientations.phi[phi_step];
            observer.step(&Step { source, phi_step, phi, domain, cell: *cell, hkl, nearest });
        }
        let f_latt = self.lattice_factor(hkl, nearest, observer);
        if f_latt == 0.0 && !e.water {
            return;
        }
        let f_cell = self.structure_factor(hkl, nearest, sum, carry, observer);
        sum.intensity += f_cell * f_cell * f_latt * f_latt;
        if e.sampling.oversample_thick {
            sum.intensity *= sum.capture;
        }
        if e.sampling.oversample_polar {
            sum.intensity *= sum.polarization;
        }
        if e.sampling.oversample_omega {
            sum.intensity *= sum.solid_angle;
        }
    }

    /// From the sum to photons.
    #[inline(always)]
    fn finish<O: Observer>(&self, sum: &PixelSums, observer: &mut O) -> f32 {
        let s = &self.experiment.sampling;
        let mut photons = self.scale * sum.intensity / f64::from(s.steps);
        if !s.oversample_thick {
            photons *= sum.capture;
        }
        if !s.oversample_polar {
            photons *= sum.polarization;
        }
        if !s.oversample_omega {
            photons *= sum.solid_angle;
        }
        // The image starts at zero and is added to: this turns -0 into 0.
        let stored = (0.0 + photons) as f32;
        if O::ENABLED {
            observer.outcome(&Outcome {
                sum: sum.intensity,
                capture_fraction: sum.capture,
                polarization: sum.polarization,
                solid_angle: sum.solid_angle,
                cos_2theta: sum.incident.dot(sum.diffracted),
                photons,
                stored,
            });
        }
        stored
    }
}
