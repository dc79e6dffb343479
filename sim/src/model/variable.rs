//! The part of an experiment that its quantities move: cell, orientations, detector, wavelength, fluence, sizes.
//!
//! The one place that computes it, for plain numbers and for numbers that carry derivatives. Not here: what no quantity
//! moves (`experiment`), step counts and random draws, which are settled before.

use super::cell::{self, Cell};
use super::crystal;
use super::detector::{self, Detector};
use super::orientation::Orientations;
use super::quantities::Quantities;
use super::sources::Source;
use crate::config::frame::Frame;
use crate::config::{CrystalConfig, DetectorConfig, SamplingConfig};
use crate::constants::{AVOGADRO, R_E_SQR, WATER_DENSITY, WATER_F, WATER_MW};
use crate::physics::random::RotationDraw;
use crate::physics::rotation::{IDENTITY, RotationMatrix, matrix_about};
use crate::physics::scalar::Scalar;
use crate::physics::vec3::Vec3;
use crate::units::ANGSTROM;

/// What the variable part is computed from beside the quantities.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    /// The quantities in force.
    pub quantities: Quantities,
    /// Mosaic spread as configured, radians.
    pub configured_spread: f64,
    /// Detector as requested.
    pub detector: DetectorConfig,
    /// Frame it is placed in.
    pub frame: Frame,
    /// Crystal as requested.
    pub crystal: CrystalConfig,
    /// Sampling as requested.
    pub sampling: SamplingConfig,
    /// Random rotations of the mosaic domains; the first domain's is not used.
    pub domains: Vec<RotationDraw>,
    /// Columns of the MOSFLM matrix.
    pub matrix: Option<[Vec3<Option<f64>>; 3]>,
    /// Whether the cell is put together as the reference does (C-CELL-001).
    pub skewed: bool,
}

/// The variable part. Lengths in m.
#[derive(Debug, Clone)]
pub(crate) struct Variable<T = f64> {
    /// The unrotated cell.
    pub cell: Cell<T>,
    /// Cells along a, b, c; at least 1 each.
    pub counts: [T; 3],
    /// Cells at every rotation step and in every domain.
    pub orientations: Orientations<T>,
    /// The placed detector.
    pub detector: Detector<T>,
    /// By how much the central wavelength differs from the one in force.
    pub wavelength_shift: T,
    /// Photons/m².
    pub fluence: T,
    /// Background of a pixel's sum.
    pub background: T,
    /// Structure factors of single reflections.
    pub reflections: Vec<([i32; 3], T)>,
}

impl Basis {
    /// Computes the variable part from `q`.
    pub(crate) fn variable<T: Scalar>(&self, q: &Quantities<T>) -> Variable<T> {
        let cell = self.cell(q, self.skewed);
        let direct = cell.direct.map(|v| v.scaled(T::from(ANGSTROM)));
        let lengths = direct.map(|v| v.norm().value());
        Variable {
            counts: crystal::counts(&self.crystal, lengths, q.cells),
            orientations: self.orientations(direct, q),
            detector: detector::place(&self.detector, &self.frame, q),
            wavelength_shift: q.wavelength - T::from(self.quantities.wavelength),
            fluence: q.fluence,
            background: self.background(q.fluence),
            reflections: q.reflections.clone(),
            cell,
        }
    }

    /// The unrotated cell, put together as the reference does it (C-CELL-001) or as given.
    pub(super) fn cell<T: Scalar>(&self, q: &Quantities<T>, skewed: bool) -> Cell<T> {
        let misset = (q.misset != [T::from(0.0); 3]).then_some(q.misset);
        cell::build(q.cell.as_ref(), self.matrix, misset, q.wavelength, skewed)
    }

    fn orientations<T: Scalar>(&self, cell: [Vec3<T>; 3], q: &Quantities<T>) -> Orientations<T> {
        let s = &self.sampling;
        let steps = usize::try_from(s.phi.steps).unwrap_or(0);
        let phi = (0..steps).map(|tic| q.phi_start + T::from(s.phi.step * tic as f64)).collect();
        let matrices = self.domain_matrices(q.mosaic_spread);
        let domains = (s.mosaic_spread > 0.0).then_some(matrices.as_slice());
        Orientations::new(cell, self.frame.axes.spindle, phi, domains)
    }

    /// Each domain's rotation. At the configured spread the angles are the reference's, rounded to single precision; they
    /// follow a change of the spread without being rounded again.
    fn domain_matrices<T: Scalar>(&self, spread: T) -> Vec<RotationMatrix<T>> {
        let configured = self.configured_spread;
        let change = spread - T::from(configured);
        let matrix = |draw: &RotationDraw| {
            let angle = f64::from(configured as f32 * draw.share);
            matrix_about(draw.axis, T::from(angle) + change * T::from(f64::from(draw.share)))
        };
        // The first domain is the aligned one.
        let first = self.domains.first().map(|_| IDENTITY.map(T::from));
        first.into_iter().chain(self.domains.iter().skip(1).map(matrix)).collect()
    }

    /// Scattering of a cube of water, in the units of a pixel's sum (and hence with the fluence in it, as in the
    /// reference).
    fn background<T: Scalar>(&self, fluence: T) -> T {
        let water = self.sampling.water_size;
        T::from(WATER_F * WATER_F * R_E_SQR)
            * fluence
            * T::from(water)
            * T::from(water)
            * T::from(water)
            * T::from(WATER_DENSITY)
            * T::from(AVOGADRO)
            / T::from(WATER_MW)
    }
}

impl<T: Scalar> Variable<T> {
    /// Wavelength of a source, m.
    #[inline]
    pub(crate) fn wavelength(&self, source: &Source) -> T {
        T::from(source.wavelength) + self.wavelength_shift * T::from(source.follows)
    }
}
