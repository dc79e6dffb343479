//! The order in which elements are visited: pieces of an array that two orders of storage can both be read in.
//!
//! Not here: reading them (`data`).

use std::ops::Range;

/// Elements of a piece, at most.
pub(crate) const PIECE: usize = 1 << 20;

/// How the elements of an array follow each other in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The last axis varies fastest.
    C,
    /// The first axis varies fastest.
    Fortran,
}

/// The pieces of an array of `shape`, in the order of places as `C` counts them: each lies within one row of an axis and has all of the axes
/// behind it, and no more than [`PIECE`] elements.
pub(crate) struct Pieces {
    /// Elements of one step along the axis that is cut.
    inner: usize,
    /// Elements that no piece crosses the border of.
    outer: usize,
    next: usize,
    length: usize,
}

impl Pieces {
    /// Pieces of an array of this shape, whose number of elements fits a `usize`.
    pub(crate) fn of(shape: &[usize]) -> Self {
        let length: usize = shape.iter().product();
        let (mut inner, mut outer) = (1, length.max(1));
        for axis in 0..shape.len() {
            outer = shape[axis..].iter().product();
            inner = shape[axis + 1..].iter().product();
            if inner <= PIECE {
                break;
            }
        }
        Self { inner, outer, next: 0, length }
    }
}

impl Iterator for Pieces {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.next >= self.length {
            return None;
        }
        let border = (self.next / self.outer + 1) * self.outer;
        let step = (PIECE / self.inner).max(1) * self.inner;
        let piece = self.next..(self.next + step).min(border);
        self.next = piece.end;
        Some(piece)
    }
}

/// The place along every axis of the element number `index`, as `order` counts.
pub(crate) fn place_of(shape: &[usize], order: Order, index: usize) -> Vec<usize> {
    let mut place = vec![0; shape.len()];
    let mut left = index;
    let mut visit = |axis: usize| {
        place[axis] = left % shape[axis].max(1);
        left /= shape[axis].max(1);
    };
    match order {
        Order::C => (0..shape.len()).rev().for_each(&mut visit),
        Order::Fortran => (0..shape.len()).for_each(&mut visit),
    }
    place
}

/// Whether both orders are the same for an array of this shape.
pub(crate) fn is_line(shape: &[usize]) -> bool {
    shape.iter().filter(|length| **length != 1).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_every_element_once_and_cross_no_border() {
        for shape in [
            vec![],
            vec![0],
            vec![5],
            vec![3_000_000],
            vec![7, 0, 3],
            vec![3, 1000, 999],
            vec![2, 3, 300_000],
            vec![600, 1000],
        ] {
            let mut end = 0;
            for piece in Pieces::of(&shape) {
                assert!(
                    piece.start == end && piece.len() <= PIECE && !piece.is_empty(),
                    "{shape:?} {piece:?}"
                );
                end = piece.end;
            }
            assert_eq!(end, shape.iter().product::<usize>(), "{shape:?}");
        }
    }

    #[test]
    fn places_count_in_both_orders() {
        assert_eq!(place_of(&[2, 3, 4], Order::C, 23), [1, 2, 3]);
        assert_eq!(place_of(&[2, 3, 4], Order::C, 4), [0, 1, 0]);
        assert_eq!(place_of(&[2, 3, 4], Order::Fortran, 2), [0, 1, 0]);
        assert_eq!(place_of(&[], Order::C, 0), [] as [usize; 0]);
    }
}
