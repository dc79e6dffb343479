//! Parallelepipeds: the interference function sin(πNh)/sin(πh) along each axis, in every arithmetic.
//!
//! `factors` is the reference's formula, [`interference`] that of any number; `Square` is proven, `LibmSquare` has the
//! reference's bits, `FastSquare` is within a tolerance, `SlopedSquare` has derivatives. Not here: sines (`sine`).

use super::factor::{Factors, LatticeFactor, index, libm_indices, map_each, whole};
use super::slope::{Sloped, Term, Terms};
use crate::engine::proof::ROUNDING;
use crate::engine::simd::{LANES, Lanes};
use crate::engine::sine::{SCALED_SINE, SHORT_ERROR, SINE_7_ERROR, SineConstants, polynomial};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::lattice::sincg;
use crate::physics::scalar::Scalar;
use crate::physics::vec3::Vec3;
use std::f64::consts::PI;
use std::hint::black_box;

/// Factors along the three axes at fractional indices `hkl`, of `n` cells each, in the reference's order.
#[inline(always)]
pub(crate) fn factors(hkl: [f64; 3], n: [f64; 3]) -> [f64; 3] {
    let factor = |i: usize| if n[i] > 1.0 { sincg(PI * hkl[i], n[i]) } else { 1.0 };
    [factor(0), factor(1), factor(2)]
}

/// Below this argument [`interference`] is taken from its series.
const SERIES_BELOW_SCALAR: f64 = 0.05;

/// Interference function of `n` cells in a row, `offset` from a lattice point, but for its sign.
pub(crate) fn interference<T: Scalar>(offset: T, n: T) -> T {
    if n.value() <= 1.0 {
        return T::from(1.0);
    }
    let x = T::from(PI) * offset;
    if (n * x).value().abs() >= SERIES_BELOW_SCALAR {
        return (n * x).sin() / x.sin();
    }
    let (one, n2, x2) = (T::from(1.0), n * n, x * x);
    let second = (n2 - one) / T::from(6.0);
    let fourth = (n2 - one) * (T::from(3.0) * n2 - T::from(7.0)) / T::from(360.0);
    let sixth =
        (n2 - one) * (T::from(3.0) * n2 * n2 - T::from(18.0) * n2 + T::from(31.0)) / T::from(15_120.0);
    n * (one - x2 * (second - x2 * (fourth - x2 * sixth)))
}

/// Parallelepiped. With `SHORT`, two parts of π are enough for all arguments.
#[derive(Clone, Copy)]
pub(crate) struct Square<const SHORT: bool> {
    cells: [f64; 3],
    numbers: SineConstants,
}

impl<const SHORT: bool> Square<SHORT> {
    /// The shape of the experiment's crystal.
    pub(crate) fn new(e: &Experiment) -> Self {
        // One cell interferes with nothing: sin(x)/sin(x).
        Self { cells: e.size.cells.map(|n| if n > 1.0 { n } else { 1.0 }), numbers: SineConstants::new() }
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

impl<const SHORT: bool> LatticeFactor for Square<SHORT> {
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

/// Parallelepiped with the platform's own sines: the reference engine's numbers, bit for bit.
#[derive(Clone, Copy)]
pub(crate) struct LibmSquare {
    cells: [f64; 3],
}

impl LibmSquare {
    /// The shape of the experiment's crystal.
    pub(crate) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells }
    }
}

impl LatticeFactor for LibmSquare {
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
        libm_indices(cell, s, table, out);
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
                map_each(&mut above, f64::sin);
                map_each(&mut below, f64::sin);
                for i in 0..LANES {
                    let x = PI * out.hkl[axis][i];
                    out.lattice[i] *= if x == 0.0 { n } else { above[i] / below[i] };
                }
            }
        }
    }
}

