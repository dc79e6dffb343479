//! Lattice factors of shapes whose spots end, Gaussian and flat: of whole blocks, and of groups of pixels where it is known
//! which of them a spot can light.
//!
//! All numbers are the reference's own. Not here: which pixels a spot can light (`spots::map`), other shapes (`shape`).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::proven::{Factors, LANES, Lanes, Lattice, index, whole};
use crate::engine::spots::map::GROUP;
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;

/// Exponentials of anything below this are 0.
pub const UNDERFLOW: f64 = -746.0;

/// Where a flat spot ends, in the reference's scaled distance.
pub const SPOT_EDGE: f64 = 0.3969;

/// Gaussian or flat spots: the reference's own numbers, with the exponential taken only where it is not 0.
#[derive(Clone, Copy)]
pub struct Spot<const GAUSS: bool> {
    cells: [f64; 3],
    reciprocal: [Vec3; 3],
    fudge: f64,
}

impl<const GAUSS: bool> Spot<GAUSS> {
    /// Of the experiment's crystal.
    pub fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, reciprocal: e.cell.reciprocal, fudge: e.fudge }
    }

    /// What the shape compares or exponentiates, in the reference's order.
    #[inline(always)]
    pub(crate) fn argument(self, [dh, dk, dl]: [f64; 3]) -> f64 {
        let [na, nb, nc] = self.cells;
        let [a, b, c] = self.reciprocal;
        let d = Vec3::new(
            dh * a.x + dk * b.x + dl * c.x,
            dh * a.y + dk * b.y + dl * c.y,
            dh * a.z + dk * b.z + dl * c.z,
        );
        let distance_sqr = (d.x * d.x + d.y * d.y + d.z * d.z) * na * na * nb * nb * nc * nc;
        if GAUSS { -(distance_sqr / 0.63 * self.fudge) } else { distance_sqr * self.fudge }
    }

    /// Whether the factor is 0. The comparisons this way round count what is no number as lit.
    #[inline(always)]
    pub(crate) fn is_dark(argument: f64) -> bool {
        if GAUSS { argument < UNDERFLOW } else { argument >= SPOT_EDGE }
    }

    /// The factor from its argument.
    #[inline(always)]
    pub(crate) fn factor(self, argument: f64) -> f64 {
        let [na, nb, nc] = self.cells;
        let share = match (GAUSS, Self::is_dark(argument)) {
            (true, true) => 0.0,
            (true, false) => exponential(argument),
            (false, _) => f64::from(u8::from(argument < SPOT_EDGE)),
        };
        na * nb * nc * share
    }
}

/// Fractional indices of a pixel in the reference's order, and the nearest whole ones.
#[inline(always)]
fn indices(cell: &CellVectors, s: &[Lanes; 3], i: usize) -> ([f64; 3], [f64; 3]) {
    let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
    let (h, k, l) = (index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z));
    ([h, k, l], [whole(h), whole(k), whole(l)])
}

/// From the nearest lattice point.
#[inline(always)]
fn offset(hkl: [f64; 3], nearest: [f64; 3]) -> [f64; 3] {
    [hkl[0] - nearest[0], hkl[1] - nearest[1], hkl[2] - nearest[2]]
}

/// The platform's exponential, behind a call: as it is, the compiler would take it of every argument and then choose.
#[inline(never)]
fn exponential(x: f64) -> f64 {
    x.exp()
}

impl<const GAUSS: bool> Lattice for Spot<GAUSS> {
    const ABSOLUTE: bool = false;
    const RELATIVE: f64 = 0.0;
    const ENDS: bool = true;

    #[inline(always)]
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    ) {
        let mut lit = 0_u64;
        for i in 0..LANES {
            let (hkl, nearest) = indices(cell, s, i);
            let argument = self.argument(offset(hkl, nearest));
            lit |= u64::from(!Self::is_dark(argument));
            out.lattice[i] = argument;
            out.place[i] = table.place(nearest);
            if INDICES {
                (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (hkl[0], hkl[1], hkl[2]);
            }
        }
        out.any = lit != 0;
        if !out.any {
            out.lattice = [0.0; LANES];
            return;
        }
        for factor in &mut out.lattice {
            *factor = self.factor(*factor);
        }
    }

    #[inline(always)]
    fn light(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        group: u8,
        table: &SquaredTable,
        intensity: &mut Lanes,
    ) {
        let (mut arguments, mut places) = ([0.0; GROUP], [0; GROUP]);
        let from = (usize::from(group) * GROUP) % LANES;
        let mut lit = 0_u64;
        for j in 0..GROUP {
            let (hkl, nearest) = indices(cell, s, from + j);
            let argument = self.argument(offset(hkl, nearest));
            lit |= u64::from(!Self::is_dark(argument));
            arguments[j] = argument;
            places[j] = table.place(nearest);
        }
        if lit == 0 {
            return;
        }
        for j in 0..GROUP {
            if Self::is_dark(arguments[j]) {
                continue;
            }
            let f_sqr = match table.constant() {
                Some(f_sqr) => f_sqr,
                // SAFETY: there is a list, and the place is this table's.
                None => unsafe { table.at(places[j]) },
            };
            let lattice = self.factor(arguments[j]);
            intensity[from + j] += f_sqr * lattice * lattice;
        }
    }
}
