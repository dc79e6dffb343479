//! Lattice factors of a block of pixels with the platform's own sines: the reference engine's numbers, bit for bit.
//!
//! Every operation is the reference's, in its order; only pixels take turns at each of them, which lets all but the sines
//! run on vectors and makes the branches inside the sines predictable. Not here: sines of our own (`shape`).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::proven::{Factors, LANES, Lanes, Lattice, index, whole};
use crate::constants::SPHERE_TO_CUBE;
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use std::f64::consts::PI;

/// Fills indices and places; the nearest whole indices come back.
#[inline(always)]
fn indices(cell: &CellVectors, s: &[Lanes; 3], table: &SquaredTable, out: &mut Factors) -> [Lanes; 3] {
    let mut nearest = [[0.0; LANES]; 3];
    for i in 0..LANES {
        let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
        let hkl = [index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z)];
        let at = hkl.map(whole);
        out.place[i] = table.place(at);
        (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (hkl[0], hkl[1], hkl[2]);
        (nearest[0][i], nearest[1][i], nearest[2][i]) = (at[0], at[1], at[2]);
    }
    nearest
}

/// The platform's function, pixel after pixel. Kept out of the callers: its calls would spill their vectors.
#[inline(never)]
fn each(values: &mut Lanes, function: impl Fn(f64) -> f64) {
    for value in values {
        *value = function(*value);
    }
}

/// Parallelepiped.
#[derive(Clone, Copy)]
pub struct PlatformSquare {
    cells: [f64; 3],
}

impl PlatformSquare {
    /// Of the experiment's crystal.
    pub fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells }
    }
}

impl Lattice for PlatformSquare {
    const ABSOLUTE: bool = false;
    const RELATIVE: f64 = 0.0;

    #[inline(always)]
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    ) {
        indices(cell, s, table, out);
        out.lattice = [1.0; LANES];
        for axis in 0..3 {
            let n = self.cells[axis];
            // One cell interferes with nothing; multiplying by 1 changes nothing.
            if n > 1.0 {
                let (mut above, mut below) = ([0.0; LANES], [0.0; LANES]);
                for i in 0..LANES {
                    below[i] = PI * out.hkl[axis][i];
                    above[i] = below[i] * n;
                }
                each(&mut above, f64::sin);
                each(&mut below, f64::sin);
                for i in 0..LANES {
                    let x = PI * out.hkl[axis][i];
                    out.lattice[i] *= if x == 0.0 { n } else { above[i] / below[i] };
                }
            }
        }
    }
}

/// Ellipsoid.
#[derive(Clone, Copy)]
pub struct PlatformRound {
    cells: [f64; 3],
    fudge: f64,
}

impl PlatformRound {
    /// Of the experiment's crystal.
    pub fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }
}

impl Lattice for PlatformRound {
    const ABSOLUTE: bool = false;
    const RELATIVE: f64 = 0.0;

    #[inline(always)]
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    ) {
        let [na, nb, nc] = self.cells;
        let nearest = indices(cell, s, table, out);
        let mut x = [0.0; LANES];
        for i in 0..LANES {
            let [dh, dk, dl] = [0, 1, 2].map(|axis| out.hkl[axis][i] - nearest[axis][i]);
            let radius_sqr = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
            x[i] = PI * (radius_sqr * self.fudge).sqrt();
        }
        let (mut sine, mut cosine) = (x, x);
        each(&mut sine, f64::sin);
        each(&mut cosine, f64::cos);
        let scale = na * nb * nc * SPHERE_TO_CUBE;
        for i in 0..LANES {
            let factor = 3.0 * (sine[i] / x[i] - cosine[i]) / (x[i] * x[i]);
            out.lattice[i] = scale * if x[i] == 0.0 { 1.0 } else { factor };
        }
    }
}
