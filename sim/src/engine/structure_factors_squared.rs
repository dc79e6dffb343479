//! Squared structure factors on a padded grid, so that looking one up needs no branch.
//!
//! Not here: the reflection list itself (`model::structure_factors`), interpolation.

use crate::engine::simd::TO_BITS;
use crate::model::structure_factors::StructureFactors;

/// Values a table may hold (1 GiB); runs with larger lists are left to the reference engine. A power of two.
const LARGEST_TABLE: usize = 1 << 27;

/// Largest sum of index times stride over the three axes: with it, no sum on the way to a place is beyond 2^53, so none is
/// rounded.
const LARGEST_SUM: f64 = (1_u64 << 50) as f64;

/// Where a reflection stands in a table. Only tables make one. Equal places are the same reflection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Place(u64);

impl Place {
    /// Some place, for arrays that are filled later.
    pub(crate) const ANY: Self = Self(0);
}

/// The table of the latest list, for renderings that follow.
#[derive(Debug, Default)]
pub(crate) struct LatestTable(Option<(StructureFactors, SquaredTable)>);

impl LatestTable {
    /// The table of a list: the latest, if it is that, or a new one; `None` as of [`SquaredTable::new`].
    pub(crate) fn take(&mut self, factors: &StructureFactors) -> Option<SquaredTable> {
        match self.0.take() {
            Some((of, table)) if of.is_same(factors) => Some(table),
            _ => SquaredTable::new(factors),
        }
    }

    /// Keeps the table of a list.
    pub(crate) fn keep(&mut self, factors: &StructureFactors, table: SquaredTable) {
        self.0 = Some((factors.clone(), table));
    }
}

/// F·F of every reflection of a list, with a border of the default on all sides.
#[derive(Debug)]
pub(crate) struct SquaredTable {
    /// As many as a power of two: what is beyond the border is the default, and never a reflection's place.
    values: Vec<f64>,
    /// The number of values less 1. Any number masked with it is the index of a value.
    mask: usize,
    /// Whether all values are the default, because there is no list.
    is_constant: bool,
    /// Index that comes first along each axis: the border's.
    first: [f64; 3],
    /// Index that comes last along each axis.
    last: [f64; 3],
    stride: [f64; 2],
    /// What turns a sum of strides into bits of a place.
    offset: f64,
    /// F·F where nothing is listed.
    default: f64,
}

impl SquaredTable {
    /// The table of a list; `None` when it would be too large, or its indices too large for places to be exact.
    pub(crate) fn new(factors: &StructureFactors) -> Option<Self> {
        let default = factors.default_f * factors.default_f;
        let Some(limits) = factors.limits() else {
            return Some(Self {
                values: vec![default],
                mask: 0,
                is_constant: true,
                first: [0.0; 3],
                last: [0.0; 3],
                stride: [0.0; 2],
                offset: TO_BITS,
                default,
            });
        };
        // The reference reads an index that does not fit into 32 bits as the smallest that does.
        if limits.iter().any(|(min, max)| *min == i32::MIN || *max == i32::MAX) {
            return None;
        }
        // One plane more at either end; in i64, because limits may be anything.
        let [h, k, l] = limits.map(|(min, max)| (i64::from(min) - 1)..=(i64::from(max) + 1));
        let counts = [&h, &k, &l].map(|r| usize::try_from(r.end() - r.start() + 1).unwrap_or(usize::MAX));
        let total = counts[0].checked_mul(counts[1])?.checked_mul(counts[2])?;
        let [first, last] = [[&h, &k, &l].map(|r| *r.start() as f64), [&h, &k, &l].map(|r| *r.end() as f64)];
        let stride = [(counts[1] * counts[2]) as f64, counts[2] as f64];
        let farthest = |axis: usize| first[axis].abs().max(last[axis].abs());
        let sum = farthest(0) * stride[0] + farthest(1) * stride[1] + farthest(2);
        if total > LARGEST_TABLE || sum > LARGEST_SUM {
            return None;
        }
        let length = total.next_power_of_two();
        let mut values = Vec::new();
        values.try_reserve_exact(length).ok()?;
        for h in h {
            for k in k.clone() {
                let Some(line) = factors.line(h as i32, k as i32) else {
                    values.extend(std::iter::repeat_n(default, counts[2]));
                    continue;
                };
                values.push(default);
                values.extend(line.iter().map(|f| f * f));
                values.push(default);
            }
        }
        assert_eq!(values.len(), total, "a line of the list is as long as its limits say");
        values.resize(length, default);
        let offset = TO_BITS - first[0] * stride[0] - first[1] * stride[1] - first[2];
        Some(Self { values, mask: length - 1, is_constant: false, first, last, stride, offset, default })
    }

