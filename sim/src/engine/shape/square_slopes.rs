//! Lattice factors of parallelepipeds with the derivatives of their squares by the fractional indices.
//!
//! Not here: the other shapes (`shape::slopes`).

use super::proven::{Lanes, ROUNDING};
use super::slopes::{Sloped, Term, Terms};
use crate::engine::sine::{Numbers, SCALED_SINE, SHORT_ERROR, SINE_7_ERROR, polynomial};
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use std::f64::consts::PI;
use std::hint::black_box;

/// Below this argument, interference functions take their slope from its series.
const SMALL: f64 = 0.1;

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
const NEVER_ZERO: f64 = 1e-90;

/// Parallelepiped. With `SHORT`, two parts of π are enough for all arguments.
#[derive(Clone, Copy)]
pub(crate) struct Square<const SHORT: bool> {
    numbers: Numbers,
    never_zero: f64,
    /// Coefficients of [`COSINE_7`] times 2π, over what sines are scaled with.
    cosine: [f64; 7],
    axes: [Axis; 3],
}

/// What the interference function of an axis is computed with.
#[derive(Clone, Copy)]
struct Axis {
    cells: f64,
    /// Square of the distance from a lattice point below which the slope is the series'.
    near: f64,
    /// The series' coefficients, times 2π.
    series: [f64; 3],
}

/// An interference function: numerator and denominator, both but for a sign and scaled alike, and what its slope is
/// computed from.
struct Grating {
    above: f64,
    below: f64,
    /// Cosines that go with the two.
    cosines: [f64; 2],
    /// Square of the distance from the lattice point in the argument of the denominator.
    distance_sqr: f64,
    /// Twice the slope by the index near a lattice point.
    near: f64,
}

impl<const SHORT: bool> Square<SHORT> {
    pub(crate) fn new(e: &Experiment) -> Self {
        let axes = e.size.cells.map(|n| {
            // One cell interferes with nothing: sin(x)/sin(x).
            let cells = if n > 1.0 { n } else { 1.0 };
            let (nn, linear) = (cells * cells, cells * (1.0 - cells * cells) / 3.0);
            let sixth = (nn * (3.0 * nn - 18.0) + 31.0) / 840.0;
            let series = [linear, -linear * (3.0 * nn - 7.0) / 30.0, linear * sixth].map(|c| 2.0 * PI * c);
            Axis { cells, near: (SMALL / cells).powi(2), series }
        });
        let cosine = COSINE_7.map(|c| 2.0 * PI / SCALED_SINE * c);
        // In memory, as `Numbers` are.
        black_box(Self { numbers: Numbers::new(), never_zero: NEVER_ZERO, cosine, axes })
    }

    #[inline(always)]
    fn grating(&self, axis: &Axis, h: f64) -> Grating {
        let numbers = &self.numbers;
        let h = h + self.never_zero;
        let x = numbers.pi * h;
        let many = x * axis.cells;
        let r = numbers.reduced::<SHORT>(x, (h - numbers.half).ceil());
        let turned = numbers.reduced::<SHORT>(many, numbers.nearest_multiple(many));
        let distance_sqr = r * r;
        let [first, third, fifth] = axis.series;
        Grating {
            above: numbers.scaled_sine(turned),
            below: numbers.scaled_sine(r),
            cosines: [polynomial(&self.cosine, turned * turned), polynomial(&self.cosine, distance_sqr)],
            distance_sqr,
            near: r * fifth.mul_add(distance_sqr, third).mul_add(distance_sqr, first),
        }
    }
}

impl Grating {
    /// The function, and twice its slope by the index; `inverse` is one over the denominator.
    #[inline(always)]
    fn finish(&self, axis: &Axis, inverse: f64) -> (f64, f64) {
        let value = self.above * inverse;
        let [many, one] = self.cosines;
        // Near a lattice point that is a difference of large numbers.
        let far = axis.cells.mul_add(many, -(value * one)) * inverse;
        (value, if self.distance_sqr < axis.near { self.near } else { far })
    }
}

impl<const SHORT: bool> Sloped for Square<SHORT> {
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
        Term { lattice: a * bc, error: 0.0, slope: [slope_a * bc, slope_b * ca, slope_c * ab], stretch: 0.0 }
    }
}
