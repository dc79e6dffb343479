//! Sums over all pairs of finite elements: correlation, ratio of the sums, best scale, root of the mean squared difference.
//!
//! Not here: pairs by themselves (`pairs`).

use crate::array::measure::block::Block;
use crate::compare::metrics::Measured;
use crate::compare::metrics::accumulate::Merge;
use crate::compare::metrics::unit::BinaryScale;

/// Count, sums and centred second moments; merging keeps the moments centred (Chan, Golub, LeVeque 1983), so that a large mean costs no
/// digits. Numbers are in a unit of their size. Complex elements count by both parts, each around its own mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    scale: BinaryScale,
    count: f64,
    /// Of each part, of A and of B.
    sum: [[f64; 2]; 2],
    /// Of each part: centred sums of a², b², ab.
    second: [[f64; 3]; 2],
    /// Sums of |a|, |a|², Re(a*·b) and |b − a|².
    plain: [f64; 4],
}

impl Sums {
    pub(super) fn nothing(scale: BinaryScale) -> Self {
        Self { scale, count: 0.0, sum: [[0.0; 2]; 2], second: [[0.0; 3]; 2], plain: [0.0; 4] }
    }

    pub(super) fn of(block: &Block, scale: BinaryScale) -> Self {
        let mut all = Self::nothing(scale);
        let finite: Vec<usize> =
            (0..block.length()).filter(|&at| [0, 1].iter().all(|&side| block.is_finite(side, at))).collect();
        all.count = finite.len() as f64;
        let pair =
            |at: usize, part: usize| [0, 1].map(|side| scale.of_value(block.number(side, at, part).high));
        let difference = |at: usize, part: usize| {
            let [a, b] = [0, 1].map(|side| block.number(side, at, part));
            scale.of_value(a.to(b))
        };
        for &at in &finite {
            let mut size = 0.0;
            for part in 0..block.parts {
                let [a, b] = pair(at, part);
                all.sum[part][0] += a;
                all.sum[part][1] += b;
                size += a * a;
                all.plain[2] += a * b;
                // Where the difference itself is out of range, that of the numbers in the unit is not.
                let plain = difference(at, part);
                let d = if plain.is_finite() { plain } else { b - a };
                all.plain[3] += d * d;
            }
            all.plain[0] += if block.parts == 1 { pair(at, 0)[0].abs() } else { size.sqrt() };
            all.plain[1] += size;
        }
        for part in 0..block.parts {
            let mean = all.sum[part].map(|sum| sum / all.count);
            for &at in &finite {
                let [a, b] = pair(at, part);
                let (p, q) = (a - mean[0], b - mean[1]);
                all.second[part] = all.second[part].merge([p * p, q * q, p * q]);
            }
        }
        all
    }

    /// Sum of part `part` (0: real, 1: imaginary) of side `side` (0: A, 1: B).
    pub fn sum(&self, side: usize, part: usize) -> Measured {
        self.scale.plain(self.sum[part][side], 1, "a sum is beyond the range of 64-bit floats")
    }

    /// Pearson's correlation.
    pub fn correlation(&self, constant: [bool; 2]) -> Measured {
        match (self.count > 0.0, constant) {
            (false, _) => return Measured::undefined("no element was compared"),
            (_, [true, true]) => return Measured::undefined("both sides are constant"),
            (_, [true, false]) => return Measured::undefined("side A is constant"),
            (_, [false, true]) => return Measured::undefined("side B is constant"),
            _ => {}
        }
        let [aa, bb, ab] = self.second[0].merge(self.second[1]);
        Measured::finite(
            (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0),
            "a side does not vary in 64-bit arithmetic",
        )
    }

    /// Whether the elements of A cancel each other so far that a ratio of the sums says nothing about the scale.
    pub fn cancels(&self) -> bool {
        const LEAST: f64 = 1e-4;
        self.sum[0][0].hypot(self.sum[1][0]) <= LEAST * self.plain[0]
    }

    /// Sum of B over sum of A; of complex elements the real part of it.
    pub fn ratio(&self) -> Measured {
        let [[a, b], [ai, bi]] = self.sum;
        match (self.count > 0.0, ai == 0.0 && bi == 0.0) {
            (false, _) => Measured::undefined("no element was compared"),
            (_, true) => Measured::finite(b / a, "the sum of A is zero"),
            (_, false) => Measured::finite((a * b + ai * bi) / (a * a + ai * ai), "the sum of A is zero"),
        }
    }

    /// The real factor `s` that makes `s·A` closest to B in the sense of least squares.
    pub fn best_scale(&self) -> Measured {
        match self.count > 0.0 {
            false => Measured::undefined("no element was compared"),
            true => Measured::finite(self.plain[2] / self.plain[1], "every element of A is zero"),
        }
    }

    /// Root of the mean squared difference.
    pub fn rmsd(&self) -> Measured {
        match self.count > 0.0 {
            false => Measured::undefined("no element was compared"),
            true => self.scale.plain((self.plain[3] / self.count).sqrt(), 1, ""),
        }
    }
}

impl Merge for Sums {
    fn merge(self, right: Self) -> Self {
        if self.count == 0.0 || right.count == 0.0 {
            return if self.count == 0.0 { right } else { self };
        }
        let weight = self.count * (right.count / (self.count + right.count));
        let second = [0, 1].map(|part| {
            let shift =
                [0, 1].map(|side| right.sum[part][side] / right.count - self.sum[part][side] / self.count);
            let [a, b] = shift;
            self.second[part].merge(right.second[part]).merge([
                a * a * weight,
                b * b * weight,
                a * b * weight,
            ])
        });
        Self {
            scale: self.scale,
            count: self.count + right.count,
            sum: [0, 1].map(|part| self.sum[part].merge(right.sum[part])),
            second,
            plain: self.plain.merge(right.plain),
        }
    }
}
