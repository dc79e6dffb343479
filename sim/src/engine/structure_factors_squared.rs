//! Squared structure factors on a padded grid, so that looking one up needs no branch.
//!
//! Not here: the reflection list itself (`model::structure_factors`), interpolation.

use crate::model::structure_factors::StructureFactors;

/// Values a table may hold (1 GiB); runs with larger lists are left to the reference engine.
const LARGEST_TABLE: usize = 1 << 27;

/// Adding this to a whole number below 2^32 leaves the number in the low 32 bits.
const TO_BITS: f64 = (1_u64 << 52) as f64;

/// F·F of every reflection of a list, with a border of the default on all sides.
#[derive(Debug)]
pub struct SquaredTable {
    values: Vec<f64>,
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
    /// The table of a list; `None` when it would be too large.
    pub fn new(factors: &StructureFactors) -> Option<Self> {
        let default = factors.default_f * factors.default_f;
        let Some(limits) = factors.limits() else {
            return Some(Self {
                values: Vec::new(),
                first: [0.0; 3],
                last: [0.0; 3],
                stride: [0.0; 2],
                offset: TO_BITS,
                default,
            });
        };
        // One plane more at either end; in i64, because limits may be anything.
        let [h, k, l] = limits.map(|(min, max)| (i64::from(min) - 1)..=(i64::from(max) + 1));
        let counts = [&h, &k, &l].map(|r| usize::try_from(r.end() - r.start() + 1).unwrap_or(usize::MAX));
        let total = counts[0].checked_mul(counts[1])?.checked_mul(counts[2])?;
        if total > LARGEST_TABLE || limits.iter().any(|(min, max)| *min == i32::MIN || *max == i32::MAX) {
            return None;
        }
        let mut values = Vec::with_capacity(total);
        for h in h.clone() {
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
        let first = [&h, &k, &l].map(|r| *r.start() as f64);
        let stride = [(counts[1] * counts[2]) as f64, counts[2] as f64];
        Some(Self {
            values,
            first,
            last: [&h, &k, &l].map(|r| *r.end() as f64),
            stride,
            offset: TO_BITS - first[0] * stride[0] - first[1] * stride[1] - first[2],
            default,
        })
    }

    /// F·F of all reflections where there is no list.
    #[inline(always)]
    pub fn constant(&self) -> Option<f64> {
        self.values.is_empty().then_some(self.default)
    }

    /// The largest value; `None` where one is infinite or no number.
    pub fn largest(&self) -> Option<f64> {
        let finite = self.default.is_finite() && self.values.iter().all(|f_sqr| f_sqr.is_finite());
        finite.then(|| self.values.iter().fold(self.default, |largest, f_sqr| largest.max(*f_sqr)))
    }

    /// Where the reflection with these whole indices stands, in the low 32 bits; anything outside the list (or no number)
    /// leads to the border.
    #[inline(always)]
    pub fn place(&self, nearest: [f64; 3]) -> u64 {
        let mut at = [0.0; 3];
        let mut axis = 0;
        while axis < 3 {
            let (index, first, last) = (nearest[axis], self.first[axis], self.last[axis]);
            // Comparisons this way round send what is no number to the border too.
            let index = if index > first { index } else { first };
            at[axis] = if index < last { index } else { last };
            axis += 1;
        }
        self.place_inside(at)
    }

    /// The same for indices that are known to be inside: no farther from 0 than [`Self::reach`].
    #[inline(always)]
    pub fn place_inside(&self, [h, k, l]: [f64; 3]) -> u64 {
        // Whole numbers below 2^53 all the way: nothing is rounded.
        h.mul_add(self.stride[0], k.mul_add(self.stride[1], l + self.offset)).to_bits()
    }

    /// How far from 0, along each axis, indices are inside the table in either direction.
    pub fn reach(&self) -> [f64; 3] {
        if self.values.is_empty() {
            return [f64::INFINITY; 3];
        }
        [0, 1, 2].map(|axis| self.last[axis].min(-self.first[axis]))
    }

    /// F·F at a place.
    ///
    /// # Safety
    /// The place comes from [`Self::place`] of this very table, or from [`Self::place_inside`] as it demands, and there is a
    /// list ([`Self::constant`] is `None`). Then it is inside: each index is within its axis, and the limits of all axes
    /// together give the last value.
    #[inline(always)]
    pub unsafe fn at(&self, place: u64) -> f64 {
        let place = place as u32 as usize;
        debug_assert!(place < self.values.len());
        // SAFETY: as the caller promises.
        unsafe { *self.values.get_unchecked(place) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::grid::ReflectionGrid;

    fn look_up(table: &SquaredTable, nearest: [f64; 3]) -> f64 {
        let place = table.place(nearest);
        assert!((place as u32 as usize) < table.values.len());
        // SAFETY: the table has a list, and the place is its own.
        unsafe { table.at(place) }
    }

    #[test]
    fn every_index_leads_to_what_the_list_says() {
        let mut grid = ReflectionGrid::zeros([(-2, 1), (0, 0), (-3, 5)]).expect("small");
        grid.count = 1;
        for (i, value) in grid.values.iter_mut().enumerate() {
            *value = i as f64 + 1.0;
        }
        let factors = StructureFactors::new(Some(grid), 0.5);
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
    fn without_a_list_there_is_one_value() {
        let table = SquaredTable::new(&StructureFactors::new(None, 3.0)).expect("small");
        assert_eq!(table.constant(), Some(9.0));
    }
}
