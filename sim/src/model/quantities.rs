//! The user's quantities that an experiment can be differentiated by, as numbers of any kind.
//!
//! Not here: which of them a user requests and in which unit (`parameter`), what is computed from them (`variable`).

use super::cell::completed;
use crate::config::{Config, Pivot, UserCell};
use crate::physics::scalar::Scalar;

/// Everything about an experiment that can change by a little. Lengths in m, angles in radians unless noted.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantities<T = f64> {
    /// The unit cell, when given: lengths in Å.
    pub cell: Option<UserCell<T>>,
    /// Initial turn about lab x, y, z.
    pub misset: [T; 3],
    /// Spindle angle of the first rotation step; the others follow.
    pub phi_start: T,
    /// Central wavelength.
    pub wavelength: T,
    /// Photons/m².
    pub fluence: T,
    /// Sample to detector along the beam.
    pub distance: T,
    /// The point the detector turns about, along fast and slow: direct-beam spot, or nearest point.
    pub centre: [T; 2],
    /// Detector rotations about lab x, y, z.
    pub rotations: [T; 3],
    /// Swing of the detector.
    pub twotheta: T,
    /// Mosaic spread: scale of the rotations of the domains.
    pub mosaic_spread: T,
    /// Cells along a, b, c as given.
    pub cells: [T; 3],
    /// Structure factors of single reflections, electrons.
    pub reflections: Vec<([i32; 3], T)>,
}

impl Quantities {
    /// Nothing but zeros.
    pub const NONE: Self = Self {
        cell: None,
        misset: [0.0; 3],
        phi_start: 0.0,
        wavelength: 0.0,
        fluence: 0.0,
        distance: 0.0,
        centre: [0.0; 2],
        rotations: [0.0; 3],
        twotheta: 0.0,
        mosaic_spread: 0.0,
        cells: [0.0; 3],
        reflections: Vec::new(),
    };

    /// The quantities of a configuration; `misset` are the angles in force, given or drawn.
    pub fn of(config: &Config, misset: Option<[f64; 3]>) -> Self {
        let frame = &config.frame;
        Self {
            cell: config.crystal.cell.as_ref().map(completed),
            misset: misset.unwrap_or_default(),
            phi_start: config.sampling.phi_start,
            wavelength: config.beam.wavelength,
            fluence: config.beam.fluence,
            distance: config.detector.distance,
            centre: if frame.pivot == Pivot::Beam { frame.beam_fs } else { frame.close_fs },
            rotations: config.detector.rotations,
            twotheta: config.detector.twotheta,
            mosaic_spread: config.sampling.mosaic_spread,
            cells: config.crystal.cells,
            reflections: Vec::new(),
        }
    }

    /// The same quantities as constants of another kind of number.
    pub fn lifted<T: Scalar>(&self) -> Quantities<T> {
        let three = |x: [f64; 3]| x.map(T::from);
        Quantities {
            cell: self.cell.map(|c| UserCell { lengths: three(c.lengths), angles: three(c.angles) }),
            misset: three(self.misset),
            phi_start: T::from(self.phi_start),
            wavelength: T::from(self.wavelength),
            fluence: T::from(self.fluence),
            distance: T::from(self.distance),
            centre: self.centre.map(T::from),
            rotations: three(self.rotations),
            twotheta: T::from(self.twotheta),
            mosaic_spread: T::from(self.mosaic_spread),
            cells: three(self.cells),
            reflections: self.reflections.iter().map(|(hkl, f)| (*hkl, T::from(*f))).collect(),
        }
    }
}
