//! Squared lattice factors of a block of pixels with their derivatives by the fractional indices, by shape.
//!
//! Not here: what they are multiplied with (`derivative_block`). No byte depends on these numbers: what is small beside the
//! derivatives' tolerance is left out, unlike in `kernel`.

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::kernel::{LANES, Lanes};
use super::kernel_sine::{nearest_multiple, reduced, sine_7, sine_9};
use super::kernel_table::SquaredTable;
use crate::constants::SPHERE_TO_CUBE;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;
use std::f64::consts::PI;

/// Below this argument, interference functions take their slope from its series.
const SMALL: f64 = 0.1;

/// Exponentials of anything below this are 0.
const UNDERFLOW: f64 = -746.0;

/// cos √z for 0 ≤ z ≤ (π/2)², absolute error below 2e-15 and rounding (interpolation at Chebyshev's points, 50 digits).
const COSINE_8: [f64; 8] = [
    0.999_999_999_999_998_1,
    -0.499_999_999_999_899_35,
    0.041_666_666_665_809_725,
    -0.001_388_888_886_108_704_5,
    0.000_024_801_582_870_355_396,
    -2.755_693_543_044_166_4e-7,
    2.085_831_798_649_172_6e-9,
    -1.100_795_611_906_574e-11,
];

/// cos r for |r| ≤ π/2.
#[inline(always)]
fn cosine(r: f64) -> f64 {
    let z = r * r;
    let mut value = COSINE_8[7];
    let mut i = 7;
    while i > 0 {
        i -= 1;
        value = value.mul_add(z, COSINE_8[i]);
    }
    value
}

/// One orientation's terms.
pub(super) struct Terms {
    /// The squared lattice factor.
    pub(super) square: Lanes,
    /// Its derivatives by h, k, l.
    pub(super) slope: [Lanes; 3],
    /// Fractional indices.
    pub(super) hkl: [Lanes; 3],
    /// Its derivatives by the metric: h², k², l², kl, hl, hk; only where [`Sloped::METRIC`].
    pub(super) metric: [Lanes; 6],
    /// Place of the structure factor.
    pub(super) place: [u64; LANES],
    /// Whether anything may differ from 0.
    pub(super) any: bool,
}

impl Terms {
    pub(super) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            square: zero,
            slope: [zero; 3],
            hkl: [zero; 3],
            metric: [zero; 6],
            place: [0; LANES],
            any: true,
        }
    }
}

/// A crystal shape whose factors have derivatives.
pub(super) trait Sloped: Copy {
    /// Whether factors depend on the reciprocal metric as well as on the indices.
    const METRIC: bool;
    /// Fills `out` for scattering vectors `s` and the cell `cell`.
    fn terms(self, cell: &CellVectors, s: &[Lanes; 3], table: &SquaredTable, out: &mut Terms);
}

/// Index along one axis.
#[inline(always)]
fn index(axis: Vec3, x: f64, y: f64, z: f64) -> f64 {
    axis.x.mul_add(x, axis.y.mul_add(y, axis.z * z))
}

/// Indices, and their distances to the nearest lattice point.
#[inline(always)]
fn indices(cell: &CellVectors, s: &[Lanes; 3], table: &SquaredTable, i: usize, out: &mut Terms) -> [f64; 3] {
    let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
    let hkl = [index(cell[0], x, y, z), index(cell[1], x, y, z), index(cell[2], x, y, z)];
    let nearest = hkl.map(|h| (h - 0.5).ceil());
    out.place[i] = table.place(nearest);
    (out.hkl[0][i], out.hkl[1][i], out.hkl[2][i]) = (hkl[0], hkl[1], hkl[2]);
    [hkl[0] - nearest[0], hkl[1] - nearest[1], hkl[2] - nearest[2]]
}

/// Parallelepiped.
#[derive(Clone, Copy)]
pub(super) struct Square {
    cells: [f64; 3],
}

impl Square {
    pub(super) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells }
    }

    /// Interference function of `n` cells `offset` from a lattice point and its derivative, both but for the same sign.
    #[inline(always)]
    fn grating(offset: f64, n: f64) -> (f64, f64) {
        let r = PI * offset;
        let many = r * n;
        let above = reduced(many, nearest_multiple(many));
        let inverse = 1.0 / sine_7(r);
        let value = sine_7(above) * inverse;
        let slope = n.mul_add(cosine(above), -value * cosine(r)) * inverse;
        // Near a lattice point the slope is a difference of large numbers, at the point itself the value is no number.
        let (rr, nn) = (r * r, n * n);
        let fourth = nn.mul_add(3.0, -7.0) / 30.0;
        let sixth = nn.mul_add(nn.mul_add(3.0, -18.0), 31.0) / 840.0;
        let near_slope = n * (1.0 - nn) * (1.0 / 3.0) * r * sixth.mul_add(rr, -fourth).mul_add(rr, 1.0);
        let near = many.abs() < SMALL;
        (if r == 0.0 { n } else { value }, PI * if near { near_slope } else { slope })
    }
}

impl Sloped for Square {
    const METRIC: bool = false;

    #[inline(always)]
    fn terms(self, cell: &CellVectors, s: &[Lanes; 3], table: &SquaredTable, out: &mut Terms) {
        let [na, nb, nc] = self.cells;
        for i in 0..LANES {
            let [dh, dk, dl] = indices(cell, s, table, i, out);
            let (a, a1) = Self::grating(dh, na);
            let (b, b1) = Self::grating(dk, nb);
            let (c, c1) = Self::grating(dl, nc);
            let (ab, bc, ca) = (a * b, b * c, c * a);
            out.square[i] = (ab * c) * (ab * c);
            out.slope[0][i] = 2.0 * a * a1 * bc * bc;
            out.slope[1][i] = 2.0 * b * b1 * ca * ca;
            out.slope[2][i] = 2.0 * c * c1 * ab * ab;
        }
    }
}