/// sin(πx)/x in x² for |x| ≤ 1/2, relative error 2.1e-11 (minimax, Remez exchange with 60 digits).
const SINE_6: [f64; 6] = [
    3.141_592_653_523_345,
    -5.167_712_762_115_66,
    2.550_163_240_313_253_7,
    -0.599_251_330_054_921,
    0.082_046_478_580_348_33,
    -0.007_022_163_101_406_77,
];

/// The same with relative error 5.3e-9: below what single precision resolves.
const SINE_5: [f32; 5] = [std::f32::consts::PI, -5.167_71, 2.550_069_8, -0.598_242_1, 0.077_560_38];

/// Added to a fraction in single precision so that 0/0 becomes the limit; three of them must not underflow when multiplied.
const FRACTION_NEVER_ZERO: f64 = 1e-12;

/// Coefficients but the last, divided by the last: what the sines lose is a common factor, which drops out of their
/// quotients. They stand in memory for the reason given at [`SineConstants`].
#[derive(Clone, Copy)]
struct FastConstants {
    double: [f64; 5],
    single: [f32; 4],
}

/// Parallelepiped of whole numbers of cells, in double or single precision.
#[derive(Clone, Copy)]
pub(crate) struct FastSquare<const SINGLE: bool> {
    cells: [f64; 3],
    numbers: FastConstants,
}

impl<const SINGLE: bool> FastSquare<SINGLE> {
    /// The shape of the experiment's crystal; `None` unless cells are counted in whole numbers (else sin(πNh) does not repeat
    /// with every h).
    pub(crate) fn new(e: &Experiment) -> Option<Self> {
        let cells = e.size.cells.map(|n| if n > 1.0 { n } else { 1.0 });
        let [a, b, c, d, e, last] = SINE_6;
        let double = [a / last, b / last, c / last, d / last, e / last];
        let [a, b, c, d, last] = SINE_5;
        let numbers = black_box(FastConstants { double, single: [a / last, b / last, c / last, d / last] });
        cells.iter().all(|n| n.fract() == 0.0).then_some(Self { cells, numbers })
    }

    /// sin(πx) for |x| ≤ 1/2, but for the sign it may have lost before, and a factor common to all.
    #[inline(always)]
    fn sine(&self, x: f64) -> f64 {
        let z = x * x;
        let numbers = &self.numbers.double;
        let mut value = z + numbers[4];
        value = value.mul_add(z, numbers[3]);
        value = value.mul_add(z, numbers[2]);
        value = value.mul_add(z, numbers[1]);
        x * value.mul_add(z, numbers[0])
    }

    #[inline(always)]
    fn sine_single(&self, x: f32) -> f32 {
        let z = x * x;
        let numbers = &self.numbers.single;
        let mut value = z + numbers[3];
        value = value.mul_add(z, numbers[2]);
        value = value.mul_add(z, numbers[1]);
        x * value.mul_add(z, numbers[0])
    }
}

/// Index along one axis, fused.
#[inline(always)]
fn fused_index(axis: Vec3, x: f64, y: f64, z: f64) -> f64 {
    axis.z.mul_add(z, axis.y.mul_add(y, axis.x * x))
}

/// What is left of `n` times the fraction `f` after whole turns; exact but for one rounding.
#[inline(always)]
fn turned(f: f64, n: f64) -> f64 {
    n.mul_add(f, -(n * f).round_ties_even())
}

impl LatticeFactor for FastSquare<false> {
    const ABSOLUTE: bool = false;
    const RELATIVE: f64 = 0.0;
    // An index that is a whole number to the last bit gives 0/0 too: that pixel is the reference engine's.
    const ZERO_BY_ZERO: bool = true;
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
        let [na, nb, nc] = self.cells;
        for i in 0..LANES {
            let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
            let (h, k, l) =
                (fused_index(cell[0], x, y, z), fused_index(cell[1], x, y, z), fused_index(cell[2], x, y, z));
            // Half-way between two reflections either is as good.
            let nearest = [h.round_ties_even(), k.round_ties_even(), l.round_ties_even()];
            let f = [h - nearest[0], k - nearest[1], l - nearest[2]];
            let above =
                self.sine(turned(f[0], na)) * self.sine(turned(f[1], nb)) * self.sine(turned(f[2], nc));
            let below = self.sine(f[0]) * self.sine(f[1]) * self.sine(f[2]);
            out.lattice[i] = above / below;
            out.place[i] = if INSIDE { table.place_inside(nearest) } else { table.place(nearest) };
            if INDICES {
                (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (h, k, l);
            }
        }
    }
}

