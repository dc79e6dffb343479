//! Structure factor amplitudes on a box of Miller indices.
//!
//! Not here: the files they come from (`hkl`, `cache`), and look-up at a fractional index.

/// Most values a grid may hold (2 GiB of doubles): more is a damaged file or a stray index.
pub const LARGEST_GRID: u64 = 1 << 28;

/// Largest amplitude, electrons, of either sign: the range of the flag -default_F, whose squares still add up.
pub const LARGEST_AMPLITUDE: f64 = 1e12;

/// Why there is no grid, or no such place in it.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum GridError {
    /// The largest index is smaller than the smallest.
    #[error("{axis} runs from `{min}` down to `{max}`")]
    Empty {
        /// `h`, `k` or `l`.
        axis: char,
        /// Smallest index.
        min: i32,
        /// Largest index.
        max: i32,
    },
    /// The box would hold more than [`LARGEST_GRID`] values.
    #[error("{}", too_large(ranges, *values))]
    TooLarge {
        /// Smallest and largest h, k and l.
        ranges: [(i32, i32); 3],
        /// Values it would hold, padding included.
        values: u64,
    },
    /// A list without reflections.
    #[error("no reflections")]
    NoReflections,
    /// An amplitude that is NaN or beyond [`LARGEST_AMPLITUDE`].
    #[error(
        "amplitude `{amplitude}` of {} is out of range; expected {:e} to {:e}",
        whose(*hkl), -LARGEST_AMPLITUDE, LARGEST_AMPLITUDE
    )]
    OutOfRange {
        /// Miller indices; `None` for all that are not listed.
        hkl: Option<[i32; 3]>,
        /// The amplitude.
        amplitude: f64,
    },
}

fn whose(hkl: Option<[i32; 3]>) -> String {
    hkl.map_or("what is not listed".to_owned(), |[h, k, l]| format!("reflection `{h} {k} {l}`"))
}

fn too_large(ranges: &[(i32, i32); 3], values: u64) -> String {
    let [h, k, l] = ranges.map(|(min, max)| format!("`{min}..{max}`"));
    format!("indices {h} {k} {l} ask for a grid of `{values}` values")
}

/// Structure factor amplitudes on the box of all indices between the smallest and the largest.
///
/// The grid has one plane more than the box along each axis (never looked up, but written to the cache), l varying
/// fastest: (h_range + 1) * (k_range + 1) * (l_range + 1) values in electrons.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReflectionGrid {
    /// Smallest h.
    pub(crate) h_min: i32,
    /// Largest h.
    pub(crate) h_max: i32,
    /// Smallest k.
    pub(crate) k_min: i32,
    /// Largest k.
    pub(crate) k_max: i32,
    /// Smallest l.
    pub(crate) l_min: i32,
    /// Largest l.
    pub(crate) l_max: i32,
    /// The padded grid.
    pub(crate) values: Vec<f64>,
    /// Records counted in the text file, duplicates included; from a cache, the number of nodes of the box.
    pub(crate) count: usize,
}

impl ReflectionGrid {
    /// A grid of zeros over the box `ranges` = [(h_min, h_max), (k_min, k_max), (l_min, l_max)].
    ///
    /// # Errors
    /// As [`Self::size`].
    pub(crate) fn zeros(ranges: [(i32, i32); 3]) -> Result<Self, GridError> {
        let values = vec![0.0; Self::size(ranges)?];
        let [(h_min, h_max), (k_min, k_max), (l_min, l_max)] = ranges;
        Ok(Self { h_min, h_max, k_min, k_max, l_min, l_max, values, count: 0 })
    }

    /// A list of reflections (Miller indices and amplitude in electrons; of several with the same indices the last counts). The
    /// other reflections of the box that they span have the amplitude `elsewhere`.
    ///
    /// # Errors
    /// No reflections, amplitudes that are NaN or beyond [`LARGEST_AMPLITUDE`], indices so far apart that the box would hold more than
    /// [`LARGEST_GRID`] values.
    pub fn from_list(reflections: &[([i32; 3], f64)], elsewhere: f64) -> Result<Self, GridError> {
        let mut bounds = IndexRanges::none();
        let check = |hkl, amplitude: f64| {
            // NaN is not within it either.
            let allowed = -LARGEST_AMPLITUDE..=LARGEST_AMPLITUDE;
            allowed.contains(&amplitude).then_some(()).ok_or(GridError::OutOfRange { hkl, amplitude })
        };
        check(None, elsewhere)?;
        for (hkl, amplitude) in reflections {
            check(Some(*hkl), *amplitude)?;
            bounds.include(*hkl);
        }
        if reflections.is_empty() {
            return Err(GridError::NoReflections);
        }
        let mut grid = Self::zeros(bounds.ranges())?;
        grid.count = reflections.len();
        if elsewhere != 0.0 {
            grid.fill(elsewhere);
        }
        for &([h, k, l], amplitude) in reflections {
            if let Some(place) = grid.index(h, k, l) {
                grid.values[place] = amplitude;
            }
        }
        Ok(grid)
    }

