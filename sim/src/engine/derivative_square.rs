//! Lattice factors of parallelepipeds with the derivatives of their squares by the fractional indices.
//!
//! Not here: the other shapes (`derivative_lattice`).

use super::derivative_lattice::{Sloped, Term, Terms};
use super::kernel::{Lanes, ROUNDING, whole};
use super::kernel_sine::{SINE_7_ERROR, nearest_multiple, reduced, sine_7};
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use std::f64::consts::PI;

/// Below this argument, interference functions take their slope from its series.
const SMALL: f64 = 0.1;

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

/// cos r for |r| ≤ π/2, where no byte depends on it.
#[inline(always)]
fn cosine_8(r: f64) -> f64 {
    let z = r * r;
    let mut value = COSINE_8[7];
    let mut i = 7;
    while i > 0 {
        i -= 1;
        value = value.mul_add(z, COSINE_8[i]);
    }
    value
}

/// Parallelepiped.
#[derive(Clone, Copy)]
pub(super) struct Square {
    cells: [f64; 3],
    /// Coefficients of the slope near a lattice point.
    series: [[f64; 3]; 3],
}

/// Numerator and denominator of an interference function, both but for a sign, and what is on top of its derivative when
/// the square of the denominator is below.
struct Grating {
    above: f64,
    below: f64,
    slope: f64,
}

impl Square {
    pub(super) fn new(e: &Experiment) -> Self {
        // One cell interferes with nothing: sin(x)/sin(x).
        let cells = e.size.cells.map(|n| if n > 1.0 { n } else { 1.0 });
        let series = cells.map(|n| {
            let (nn, linear) = (n * n, n * (1.0 - n * n) / 3.0);
            let sixth = (nn * (3.0 * nn - 18.0) + 31.0) / 840.0;
            [linear, -linear * (3.0 * nn - 7.0) / 30.0, linear * sixth]
        });
        Self { cells, series }
    }

    #[inline(always)]
    fn grating(self, axis: usize, h: f64) -> Grating {
        let n = self.cells[axis];
        let x = PI * h;
        let many = x * n;
        let (r, turned) = (reduced(x, whole(h)), reduced(many, nearest_multiple(many)));
        let (above, below) = (sine_7(turned), sine_7(r));
        let far = (n * below).mul_add(cosine_8(turned), -above * cosine_8(r));
        // Near a lattice point that is a difference of large numbers.
        let [first, third, fifth] = self.series[axis];
        let rr = r * r;
        let near = fifth.mul_add(rr, third).mul_add(rr, first) * (r * (below * below));
        let slope = if (r * n).abs() < SMALL { near } else { far };
        if x == 0.0 { Grating { above: n, below: 1.0, slope: 0.0 } } else { Grating { above, below, slope } }
    }
}

impl Sloped for Square {
    const METRIC: bool = false;
    const ABSOLUTE: bool = false;
    // Twelve sines here and there (less than a unit in the last place there), products, quotients.
    const RELATIVE: f64 = 12.0 * SINE_7_ERROR + 64.0 * ROUNDING;

    #[inline(always)]
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool {
        out.index(cell, s);
        true
    }

    #[inline(always)]
    fn term(self, from: &Terms, i: usize) -> Term {
        let a = self.grating(0, from.hkl[0][i]);
        let b = self.grating(1, from.hkl[1][i]);
        let c = self.grating(2, from.hkl[2][i]);
        let inverse = 1.0 / (a.below * b.below * c.below);
        let lattice = (a.above * b.above * c.above) * inverse;
        let (pa, pb, pc) = (a.above * a.below, b.above * b.below, c.above * c.below);
        let both = (2.0 * PI) * lattice * (inverse * inverse);
        let slope = [both * a.slope * (pb * pc), both * b.slope * (pc * pa), both * c.slope * (pa * pb)];
        Term { lattice, error: 0.0, slope, stretch: 0.0 }
    }
}