    /// F·F of all reflections where there is no list.
    #[inline(always)]
    pub(crate) fn constant(&self) -> Option<f64> {
        self.is_constant.then_some(self.default)
    }

    /// The largest value; `None` where one is infinite or NaN.
    pub(crate) fn largest(&self) -> Option<f64> {
        let finite = self.default.is_finite() && self.values.iter().all(|f_sqr| f_sqr.is_finite());
        finite.then(|| self.values.iter().fold(self.default, |largest, f_sqr| largest.max(*f_sqr)))
    }

    /// Where the reflection with these whole indices stands; anything outside the list (or NaN) leads to the border.
    #[inline(always)]
    pub(crate) fn place(&self, nearest: [f64; 3]) -> Place {
        let mut at = [0.0; 3];
        let mut axis = 0;
        while axis < 3 {
            let (index, first, last) = (nearest[axis], self.first[axis], self.last[axis]);
            // Comparisons this way round send NaN to the border too.
            let index = if index > first { index } else { first };
            at[axis] = if index < last { index } else { last };
            axis += 1;
        }
        self.place_inside(at)
    }

    /// The same for indices that are known to be inside: no farther from 0 than [`Self::reach`]. Of others it leads to some
    /// other value.
    #[inline(always)]
    pub(crate) fn place_inside(&self, [h, k, l]: [f64; 3]) -> Place {
        // Whole numbers below 2^53 all the way, by `LARGEST_SUM`: nothing is rounded.
        Place(h.mul_add(self.stride[0], k.mul_add(self.stride[1], l + self.offset)).to_bits())
    }

    /// How far from 0, along each axis, indices are inside the table in either direction.
    pub(crate) fn reach(&self) -> [f64; 3] {
        if self.is_constant {
            return [f64::INFINITY; 3];
        }
        [0, 1, 2].map(|axis| self.last[axis].min(-self.first[axis]))
    }

    /// First and last index along each axis that a reflection can have whose F·F is not 0; `None` where all can.
    pub(crate) fn limits(&self) -> Option<[(i64, i64); 3]> {
        let listed = !self.is_constant && self.default == 0.0;
        listed.then(|| [0, 1, 2].map(|axis| (self.first[axis] as i64 + 1, self.last[axis] as i64 - 1)))
    }