    /// A list over the box `ranges` = [(h_min, h_max), (k_min, k_max), (l_min, l_max)] with `value` of each place of the padded
    /// grid, in electrons, l varying fastest: for tests and benches.
    ///
    /// # Errors
    /// A range is empty, or the box would hold more than [`LARGEST_GRID`] values.
    pub fn from_fn(ranges: [(i32, i32); 3], mut value: impl FnMut(usize) -> f64) -> Result<Self, GridError> {
        let mut grid = Self::zeros(ranges)?;
        grid.count = 1;
        for (place, slot) in grid.values.iter_mut().enumerate() {
            *slot = value(place);
        }
        Ok(grid)
    }

    /// How many values a grid over `ranges` holds, its padding included.
    ///
    /// # Errors
    /// A range is empty, or the grid would hold more than [`LARGEST_GRID`] values.
    pub(crate) fn size(ranges: [(i32, i32); 3]) -> Result<usize, GridError> {
        let mut values: u64 = 1;
        for ((min, max), axis) in ranges.into_iter().zip(['h', 'k', 'l']) {
            if max < min {
                return Err(GridError::Empty { axis, min, max });
            }
            values = values.saturating_mul(u64::from(max.abs_diff(min)) + 2);
        }
        usize::try_from(values)
            .ok()
            .filter(|_| values <= LARGEST_GRID)
            .ok_or(GridError::TooLarge { ranges, values })
    }

    /// Smallest and largest h, k and l.
    pub const fn limits(&self) -> [(i32, i32); 3] {
        [(self.h_min, self.h_max), (self.k_min, self.k_max), (self.l_min, self.l_max)]
    }

    /// Reflections in the list it was made from, each as often as it stands there.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Amplitude of a reflection, electrons; `None` outside the box.
    pub fn amplitude(&self, [h, k, l]: [i32; 3]) -> Option<f64> {
        self.index(h, k, l).and_then(|place| self.values.get(place)).copied()
    }

    /// All values with the padding, l varying fastest, as the cache has them.
    pub fn padded_values(&self) -> &[f64] {
        &self.values
    }

    /// Nodes along h, k and l, without the padding.
    pub(crate) const fn ranges(&self) -> [usize; 3] {
        [nodes(self.h_min, self.h_max), nodes(self.k_min, self.k_max), nodes(self.l_min, self.l_max)]
    }

    /// Distances in `values` between neighbours along h and along k (along l it is 1).
    pub(crate) const fn strides(&self) -> (usize, usize) {
        let [_, k, l] = self.ranges();
        ((k + 1) * (l + 1), l + 1)
    }

    /// Where in `values` the reflection (h, k, l) stands; `None` outside the box.
    pub(crate) fn index(&self, h: i32, k: i32, l: i32) -> Option<usize> {
        let inside = h <= self.h_max && k <= self.k_max && l <= self.l_max;
        if inside { self.padded_index(h, k, l) } else { None }
    }

    /// As [`Self::index`], the padding at the upper end of each axis included.
    pub(super) fn padded_index(&self, h: i32, k: i32, l: i32) -> Option<usize> {
        let (along_h, along_k) = self.strides();
        let ranges = self.ranges();
        let offset = |index: i32, min: i32, range| {
            let offset = usize::try_from(i64::from(index) - i64::from(min)).ok()?;
            (offset <= range).then_some(offset)
        };
        let (h, k) = (offset(h, self.h_min, ranges[0])?, offset(k, self.k_min, ranges[1])?);
        Some(h * along_h + k * along_k + offset(l, self.l_min, ranges[2])?)
    }

    /// Sets every node of the box, not the padding.
    pub(super) fn fill(&mut self, value: f64) {
        let [h_range, k_range, l_range] = self.ranges();
        let (along_h, along_k) = self.strides();
        for plane in self.values.chunks_exact_mut(along_h).take(h_range) {
            for row in plane.chunks_exact_mut(along_k).take(k_range) {
                row[..l_range].fill(value);
            }
        }
    }
}

