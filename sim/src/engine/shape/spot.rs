//! Spots that end, Gaussian and flat: factors that depend on the distance to the nearest lattice point alone.
//!
//! `scaled_distance_sqr` and `share` are the reference's formulas; `SpotShape` has the reference's bits of whole blocks, and is
//! bounded for groups of pixels where it is known which of them a spot can light; `WideGauss` is bounded for whole blocks;
//! `SlopedSpot` has derivatives. Not here: which pixels a spot can light (`spots`).

use super::factor::{Factors, LatticeFactor, Reflection, index, whole};
use super::slope::{ReflectionTerm, Sloped, SpotReflection, Term, Terms};
use crate::engine::exponential::{POWER_ERROR, power_of_two};
use crate::engine::proof::ROUNDING;
use crate::engine::simd::{GROUP, LANES, Lanes};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;
use std::f64::consts::LOG2_E;
use std::ops::RangeInclusive;

/// Exponentials of anything below this are 0.
pub(crate) const UNDERFLOW: f64 = -746.0;

/// Square of the distance over which a Gaussian factor falls by e, in cells of the whole crystal. The reference has the bare
/// number (`-gauss_xtal` in `nanoBragg.c`). Near 2/π = 0.6366, for which the squared factor has the integral of a
/// parallelepiped's, 1; with this it is 0.98.
pub(crate) const GAUSSIAN_WIDTH: f64 = 0.63;

/// Square of the distance at which a flat spot ends, in the same units: 0.63². The reference has the bare number
/// (`-tophat_spots`), and the double nearest to it need not be the rounded square. The ball's volume is 1.05, a
/// parallelepiped's integral 1.
pub(crate) const SPOT_EDGE: f64 = 0.3969;

/// Where an offset from a lattice point leads with the reciprocal vectors `a`, `b`, `c`, in the reference's order.
#[inline(always)]
fn distance([dh, dk, dl]: [f64; 3], [a, b, c]: [Vec3; 3]) -> [f64; 3] {
    [dh * a.x + dk * b.x + dl * c.x, dh * a.y + dk * b.y + dl * c.y, dh * a.z + dk * b.z + dl * c.z]
}

/// Square of the distance from a lattice point, in cells of the whole crystal, in the reference's order: taken with the
/// unrotated crystal's reciprocal vectors `reciprocal` (1/Å), and scaled by all three sizes `n` together.
#[inline(always)]
pub(crate) fn scaled_distance_sqr(offset: [f64; 3], reciprocal: [Vec3; 3], n: [f64; 3]) -> f64 {
    let [na, nb, nc] = n;
    let [x, y, z] = distance(offset, reciprocal);
    (x * x + y * y + z * z) * na * na * nb * nb * nc * nc
}

/// The factor at a scaled distance, over that at the lattice point, in the reference's order.
pub(crate) fn share<const GAUSS: bool>(distance_sqr: f64, fudge: f64) -> f64 {
    if GAUSS {
        (-(distance_sqr / GAUSSIAN_WIDTH * fudge)).exp()
    } else {
        f64::from(u8::from(distance_sqr * fudge < SPOT_EDGE))
    }
}

/// Bound of the relative error of the terms of [`LatticeFactor::add_reflection`] against the reference's, with arguments of
/// the reference's exponential down to `-limit`. The three components of the distance are the reference's; their squares,
/// sum and scale have 11 roundings there and 15 here, and the error of an argument becomes twice that of the squared factor. Then there
/// is the exponential itself, there and here, and products.
pub(crate) fn term_error(limit: f64) -> f64 {
    (2.0 * 26.0 * limit + 20.0) * ROUNDING + POWER_ERROR
}

/// Gaussian or flat spots: the reference's own numbers of blocks, with the exponential taken only where it is not 0.
#[derive(Clone, Copy)]
pub(crate) struct SpotShape<const GAUSS: bool> {
    cells: [f64; 3],
    reciprocal: [Vec3; 3],
    fudge: f64,
    /// Logarithm, to the base 2, of the squared factor over that at the lattice point, by the square of the distance.
    power: f64,
}

impl<const GAUSS: bool> SpotShape<GAUSS> {
    /// The shape of the experiment's crystal.
    pub(crate) fn new(e: &Experiment) -> Self {
        let [na, nb, nc] = e.size.cells;
        let scale = na * na * nb * nb * nc * nc * e.fudge;
        let power = -2.0 * LOG2_E * scale / GAUSSIAN_WIDTH;
        Self { cells: e.size.cells, reciprocal: e.cell.reciprocal, fudge: e.fudge, power }
    }

