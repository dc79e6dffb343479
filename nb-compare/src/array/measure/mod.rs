//! What is measured on two arrays of one shape, in two passes over their pieces.
//!
//! The first pass looks at each pair of elements by itself; the second sums them up in a unit that the first one found, so that squares of
//! extreme numbers stay in range. No array is in memory as a whole. Sums are merged in an order that depends on the shape alone, so that
//! results do not depend on the number of threads. Not here: what is good enough (`judge`).

mod block;
mod pairs;
mod sums;

use std::ops::Range;

pub use block::Tolerance;
pub use pairs::ElementPairs;
pub use sums::Sums;

use crate::array::data::Array;
use crate::array::error::ArrayError;
use crate::array::layout::{Order, Pieces, place_of};
use crate::array::measure::block::BlockPair;
use crate::array::number::Unit;
use crate::compare::metrics::Measured;
use crate::compare::metrics::accumulate::Merge;
use crate::compare::metrics::unit::BinaryScale;

/// Everything that is measured on two arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayMetrics {
    /// Pairs by themselves.
    pub pairs: ElementPairs,
    /// Sums over all pairs of finite elements.
    pub sums: Sums,
    /// In units of which type's last place distances are counted.
    pub unit: Unit,
    /// How elements were visited, which is how places among them count.
    pub visited: Order,
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// Elements of each array.
    pub elements: usize,
    /// Whether all elements are the same bits of the same type.
    pub byte_identical: bool,
}

impl ArrayMetrics {
    /// Measures two arrays of one shape.
    ///
    /// # Errors
    /// A file cannot be read any more.
    pub fn of(a: &Array, b: &Array, tolerance: Tolerance) -> Result<Self, ArrayError> {
        let both = Both::of(a, b);
        let unit = Unit::of(a.element(), b.element());
        let mut byte_identical = a.element() == b.element();
        let pairs = both.visit(|piece, sides| {
            byte_identical &= sides.is_same();
            sides.each_block(|start, block| ElementPairs::of(block, piece.start + start, unit, tolerance))
        })?;
        let pairs = pairs.unwrap_or_default();
        let scale = BinaryScale::of(&[pairs.largest], &[0.0]);
        let sums = both.visit(|_, sides| sides.each_block(|_, block| Sums::of(block, scale)))?;
        Ok(Self {
            pairs,
            sums: sums.unwrap_or_else(|| Sums::nothing(scale)),
            unit,
            visited: both.order,
            shape: a.shape().to_vec(),
            elements: a.length(),
            byte_identical,
        })
    }

    /// Where an element that was found is, along every axis.
    pub fn place(&self, index: usize) -> Vec<usize> {
        place_of(&self.shape, self.visited, index)
    }

    /// Mean distance of compared elements in units of the last place.
    pub fn mean_ulp(&self) -> Measured {
        match self.pairs.compared {
            0 => Measured::undefined("no element was compared"),
            n => Measured::Value(self.pairs.ulp_sum as f64 / n as f64),
        }
    }

    /// Largest difference.
    pub fn max_abs(&self) -> Measured {
        match self.pairs.compared {
            0 => Measured::undefined("no element was compared"),
            _ => Measured::finite(self.pairs.max_abs.0, "it is beyond the range of 64-bit floats"),
        }
    }

    /// Largest difference as a part of the larger element.
    pub fn max_rel(&self) -> Measured {
        match (self.pairs.compared, self.pairs.nonzero) {
            (0, _) => Measured::undefined("no element was compared"),
            (_, 0) => Measured::undefined("every element is zero on both sides"),
            _ => Measured::Value(self.pairs.max_rel.0),
        }
    }

    /// Share of the elements that agree, among those that are not zero on both sides.
    pub fn share(&self) -> Measured {
        match (self.pairs.compared, self.pairs.nonzero) {
            (0, _) => Measured::undefined("no element was compared"),
            (_, 0) => Measured::undefined("every element is zero on both sides"),
            (_, n) => Measured::Value(self.pairs.within as f64 / n as f64),
        }
    }
}

/// Two arrays and the order in which both are visited.
struct Both<'a> {
    a: &'a Array,
    b: &'a Array,
    order: Order,
}

impl<'a> Both<'a> {
    fn of(a: &'a Array, b: &'a Array) -> Self {
        let order = if a.order() == b.order() { a.order() } else { Order::C };
        Self { a, b, order }
    }

    /// What `of_piece` makes of every piece, merged from the first to the last.
    fn visit<T: Merge>(
        &self,
        mut of_piece: impl FnMut(Range<usize>, &BlockPair<'_>) -> Option<T>,
    ) -> Result<Option<T>, ArrayError> {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let mut all: Option<T> = None;
        for piece in Pieces::of(self.a.shape()) {
            self.a.read(self.order, piece.clone(), &mut a)?;
            self.b.read(self.order, piece.clone(), &mut b)?;
            let sides = BlockPair { arrays: [self.a, self.b], bytes: [&a, &b] };
            let next = of_piece(piece, &sides);
            all = match (all, next) {
                (Some(all), Some(next)) => Some(all.merge(next)),
                (all, next) => all.or(next),
            };
        }
        Ok(all)
    }
}