/// Ellipsoid.
#[derive(Clone, Copy)]
pub(super) struct Round {
    cells: [f64; 3],
    fudge: f64,
}

impl Round {
    pub(super) fn new(e: &Experiment) -> Self {
        Self { cells: e.size.cells, fudge: e.fudge }
    }

    /// Transform of a sphere by the square of its argument, and its derivative by that; both but for the same sign.
    #[inline(always)]
    fn sphere(u: f64) -> (f64, f64) {
        let x = u.sqrt();
        let multiple = nearest_multiple(x);
        let r = reduced(x, multiple);
        let ratio = sine_9(r) / x;
        let value = 3.0 * (ratio - cosine(r)) / u;
        let slope = 1.5 * (ratio - value) / u;
        let near_value = 1.0 - u * (0.1 - u * (1.0 / 280.0 - u * (1.0 / 15_120.0)));
        let near_slope = -0.1 + u * (2.0 / 280.0 - u * (3.0 / 15_120.0 - u * (4.0 / 1_330_560.0)));
        let near = u < 0.04;
        (if near { near_value } else { value }, if near { near_slope } else { slope })
    }
}

impl Sloped for Round {
    const METRIC: bool = false;

    #[inline(always)]
    fn terms(self, cell: &CellVectors, s: &[Lanes; 3], table: &SquaredTable, out: &mut Terms) {
        let [na, nb, nc] = self.cells;
        let scale = na * nb * nc * SPHERE_TO_CUBE;
        let stretch = PI * PI * self.fudge;
        let [wa, wb, wc] = [na * na * stretch, nb * nb * stretch, nc * nc * stretch];
        for i in 0..LANES {
            let [dh, dk, dl] = indices(cell, s, table, i, out);
            let (value, slope) = Self::sphere(dh * dh * wa + dk * dk * wb + dl * dl * wc);
            let both = 4.0 * scale * scale * value * slope;
            out.square[i] = scale * value * scale * value;
            (out.slope[0][i], out.slope[1][i], out.slope[2][i]) =
                (both * dh * wa, both * dk * wb, both * dl * wc);
        }
    }
}

/// Gaussian or flat spots.
#[derive(Clone, Copy)]
pub(super) struct Spot<const GAUSS: bool> {
    /// Number of cells.
    all: f64,
    /// Metric of the reciprocal cell: diagonal, then kl, hl, hk.
    metric: [f64; 6],
    fudge: f64,
}

impl<const GAUSS: bool> Spot<GAUSS> {
    pub(super) fn new(e: &Experiment) -> Self {
        let [a, b, c] = e.cell.reciprocal;
        let metric = [a.dot(a), b.dot(b), c.dot(c), b.dot(c), a.dot(c), a.dot(b)];
        let [na, nb, nc] = e.size.cells;
        Self { all: na * nb * nc, metric, fudge: e.fudge }
    }
}

impl<const GAUSS: bool> Sloped for Spot<GAUSS> {
    const METRIC: bool = GAUSS;

    #[inline(always)]
    fn terms(self, cell: &CellVectors, s: &[Lanes; 3], table: &SquaredTable, out: &mut Terms) {
        let [aa, bb, cc, bc, ac, ab] = self.metric;
        let width = self.all * self.all * self.fudge;
        let mut offset = [[0.0; LANES]; 3];
        let mut lit = 0_u64;
        for i in 0..LANES {
            let [dh, dk, dl] = indices(cell, s, table, i, out);
            let (gh, gk, gl) =
                (aa * dh + ab * dk + ac * dl, ab * dh + bb * dk + bc * dl, ac * dh + bc * dk + cc * dl);
            let distance_sqr = (dh * gh + dk * gk + dl * gl) * width;
            let argument = if GAUSS { -2.0 * (distance_sqr / 0.63) } else { distance_sqr };
            let dark = if GAUSS { argument < UNDERFLOW } else { argument >= 0.3969 };
            lit |= u64::from(!dark);
            out.square[i] = argument;
            (offset[0][i], offset[1][i], offset[2][i]) = (dh, dk, dl);
            (out.slope[0][i], out.slope[1][i], out.slope[2][i]) = (gh, gk, gl);
        }
        out.any = lit != 0;
        if !out.any {
            return;
        }
        for i in 0..LANES {
            let argument = out.square[i];
            let square = if GAUSS {
                if argument < UNDERFLOW { 0.0 } else { self.all * self.all * argument.exp() }
            } else {
                self.all * self.all * f64::from(u8::from(argument < 0.3969))
            };
            let slope = if GAUSS { square * (-2.0 / 0.63) * width } else { 0.0 };
            let [dh, dk, dl] = [offset[0][i], offset[1][i], offset[2][i]];
            out.square[i] = square;
            for axis in 0..3 {
                out.slope[axis][i] *= 2.0 * slope;
            }
            if GAUSS {
                let products = [dh * dh, dk * dk, dl * dl, dk * dl, dh * dl, dh * dk];
                for (metric, product) in out.metric.iter_mut().zip(products) {
                    metric[i] = slope * product;
                }
            }
        }
    }
}
