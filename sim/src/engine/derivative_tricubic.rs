//! Interpolated structure factors of a block with the derivatives of their squares by the fractional indices.
//!
//! No float is proven from these, so sums are fused as the machine likes. Not here: the reference's own roundings, which the
//! image has (`kernel_tricubic`).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::derivative_lattice::Terms;
use super::kernel::{LANES, Lanes};
use super::kernel_tricubic::{Nodes, OUTSIDE, TO_BITS, slices};
use crate::physics::interpolation::Neighbourhood;

/// Pixels of a run are rounded to so many: a multiple of every vector length.
const WIDTH: usize = 8;

/// Interpolation in a block.
#[repr(C, align(64))]
pub(super) struct Interpolation {
    /// All bits where a pixel still interpolates.
    pub(super) on: [u64; LANES],
    /// All bits where the current term's neighbourhood leaves the list.
    pub(super) outside: [u64; LANES],
    /// Derivatives of the squared structure factors by h, k, l; 0 where they are not interpolated.
    pub(super) slope: [Lanes; 3],
    place: [u64; LANES],
    /// Weights of the four nodes along h, k and l, and their derivatives.
    weights: [[Lanes; 4]; 3],
    rates: [[Lanes; 4]; 3],
    /// Value and derivatives by k and l in the four planes.
    planes: [[Lanes; 4]; 3],
    /// Square and derivatives of a run.
    run: [Lanes; 4],
}

impl Interpolation {
    pub(super) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            on: [0; LANES],
            outside: [0; LANES],
            slope: [zero; 3],
            place: [0; LANES],
            weights: [[zero; 4]; 3],
            rates: [[zero; 4]; 3],
            planes: [[zero; 4]; 3],
            run: [zero; 4],
        }
    }

    /// Interpolates where that is still on and possible; elsewhere `terms` keep what they have, and the slope is 0.
    #[inline(always)]
    pub(super) fn fill(&mut self, nodes: &Nodes, values: &[f64], terms: &mut Terms) {
        self.locate(nodes, &terms.hkl);
        self.slope = [[0.0; LANES]; 3];
        let mut start = 0;
        while start < LANES {
            let place = self.place[start];
            let mut end = start + 1;
            while end < LANES && self.place[end] == place {
                end += 1;
            }
            if place != OUTSIDE {
                let (from, to) = (start / WIDTH * WIDTH, end.next_multiple_of(WIDTH).min(LANES));
                self.run(&nodes.around(values, place), from, to);
                terms.f_sqr[start..end].copy_from_slice(&self.run[0][start..end]);
                for axis in 0..3 {
                    self.slope[axis][start..end].copy_from_slice(&self.run[1 + axis][start..end]);
                }
            }
            start = end;
        }
    }

    /// Ends it for pixels whose terms leave the list, but for those of `lattice` factors that are not looked at.
    #[inline(always)]
    pub(super) fn stop(&mut self, lattice: &Lanes, water: bool) {
        for i in 0..LANES {
            let counts = if lattice[i] != 0.0 || water { u64::MAX } else { 0 };
            self.on[i] &= !(self.outside[i] & counts);
        }
    }

    /// Weights and places.
    #[inline(always)]
    fn locate(&mut self, nodes: &Nodes, hkl: &[Lanes; 3]) {
        let (mut place, mut inside) = ([0.0; LANES], [u64::MAX; LANES]);
        for axis in 0..3 {
            let (first, count) = (nodes.first[axis], nodes.counts[axis]);
            let stride = if axis < 2 { nodes.stride[axis] } else { 1.0 };
            let ([w0, w1, w2, w3], [r0, r1, r2, r3]) = (&mut self.weights[axis], &mut self.rates[axis]);
            for i in 0..LANES {
                let x = hkl[axis][i];
                // As the reference asks, and turned so that what is no number is outside.
                let listed = (x - first + 3.0 <= count) & (x - 2.0 >= first);
                inside[i] &= if listed { u64::MAX } else { 0 };
                let at = x.floor();
                let (a, b, c, d) = (x - (at - 1.0), x - at, x - (at + 1.0), x - (at + 2.0));
                let (ab, cd) = (a * b, c * d);
                let (sum, difference) = (a + b, c + d);
                w0[i] = b * cd * (-1.0 / 6.0);
                w1[i] = a * cd * 0.5;
                w2[i] = ab * d * -0.5;
                w3[i] = ab * c * (1.0 / 6.0);
                r0[i] = b.mul_add(difference, cd) * (-1.0 / 6.0);
                r1[i] = a.mul_add(difference, cd) * 0.5;
                r2[i] = d.mul_add(sum, ab) * -0.5;
                r3[i] = c.mul_add(sum, ab) * (1.0 / 6.0);
                place[i] = (at - 1.0 - first).mul_add(stride, place[i]);
            }
        }
        for i in 0..LANES {
            let bits = (place[i] + TO_BITS).to_bits() & 0xffff_ffff;
            self.place[i] = if inside[i] & self.on[i] == 0 { OUTSIDE } else { bits };
            self.outside[i] = !inside[i];
        }
    }

    /// Neighbouring pixels that share their neighbourhood.
    #[inline(always)]
    fn run(&mut self, values: &Neighbourhood, from: usize, to: usize) {
        let [h, k, l] = [0, 1, 2].map(|axis| slices(&self.weights[axis], from, to));
        let [by_h, by_k, by_l] = [0, 1, 2].map(|axis| slices(&self.rates[axis], from, to));
        let count = to - from;
        for plane in 0..4 {
            let lines = values[plane];
            let [value, slope_k, slope_l] = &mut self.planes;
            let (value, slope_k) = (&mut value[plane][from..to], &mut slope_k[plane][from..to]);
            let slope_l = &mut slope_l[plane][from..to];
            for i in 0..count {
                let (along, across) = (at(l, i), at(by_l, i));
                let line =
                    [dot(along, lines[0]), dot(along, lines[1]), dot(along, lines[2]), dot(along, lines[3])];
                let rate = [
                    dot(across, lines[0]),
                    dot(across, lines[1]),
                    dot(across, lines[2]),
                    dot(across, lines[3]),
                ];
                value[i] = dot(at(k, i), line);
                slope_k[i] = dot(at(by_k, i), line);
                slope_l[i] = dot(at(k, i), rate);
            }
        }
        let [value, slope_k, slope_l] = [0, 1, 2].map(|which| slices(&self.planes[which], from, to));
        let [square, by_first, by_second, by_third] = &mut self.run;
        let (square, by_first) = (&mut square[from..to], &mut by_first[from..to]);
        let (by_second, by_third) = (&mut by_second[from..to], &mut by_third[from..to]);
        for i in 0..count {
            let f = dot(at(h, i), at(value, i));
            let twice = 2.0 * f;
            square[i] = f * f;
            by_first[i] = twice * dot(at(by_h, i), at(value, i));
            by_second[i] = twice * dot(at(h, i), at(slope_k, i));
            by_third[i] = twice * dot(at(h, i), at(slope_l, i));
        }
    }
}

#[inline(always)]
fn at(lanes: [&[f64]; 4], i: usize) -> [f64; 4] {
    [lanes[0][i], lanes[1][i], lanes[2][i], lanes[3][i]]
}

#[inline(always)]
fn dot(weights: [f64; 4], values: [f64; 4]) -> f64 {
    let far = weights[3].mul_add(values[3], weights[2] * values[2]);
    weights[0].mul_add(values[0], weights[1].mul_add(values[1], far))
}
