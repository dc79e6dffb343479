//! Some elements of both arrays at a time, as pairs of floats.
//!
//! Not here: what is found on them (`pairs`, `sums`).

use std::ops::Range;

use rayon::prelude::*;
use trace_harness::numbers::decimal;

use crate::array::data::Array;
use crate::array::number::Number;
use crate::compare::metrics::accumulate::{Merge, tree};

/// Elements that are decoded at a time.
const BLOCK: usize = 4096;

/// How far elements may be apart to agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// As a part of the larger of both.
    pub relative: f64,
    /// Beside that.
    pub absolute: f64,
    /// In units of the last place, where that alone decides: what is so near agrees, whatever the difference.
    pub ulp: Option<u64>,
    /// Whether a side was printed: then numbers are the decimals that stand there.
    pub is_decimal: bool,
}

impl Tolerance {
    /// Whether elements of this `size` agree that are so far `apart`, the boundary included; `printed` gives how far they are apart as the
    /// decimals that stand there.
    pub(super) fn allows(&self, apart: f64, size: f64, printed: impl FnOnce() -> f64) -> bool {
        let allowed = self.absolute + self.relative * size;
        let rounding = 1e-12 * allowed + 4.0 * f64::EPSILON * size;
        match self.is_decimal && (apart - allowed).abs() <= rounding {
            true => decimal::is_within(printed(), [self.absolute, self.relative], size),
            false => apart <= allowed,
        }
    }
}

/// The bytes of a piece of both arrays.
pub(super) struct BlockPair<'a> {
    pub(super) arrays: [&'a Array; 2],
    pub(super) bytes: [&'a [u8]; 2],
}

impl BlockPair<'_> {
    /// Whether both sides are the same bits, of arrays of one type.
    pub(super) fn is_same(&self) -> bool {
        let [a, b] = self.arrays;
        if a.byte_order() == b.byte_order() {
            return self.bytes[0] == self.bytes[1];
        }
        let size = a.element().part_size();
        let mut words = self.bytes[0].chunks_exact(size).zip(self.bytes[1].chunks_exact(size));
        words.all(|(a, b)| a.iter().eq(b.iter().rev()))
    }

    /// What `of_block` makes of every block and of where it begins, merged.
    pub(super) fn each_block<T: Merge>(&self, of_block: impl Fn(usize, &Block) -> T + Sync) -> Option<T> {
        let length = self.bytes[0].len() / self.arrays[0].element().size();
        let parts = (0..length.div_ceil(BLOCK)).into_par_iter().map_init(Block::default, |block, at| {
            let range = at * BLOCK..((at + 1) * BLOCK).min(length);
            block.decode(self, &range);
            of_block(range.start, block)
        });
        tree(parts.collect())
    }
}

/// Some elements of both arrays as pairs of floats.
#[derive(Default)]
pub(super) struct Block {
    /// Real numbers in an element.
    pub(super) parts: usize,
    high: [Vec<f64>; 2],
    /// Empty where the first float is all of the number.
    low: [Vec<f64>; 2],
}

impl Block {
    fn decode(&mut self, sides: &BlockPair<'_>, range: &Range<usize>) {
        self.parts = sides.arrays.map(|array| array.element().parts()).into_iter().max().unwrap_or(1);
        for side in 0..2 {
            let (array, high, low) = (sides.arrays[side], &mut self.high[side], &mut self.low[side]);
            high.clear();
            low.clear();
            let (element, size) = (array.element(), array.element().size());
            let bytes = &sides.bytes[side][range.start * size..range.end * size];
            element.decode(array.byte_order(), bytes, high, low);
            if element.parts() < self.parts {
                // Real numbers beside complex ones: their imaginary part is 0.
                *high = high.iter().flat_map(|real| [*real, 0.0]).collect();
                *low = low.iter().flat_map(|real| [*real, 0.0]).collect();
            }
        }
    }

    pub(super) fn length(&self) -> usize {
        self.high[0].len() / self.parts
    }

    /// The number of side `side` (0: A, 1: B) that is part `part` of element `element`.
    pub(super) fn number(&self, side: usize, element: usize, part: usize) -> Number {
        let at = element * self.parts + part;
        let low = self.low[side].get(at).copied().unwrap_or(0.0);
        Number { high: self.high[side][at], low }
    }

    pub(super) fn is_finite(&self, side: usize, element: usize) -> bool {
        (0..self.parts).all(|part| self.number(side, element, part).high.is_finite())
    }
}
