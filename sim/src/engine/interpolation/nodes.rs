//! Tricubic interpolation of structure factors for a block of pixels: the reference's numbers, bit for bit.
//!
//! Neighbouring pixels mostly share their 4×4×4 neighbourhood, so pixels of such a run take its values together and only the
//! weights differ. Why the bits are the reference's is in docs/performance.md. Not here: what the reference does
//! outside the list (`reference::factors`), sums (`terms`).

use crate::engine::simd::{LANES, Lanes};
use crate::engine::simd::{Level, TO_BITS, on_every_level};
use crate::model::structure_factors::StructureFactors;

/// Amplitudes other than 0 must lie between this and its inverse: then nothing underflows, and halving is exact.
const SMALLEST_AMPLITUDE: f64 = 1.0 / (1_u128 << 100) as f64;

/// Indices other than 0 must not be smaller, for the same reason.
const SMALLEST_INDEX: f64 = 1.0 / (1_u64 << 60) as f64;

/// A sixth, and what it lacks: a third of the last place of a third is 2^-54 of it.
const SIXTH: f64 = 1.0 / 6.0;
const SIXTH_REST: f64 = SIXTH / (1_u64 << 54) as f64;

/// Pixels that are interpolated together. Runs are short: of longer vectors much would be wasted.
pub(crate) const FEW: usize = 4;

/// A number for each of them.
pub(crate) type Few = [f64; FEW];

/// No place: the neighbourhood leaves the list.
pub(crate) const OUTSIDE: u64 = u64::MAX;

/// Where the nodes of a reflection list stand.
#[derive(Debug)]
pub(crate) struct Nodes {
    /// First index along each axis.
    pub(crate) first: [f64; 3],
    /// Indices along each axis.
    pub(crate) counts: [f64; 3],
    /// Values from one index to the next along h and k.
    pub(crate) stride: [f64; 2],
    steps: [usize; 2],
}

impl Nodes {
    /// The nodes of a list; `None` where its amplitudes are too large or too small for [`interpolate`].
    pub(crate) fn new(factors: &StructureFactors) -> Option<Self> {
        let grid = factors.grid();
        let limits = [(grid.h_min, grid.h_max), (grid.k_min, grid.k_max), (grid.l_min, grid.l_max)];
        let (along_h, along_k) = grid.strides();
        let fits = |f: f64| f == 0.0 || (SMALLEST_AMPLITUDE..=1.0 / SMALLEST_AMPLITUDE).contains(&f.abs());
        let fits = grid.values.iter().all(|f| fits(*f)) && u32::try_from(grid.values.len()).is_ok();
        fits.then_some(Self {
            first: limits.map(|(min, _)| f64::from(min)),
            counts: limits.map(|(min, max)| f64::from(max) - f64::from(min) + 1.0),
            stride: [along_h as f64, along_k as f64],
            steps: [along_h, along_k],
        })
    }

    /// One line of the neighbourhood whose first node is at `place`.
    #[inline(always)]
    pub(crate) fn line(&self, values: &[f64], place: u64, plane: usize, line: usize) -> [f64; 4] {
        let at = place as usize + plane * self.steps[0] + line * self.steps[1];
        let mut found = [0.0; 4];
        found.copy_from_slice(&values[at..at + 4]);
        found
    }
}

/// Interpolated amplitudes of a block, and room for finding them.
pub(crate) struct Amplitudes {
    /// F·F; 0 outside the list.
    pub squared: Lanes,
    /// Not 0 where the neighbourhood leaves the list.
    pub outside: [u64; LANES],
    place: [u64; LANES],
    /// Weights of the four nodes along h, k and l, divided by what the reference divides by unless that is 6.
    weights: [[Lanes; 4]; 3],
}

impl Amplitudes {
    /// Room for a block.
    pub(crate) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self { squared: zero, outside: [0; LANES], place: [0; LANES], weights: [[zero; 4]; 3] }
    }
}

/// Fills `out` for fractional indices `hkl`, from the list whose nodes are `nodes`.
pub(crate) fn interpolate(
    level: Level,
    nodes: &Nodes,
    factors: &StructureFactors,
    hkl: &[Lanes; 3],
    out: &mut Amplitudes,
) {
    on_level(level, nodes, &factors.grid().values, hkl, out);
}

on_every_level! {
    /// Computes a block with an instruction set.
    fn on_level[][](nodes: &Nodes, values: &[f64], hkl: &[Lanes; 3], out: &mut Amplitudes) => block
}