    /// F·F at a place.
    #[inline(always)]
    pub(crate) fn at(&self, place: Place) -> f64 {
        let index = place.0 as usize & self.mask;
        // SAFETY: `new` makes the mask one less than the number of values, and nothing changes either.
        unsafe { *self.values.get_unchecked(index) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::grid::ReflectionGrid;

    fn look_up(table: &SquaredTable, nearest: [f64; 3]) -> f64 {
        table.at(table.place(nearest))
    }

    #[test]
    fn every_index_leads_to_what_the_list_says() {
        let mut grid = ReflectionGrid::zeros([(-2, 1), (0, 0), (-3, 5)]).expect("small");
        grid.count = 1;
        for (i, value) in grid.values.iter_mut().enumerate() {
            *value = i as f64 + 1.0;
        }
        let factors = StructureFactors::new(Some(grid.into()), 0.5);
        let table = SquaredTable::new(&factors).expect("small");
        for h in -5..5 {
            for k in -3..3 {
                for l in -9..9 {
                    let f = factors.nearest([h, k, l]);
                    let index = [h, k, l].map(f64::from);
                    assert_eq!(look_up(&table, index), f * f, "{h} {k} {l}");
                    if index.iter().zip(table.reach()).all(|(i, reach)| i.abs() <= reach) {
                        assert_eq!(table.place_inside(index), table.place(index), "{h} {k} {l}");
                    }
                }
            }
        }
        for far in [f64::NAN, f64::INFINITY, -1e300] {
            assert_eq!(look_up(&table, [far, 0.0, 4.0]), 0.25);
        }
    }

    #[test]
    fn beyond_the_limits_everything_is_0_and_without_any_there_are_none() {
        let table = SquaredTable::new(&StructureFactors::new(
            Some(
                ReflectionGrid::from_list(&[([-2, 0, 1], 5.0), ([3, 4, 1], 7.0)], 0.0).expect("small").into(),
            ),
            0.0,
        ))
        .expect("small");
        let limits = table.limits().expect("a list, and nothing beside it");
        assert_eq!([limits[0], limits[1], limits[2]], [(-2, 3), (0, 4), (1, 1)]);
        let one_more = StructureFactors::new(
            Some(ReflectionGrid::from_list(&[([-2, 0, 1], 5.0)], 1.0).expect("small").into()),
            1.0,
        );
        assert_eq!(SquaredTable::new(&one_more).expect("small").limits(), None);
        let all = SquaredTable::new(&StructureFactors::new(None, 0.0)).expect("small");
        assert_eq!(all.limits(), None);
    }

    /// A list of zeros but for the first and the last reflection, whose amplitudes are 5 and 7.
    fn two_ends(limits: [(i32, i32); 3]) -> StructureFactors {
        let mut grid = ReflectionGrid::zeros(limits).expect("fits");
        grid.count = 2;
        let [first, last] = [limits.map(|(min, _)| min), limits.map(|(_, max)| max)];
        for (hkl, f) in [(first, 5.0), (last, 7.0)] {
            let [h, k, l] = hkl;
            let at = grid.index(h, k, l).expect("inside");
            grid.values[at] = f;
        }
        StructureFactors::new(Some(grid.into()), 3.0)
    }

    #[test]
    fn lists_far_from_0_have_exact_places_or_no_table() {
        let far = i32::MAX;
        for limits in [
            [(far - 3, far - 2), (1, 40), (1, 40)],
            [(far - 2, far - 1), (far - 2, far - 1), (far - 2, far - 1)],
            [(-far, 1 - far), (-40, -1), (-far, 9 - far)],
            [(1_000_000, 1_000_001), (1_000_000, 1_000_900), (-1_000_900, -1_000_000)],
        ] {
            let factors = two_ends(limits);
            let table = SquaredTable::new(&factors).expect("places are exact");
            let [first, last] = [limits.map(|(min, _)| min), limits.map(|(_, max)| max)];
            assert_eq!(look_up(&table, first.map(f64::from)), 25.0, "{limits:?}");
            assert_eq!(look_up(&table, last.map(f64::from)), 49.0, "{limits:?}");
            for axis in 0..3 {
                let mut outside = first.map(f64::from);
                outside[axis] -= 1.0;
                assert_eq!(look_up(&table, outside), 9.0, "{limits:?}, axis {axis}");
                let mut outside = last.map(f64::from);
                outside[axis] += 1.0;
                assert_eq!(look_up(&table, outside), 9.0, "{limits:?}, axis {axis}");
            }
        }
        // Places of the first two would be rounded; the other two hold an index that stands for those beyond 32 bits.
        for limits in [
            [(far - 47, far - 46), (101, 1101), (101, 1101)],
            [(far - 2, far - 1), (0, 0), (0, 600_000)],
            [(0, 1), (i32::MIN, i32::MIN + 1), (0, 1)],
            [(0, 1), (0, 1), (far - 1, far)],
        ] {
            assert!(SquaredTable::new(&two_ends(limits)).is_none(), "{limits:?}");
        }
    }

    #[test]
    fn no_place_leads_outside_the_table() {
        let table = SquaredTable::new(&two_ends([(-2, 1), (0, 0), (-3, 5)])).expect("small");
        assert!(table.values.len() == table.mask + 1 && table.values.len().is_power_of_two());
        for wrong in [f64::NAN, f64::INFINITY, -1e300, 1e6, -1e6] {
            let value = table.at(table.place_inside([wrong, 0.0, 0.0]));
            assert!([0.0, 9.0, 25.0, 49.0].contains(&value), "{wrong}: {value}");
        }
    }

    #[test]
    fn without_a_list_there_is_one_value() {
        let table = SquaredTable::new(&StructureFactors::new(None, 3.0)).expect("small");
        assert_eq!(table.constant(), Some(9.0));
        assert_eq!(table.at(table.place([4.0, 5.0, 6.0])), 9.0);
    }
}