    /// What the shape compares or exponentiates, in the reference's order.
    #[inline(always)]
    pub(crate) fn argument(self, [dh, dk, dl]: [f64; 3]) -> f64 {
        let distance_sqr = scaled_distance_sqr([dh, dk, dl], self.reciprocal, self.cells);
        if GAUSS { -(distance_sqr / GAUSSIAN_WIDTH * self.fudge) } else { distance_sqr * self.fudge }
    }

    /// Whether the factor is 0. The comparisons this way round count NaN as lit.
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

impl<const GAUSS: bool> LatticeFactor for SpotShape<GAUSS> {
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
    fn add_reflection(
        self,
        cell: &CellVectors,
        reflection: &Reflection,
        s: &[Lanes; 3],
        groups: RangeInclusive<u8>,
        intensity: &mut Lanes,
    ) {
        // Copies: through the reference they would be loaded for every pixel.
        let (nearest, peak, lowest) =
            (reflection.nearest.map(f64::from), reflection.peak, f64::from(reflection.lowest));
        for group in groups {
            let from = (usize::from(group) * GROUP) % LANES;
            for i in from..from + GROUP {
                let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
                let hkl = [index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z)];
                let own = is_nearest(hkl, nearest);
                let share = self.own_share(offset(hkl, nearest), lowest);
                intensity[i] = peak.mul_add(if own { share } else { 0.0 }, intensity[i]);
            }
        }
    }
}

/// Gaussian spots that run together, of every pixel within a bound: the exponential is a power of two, and what is weaker than
/// anybody can see is 0.
#[derive(Clone, Copy)]
pub(crate) struct WideGauss {
    values: SpotShape<true>,
    /// The factor at a lattice point.
    peak: f64,
    /// Logarithm of the squared share below which it is left out.
    weakest: f64,
}

impl WideGauss {
    /// The shape of the experiment's crystal; shares are left out whose square has a logarithm, to the base 2, below `weakest`,
    /// which is at least [`LOWEST_POWER`](crate::engine::exponential::LOWEST_POWER).
    pub(crate) fn new(e: &Experiment, weakest: f64) -> Self {
        let values = SpotShape::new(e);
        let [na, nb, nc] = values.cells;
        Self { values, peak: na * nb * nc, weakest }
    }

    /// Bound of the relative error of the squared factor against the reference's, with arguments of its exponential down to
    /// `-limit`: as that of a listed term, but for squaring the power.
    pub(crate) fn error(limit: f64) -> f64 {
        term_error(limit) + POWER_ERROR
    }
}

impl LatticeFactor for WideGauss {
    const ABSOLUTE: bool = false;
    // What it is depends on the run: the plan adds it.
    const RELATIVE: f64 = 0.0;
    const LOOKS_INSIDE: bool = true;
    const FUSED: bool = true;

    #[inline(always)]
    fn factors<const INDICES: bool, const INSIDE: bool>(
        self,
        cell: &CellVectors,
        s: &[Lanes; 3],
        table: &SquaredTable,
        out: &mut Factors,
    ) {
        for i in 0..LANES {
            let (hkl, nearest) = indices(cell, s, i);
            out.lattice[i] = self.peak * self.values.root_share(offset(hkl, nearest), self.weakest);
            out.place[i] = if INSIDE { table.place_inside(nearest) } else { table.place(nearest) };
            if INDICES {
                (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (hkl[0], hkl[1], hkl[2]);
            }
        }
        out.any = true;
    }
}

/// Whether a lattice point is the nearest: elsewhere the term is another reflection's.
#[inline(always)]
fn is_nearest(hkl: [f64; 3], point: [f64; 3]) -> bool {
    (whole(hkl[0]) == point[0]) & (whole(hkl[1]) == point[1]) & (whole(hkl[2]) == point[2])
}

impl SpotShape<true> {
    /// The factor over that at the lattice point; 0 where its square has a logarithm to the base 2 below `weakest`. NaN stays.
    #[inline(always)]
    fn root_share(self, offset: [f64; 3], weakest: f64) -> f64 {
        let [x, y, z] = distance(offset, self.reciprocal);
        let power = x.mul_add(x, y.mul_add(y, z * z)) * self.power;
        let value = power_of_two(0.5 * power);
        if power < weakest { 0.0 } else { value }
    }
}

impl<const GAUSS: bool> SpotShape<GAUSS> {
    /// The squared factor over that at the lattice point; 0 where its logarithm to the base 2 is below `lowest`.
    #[inline(always)]
    fn own_share(self, offset: [f64; 3], lowest: f64) -> f64 {
        if GAUSS {
            let [x, y, z] = distance(offset, self.reciprocal);
            let power = x.mul_add(x, y.mul_add(y, z * z)) * self.power;
            let value = power_of_two(power);
            if power >= lowest { value } else { 0.0 }
        } else if self.argument(offset) < SPOT_EDGE {
            1.0
        } else {
            0.0
        }
    }
}

/// Gaussian or flat spots with slopes.
#[derive(Clone, Copy)]
pub(crate) struct SlopedSpot<const GAUSS: bool> {
    /// The factors themselves.
    values: SpotShape<GAUSS>,
    /// How weak they may be, where they are powers of two as [`WideGauss`] has them.
    wide: Option<WideGauss>,
    /// Metric of the reciprocal cell: diagonal, then kl, hl, hk.
    metric: [f64; 6],
    /// Derivative of a factor's logarithm by the square of the distance, twice: the factor is squared.
    d_distance_sqr: f64,
}

impl<const GAUSS: bool> SlopedSpot<GAUSS> {
    /// The shape of the experiment's crystal; `weakest` is the plan's.
    pub(crate) fn new(e: &Experiment, weakest: Option<f64>) -> Self {
        let wide = weakest.map(|weakest| WideGauss::new(e, weakest));
        let [a, b, c] = e.cell.reciprocal;
        let metric = [a.dot(a), b.dot(b), c.dot(c), b.dot(c), a.dot(c), a.dot(b)];
        let [na, nb, nc] = e.size.cells;
        let all = na * nb * nc;
        let d_distance_sqr = -2.0 / GAUSSIAN_WIDTH * (all * all * e.fudge);
        Self { values: SpotShape::new(e), wide, metric, d_distance_sqr }
    }
}

impl<const GAUSS: bool> Sloped for SlopedSpot<GAUSS> {
    const METRIC: bool = GAUSS;
    const SIZES: bool = false;
    const ABSOLUTE: bool = false;
    const RELATIVE: f64 = 0.0;