#[inline(always)]
fn block(nodes: &Nodes, values: &[f64], hkl: &[Lanes; 3], out: &mut Amplitudes) {
    locate(nodes, hkl, out);
    out.squared = [0.0; LANES];
    let mut start = 0;
    while start < LANES {
        let place = out.place[start];
        let end = end_of_run(&out.place, start);
        if place != OUTSIDE {
            let mut from = start - start % FEW;
            while from < end {
                let f = few(nodes, values, place, &out.weights, from);
                for j in 0..FEW {
                    let i = from + j;
                    let squared = &mut out.squared[i];
                    *squared = if (start..end).contains(&i) { f[j] * f[j] } else { *squared };
                }
                from += FEW;
            }
        }
        start = end;
    }
}

/// Where the pixels end that share the neighbourhood of pixel `start`.
#[inline(always)]
pub(crate) fn end_of_run(places: &[u64; LANES], start: usize) -> usize {
    let mut end = start + 1;
    while end < LANES && places[end] == places[start] {
        end += 1;
    }
    end
}

/// Weights and places.
#[inline(always)]
fn locate(nodes: &Nodes, hkl: &[Lanes; 3], out: &mut Amplitudes) {
    let (mut place, mut inside) = ([0.0; LANES], [u64::MAX; LANES]);
    for axis in 0..3 {
        let (first, count) = (nodes.first[axis], nodes.counts[axis]);
        let stride = if axis < 2 { nodes.stride[axis] } else { 1.0 };
        for i in 0..LANES {
            let x = hkl[axis][i];
            // As the reference tests, and turned so that NaN is outside.
            let listed = (x - first + 3.0 <= count) & (x - 2.0 >= first);
            let plain = (x == 0.0) | (x.abs() >= SMALLEST_INDEX);
            inside[i] &= if listed & plain { u64::MAX } else { 0 };
            let at = x.floor();
            let (a, b, c, d) = (x - (at - 1.0), x - at, x - (at + 1.0), x - (at + 2.0));
            out.weights[axis][0][i] = -(b * c * d);
            out.weights[axis][1][i] = a * c * d * 0.5;
            out.weights[axis][2][i] = a * b * d * -0.5;
            out.weights[axis][3][i] = a * b * c;
            place[i] += (at - 1.0 - first) * stride;
        }
    }
    for i in 0..LANES {
        let bits = (place[i] + TO_BITS).to_bits() & 0xffff_ffff;
        out.place[i] = if inside[i] == 0 { OUTSIDE } else { bits };
        out.outside[i] = !inside[i];
    }
}

/// Amplitudes of the pixels from `from` on, as if all of them had their neighbourhood at `place`.
#[inline(always)]
fn few(nodes: &Nodes, values: &[f64], place: u64, weights: &[[Lanes; 4]; 3], from: usize) -> Few {
    let [h, k, l] = [some(&weights[0], from), some(&weights[1], from), some(&weights[2], from)];
    let mut along_h = [[0.0; FEW]; 4];
    for plane in 0..4 {
        let mut along_k = [[0.0; FEW]; 4];
        for line in 0..4 {
            let four = nodes.line(values, place, plane, line);
            for j in 0..FEW {
                along_k[line][j] = cubic([l[0][j], l[1][j], l[2][j], l[3][j]], four);
            }
        }
        along_h[plane] = cubics(&k, &along_k);
    }
    cubics(&h, &along_h)
}

/// Some pixels' numbers of four arrays.
#[inline(always)]
pub(crate) fn some(lanes: &[Lanes; 4], from: usize) -> [Few; 4] {
    let mut out = [[0.0; FEW]; 4];
    for node in 0..4 {
        out[node].copy_from_slice(&lanes[node][from..from + FEW]);
    }
    out
}

#[inline(always)]
fn cubics(w: &[Few; 4], v: &[Few; 4]) -> Few {
    let mut out = [0.0; FEW];
    for j in 0..FEW {
        out[j] = cubic([w[0][j], w[1][j], w[2][j], w[3][j]], [v[0][j], v[1][j], v[2][j], v[3][j]]);
    }
    out
}

/// The cubic through four values, with the reference's roundings.
#[inline(always)]
fn cubic(weights: [f64; 4], values: [f64; 4]) -> f64 {
    sixth(weights[0] * values[0])
        + weights[1] * values[1]
        + weights[2] * values[2]
        + sixth(weights[3] * values[3])
}

/// `x / 6`, rounded once: what the product lacks is far below the distance of a sixth from where rounding turns.
#[inline(always)]
pub(super) fn sixth(x: f64) -> f64 {
    x.mul_add(SIXTH, x * SIXTH_REST)
}
