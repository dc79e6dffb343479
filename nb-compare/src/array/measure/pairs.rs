//! Pairs of elements, each by itself: equal or not, how far apart, within a tolerance or not.
//!
//! Not here: sums over them (`sums`).

use crate::array::measure::block::{Block, Tolerance};
use crate::array::number::Unit;
use crate::compare::metrics::accumulate::Merge;

/// What is found on pairs of elements, each by itself. NaN and infinite elements are counted and compared no further.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ElementPairs {
    /// Pairs of finite elements.
    pub compared: usize,
    /// Pairs of equal finite elements; −0 equals +0.
    pub equal: usize,
    /// Pairs of finite elements of which at least one is not zero.
    pub nonzero: usize,
    /// Pairs of those that agree within the tolerance.
    pub within: usize,
    /// NaN or infinite elements of A, and of B.
    pub non_finite: [usize; 2],
    /// Pairs that are not finite and not the same on both sides.
    pub unlike: usize,
    /// Of those the pairs without a NaN.
    pub unlike_infinite: usize,
    /// The first of those that are unlike.
    pub first_unlike: Option<usize>,
    /// Largest difference and the first element that has it.
    pub max_abs: (f64, usize),
    /// Largest difference as a part of the larger element, and the first element that has it.
    pub max_rel: (f64, usize),
    /// Largest distance in units of the last place, and the first element that has it.
    pub max_ulp: (u64, usize),
    /// Sum of all distances.
    pub ulp_sum: u128,
    /// Least and largest number of each part (real, imaginary) of A, and of B; none where nothing was compared.
    pub range: [[Option<(f64, f64)>; 2]; 2],
    /// The largest size of any number.
    pub largest: f64,
}

impl ElementPairs {
    pub(super) fn of(block: &Block, start: usize, unit: Unit, tolerance: Tolerance) -> Self {
        let mut found = Self { max_abs: (-1.0, 0), max_rel: (-1.0, 0), ..Self::default() };
        for element in 0..block.length() {
            let finite = [0, 1].map(|side| block.is_finite(side, element));
            if finite == [true, true] {
                found.finite(block, element, start + element, unit, tolerance);
            } else {
                found.not_finite(block, element, start + element, finite);
            }
        }
        found
    }

    fn not_finite(&mut self, block: &Block, element: usize, index: usize, finite: [bool; 2]) {
        let pair = |part| [0, 1].map(|side| block.number(side, element, part).high);
        let is_same = |[a, b]: [f64; 2]| a == b || a.is_nan() && b.is_nan();
        [0, 1].into_iter().for_each(|side| self.non_finite[side] += usize::from(!finite[side]));
        if !(0..block.parts).all(|part| is_same(pair(part))) {
            self.unlike += 1;
            let has_nan = (0..block.parts).any(|part| pair(part).iter().any(|number| number.is_nan()));
            self.unlike_infinite += usize::from(!has_nan);
            self.first_unlike = self.first_unlike.or(Some(index));
        }
    }

    fn finite(&mut self, block: &Block, element: usize, index: usize, unit: Unit, tolerance: Tolerance) {
        let (mut difference, mut half, mut sizes, mut ulp) = (0.0_f64, 0.0_f64, [0.0_f64; 2], 0);
        for part in 0..block.parts {
            let [a, b] = [0, 1].map(|side| block.number(side, element, part));
            difference = length(difference, a.to(b));
            // The difference of large numbers of opposite sign can exceed what a 64-bit float holds.
            half = length(half, b.high / 2.0 - a.high / 2.0);
            sizes = [length(sizes[0], a.high), length(sizes[1], b.high)];
            ulp = ulp.max(unit.distance(a, b));
            for (side, number) in [a, b].into_iter().enumerate() {
                let range = &mut self.range[side][part];
                let (low, high) = range.unwrap_or((number.high, number.high));
                *range = Some((low.min(number.high), high.max(number.high)));
                self.largest = self.largest.max(number.high.abs());
            }
        }
        let size = sizes[0].max(sizes[1]);
        let (is_within, relative) = match difference.is_finite() {
            true => {
                let printed = || {
                    let [a, b] = [0, 1].map(|side| block.number(side, element, 0));
                    if block.parts == 1 { a.to_printed(b).abs() } else { difference }
                };
                (tolerance.allows(difference, size, printed), difference / size)
            }
            false => {
                (half <= tolerance.absolute / 2.0 + tolerance.relative * (size / 2.0), half / (size / 2.0))
            }
        };
        self.compared += 1;
        self.equal += usize::from(difference == 0.0);
        if size > 0.0 {
            self.nonzero += 1;
            self.within += usize::from(is_within || tolerance.ulp.is_some_and(|limit| ulp <= limit));
            if relative > self.max_rel.0 {
                self.max_rel = (relative, index);
            }
        }
        if difference > self.max_abs.0 {
            self.max_abs = (difference, index);
        }
        if ulp > self.max_ulp.0 || self.compared == 1 {
            self.max_ulp = (ulp, index);
        }
        self.ulp_sum += u128::from(ulp);
    }

    /// Pairs of finite elements that are not equal.
    pub fn differing(&self) -> usize {
        self.compared - self.equal
    }

    /// Whether every finite element of side `side` (0: A, 1: B) is the same number.
    pub fn is_constant(&self, side: usize) -> bool {
        self.range[side].iter().flatten().all(|(low, high)| low == high)
    }
}

/// The length of a vector of so far this `length` and one more component; of one component its size, exactly.
fn length(length: f64, component: f64) -> f64 {
    if length == 0.0 { component.abs() } else { length.hypot(component) }
}

impl Merge for ElementPairs {
    fn merge(self, right: Self) -> Self {
        let larger = |a: (f64, usize), b: (f64, usize)| if b.0 > a.0 { b } else { a };
        let wider = |a: Option<(f64, f64)>, b: Option<(f64, f64)>| match (a, b) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        let ulp = match (self.compared, right.compared) {
            (0, _) => right.max_ulp,
            (_, 0) => self.max_ulp,
            _ if right.max_ulp.0 > self.max_ulp.0 => right.max_ulp,
            _ => self.max_ulp,
        };
        Self {
            compared: self.compared + right.compared,
            equal: self.equal + right.equal,
            nonzero: self.nonzero + right.nonzero,
            within: self.within + right.within,
            non_finite: [0, 1].map(|side| self.non_finite[side] + right.non_finite[side]),
            unlike: self.unlike + right.unlike,
            unlike_infinite: self.unlike_infinite + right.unlike_infinite,
            first_unlike: self.first_unlike.or(right.first_unlike),
            max_abs: larger(self.max_abs, right.max_abs),
            max_rel: larger(self.max_rel, right.max_rel),
            max_ulp: ulp,
            ulp_sum: self.ulp_sum + right.ulp_sum,
            range: [0, 1]
                .map(|side| [0, 1].map(|part| wider(self.range[side][part], right.range[side][part]))),
            largest: self.largest.max(right.largest),
        }
    }
}
