//! How far indices and arguments of sines go in a run, and how far a table of structure factors does.
//!
//! Not here: what follows for errors (`plan`).

use super::sine::LARGEST_ARGUMENT;
use super::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;

/// Largest index along an axis that the vector path takes.
const LARGEST_INDEX: f64 = (1 << 20) as f64;

/// No scattering vector is longer, 1/m; a little more for rounding.
fn longest(e: &Experiment) -> f64 {
    2.001 / e.sources.list.iter().map(|s| s.wavelength).fold(f64::INFINITY, f64::min)
}

/// Whether all indices and arguments of sines stay in the ranges for which errors are bounded.
pub(crate) fn within_reach(e: &Experiment, sweep: &[CellVectors]) -> bool {
    let longest = longest(e);
    let cells = e.size.cells.iter().fold(1.0, |sum, n| sum + n.abs()) * e.fudge.abs().max(1.0);
    let inside = |x: f64| x < LARGEST_INDEX && x * cells * 4.0 < LARGEST_ARGUMENT;
    longest > 0.0 && sweep.iter().flatten().all(|axis| inside(axis.norm() * longest))
}

/// Length of a scattering vector below which all whole indices are inside `table`; 0 if there is none.
pub(crate) fn inside(table: &SquaredTable, sweep: &[CellVectors]) -> f64 {
    // Half for rounding to the nearest whole index, and far more than the rounding of the sums that lead there.
    let limits = table.reach().map(|reach| reach - 0.501);
    let axes = sweep.iter().flat_map(|cell| cell.iter().zip(limits));
    axes.map(|(axis, limit)| limit / axis.norm()).fold(f64::INFINITY, f64::min).max(0.0)
}

/// Largest argument of a square crystal's sines, in multiples of π.
pub(crate) fn largest_argument(e: &Experiment, sweep: &[CellVectors]) -> f64 {
    let along = |cell: &CellVectors| {
        // Without more than one cell there is one.
        let products = cell.iter().zip(e.size.cells).map(|(axis, n)| axis.norm() * n.max(1.0));
        products.fold(0.0, f64::max)
    };
    // Half a multiple more for rounding to the nearest.
    sweep.iter().map(along).fold(0.0, f64::max) * longest(e) + 1.0
}