impl LatticeFactor for FastSquare<true> {
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
        // Indices and fractions in double precision: single would lose them. Sines and what follows in single.
        let (mut above, mut below) = ([[0.0_f32; LANES]; 3], [[0.0_f32; LANES]; 3]);
        for i in 0..LANES {
            let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
            let (h, k, l) =
                (fused_index(cell[0], x, y, z), fused_index(cell[1], x, y, z), fused_index(cell[2], x, y, z));
            let nearest = [whole(h), whole(k), whole(l)];
            let never = FRACTION_NEVER_ZERO;
            let f = [h - nearest[0] + never, k - nearest[1] + never, l - nearest[2] + never];
            (above[0][i], below[0][i]) = (turned(f[0], self.cells[0]) as f32, f[0] as f32);
            (above[1][i], below[1][i]) = (turned(f[1], self.cells[1]) as f32, f[1] as f32);
            (above[2][i], below[2][i]) = (turned(f[2], self.cells[2]) as f32, f[2] as f32);
            out.place[i] = table.place(nearest);
            if INDICES {
                (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (h, k, l);
            }
        }
        for i in 0..LANES {
            let above =
                self.sine_single(above[0][i]) * self.sine_single(above[1][i]) * self.sine_single(above[2][i]);
            let below =
                self.sine_single(below[0][i]) * self.sine_single(below[1][i]) * self.sine_single(below[2][i]);
            out.lattice[i] = f64::from(above / below);
        }
    }
}

/// Below this argument, interference functions take their slope from its series.
const SERIES_BELOW: f64 = 0.1;

/// cos √z for 0 ≤ z ≤ (π/2)², absolute error below 7.6e-13 and rounding (interpolation at Chebyshev's points, 50 digits).
/// Where the slope is a small difference of two cosines, so is their error; its relative error stays below 1e-10.
const COSINE_7: [f64; 7] = [
    0.999_999_999_999_247_9,
    -0.499_999_999_970_127_34,
    0.041_666_666_472_850_83,
    -0.001_388_888_417_077_034_4,
    2.480_103_992_638_388e-5,
    -2.752_467_036_072_873_5e-7,
    1.990_750_515_557_397e-9,
];

/// Added to an index so that it is never 0, where interference functions would be 0/0: below the last place of any other.
const INDEX_NEVER_ZERO: f64 = 1e-90;

/// Parallelepiped with slopes. With `SHORT`, two parts of π are enough for all arguments.
#[derive(Clone, Copy)]
pub(crate) struct SlopedSquare<const SHORT: bool> {
    numbers: SineConstants,
    never_zero: f64,
    /// Coefficients of [`COSINE_7`] times 2π, over what sines are scaled with.
    cosine: [f64; 7],
    axes: [GratingAxis; 3],
}

/// What the interference function of an axis is computed with.
#[derive(Clone, Copy)]
struct GratingAxis {
    cells: f64,
    /// Square of the distance from a lattice point below which the slope is the series'.
    near: f64,
    /// The series' coefficients, times 2π.
    series: [f64; 3],
}

/// An interference function: numerator and denominator, both but for a sign and scaled alike, and what its slope is
/// computed from.
struct SlopedGrating {
    above: f64,
    below: f64,
    /// Cosines that go with the two.
    cosines: [f64; 2],
    /// Square of the distance from the lattice point in the argument of the denominator.
    distance_sqr: f64,
    /// Twice the slope by the index near a lattice point.
    near: f64,
}

