//! The crystal's cell at every rotation step and in every mosaic domain.
//!
//! Rotations do not depend on the pixel, so they are computed once: the same numbers as computing them per pixel. Not here:
//! which of them a pixel meets at phi = 0 when the reference's carry-over is emulated (`engine::reference::carry`).

use crate::physics::rotation::{RotationMatrix, rotate_axis, rotate_matrix};
use crate::physics::scalar::Scalar;
use crate::physics::vec3::Vec3;

/// a, b, c in m.
pub(crate) type CellVectors<T = f64> = [Vec3<T>; 3];

/// Rotated cells by phi step and mosaic domain.
#[derive(Debug, Clone)]
pub(crate) struct Orientations<T = f64> {
    /// Spindle angle of each step, radians.
    pub phi: Vec<T>,
    /// Mosaic domains.
    pub domains: usize,
    rotated: Vec<CellVectors<T>>,
    unrotated: Vec<CellVectors<T>>,
    spindle_only: Vec<CellVectors<T>>,
}

impl<T: Scalar> Orientations<T> {
    /// Turns `cell` (m) about `spindle` by each angle, then by each domain's matrix. Without a mosaic spread pass one
    /// domain and `None`.
    pub(crate) fn new(
        cell: CellVectors<T>,
        spindle: Vec3,
        phi: Vec<T>,
        domains: Option<&[RotationMatrix<T>]>,
    ) -> Self {
        let in_domains = |base: CellVectors<T>| -> Vec<CellVectors<T>> {
            match domains {
                Some(matrices) => matrices.iter().map(|m| base.map(|v| rotate_matrix(v, m))).collect(),
                None => vec![base],
            }
        };
        // A step at exactly 0 is not rotated at all.
        let turned = |angle: T| {
            if angle == T::from(0.0) { cell } else { cell.map(|v| rotate_axis(v, spindle.lifted(), angle)) }
        };
        let spindle_only: Vec<_> = phi.iter().map(|angle| turned(*angle)).collect();
        let rotated = spindle_only.iter().flat_map(|base| in_domains(*base)).collect();
        let unrotated = in_domains(cell);
        Self { phi, domains: unrotated.len(), rotated, unrotated, spindle_only }
    }

    /// The cells of all domains at a phi step.
    #[inline]
    pub(crate) fn at(&self, step: usize) -> &[CellVectors<T>] {
        &self.rotated[step * self.domains..(step + 1) * self.domains]
    }

    /// The cells of all domains before any rotation about the spindle.
    #[inline]
    pub(crate) fn unrotated(&self) -> &[CellVectors<T>] {
        &self.unrotated
    }

    /// The cell at a phi step before the mosaic rotation, m.
    pub(crate) fn without_mosaic(&self, step: usize) -> CellVectors<T> {
        self.spindle_only[step]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::rotation::IDENTITY;

    const CELL: CellVectors = [Vec3::new(1., 0., 0.), Vec3::new(0., 2., 0.), Vec3::new(0., 0., 3.)];

    #[test]
    fn a_step_at_zero_is_not_rotated() {
        let o = Orientations::new(CELL, Vec3::new(0., 0., 1.), vec![0.0, 0.5], None);
        assert_eq!(o.at(0), [CELL]);
        assert_ne!(o.at(1), [CELL]);
        assert_eq!(o.at(1)[0][2], CELL[2], "the spindle axis stays");
    }

    #[test]
    fn domains_stand_side_by_side_within_a_step() {
        let quarter = [0., -1., 0., 1., 0., 0., 0., 0., 1.];
        let o = Orientations::new(CELL, Vec3::new(0., 0., 1.), vec![0.0], Some(&[IDENTITY, quarter]));
        assert_eq!(o.domains, 2);
        assert_eq!(o.at(0)[1][0], Vec3::new(0., 1., 0.));
        assert_eq!(o.unrotated(), o.at(0));
    }
}
