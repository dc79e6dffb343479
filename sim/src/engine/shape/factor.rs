//! What a shape gives: lattice factors of a block of pixels at one orientation of the crystal.
//!
//! What is amplified later (indices, arguments of sines and exponentials) is computed with the reference's operations in its
//! order. Not here: the shapes (`square`, `round`, `spot`), factors with derivatives (`slope`), what the factors are used for
//! (`block`), their error bounds in words (docs/performance.md).

use crate::engine::simd::{LANES, Lanes};
use crate::engine::structure_factors_squared::{Place, SquaredTable};
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;
use std::ops::RangeInclusive;

/// One orientation's lattice factors.
#[repr(C, align(64))]
pub(crate) struct Factors {
    /// The lattice factor.
    pub lattice: Lanes,
    /// Bound of its absolute error, where the shape has one ([`LatticeFactor::ABSOLUTE`]).
    pub error: Lanes,
    /// Place of the structure factor.
    pub place: [Place; LANES],
    /// Fractional indices.
    pub hkl: [Lanes; 3],
    /// Whether any factor may differ from 0.
    pub any: bool,
}

impl Factors {
    /// Room for a block.
    pub(crate) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self { lattice: zero, error: zero, place: [Place::ANY; LANES], hkl: [zero; 3], any: true }
    }
}

/// A reflection whose spot is to be added to pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reflection {
    /// Indices.
    pub nearest: [i32; 3],
    /// The term at the lattice point: F·F times the square of the number of cells.
    pub peak: f64,
    /// Logarithm, to the base 2, of the term over that at the lattice point, below which it is left out; at least
    /// [`LOWEST_POWER`](crate::engine::exponential::LOWEST_POWER).
    pub lowest: f32,
}

/// A crystal shape.
pub(crate) trait LatticeFactor: Copy {
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

    /// Whether spots end, so that [`Self::add_reflection`] does all there is to do for pixels out of their reach.
    const ENDS: bool = false;

    /// Adds the terms of one reflection to the intensity of groups of pixels, for shapes whose spots end.
    fn add_reflection(
        self,
        _cell: &CellVectors,
        _reflection: &Reflection,
        _s: &[Lanes; 3],
        _groups: RangeInclusive<u8>,
        _intensity: &mut Lanes,
    ) {
    }
}

/// Index along one axis, in the reference's order.
#[inline(always)]
pub(crate) fn index(axis: Vec3, x: f64, y: f64, z: f64) -> f64 {
    axis.x * x + axis.y * y + axis.z * z
}

/// The nearest whole index, halves downwards; the same number as the reference's while it fits into 32 bits.
#[inline(always)]
pub(crate) fn whole(h: f64) -> f64 {
    (h - 0.5).ceil()
}

/// The platform's function, pixel after pixel. Kept out of the callers: its calls would spill their vectors.
#[inline(never)]
pub(crate) fn map_each(values: &mut Lanes, function: impl Fn(f64) -> f64) {
    for value in values {
        *value = function(*value);
    }
}

/// Fills indices and places; the nearest whole indices come back.
#[inline(always)]
pub(crate) fn libm_indices(
    cell: &CellVectors,
    s: &[Lanes; 3],
    table: &SquaredTable,
    out: &mut Factors,
) -> [Lanes; 3] {
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
