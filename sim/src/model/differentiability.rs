//! By which parameters an experiment cannot be differentiated, or only on one branch, and why, in words for the user.
//!
//! Not here: the derivatives (`engine`); docs/derivatives.md has the same in full sentences.

use super::experiment::Experiment;
use super::parameter::Parameter;
use crate::config::{Pivot, Shape};

/// What a derivative by a parameter is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differentiability {
    /// The derivative, wherever the image has one.
    Smooth,
    /// Zero everywhere: the quantity moves nothing, for this reason.
    Zero(&'static str),
    /// There is none: the quantity does not exist, or only takes whole values, for this reason.
    None(&'static str),
}

impl Differentiability {
    /// The reason, if there is one.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Smooth => None,
            Self::Zero(reason) | Self::None(reason) => Some(reason),
        }
    }
}

/// What the derivative of an experiment's image by `parameter` is worth.
pub fn of(e: &Experiment, parameter: Parameter) -> Differentiability {
    use Differentiability::{None, Smooth, Zero};
    let b = &e.basis;
    match parameter {
        Parameter::CellLength(_) | Parameter::CellAngle(_) if b.quantities.cell.is_none() => {
            None("no unit cell is given: the matrix has its own")
        }
        Parameter::CellAngle(_) if b.matrix.is_some() => {
            Zero("the matrix gives the directions; of the cell only the lengths and the volume count")
        }
        Parameter::MosaicSpread if b.sampling.mosaic_spread <= 0.0 => {
            None("without a mosaic spread there are no domains to turn")
        }
        Parameter::MosaicSpread if e.orientations.domains < 2 => {
            Zero("the only mosaic domain is the aligned one")
        }
        Parameter::Distance if b.detector.close_distance.is_some() => {
            Zero("the distance follows from the distance of the nearest point, which is given")
        }
        Parameter::Distance | Parameter::Centre(_) if b.detector.origin.is_some() => {
            Zero("the detector's origin is given")
        }
        Parameter::Centre(_) if e.curved && b.frame.pivot == Pivot::Sample => Smooth,
        Parameter::Cells(i) if b.crystal.size[i] > 0.0 => {
            None("the crystal's size is given as a length, which is rounded up to whole cells")
        }
        Parameter::Cells(_) if e.shape == Shape::Square => {
            None("a row of cells interferes for whole numbers of cells only (shape square)")
        }
        Parameter::Cells(i) if b.quantities.cells[i] < 1.0 => None("no crystal has less than one cell"),
        Parameter::Reflection(hkl) if !e.structure_factors.lists(hkl) => {
            None("the reflection is not in the list")
        }
        Parameter::CellLength(_)
        | Parameter::CellAngle(_)
        | Parameter::Misset(_)
        | Parameter::Phi
        | Parameter::Wavelength
        | Parameter::Fluence
        | Parameter::Distance
        | Parameter::Centre(_)
        | Parameter::Rotation(_)
        | Parameter::Twotheta
        | Parameter::MosaicSpread
        | Parameter::Cells(_)
        | Parameter::Reflection(_) => Smooth,
    }
}

/// Where the image of this experiment has kinks or steps that a derivative does not see.
pub fn kinks(e: &Experiment) -> Vec<&'static str> {
    let mut kinks = Vec::new();
    if e.structure_factors.is_loaded() && !e.interpolate {
        kinks.push("half way between reflections the nearest one, and with it the structure factor, changes");
    }
    if e.shape == Shape::Tophat {
        kinks.push("a flat spot ends in a step: its derivatives leave the movement of its edge out");
    }
    match e.shape {
        Shape::Square => {}
        Shape::Round | Shape::Gauss | Shape::Tophat => {
            kinks.push("half way between lattice points the distance is taken to another one");
        }
    }
    if e.interpolate {
        kinks.push("where the neighbourhood leaves the list interpolation ends");
        kinks.push("from one cell of the list to the next interpolating polynomials have kinks");
    }
    if e.sampling.dmin > 0.0 {
        kinks.push("at the resolution limit the image ends in a step");
    }
    if e.basis.crystal.size.iter().any(|size| *size > 0.0) {
        kinks.push("a crystal given by its size grows by whole cells");
    }
    kinks
}