    #[inline(always)]
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool {
        out.index(cell, s);
        if let Some(wide) = self.wide {
            for i in 0..LANES {
                let (h, k, l) = (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]);
                let offset = [h - whole(h), k - whole(k), l - whole(l)];
                out.lattice[i] = wide.peak * wide.values.root_share(offset, wide.weakest);
                (out.offset[0][i], out.offset[1][i], out.offset[2][i]) = (offset[0], offset[1], offset[2]);
            }
            return true;
        }
        let mut lit = 0_u64;
        for i in 0..LANES {
            let (h, k, l) = (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]);
            let offset = [h - whole(h), k - whole(k), l - whole(l)];
            let argument = self.values.argument(offset);
            lit |= u64::from(!SpotShape::<GAUSS>::is_dark(argument));
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
            return Term { lattice, error: 0.0, slope: [0.0; 3], d_distance_sqr: 0.0 };
        }
        let offset = [from.offset[0][i], from.offset[1][i], from.offset[2][i]];
        let (slope, d_distance_sqr) = self.slopes(lattice, offset);
        Term { lattice, error: 0.0, slope, d_distance_sqr }
    }

    const ENDS: bool = true;

    #[inline(always)]
    fn reflection_term(
        self,
        cell: &CellVectors,
        reflection: &SpotReflection,
        s: &[Lanes; 3],
        i: usize,
    ) -> ReflectionTerm {
        let SpotReflection { nearest, peak, lowest } = *reflection;
        let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
        let hkl = [index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z)];
        let offset = offset(hkl, nearest);
        let share = self.values.own_share(offset, lowest);
        let share = if is_nearest(hkl, nearest) { share } else { 0.0 };
        let (slope, d_distance_sqr) = if GAUSS { self.slopes(peak * share, offset) } else { ([0.0; 3], 0.0) };
        ReflectionTerm { share, hkl, offset, slope, d_distance_sqr }
    }
}

impl<const GAUSS: bool> SlopedSpot<GAUSS> {
    /// Derivatives of a squared factor's multiple by h, k, l, and by the square of the distance; `of` is that multiple over
    /// what they come back over.
    #[inline(always)]
    fn slopes(self, of: f64, [dh, dk, dl]: [f64; 3]) -> ([f64; 3], f64) {
        let [aa, bb, cc, bc, ac, ab] = self.metric;
        let d_distance_sqr = of * self.d_distance_sqr;
        let twice = 2.0 * d_distance_sqr;
        let slope = [
            twice * aa.mul_add(dh, ab.mul_add(dk, ac * dl)),
            twice * ab.mul_add(dh, bb.mul_add(dk, bc * dl)),
            twice * ac.mul_add(dh, bc.mul_add(dk, cc * dl)),
        ];
        (slope, d_distance_sqr)
    }
}
