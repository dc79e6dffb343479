//! A rectangular region of an image, inclusive at both ends.
//!
//! Not here: masks, and the default region (the whole detector).

use std::ops::Range;

/// A region of pixels as the user gave it: inclusive at both ends; it may reach beyond the image or be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roi {
    /// First pixel along the fast axis.
    pub fast_min: i64,
    /// Last pixel along the fast axis.
    pub fast_max: i64,
    /// First pixel along the slow axis.
    pub slow_min: i64,
    /// Last pixel along the slow axis.
    pub slow_max: i64,
}

/// The part of a [`Roi`] that lies in an image: never empty, inclusive at both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClippedRoi {
    /// First pixel along the fast axis.
    pub fast_min: usize,
    /// Last pixel along the fast axis.
    pub fast_max: usize,
    /// First pixel along the slow axis.
    pub slow_min: usize,
    /// Last pixel along the slow axis.
    pub slow_max: usize,
}

impl Roi {
    /// A region that covers an image of `fast` by `slow` pixels.
    pub fn whole(fast: usize, slow: usize) -> Self {
        let last = |count: usize| i64::try_from(count).map_or(i64::MAX, |n| n - 1);
        Self { fast_min: 0, fast_max: last(fast), slow_min: 0, slow_max: last(slow) }
    }

    /// Whether pixel (fast `f`, slow `s`) lies in the region.
    pub const fn contains(&self, f: i64, s: i64) -> bool {
        f >= self.fast_min && f <= self.fast_max && s >= self.slow_min && s <= self.slow_max
    }

    /// The part inside an image of `fast` by `slow` pixels; `None` when there is none.
    pub fn clip(&self, fast: usize, slow: usize) -> Option<ClippedRoi> {
        let (fast_min, fast_max) = clip_axis(self.fast_min, self.fast_max, fast)?;
        let (slow_min, slow_max) = clip_axis(self.slow_min, self.slow_max, slow)?;
        Some(ClippedRoi { fast_min, fast_max, slow_min, slow_max })
    }
}

impl ClippedRoi {
    /// The columns, ready to index a row.
    pub const fn fast_range(&self) -> Range<usize> {
        self.fast_min..self.fast_max + 1
    }

    /// The rows.
    pub const fn slow_range(&self) -> Range<usize> {
        self.slow_min..self.slow_max + 1
    }

    /// Number of pixels.
    pub const fn pixels(&self) -> usize {
        (self.fast_max + 1 - self.fast_min) * (self.slow_max + 1 - self.slow_min)
    }

    /// Where the pixels of each row stand in a raster whose rows are `fast` pixels long, row by row.
    pub fn row_spans(&self, fast: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let columns = self.fast_range();
        self.slow_range().map(move |s| s * fast + columns.start..s * fast + columns.end)
    }
}

fn clip_axis(min: i64, max: i64, count: usize) -> Option<(usize, usize)> {
    let last = count.checked_sub(1)?;
    let first = usize::try_from(min.max(0)).ok()?;
    let end = usize::try_from(max).ok()?.min(last);
    (first <= end).then_some((first, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_region() {
        let roi = Roi { fast_min: 2, fast_max: 4, slow_min: 1, slow_max: 1 };
        let clipped = roi.clip(10, 10).unwrap();
        assert_eq!(clipped.pixels(), 3);
        assert!(clipped.row_spans(10).eq(std::iter::once(12..15)));
        assert!(roi.contains(4, 1) && !roi.contains(5, 1) && !roi.contains(4, 2));
    }

    #[test]
    fn what_lies_outside_the_image_is_cut_off() {
        let roi = Roi { fast_min: -5, fast_max: 1 << 40, slow_min: 3, slow_max: 7 };
        let clipped = roi.clip(6, 5).unwrap();
        assert_eq!((clipped.fast_range(), clipped.slow_range()), (0..6, 3..5));
        assert_eq!(roi.clip(6, 3), None);
        assert_eq!(Roi { fast_max: -1, ..roi }.clip(6, 5), None);
        assert_eq!(Roi { fast_min: 4, fast_max: 3, ..roi }.clip(6, 5), None);
        assert_eq!(Roi::whole(0, 5).clip(0, 5), None);
        assert_eq!(Roi::whole(3, 5).clip(3, 5).unwrap().pixels(), 15);
    }

    proptest::proptest! {
        #[test]
        fn clipping_keeps_exactly_the_pixels_of_both(
            a in -4_i64..9, b in -4_i64..9, c in -4_i64..9, d in -4_i64..9, fast in 0_usize..7, slow in 0_usize..7
        ) {
            let roi = Roi { fast_min: a, fast_max: b, slow_min: c, slow_max: d };
            let inside = (0..slow).flat_map(|s| (0..fast).map(move |f| (f, s)))
                .filter(|&(f, s)| roi.contains(f as i64, s as i64)).count();
            proptest::prop_assert_eq!(roi.clip(fast, slow).map_or(0, |r| r.pixels()), inside);
        }
    }
}
