//! Sums, squared and absolute differences, extremes, and the best scale between two sets of pixels.
//!
//! Not here: anything that needs to know where a pixel's neighbours are, and correlations (`correlation`, `rank`).

use crate::compare::metrics::accumulate::{Merge, by_blocks, lane_sums};
use crate::compare::metrics::measured::Measured;
use crate::compare::metrics::unit::BinaryScale;
use crate::compare::pixel::PixelNumber;

/// Plain totals over the compared pixels; all are 0 for no pixels. Sums and differences are in `unit`, squares and products in
/// that of its square.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// What sums and differences are multiples of: 1, but for images of extreme numbers.
    pub unit: BinaryScale,
    /// Pixels compared.
    pub pixels: usize,
    /// Pixels of A, and of B, that are not zero.
    pub nonzero: [usize; 2],
    /// Smallest and largest value of A, and of B, as they are.
    pub range: [(f64, f64); 2],
    /// Sum of A, and of B.
    pub sum: [f64; 2],
    /// Sum of |a|, and of |b|.
    pub size: [f64; 2],
    /// Sum of a·a, and of b·b.
    pub square: [f64; 2],
    /// Sum of a·b.
    pub product: f64,
    /// Sum of (b − a)².
    pub squared_difference: f64,
    /// Largest |b − a| and the index (into the compared pixels) of the first pixel that has it.
    pub max_abs_difference: (f64, usize),
}

struct BlockSums {
    sums: [f64; 8],
    nonzero: [usize; 2],
    range: [(f64, f64); 2],
    worst: (f64, usize),
}

impl Merge for BlockSums {
    fn merge(self, right: Self) -> Self {
        Self {
            sums: self.sums.merge(right.sums),
            nonzero: [0, 1].map(|i| self.nonzero[i] + right.nonzero[i]),
            range: [0, 1]
                .map(|i| (self.range[i].0.min(right.range[i].0), self.range[i].1.max(right.range[i].1))),
            worst: if right.worst.0 > self.worst.0 { right.worst } else { self.worst },
        }
    }
}

/// The totals over `a` and `b`, pixel by pixel; both finite and of the same length.
pub fn totals<T: PixelNumber>(a: &[T], b: &[T]) -> Totals {
    let part = by_blocks(a.len().min(b.len()), |r| {
        let (x, y, start) = (&a[r.clone()], &b[r.clone()], r.start);
        BlockSums {
            sums: lane_sums(x, y, |p, q| [p, q, p * p, q * q, p * q, (q - p) * (q - p), p.abs(), q.abs()]),
            nonzero: [x, y].map(nonzero),
            range: [x, y].map(extremes),
            worst: worst(x, y, start),
        }
    });
    let Some(BlockSums { sums: s, nonzero, range, worst }) = part else { return Totals::default() };
    Totals {
        unit: BinaryScale::default(),
        pixels: a.len(),
        nonzero,
        range,
        sum: [s[0], s[1]],
        square: [s[2], s[3]],
        product: s[4],
        squared_difference: s[5],
        size: [s[6], s[7]],
        max_abs_difference: worst,
    }
}

fn nonzero<T: PixelNumber>(values: &[T]) -> usize {
    values.iter().filter(|v| v.wide() != 0.0).count()
}

fn extremes<T: PixelNumber>(values: &[T]) -> (f64, f64) {
    let all = values.iter().map(|v| v.wide());
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
}

fn worst<T: PixelNumber>(a: &[T], b: &[T], start: usize) -> (f64, usize) {
    let distance = |p: T, q: T| (q.wide() - p.wide()).abs();
    let largest = a.iter().zip(b).fold(0.0_f64, |m, (&p, &q)| m.max(distance(p, q)));
    let place = a.iter().zip(b).position(|(&p, &q)| distance(p, q) == largest).unwrap_or(0);
    (largest, start + place)
}

impl Totals {
    /// Counts and extremes of other pixels than those of the sums.
    pub(super) fn describe<T: PixelNumber>(&mut self, a: &[T], b: &[T]) {
        self.nonzero = [a, b].map(nonzero);
        self.range = [a, b].map(extremes);
    }

    /// Sum of side `i` (0: A, 1: B).
    pub fn sum_of(&self, i: usize) -> Measured {
        self.unit.plain(self.sum[i], 1, "a sum is beyond the range of 64-bit floats")
    }

    /// Largest |b − a|.
    pub fn largest_difference(&self) -> Measured {
        match self.pixels {
            0 => Measured::undefined("no pixel was compared"),
            _ => self.unit.plain(self.max_abs_difference.0, 1, ""),
        }
    }

    /// True when every compared pixel of side `i` (0: A, 1: B) has the same value.
    pub fn is_constant(&self, i: usize) -> bool {
        self.pixels == 0 || self.range[i].0 == self.range[i].1
    }

