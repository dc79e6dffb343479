//! Lattice factors of a block of pixels at one orientation of the crystal, by shape.
//!
//! What is amplified later (indices, arguments of sines and exponentials) is computed with the reference's operations in its
//! order. Not here: sines (`sine`), spots (`shape::spot`), the same with the platform's
//! sines (`shape::platform`), what the factors are used for (`block`), their error bounds in words
//! (docs/performance.md).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use crate::constants::SPHERE_TO_CUBE;
use crate::engine::sine::{
    Numbers, SHORT_ERROR, SINE_7_ERROR, SINE_9_ERROR, cosine, nearest_multiple, reduced, sine_9,
};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;
use std::f64::consts::PI;

/// Pixels in a block. A multiple of every vector length; small enough for all arrays of a block to stay in the first cache.
pub const LANES: usize = 64;

/// One number per pixel of a block. What holds several of them begins at a cache line: vectors that straddle two of those
/// take twice the time to load, and more to store.
pub type Lanes = [f64; LANES];

/// Half a unit in the last place of 1: the relative error of one rounding.
pub const ROUNDING: f64 = f64::EPSILON / 2.0;

/// One orientation's lattice factors.
#[repr(C, align(64))]
pub struct Factors {
    /// The lattice factor.
    pub lattice: Lanes,
    /// Bound of its absolute error, where the shape has one ([`Lattice::ABSOLUTE`]).
    pub error: Lanes,
    /// Place of the structure factor.
    pub place: [u64; LANES],
    /// Fractional indices.
    pub hkl: [Lanes; 3],
    /// Whether any factor may differ from 0.
    pub any: bool,
}

impl Factors {
    /// Room for a block.
    pub const fn new() -> Self {
        let zero = [0.0; LANES];
        Self { lattice: zero, error: zero, place: [0; LANES], hkl: [zero; 3], any: true }
    }
}

/// A crystal shape.
pub trait Lattice: Copy {
    /// Whether errors are bounded per factor instead of relative to it.
    const ABSOLUTE: bool;
    /// Bound of the relative error of the squared factor against the reference's, where there is no bound per factor.
    const RELATIVE: f64;
    /// Whether an index of exactly 0 gives 0/0, which no pixel is proven with.
    const ZERO_BY_ZERO: bool = false;
    /// Whether `INSIDE` makes a difference.
    const LOOKS_INSIDE: bool = false;
    /// Whether a term may be added with one rounding less.
    const FUSED: bool = false;
    /// Fills `out` for scattering vectors `s` and the cell `cell`; the fractional indices only with `INDICES`. With `INSIDE`
    /// all whole indices are known to be in the table.
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    );

    /// Whether spots end, so that [`Self::light`] does all there is to do for pixels out of their reach.
    const ENDS: bool = false;

    /// Adds one orientation's terms to the intensity of a group of pixels, for shapes whose spots end.
    fn light(
        self,
        _cell: &CellVectors,
        _s: &[Lanes; 3],
        _group: u8,
        _table: &SquaredTable,
        _intensity: &mut Lanes,
    ) {
    }
}

/// Index along one axis, in the reference's order.
#[inline(always)]
pub fn index(axis: Vec3, x: f64, y: f64, z: f64) -> f64 {
    axis.x * x + axis.y * y + axis.z * z
}

/// The nearest whole index, halves downwards; the same number as the reference's while it fits into 32 bits.
#[inline(always)]
pub fn whole(h: f64) -> f64 {
    (h - 0.5).ceil()
}

/// Parallelepiped. With `SHORT`, two parts of π are enough for all arguments.
#[derive(Clone, Copy)]
pub struct Square<const SHORT: bool> {
    cells: [f64; 3],
    numbers: Numbers,
}

impl<const SHORT: bool> Square<SHORT> {
    /// Of the experiment's crystal.
    pub fn new(e: &Experiment) -> Self {
        // One cell interferes with nothing: sin(x)/sin(x).
        Self { cells: e.size.cells.map(|n| if n > 1.0 { n } else { 1.0 }), numbers: Numbers::new() }
    }

    /// Numerator and denominator of an interference function, but for a common factor; only their squares matter.
    #[inline(always)]
    fn grating(&self, h: f64, nearest: f64, n: f64) -> (f64, f64) {
        let x = self.numbers.pi * h;
        let many = x * n;
        let below = self.numbers.reduced::<SHORT>(x, nearest);
        let above = self.numbers.reduced::<SHORT>(many, self.numbers.nearest_multiple(many));
        (self.numbers.scaled_sine(above), self.numbers.scaled_sine(below))
    }
}

impl<const SHORT: bool> Lattice for Square<SHORT> {
    const ABSOLUTE: bool = false;
    // Twelve sines here and there (less than a unit in the last place there), products, quotients.
    const RELATIVE: f64 = 12.0 * (SINE_7_ERROR + if SHORT { SHORT_ERROR } else { 0.0 }) + 64.0 * ROUNDING;
    const ZERO_BY_ZERO: bool = true;
    const LOOKS_INSIDE: bool = true;

    #[inline(always)]
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    ) {
        let [na, nb, nc] = self.cells;
        let half = self.numbers.half;
        for i in 0..LANES {
            let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
            let h = index(cell[0], x, y, z);
            let k = index(cell[1], x, y, z);
            let l = index(cell[2], x, y, z);
            // As `whole`.
            let nearest = [(h - half).ceil(), (k - half).ceil(), (l - half).ceil()];
            let (a, a1) = self.grating(h, nearest[0], na);
            let (b, b1) = self.grating(k, nearest[1], nb);
            let (c, c1) = self.grating(l, nearest[2], nc);
            out.lattice[i] = (a * b * c) / (a1 * b1 * c1);
            out.place[i] = if INSIDE { table.place_inside(nearest) } else { table.place(nearest) };
            if INDICES {
                (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (h, k, l);
            }
        }
    }
}

/// Ellipsoid.
#[derive(Clone, Copy)]
pub struct Round {
    cells: [f64; 3],
    fudge: f64,
}

impl Round {
    /// Of the experiment's crystal.
    pub fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }
}

impl Lattice for Round {
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
            let radius_sqr = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
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
