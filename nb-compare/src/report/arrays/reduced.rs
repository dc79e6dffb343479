//! Few numbers that stand for many: of each stretch or block of elements the pair that differs most, so that the worst stays to be seen.
//!
//! Complex numbers are shown by their size, and their difference by its. Not here: drawing them (`drawn`).

use nanobragg::image::raster::Raster;

use crate::array::{Array, ArrayError};

/// Elements read at a time.
const PIECE: usize = 1 << 18;

/// Two numbers and their difference, as they are shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) difference: f64,
}

impl Pair {
    /// How much it wants to be seen: NaN on one side before any difference.
    fn weight(self) -> f64 {
        match (self.a.is_nan(), self.b.is_nan()) {
            (true, true) => -1.0,
            (false, false) => self.difference.abs(),
            _ => f64::INFINITY,
        }
    }
}

/// Where a dot comes from, and its pair.
type Dot = (usize, Pair);

fn heavier(kept: &mut Option<Dot>, index: usize, pair: Pair) {
    if kept.is_none_or(|(_, before)| pair.weight() > before.weight()) {
        *kept = Some((index, pair));
    }
}

/// The elements number `range` of both sides.
fn pairs([a, b]: [&Array; 2], range: std::ops::Range<usize>) -> Result<Vec<Pair>, ArrayError> {
    let (x, y) = (a.values(range.clone())?, b.values(range)?);
    let (parts_a, parts_b) = (a.element().parts(), b.element().parts());
    let both = x.chunks(parts_a).zip(y.chunks(parts_b));
    Ok(both
        .map(|(a, b)| match (a, b) {
            (&[a], &[b]) => Pair { a, b, difference: b - a },
            _ => {
                let part = |side: &[f64], part: usize| side.get(part).copied().unwrap_or(0.0);
                let size = |side: &[f64]| part(side, 0).hypot(part(side, 1));
                let difference = (part(b, 0) - part(a, 0)).hypot(part(b, 1) - part(a, 1));
                Pair { a: size(a), b: size(b), difference }
            }
        })
        .collect())
}

/// At most `most` dots of arrays of one axis, with their places.
pub(super) fn line(sides: [&Array; 2], most: usize) -> Result<Vec<Dot>, ArrayError> {
    let length = sides[0].length();
    let stretch = length.div_ceil(most).max(1);
    let mut dots = vec![None; length.div_ceil(stretch)];
    for start in (0..length).step_by(PIECE) {
        let range = start..(start + PIECE).min(length);
        for (at, pair) in pairs(sides, range)?.into_iter().enumerate() {
            heavier(&mut dots[(start + at) / stretch], start + at, pair);
        }
    }
    Ok(dots.into_iter().flatten().collect())
}

/// A slice along the last two axes, at most `most` dots along each.
pub(super) struct Slice {
    pub(super) a: Raster<f64>,
    pub(super) b: Raster<f64>,
    pub(super) difference: Raster<f64>,
    /// Elements along each side of a dot.
    pub(super) block: usize,
}

/// Slice number `number` of arrays of two axes or more, counted over the axes before the last two, of which the last varies fastest.
pub(super) fn slice(sides: [&Array; 2], number: usize, most: usize) -> Result<Slice, ArrayError> {
    let (rows, columns) = match sides[0].shape() {
        [.., rows, columns] => (*rows, *columns),
        _ => (1, sides[0].length()),
    };
    let block = rows.max(columns).div_ceil(most).max(1);
    let (slow, fast) = (rows.div_ceil(block), columns.div_ceil(block));
    let mut dots = vec![None; slow * fast];
    let first = number * rows * columns;
    // Whole rows at a time, or parts of one.
    let rows_at_a_time = (PIECE / columns.max(1)).max(1);
    let columns_at_a_time = columns.clamp(1, PIECE);
    for row in (0..rows).step_by(rows_at_a_time) {
        let rows_here = rows_at_a_time.min(rows - row);
        for column in (0..columns).step_by(columns_at_a_time) {
            let columns_here = columns_at_a_time.min(columns - column);
            let start = first + row * columns + column;
            for (at, pair) in pairs(sides, start..start + rows_here * columns_here)?.into_iter().enumerate() {
                let (y, x) = (row + at / columns_here, column + at % columns_here);
                heavier(&mut dots[y / block * fast + x / block], at, pair);
            }
        }
    }
    let side = |of: fn(Pair) -> f64| Raster {
        fast,
        slow,
        data: dots.iter().map(|dot| dot.map_or(f64::NAN, |(_, pair)| of(pair))).collect(),
    };
    Ok(Slice { a: side(|p| p.a), b: side(|p| p.b), difference: side(|p| p.difference), block })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(shape: &[usize], odd: usize) -> [Array; 2] {
        let n: usize = shape.iter().product();
        let a: Vec<f64> = (0..n).map(|i| i as f64).collect();
        let mut b = a.clone();
        b[odd] += 0.5;
        [Array::of_f64(shape, &a).expect("all"), Array::of_f64(shape, &b).expect("all")]
    }

    #[test]
    fn the_pair_that_differs_stays_however_few_dots_there_are() {
        let [a, b] = both(&[1000], 777);
        let dots = line([&a, &b], 10).expect("there");
        assert_eq!(dots.len(), 10);
        assert_eq!(dots[7], (777, Pair { a: 777.0, b: 777.5, difference: 0.5 }));
        assert_eq!(dots[3].0, 300, "where nothing differs the first stands for all");
        let [a, b] = both(&[3, 40, 50], 2 * 2000 + 33 * 50 + 21);
        let slice = slice([&a, &b], 2, 10).expect("there");
        assert_eq!((slice.block, slice.difference.fast, slice.difference.slow), (5, 10, 8));
        let odd: Vec<usize> = (0..80).filter(|&i| slice.difference.data[i] != 0.0).collect();
        assert_eq!(odd, [33 / 5 * 10 + 21 / 5]);
    }

    #[test]
    fn small_arrays_are_shown_element_by_element() {
        let [a, b] = both(&[2, 2, 3], 0);
        let slice = slice([&a, &b], 1, 10).expect("there");
        assert_eq!((slice.block, slice.a.data), (1, vec![6.0, 7.0, 8.0, 9.0, 10.0, 11.0]));
    }
}