    /// Mean squared difference.
    pub fn mse(&self) -> Measured {
        self.unit.plain(self.squared_difference / self.pixels as f64, 2, "no pixel was compared")
    }

    /// Root of the mean squared difference.
    pub fn rmse(&self) -> Measured {
        self.unit.plain((self.squared_difference / self.pixels as f64).sqrt(), 1, "no pixel was compared")
    }

    /// Whether the pixels of A cancel each other so far that a ratio of the sums says nothing about the scale: where the
    /// sum is a ten-thousandth of the sum of sizes, one unit in the last place of each pixel changes the ratio by 0.1 %.
    pub fn cancels(&self) -> bool {
        const LEAST: f64 = 1e-4;
        self.sum[0].abs() <= LEAST * self.size[0]
    }

    /// Sum of B over sum of A.
    pub fn sum_ratio(&self) -> Measured {
        match self.pixels {
            0 => Measured::undefined("no pixel was compared"),
            _ => Measured::finite(self.sum[1] / self.sum[0], "the sum of A is zero"),
        }
    }

    /// The factor `s` that makes `s·A` closest to B in the sense of least squares.
    pub fn best_scale(&self) -> Measured {
        match self.pixels {
            0 => Measured::undefined("no pixel was compared"),
            _ => Measured::finite(self.product / self.square[0], "every pixel of A is zero"),
        }
    }
}

/// What is left of B once the best scale is taken out.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// Root of the mean squared B − s·A.
    pub rmse: Measured,
    /// Norm of B − s·A over the norm of B: 0 for a pure scale error, 1 when A explains nothing of B.
    pub fraction: Measured,
}

/// The residual of B after the best scale of `totals`, in a second pass (the textbook difference of sums would lose half
/// of the digits).
pub fn residual<T: PixelNumber>(a: &[T], b: &[T], totals: &Totals) -> Residual {
    let scale = match totals.best_scale() {
        Measured::Value(s) => s,
        why @ Measured::Undefined(_) => return Residual { rmse: why.clone(), fraction: why },
    };
    let left = by_blocks(a.len().min(b.len()), |r| {
        lane_sums(&a[r.clone()], &b[r], |p, q| [(q - scale * p) * (q - scale * p)])
    });
    let left = left.map_or(0.0, |s| s[0]);
    Residual {
        rmse: Measured::finite((left / totals.pixels as f64).sqrt(), "no pixel was compared"),
        fraction: Measured::finite((left / totals.square[1]).sqrt(), "every pixel of B is zero"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f32; 5] = [1.0, 0.0, 2.0, 4.0, 3.0];

    fn times(factor: f32) -> Vec<f32> {
        A.iter().map(|v| v * factor).collect()
    }

    #[test]
    fn an_image_against_itself() {
        let t = totals(&A, &A);
        assert_eq!((t.pixels, t.nonzero, t.sum), (5, [4, 4], [10.0, 10.0]));
        assert_eq!(t.max_abs_difference, (0.0, 0));
        assert_eq!(t.sum_ratio(), Measured::Value(1.0));
        assert_eq!(t.best_scale(), Measured::Value(1.0));
        assert_eq!(residual(&A, &A, &t).fraction, Measured::Value(0.0));
    }

    #[test]
    fn a_doubled_image_is_a_pure_scale_error() {
        let b = times(2.0);
        let t = totals(&A, &b);
        assert_eq!(t.mse(), Measured::Value((1.0 + 4.0 + 16.0 + 9.0) / 5.0));
        assert_eq!(t.sum_ratio(), Measured::Value(2.0));
        assert_eq!(t.max_abs_difference, (4.0, 3));
        assert_eq!(t.best_scale(), Measured::Value(2.0));
        assert_eq!(residual(&A, &b, &t).rmse, Measured::Value(0.0));
    }

    #[test]
    fn a_negated_image() {
        let b = times(-1.0);
        let t = totals(&A, &b);
        assert_eq!(t.sum_ratio(), Measured::Value(-1.0));
        assert_eq!(t.best_scale(), Measured::Value(-1.0));
        assert_eq!(residual(&A, &b, &t).fraction, Measured::Value(0.0));
    }

    #[test]
    fn an_empty_side_leaves_ratios_undefined_where_they_are() {
        let t = totals(&A, &[0.0; 5]);
        assert!(t.is_constant(1) && !t.is_constant(0));
        assert_eq!(t.sum_ratio(), Measured::Value(0.0));
        assert_eq!(residual(&A, &[0.0; 5], &t).fraction.reason(), Some("every pixel of B is zero"));
        let t = totals(&[0.0; 5], &A);
        assert_eq!(t.sum_ratio().reason(), Some("the sum of A is zero"));
        assert_eq!(t.best_scale().reason(), Some("every pixel of A is zero"));
        assert_eq!(totals::<f32>(&[], &[]).mse().reason(), Some("no pixel was compared"));
    }
}