const fn nodes(min: i32, max: i32) -> usize {
    if max < min { 0 } else { max.abs_diff(min) as usize + 1 }
}

/// The box of the indices seen.
pub(super) struct IndexRanges([(i32, i32); 3]);

impl IndexRanges {
    pub(super) fn none() -> Self {
        Self([(i32::MAX, i32::MIN); 3])
    }

    pub(super) fn ranges(&self) -> [(i32, i32); 3] {
        self.0
    }

    pub(super) fn include(&mut self, index: [i32; 3]) {
        for (range, i) in self.0.iter_mut().zip(index) {
            *range = (range.0.min(i), range.1.max(i));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l_varies_fastest_and_every_axis_has_one_plane_of_padding() {
        let grid = ReflectionGrid::zeros([(-1, 1), (0, 0), (5, 6)]).unwrap();
        assert_eq!(grid.ranges(), [3, 1, 2]);
        assert_eq!(grid.values.len(), 4 * 2 * 3);
        assert_eq!(grid.strides(), (6, 3));
        assert_eq!(grid.index(-1, 0, 5), Some(0));
        assert_eq!(grid.index(1, 0, 6), Some(13));
        for (h, k, l) in [(-2, 0, 5), (2, 0, 5), (0, 1, 5), (0, 0, 7), (i32::MIN, i32::MAX, 5)] {
            assert_eq!(grid.index(h, k, l), None);
        }
    }

    #[test]
    fn a_list_spans_a_box_whose_other_reflections_have_the_amplitude_elsewhere() {
        let list = [([1, -2, 3], 7.0), ([0, 0, 5], 8.0), ([1, -2, 3], 9.0)];
        let grid = ReflectionGrid::from_list(&list, 2.0).unwrap();
        assert_eq!(grid.limits(), [(0, 1), (-2, 0), (3, 5)]);
        assert_eq!(grid.amplitude([1, -2, 3]), Some(9.0));
        assert_eq!(grid.amplitude([0, -1, 4]), Some(2.0));
        assert_eq!(grid.amplitude([0, 1, 4]), None);
        assert_eq!(ReflectionGrid::from_list(&[], 2.0), Err(GridError::NoReflections));
    }

    #[test]
    fn an_amplitude_of_a_list_is_within_its_range() {
        let list = |amplitude: f64| ReflectionGrid::from_list(&[([1, 2, 3], amplitude)], 0.0);
        assert!(list(LARGEST_AMPLITUDE).is_ok() && list(-LARGEST_AMPLITUDE).is_ok());
        for amplitude in [LARGEST_AMPLITUDE.next_up(), -LARGEST_AMPLITUDE.next_up(), f64::NEG_INFINITY] {
            assert_eq!(list(amplitude), Err(GridError::OutOfRange { hkl: Some([1, 2, 3]), amplitude }));
            let elsewhere = ReflectionGrid::from_list(&[([1, 2, 3], 1.0)], amplitude);
            assert_eq!(elsewhere, Err(GridError::OutOfRange { hkl: None, amplitude }));
        }
        let error = list(f64::NAN).unwrap_err().to_string();
        assert!(error.ends_with("of reflection `1 2 3` is out of range; expected -1e12 to 1e12"), "{error}");
    }

    #[test]
    fn filling_leaves_the_padding_alone() {
        let mut grid = ReflectionGrid::zeros([(-1, 1), (0, 2), (5, 6)]).unwrap();
        grid.fill(7.0);
        let filled = grid.values.iter().filter(|&&v| v == 7.0).count();
        assert_eq!(filled, 3 * 3 * 2);
        assert!(
            (-1..=1)
                .all(|h| (0..=2).all(|k| (5..=6).all(|l| grid.values[grid.index(h, k, l).unwrap()] == 7.0)))
        );
    }

    #[test]
    fn boxes_that_make_no_sense_are_refused() {
        let upside_down = ReflectionGrid::size([(0, 0), (0, -1), (0, 0)]);
        assert_eq!(upside_down, Err(GridError::Empty { axis: 'k', min: 0, max: -1 }));
        for ranges in [[(i32::MIN, i32::MAX); 3], [(0, 1 << 20), (0, 1 << 20), (0, 0)]] {
            let error = ReflectionGrid::size(ranges);
            assert!(
                matches!(error, Err(GridError::TooLarge { values, .. }) if values > LARGEST_GRID),
                "{error:?}"
            );
        }
    }
}
