//! Ellipsoids: the Fourier transform of a solid sphere, 3(sin(x)/x − cos(x))/x², in every arithmetic.
//!
//! `factor` is the reference's formula, [`sphere`] that of any number; `Round` is proven, `LibmRound` has the reference's bits,
//! `SlopedRound` has derivatives. Not here: sines (`sine`).

use super::factor::{Factors, LatticeFactor, index, libm_indices, map_each, whole};
use super::slope::{Sloped, Term, Terms};
use crate::constants::SPHERE_TO_CUBE;
use crate::engine::proof::ROUNDING;
use crate::engine::simd::{LANES, Lanes};
use crate::engine::sine::{SINE_9_ERROR, cosine, nearest_multiple, reduced, sine_9};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::lattice::sinc3;
use crate::physics::scalar::Scalar;
use std::f64::consts::PI;

/// Square of the distance from a lattice point, each index in units of its axis' width: the argument over π, squared.
#[inline(always)]
fn radius_sqr([dh, dk, dl]: [f64; 3], [na, nb, nc]: [f64; 3]) -> f64 {
    dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc
}

/// The factor at `offset` from a lattice point, of `n` cells along the axes, in the reference's order.
pub(crate) fn factor(offset: [f64; 3], n: [f64; 3], fudge: f64) -> f64 {
    let [na, nb, nc] = n;
    na * nb * nc * SPHERE_TO_CUBE * sinc3(PI * (radius_sqr(offset, n) * fudge).sqrt())
}

/// Fourier transform of a solid sphere, of the square of its argument.
pub(crate) fn sphere<T: Scalar>(x2: T) -> T {
    let number = T::from;
    if x2.value() < 0.04 {
        let series = |x2: T| number(1.0 / 15_120.0) - x2 * number(1.0 / 1_330_560.0);
        return number(1.0) - x2 * (number(0.1) - x2 * (number(1.0 / 280.0) - x2 * series(x2)));
    }
    let x = x2.sqrt();
    number(3.0) * (x.sin() / x - x.cos()) / x2
}

/// Ellipsoid.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    cells: [f64; 3],
    fudge: f64,
}

impl Round {
    /// The shape of the experiment's crystal.
    pub(crate) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }
}

impl LatticeFactor for Round {
    const ABSOLUTE: bool = true;
    // What multiplying and squaring add to the error of the factor itself.
    const RELATIVE: f64 = 32.0 * ROUNDING;

    #[inline(always)]
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    ) {
        let [na, nb, nc] = self.cells;
        let scale = na * nb * nc * SPHERE_TO_CUBE;
        for i in 0..LANES {
            let (sx, sy, sz) = (s[0][i], s[1][i], s[2][i]);
            let h = index(cell[0], sx, sy, sz);
            let k = index(cell[1], sx, sy, sz);
            let l = index(cell[2], sx, sy, sz);
            let nearest = [whole(h), whole(k), whole(l)];
            let (dh, dk, dl) = (h - nearest[0], k - nearest[1], l - nearest[2]);
            let radius_sqr = radius_sqr([dh, dk, dl], self.cells);
            let x = PI * (radius_sqr * self.fudge).sqrt();
            let multiple = nearest_multiple(x);
            let r = reduced(x, multiple);
            // Both change sign with every multiple of π; only the square of their difference matters.
            let ratio = sine_9(r) / x;
            let inverse_sqr = 1.0 / (x * x);
            let factor = scale * (3.0 * (ratio - cosine(r)) * inverse_sqr);
            // Errors of sine and cosine here and there; not small beside the difference where x is small.
            let error = 3.0 * scale * inverse_sqr * (4.0 * SINE_9_ERROR) * (ratio.abs() + 1.0);
            out.lattice[i] = if x == 0.0 { scale } else { factor };
            out.error[i] = if x == 0.0 { 0.0 } else { error };
            out.place[i] = table.place(nearest);
            if INDICES {
                (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (h, k, l);
            }
        }
    }
}

/// Ellipsoid with the platform's own sine and cosine: the reference engine's numbers, bit for bit.
#[derive(Clone, Copy)]
pub(crate) struct LibmRound {
    cells: [f64; 3],
    fudge: f64,
}

impl LibmRound {
    /// The shape of the experiment's crystal.
    pub(crate) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }
}

impl LatticeFactor for LibmRound {
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
        let nearest = libm_indices(cell, s, table, out);
        let mut x = [0.0; LANES];
        for i in 0..LANES {
            let [dh, dk, dl] = [0, 1, 2].map(|axis| out.hkl[axis][i] - nearest[axis][i]);
            let radius_sqr = radius_sqr([dh, dk, dl], self.cells);
            x[i] = PI * (radius_sqr * self.fudge).sqrt();
        }
        let (mut sine, mut cosine) = (x, x);
        map_each(&mut sine, f64::sin);
        map_each(&mut cosine, f64::cos);
        let scale = na * nb * nc * SPHERE_TO_CUBE;
        for i in 0..LANES {
            let factor = 3.0 * (sine[i] / x[i] - cosine[i]) / (x[i] * x[i]);
            out.lattice[i] = scale * if x[i] == 0.0 { 1.0 } else { factor };
        }
    }
}

/// Ellipsoid with slopes.
#[derive(Clone, Copy)]
pub(crate) struct SlopedRound {
    cells: [f64; 3],
    fudge: f64,
}

impl SlopedRound {
    pub(crate) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }
}

impl Sloped for SlopedRound {
    const METRIC: bool = false;
    const SIZES: bool = true;
    const ABSOLUTE: bool = true;
    // What multiplying and squaring add to the error of the factor itself.
    const RELATIVE: f64 = 32.0 * ROUNDING;

    #[inline(always)]
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool {
        out.index(cell, s);
        true
    }

    #[inline(always)]
    fn term(self, from: &Terms, i: usize) -> Term {
        let [na, nb, nc] = self.cells;
        let scale = na * nb * nc * SPHERE_TO_CUBE;
        let (h, k, l) = (from.hkl[0][i], from.hkl[1][i], from.hkl[2][i]);
        let (dh, dk, dl) = (h - whole(h), k - whole(k), l - whole(l));
        let radius_sqr = radius_sqr([dh, dk, dl], self.cells);
        let x = PI * (radius_sqr * self.fudge).sqrt();
        let r = reduced(x, nearest_multiple(x));
        // Both change sign with every multiple of π; only the square of their difference matters.
        let (ratio, u) = (sine_9(r) / x, x * x);
        let inverse_sqr = 1.0 / u;
        let value = 3.0 * (ratio - cosine(r)) * inverse_sqr;
        // Errors of sine and cosine here and there; not small beside the difference where x is small.
        let error = 3.0 * scale * inverse_sqr * (4.0 * SINE_9_ERROR) * (ratio.abs() + 1.0);
        let near = u < 0.04;
        let near_by = -0.1 + u * (2.0 / 280.0 - u * (3.0 / 15_120.0 - u * (4.0 / 1_330_560.0)));
        // Derivative by the square of the argument.
        let by = if near { near_by } else { 1.5 * (ratio - value) * inverse_sqr };
        let both = 4.0 * scale * (PI * PI) * self.fudge * by;
        Term {
            lattice: if x == 0.0 { scale } else { scale * value },
            error: if x == 0.0 { 0.0 } else { error },
            slope: [both * dh * (na * na), both * dk * (nb * nb), both * dl * (nc * nc)],
            d_distance_sqr: 0.0,
        }
    }
}
