//! What the engine reports about a pixel while it computes it. The default does nothing and costs nothing.
//!
//! The engine checks `ENABLED` before it builds an event, so a run without a trace contains no trace code. Not here: what is
//! done with the events (`pixel_log`).

use crate::model::orientation::CellVectors;
use crate::physics::interpolation::Neighbourhood;
use crate::physics::vec3::Vec3;

/// One incident ray seen from one sub-pixel of one layer, before the resolution limit is applied.
#[derive(Debug, Clone, Copy)]
pub struct Ray {
    /// Number of the source.
    pub source: usize,
    /// Layer, slow and fast sub-pixel.
    pub block: [i32; 3],
    /// Position of the sub-pixel, m.
    pub position: Vec3,
    /// Its distance from the sample, m.
    pub distance: f64,
    /// Solid angle in force, sr.
    pub solid_angle: f64,
    /// Unit vector to the sub-pixel.
    pub diffracted: Vec3,
    /// Unit vector of the incident ray.
    pub incident: Vec3,
    /// Wavelength, m.
    pub wavelength: f64,
    /// Scattering vector, 1/m.
    pub scattering: Vec3,
}

/// The crystal at one rotation step and in one domain.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Number of the source.
    pub source: usize,
    /// Number of the rotation step.
    pub phi_step: usize,
    /// Spindle angle, radians.
    pub phi: f64,
    /// Number of the mosaic domain.
    pub domain: usize,
    /// a, b, c, m.
    pub cell: CellVectors,
    /// Fractional Miller indices.
    pub hkl: [f64; 3],
    /// Nearest Miller indices.
    pub nearest: [i32; 3],
}

/// The lattice's contribution to the current step.
#[derive(Debug, Clone, Copy)]
pub struct Lattice {
    /// The three factors of a parallelepiped crystal.
    pub factors: Option<[f64; 3]>,
    /// Their product, or the factor of another shape.
    pub total: f64,
}

/// The cell's contribution to the current step.
#[derive(Debug, Clone, Copy)]
pub struct Amplitude<'a> {
    /// Structure factor, electrons.
    pub f_cell: f64,
    /// The neighbourhood it was interpolated from.
    pub neighbourhood: Option<&'a Neighbourhood>,
}

/// The finished pixel.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Sum over all steps before scaling.
    pub sum: f64,
    /// Capture fraction in force at the end.
    pub capture_fraction: f64,
    /// Polarisation factor in force at the end.
    pub polarization: f64,
    /// Solid angle in force at the end, sr.
    pub solid_angle: f64,
    /// Cosine of the scattering angle of the last ray.
    pub cos_2theta: f64,
    /// Photons.
    pub photons: f64,
    /// Photons as stored.
    pub stored: f32,
}

/// Receives what the engine reports about one pixel.
pub trait Observer {
    /// Whether anything is listened to.
    const ENABLED: bool;

    /// A ray is about to be evaluated.
    fn ray(&mut self, _event: &Ray) {}
    /// The crystal of a step.
    fn step(&mut self, _event: &Step) {}
    /// The lattice factor of the step.
    fn lattice(&mut self, _event: &Lattice) {}
    /// The structure factor of the step; not reported where the lattice factor ends the step.
    fn amplitude(&mut self, _event: &Amplitude<'_>) {}
    /// All steps of a source are done; the running sum so far and the polarisation in force.
    fn source_done(&mut self, _source: usize, _sum: f64, _polarization: f64) {}
    /// The pixel is done.
    fn outcome(&mut self, _event: &Outcome) {}
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTrace;

impl Observer for NoTrace {
    const ENABLED: bool = false;
}

/// Two observers at once.
impl<A: Observer, B: Observer> Observer for (A, B) {
    const ENABLED: bool = A::ENABLED || B::ENABLED;

    fn ray(&mut self, event: &Ray) {
        self.0.ray(event);
        self.1.ray(event);
    }
    fn step(&mut self, event: &Step) {
        self.0.step(event);
        self.1.step(event);
    }
    fn lattice(&mut self, event: &Lattice) {
        self.0.lattice(event);
        self.1.lattice(event);
    }
    fn amplitude(&mut self, event: &Amplitude<'_>) {
        self.0.amplitude(event);
        self.1.amplitude(event);
    }
    fn source_done(&mut self, source: usize, sum: f64, polarization: f64) {
        self.0.source_done(source, sum, polarization);
        self.1.source_done(source, sum, polarization);
    }
    fn outcome(&mut self, event: &Outcome) {
        self.0.outcome(event);
        self.1.outcome(event);
    }
}
