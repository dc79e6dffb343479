//! The crystal's size in cells, and the sub-pixels it needs.
//!
//! Not here: cell and orientation.

use crate::config::CrystalConfig;
use crate::constants::{AVOGADRO, CRYSTAL_DENSITY};
use crate::physics::scalar::Scalar;
use serde::Serialize;

/// Size of the crystal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Size {
    /// Cells along a, b, c; at least 1 each.
    pub cells: [f64; 3],
    /// Lengths along a, b, c, m.
    pub lengths: [f64; 3],
    /// Largest length, m.
    pub max: f64,
    /// Molecular weight of one cell's content at the density of a protein crystal, g/mol.
    pub molecular_weight: f64,
}

/// Size from the counts given, or from lengths given (m), axis by axis; `cell` holds |a|, |b|, |c| in m.
pub(crate) fn size(config: &CrystalConfig, cell: [f64; 3]) -> Size {
    let cells = counts(config, cell, config.cells);
    let lengths: [f64; 3] = std::array::from_fn(|i| cell[i] * cells[i]);
    let mut max = lengths[0];
    for length in &lengths[1..] {
        if max < *length {
            max = *length;
        }
    }
    let volume = lengths[0] * lengths[1] * lengths[2];
    let molecules = cells[0] * cells[1] * cells[2];
    Size { cells, lengths, max, molecular_weight: volume * CRYSTAL_DENSITY * AVOGADRO / molecules }
}

/// Cells along each axis: what a length given (m) needs, or the count `given`; at least 1.
pub(crate) fn counts<T: Scalar>(config: &CrystalConfig, cell: [f64; 3], given: [T; 3]) -> [T; 3] {
    std::array::from_fn(|i| {
        let n = if config.size[i] > 0.0 { T::from((config.size[i] / cell[i]).ceil()) } else { given[i] };
        if n.value() <= 1.0 && n.value() != 1.0 { T::from(1.0) } else { n }
    })
}

/// Sub-pixels along a pixel's side that resolve the spots of a crystal `max` m wide, and the size in m in the crystal that
/// one pixel resolves.
pub(crate) fn recommended_oversample(
    max: f64,
    wavelength: f64,
    distance: f64,
    pixel_size: f64,
) -> (i32, f64) {
    let reciprocal_pixel = wavelength * distance / pixel_size;
    let wanted = (3.0 * max / reciprocal_pixel).ceil();
    // What no integer can hold becomes the smallest one in C, and hence 1.
    let count = if wanted.abs() < 2_147_483_648.0 { wanted as i32 } else { i32::MIN };
    (count.max(1), reciprocal_pixel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{InterpolationChoice, Misset, Shape};

    fn config(cells: [f64; 3], size: [f64; 3]) -> CrystalConfig {
        CrystalConfig {
            cells,
            size,
            cell: None,
            misset: Misset::None,
            shape: Shape::Square,
            fudge: 1.0,
            default_f: 0.0,
            interpolation: InterpolationChoice::Auto,
        }
    }

    #[test]
    fn a_length_wins_over_a_count_and_is_rounded_up() {
        let s = size(&config([5.0; 3], [0.0, 25e-9, 0.0]), [10e-9; 3]);
        assert_eq!(s.cells, [5.0, 3.0, 5.0]);
        assert_eq!(s.max, 50e-9);
    }

    #[test]
    fn no_crystal_has_less_than_one_cell() {
        assert_eq!(size(&config([0.0, -3.0, 1.0], [0.0; 3]), [10e-9; 3]).cells, [1.0; 3]);
    }

    #[test]
    fn a_larger_crystal_needs_more_sub_pixels() {
        assert_eq!(recommended_oversample(100e-9, 1e-10, 0.1, 1e-4).0, 3);
        assert_eq!(recommended_oversample(1e-9, 1e-10, 0.1, 1e-4).0, 1);
        assert_eq!(recommended_oversample(1.0, 1e-10, 0.0, 1e-4).0, 1);
    }
}