impl<const SHORT: bool> SlopedSquare<SHORT> {
    pub(crate) fn new(e: &Experiment) -> Self {
        let axes = e.size.cells.map(|n| {
            // One cell interferes with nothing: sin(x)/sin(x).
            let cells = if n > 1.0 { n } else { 1.0 };
            let (nn, linear) = (cells * cells, cells * (1.0 - cells * cells) / 3.0);
            let sixth = (nn * (3.0 * nn - 18.0) + 31.0) / 840.0;
            let series = [linear, -linear * (3.0 * nn - 7.0) / 30.0, linear * sixth].map(|c| 2.0 * PI * c);
            GratingAxis { cells, near: (SERIES_BELOW / cells).powi(2), series }
        });
        let cosine = COSINE_7.map(|c| 2.0 * PI / SCALED_SINE * c);
        // In memory, as `SineConstants` are.
        black_box(Self { numbers: SineConstants::new(), never_zero: INDEX_NEVER_ZERO, cosine, axes })
    }

    #[inline(always)]
    fn grating(&self, axis: &GratingAxis, h: f64) -> SlopedGrating {
        let numbers = &self.numbers;
        let h = h + self.never_zero;
        let x = numbers.pi * h;
        let many = x * axis.cells;
        let r = numbers.reduced::<SHORT>(x, (h - numbers.half).ceil());
        let turned = numbers.reduced::<SHORT>(many, numbers.nearest_multiple(many));
        let distance_sqr = r * r;
        let [first, third, fifth] = axis.series;
        SlopedGrating {
            above: numbers.scaled_sine(turned),
            below: numbers.scaled_sine(r),
            cosines: [polynomial(&self.cosine, turned * turned), polynomial(&self.cosine, distance_sqr)],
            distance_sqr,
            near: r * fifth.mul_add(distance_sqr, third).mul_add(distance_sqr, first),
        }
    }
}

impl SlopedGrating {
    /// The function, and twice its slope by the index; `inverse` is one over the denominator.
    #[inline(always)]
    fn finish(&self, axis: &GratingAxis, inverse: f64) -> (f64, f64) {
        let value = self.above * inverse;
        let [many, one] = self.cosines;
        // Near a lattice point that is a difference of large numbers.
        let far = axis.cells.mul_add(many, -(value * one)) * inverse;
        (value, if self.distance_sqr < axis.near { self.near } else { far })
    }
}

impl<const SHORT: bool> Sloped for SlopedSquare<SHORT> {
    const METRIC: bool = false;
    const SIZES: bool = false;
    const ABSOLUTE: bool = false;
    // Twelve sines here and there (less than a unit in the last place there), products, quotients.
    const RELATIVE: f64 = 12.0 * (SINE_7_ERROR + if SHORT { SHORT_ERROR } else { 0.0 }) + 96.0 * ROUNDING;

    #[inline(always)]
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool {
        out.index(cell, s);
        true
    }

    #[inline(always)]
    fn term(self, from: &Terms, i: usize) -> Term {
        let [along_a, along_b, along_c] = &self.axes;
        let a = self.grating(along_a, from.hkl[0][i]);
        let b = self.grating(along_b, from.hkl[1][i]);
        let c = self.grating(along_c, from.hkl[2][i]);
        // One quotient for all three.
        let (bc, ca, ab) = (b.below * c.below, c.below * a.below, a.below * b.below);
        let inverse = 1.0 / (ab * c.below);
        let (a, slope_a) = a.finish(along_a, inverse * bc);
        let (b, slope_b) = b.finish(along_b, inverse * ca);
        let (c, slope_c) = c.finish(along_c, inverse * ab);
        let (bc, ca, ab) = (b * c, c * a, a * b);
        Term {
            lattice: a * bc,
            error: 0.0,
            slope: [slope_a * bc, slope_b * ca, slope_c * ab],
            d_distance_sqr: 0.0,
        }
    }
}
