//! Lattice factors of a block of pixels within a tolerance: fused indices, sines of fractions of a turn, no proof.
//!
//! Square crystals only; the other shapes are as fast as they get in `shape`. Not here: anything that must have the
//! reference's bits.

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::proven::{Factors, LANES, Lanes, Lattice, whole};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;
use std::hint::black_box;

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
const NEVER_ZERO_SINGLE: f64 = 1e-12;

/// Coefficients but the last, divided by the last: what the sines lose is a common factor, which drops out of their
/// quotients. They stand in memory for the reason given at [`crate::engine::sine::Numbers`].
#[derive(Clone, Copy)]
struct Numbers {
    double: [f64; 5],
    single: [f32; 4],
}

/// Parallelepiped of whole numbers of cells, in double or single precision.
#[derive(Clone, Copy)]
pub struct FastSquare<const SINGLE: bool> {
    cells: [f64; 3],
    numbers: Numbers,
}

impl<const SINGLE: bool> FastSquare<SINGLE> {
    /// Of the experiment's crystal; `None` unless cells are counted in whole numbers (else sin(πNh) does not repeat
    /// with every h).
    pub fn new(e: &Experiment) -> Option<Self> {
        let cells = e.size.cells.map(|n| if n > 1.0 { n } else { 1.0 });
        let [a, b, c, d, e, last] = SINE_6;
        let double = [a / last, b / last, c / last, d / last, e / last];
        let [a, b, c, d, last] = SINE_5;
        let numbers = black_box(Numbers { double, single: [a / last, b / last, c / last, d / last] });
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
fn index(axis: Vec3, x: f64, y: f64, z: f64) -> f64 {
    axis.z.mul_add(z, axis.y.mul_add(y, axis.x * x))
}

/// What is left of `n` times the fraction `f` after whole turns; exact but for one rounding.
#[inline(always)]
fn turned(f: f64, n: f64) -> f64 {
    n.mul_add(f, -(n * f).round_ties_even())
}

impl Lattice for FastSquare<false> {
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
            let (h, k, l) = (index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z));
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

impl Lattice for FastSquare<true> {
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
            let (h, k, l) = (index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z));
            let nearest = [whole(h), whole(k), whole(l)];
            let never = NEVER_ZERO_SINGLE;
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
