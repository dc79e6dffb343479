//! Lattice factors of a block of pixels with the derivatives of their squares by the fractional indices, by shape.
//!
//! The factors themselves are as near to the reference's as those of `shape`: what is amplified is computed with its
//! operations in its order. Of the derivatives, what is small beside their tolerance is left out. Not here: what they are
//! multiplied with (`kernel`), parallelepipeds (`shape::square_slopes`).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::proven::{LANES, Lanes, ROUNDING, index, whole};
use super::spot;
use crate::constants::SPHERE_TO_CUBE;
use crate::engine::sine::{SINE_9_ERROR, cosine, nearest_multiple, reduced, sine_9};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use std::f64::consts::PI;

/// What the terms of one orientation are computed from, and what is left of them.
#[repr(C, align(64))]
pub(crate) struct Terms {
    /// Fractional indices.
    pub(crate) hkl: [Lanes; 3],
    /// Places of the structure factors; only where they differ.
    pub(crate) place: [u64; LANES],
    /// Squared structure factors.
    pub(crate) f_sqr: Lanes,
    /// Derivatives of the terms by h, k, l.
    pub(crate) slope: [Lanes; 3],
    /// Derivatives of the terms by the square of the distance; only where [`Sloped::METRIC`].
    pub(crate) stretch: Lanes,
    /// Distances to the nearest lattice point; spots only.
    pub(crate) offset: [Lanes; 3],
    /// Lattice factors; where they are computed beforehand, or interpolation may end with them.
    pub(crate) lattice: Lanes,
}

impl Terms {
    pub(crate) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            hkl: [zero; 3],
            place: [0; LANES],
            f_sqr: zero,
            slope: [zero; 3],
            stretch: zero,
            offset: [zero; 3],
            lattice: zero,
        }
    }

    /// Fractional indices, in the reference's order.
    #[inline(always)]
    pub(crate) fn index(&mut self, cell: &CellVectors, s: &[Lanes; 3]) {
        for i in 0..LANES {
            let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
            self.hkl[0][i] = index(cell[0], x, y, z);
            self.hkl[1][i] = index(cell[1], x, y, z);
            self.hkl[2][i] = index(cell[2], x, y, z);
        }
    }

    /// Looks the structure factors up; does nothing where all are the same. With `INSIDE` all whole indices are known to be
    /// in the table.
    #[inline(always)]
    pub(crate) fn look_up<const INSIDE: bool>(&mut self, table: &SquaredTable) {
        if table.constant().is_some() {
            return;
        }
        for i in 0..LANES {
            let nearest = [whole(self.hkl[0][i]), whole(self.hkl[1][i]), whole(self.hkl[2][i])];
            self.place[i] = if INSIDE { table.place_inside(nearest) } else { table.place(nearest) };
        }
        for i in 0..LANES {
            // SAFETY: there is a list, and the places are from this table, with `INSIDE` for rays that were found to be inside.
            self.f_sqr[i] = unsafe { table.at(self.place[i]) };
        }
    }

    /// Leaves out the pixels whose rays are beyond the resolution limit.
    #[inline(always)]
    pub(crate) fn limit(&mut self, passed: &[bool; LANES], table: &SquaredTable) {
        for i in 0..LANES {
            let f_sqr = table.constant().unwrap_or(self.f_sqr[i]);
            self.f_sqr[i] = if passed[i] { f_sqr } else { 0.0 };
        }
    }
}

/// A lattice factor and its derivatives.
pub(crate) struct Term {
    /// The factor.
    pub(crate) lattice: f64,
    /// Bound of its absolute error, where the shape has one.
    pub(crate) error: f64,
    /// Derivatives of its square by h, k, l, over the factor.
    pub(crate) slope: [f64; 3],
    /// Derivative of its square by the square of the distance, over the factor; only where [`Sloped::METRIC`].
    pub(crate) stretch: f64,
}

/// A crystal shape whose factors have derivatives.
pub(crate) trait Sloped: Copy {
    /// Whether factors depend on the reciprocal metric as well as on the indices.
    const METRIC: bool;
    /// Whether they depend on the number of cells otherwise than as a factor and through the metric.
    const SIZES: bool;
    /// Whether errors are bounded per factor instead of relative to it.
    const ABSOLUTE: bool;
    /// Bound of the relative error of the squared factor against the reference's, where there is no bound per factor.
    const RELATIVE: f64;
    /// Prepares `out` for scattering vectors `s` and the cell `cell`; `false` if all factors are 0.
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool;
    /// The factor of pixel `i`.
    fn term(self, from: &Terms, i: usize) -> Term;
}

/// Ellipsoid.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    cells: [f64; 3],
    fudge: f64,
}

impl Round {
    pub(crate) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }
}

impl Sloped for Round {
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
        let radius_sqr = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
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
            stretch: 0.0,
        }
    }
}

/// Gaussian or flat spots.
#[derive(Clone, Copy)]
pub(crate) struct Spot<const GAUSS: bool> {
    /// The factors themselves.
    values: spot::Spot<GAUSS>,
    /// Metric of the reciprocal cell: diagonal, then kl, hl, hk.
    metric: [f64; 6],
    /// Derivative of a factor's logarithm by the square of the distance, twice: the factor is squared.
    stretch: f64,
}

impl<const GAUSS: bool> Spot<GAUSS> {
    pub(crate) fn new(e: &Experiment) -> Self {
        let [a, b, c] = e.cell.reciprocal;
        let metric = [a.dot(a), b.dot(b), c.dot(c), b.dot(c), a.dot(c), a.dot(b)];
        let [na, nb, nc] = e.size.cells;
        let all = na * nb * nc;
        let stretch = -2.0 / 0.63 * (all * all * e.fudge);
        Self { values: spot::Spot::new(e), metric, stretch }
    }
}

impl<const GAUSS: bool> Sloped for Spot<GAUSS> {
    const METRIC: bool = GAUSS;
    const SIZES: bool = false;
    const ABSOLUTE: bool = false;
    const RELATIVE: f64 = 0.0;

    #[inline(always)]
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool {
        out.index(cell, s);
        let mut lit = 0_u64;
        for i in 0..LANES {
            let (h, k, l) = (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]);
            let offset = [h - whole(h), k - whole(k), l - whole(l)];
            let argument = self.values.argument(offset);
            lit |= u64::from(!spot::Spot::<GAUSS>::is_dark(argument));
            out.lattice[i] = argument;
            (out.offset[0][i], out.offset[1][i], out.offset[2][i]) = (offset[0], offset[1], offset[2]);
        }
        if lit == 0 {
            return false;
        }
        for factor in &mut out.lattice {
            *factor = self.values.factor(*factor);
        }
        true
    }

    #[inline(always)]
    fn term(self, from: &Terms, i: usize) -> Term {
        let lattice = from.lattice[i];
        if !GAUSS {
            return Term { lattice, error: 0.0, slope: [0.0; 3], stretch: 0.0 };
        }
        let [aa, bb, cc, bc, ac, ab] = self.metric;
        let (dh, dk, dl) = (from.offset[0][i], from.offset[1][i], from.offset[2][i]);
        let stretch = lattice * self.stretch;
        let twice = 2.0 * stretch;
        let slope = [
            twice * (aa * dh + ab * dk + ac * dl),
            twice * (ab * dh + bb * dk + bc * dl),
            twice * (ac * dh + bc * dk + cc * dl),
        ];
        Term { lattice, error: 0.0, slope, stretch }
    }
}
