//! Sums over many pixels in a fixed order: blocks of fixed length, then a balanced tree over the blocks, so that the
//! result has the error of a pairwise summation and is the same bits for any number of threads.
//!
//! Not here: what is summed.

use std::ops::Range;

use rayon::prelude::*;

use crate::compare::pixel::PixelNumber;

/// Pixels per block. Part of the definition of every sum: changing it changes last bits.
pub(crate) const BLOCK: usize = 4096;

const LANES: usize = 8;

/// Two partial results over neighbouring ranges become one; the left one comes first in the image.
pub(crate) trait Merge: Send {
    /// The result over both ranges.
    fn merge(self, right: Self) -> Self;
}

impl<const N: usize> Merge for [f64; N] {
    fn merge(mut self, right: Self) -> Self {
        self.iter_mut().zip(right).for_each(|(l, r)| *l += r);
        self
    }
}

impl<A: Merge, B: Merge> Merge for (A, B) {
    fn merge(self, right: Self) -> Self {
        (self.0.merge(right.0), self.1.merge(right.1))
    }
}

/// `part` of every block of `0..length`, merged in a balanced tree; `None` when there is nothing.
pub(crate) fn by_blocks<T: Merge>(length: usize, part: impl Fn(Range<usize>) -> T + Sync) -> Option<T> {
    let blocks = length.div_ceil(BLOCK);
    let parts = (0..blocks).into_par_iter().map(|i| part(i * BLOCK..((i + 1) * BLOCK).min(length)));
    tree(parts.collect())
}

/// Merges neighbours until one is left.
pub(crate) fn tree<T: Merge>(mut parts: Vec<T>) -> Option<T> {
    while parts.len() > 1 {
        let mut merged = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            merged.push(match rest.next() {
                Some(right) => left.merge(right),
                None => left,
            });
        }
        parts = merged;
    }
    parts.pop()
}

/// The sums of `terms(a, b)` over one block, in eight lanes so that the processor can add them side by side.
pub(crate) fn lane_sums<T: PixelNumber, const N: usize>(
    a: &[T],
    b: &[T],
    terms: impl Fn(f64, f64) -> [f64; N],
) -> [f64; N] {
    let mut lanes = [[0.0; LANES]; N];
    let (chunks_a, rest_a) = a.as_chunks::<LANES>();
    let (chunks_b, rest_b) = b.as_chunks::<LANES>();
    for (ca, cb) in chunks_a.iter().zip(chunks_b) {
        for lane in 0..LANES {
            let t = terms(ca[lane].wide(), cb[lane].wide());
            (0..N).for_each(|n| lanes[n][lane] += t[n]);
        }
    }
    for (lane, (&x, &y)) in rest_a.iter().zip(rest_b).enumerate() {
        let t = terms(x.wide(), y.wide());
        (0..N).for_each(|n| lanes[n][lane] += t[n]);
    }
    lanes.map(|l| ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f32]) -> f64 {
        by_blocks(values.len(), |r| lane_sums(&values[r.clone()], &values[r], |x, _| [x]))
            .map_or(0.0, |s| s[0])
    }

    #[test]
    fn a_hundred_million_tenths_lose_nothing_that_matters() {
        // Plain accumulation is off by about 1e-8 here; the exact sum is the count times the f32 nearest to 0.1.
        let n = 100_000_000;
        let values = vec![0.1_f32; n];
        let exact = f64::from(0.1_f32) * n as f64;
        assert!((sum(&values) - exact).abs() / exact < 1e-15, "{}", sum(&values) - exact);
    }

    #[test]
    fn the_sum_does_not_depend_on_the_number_of_threads() {
        let values: Vec<f32> = (0..1_000_003_u32).map(|i| (f64::from(i) * 0.37).sin() as f32 * 1e6).collect();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| sum(&values))
        };
        assert_eq!(with(1).to_bits(), with(2).to_bits());
        assert_eq!(with(1).to_bits(), with(7).to_bits());
    }

    #[test]
    fn nothing_has_no_sum() {
        assert_eq!(by_blocks(0, |_| [0.0]), None);
    }
}
