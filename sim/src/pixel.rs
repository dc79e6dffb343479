//! Where a pixel is on the detector. One type, because pairs of numbers come in both orders: NumPy has slow before fast, the
//! reference's flags have either.
//!
//! Not here: images (`image`), positions in space (`model::detector`).

/// A pixel of the detector, counted from 0 along both axes. In the order of the image: by rows, then by columns.
///
/// Numbers as a user gives them may lie outside any image; they are a `Pixel<i32>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub struct Pixel<T = usize> {
    /// Row: along the slow axis.
    pub slow: T,
    /// Column: along the fast axis.
    pub fast: T,
}

impl Pixel<i32> {
    /// The pixel of an image of some size; `None` below 0.
    pub fn counted(self) -> Option<Pixel> {
        Some(Pixel { slow: usize::try_from(self.slow).ok()?, fast: usize::try_from(self.fast).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_in_the_order_of_the_image() {
        let pixels = [(0, 0), (0, 7), (1, 3), (2, 0)].map(|(slow, fast)| Pixel { slow, fast });
        assert!(pixels.is_sorted());
    }

    #[test]
    fn pixels_below_0_are_none() {
        assert_eq!(Pixel { slow: 3, fast: 4 }.counted(), Some(Pixel { slow: 3, fast: 4 }));
        assert_eq!(Pixel { slow: -1, fast: 4 }.counted(), None);
        assert_eq!(Pixel { slow: 1, fast: -4 }.counted(), None);
    }
}
