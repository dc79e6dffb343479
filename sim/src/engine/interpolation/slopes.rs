//! Interpolated structure factors of a block with the derivatives of their squares by the fractional indices.
//!
//! No float is proven from these, so sums are fused as the machine likes. Not here: the reference's own roundings, which the
//! image has (`interpolation::nodes`).

use super::nodes::{FEW, Few, Nodes, OUTSIDE, end_of_run, some};
use crate::engine::shape::slope::Terms;
use crate::engine::simd::{LANES, Lanes, TO_BITS};

/// Interpolation in a block.
#[repr(C, align(64))]
pub(crate) struct Interpolation {
    /// All bits where a pixel still interpolates.
    pub(crate) on: [u64; LANES],
    /// All bits where the current term's neighbourhood leaves the list.
    pub(crate) outside: [u64; LANES],
    /// Derivatives of the squared structure factors by h, k, l; 0 where they are not interpolated.
    pub(crate) slope: [Lanes; 3],
    place: [u64; LANES],
    /// Weights of the four nodes along h, k and l, and their derivatives.
    weights: [[Lanes; 4]; 3],
    rates: [[Lanes; 4]; 3],
}

impl Interpolation {
    pub(crate) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            on: [0; LANES],
            outside: [0; LANES],
            slope: [zero; 3],
            place: [0; LANES],
            weights: [[zero; 4]; 3],
            rates: [[zero; 4]; 3],
        }
    }

    /// Interpolates where that is still on and possible; elsewhere `terms` keep what they have, and the slope is 0.
    #[inline(always)]
    pub(crate) fn fill(&mut self, nodes: &Nodes, values: &[f64], terms: &mut Terms) {
        self.locate(nodes, &terms.hkl);
        self.slope = [[0.0; LANES]; 3];
        let mut start = 0;
        while start < LANES {
            let place = self.place[start];
            let end = end_of_run(&self.place, start);
            if place != OUTSIDE {
                let mut from = start - start % FEW;
                while from < end {
                    self.few(nodes, values, place, from, (start, end), &mut terms.f_sqr);
                    from += FEW;
                }
            }
            start = end;
        }
    }

    /// Ends it for pixels whose terms leave the list, but for those of `lattice` factors that are not looked at.
    #[inline(always)]
    pub(crate) fn stop(&mut self, lattice: &Lanes, water: bool) {
        for i in 0..LANES {
            let counts = if lattice[i] != 0.0 || water { u64::MAX } else { 0 };
            self.on[i] &= !(self.outside[i] & counts);
        }
    }

    /// Ends it where terms of 0 leave the list, for the reference looks them up where there is water.
    #[inline(always)]
    pub(crate) fn pass_over(&mut self, nodes: &Nodes, hkl: &[Lanes; 3]) {
        self.locate(nodes, hkl);
        self.stop(&[0.0; LANES], true);
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
                // As the reference tests, and turned so that NaN is outside.
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

    /// Those of the pixels from `from` on that are in `start..end`, where all share the neighbourhood at `place`.
    #[inline(always)]
    fn few(
        &mut self,
        nodes: &Nodes,
        values: &[f64],
        place: u64,
        from: usize,
        (start, end): (usize, usize),
        f_sqr: &mut Lanes,
    ) {
        let [w, r] = [&self.weights, &self.rates];
        let [h, k, l] = [some(&w[0], from), some(&w[1], from), some(&w[2], from)];
        let [by_h, by_k, by_l] = [some(&r[0], from), some(&r[1], from), some(&r[2], from)];
        let zero = [0.0; FEW];
        let (mut f, mut f_h, mut f_k, mut f_l) = (zero, zero, zero, zero);
        for plane in 0..4 {
            let (mut value, mut value_k, mut value_l) = (zero, zero, zero);
            for line in 0..4 {
                let four = nodes.line(values, place, plane, line);
                let (along, rate) = (weighted(&l, four), weighted(&by_l, four));
                add(&mut value, &k[line], &along);
                add(&mut value_k, &by_k[line], &along);
                add(&mut value_l, &k[line], &rate);
            }
            add(&mut f, &h[plane], &value);
            add(&mut f_h, &by_h[plane], &value);
            add(&mut f_k, &h[plane], &value_k);
            add(&mut f_l, &h[plane], &value_l);
        }
        for j in 0..FEW {
            let i = from + j;
            if (start..end).contains(&i) {
                let twice = 2.0 * f[j];
                f_sqr[i] = f[j] * f[j];
                self.slope[0][i] = twice * f_h[j];
                self.slope[1][i] = twice * f_k[j];
                self.slope[2][i] = twice * f_l[j];
            }
        }
    }
}

#[inline(always)]
fn weighted(weights: &[Few; 4], values: [f64; 4]) -> Few {
    let mut sum = [0.0; FEW];
    for j in 0..FEW {
        sum[j] = weights[0][j] * values[0];
    }
    for node in 1..4 {
        for j in 0..FEW {
            sum[j] = weights[node][j].mul_add(values[node], sum[j]);
        }
    }
    sum
}

#[inline(always)]
fn add(sum: &mut Few, a: &Few, b: &Few) {
    for j in 0..FEW {
        sum[j] = a[j].mul_add(b[j], sum[j]);
    }
}
