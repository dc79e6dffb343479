//! A rectangular image in memory.
//!
//! Not here: files, regions (`roi`), and physical sizes: a raster counts in pixels.

use crate::pixel::Pixel;
use ndarray::ArrayView2;

/// An image, row after row, fast axis first: pixel (fast `f`, slow `s`) is `data[s * fast + f]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster<T> {
    /// Pixels along the fast axis.
    pub fast: usize,
    /// Pixels along the slow axis.
    pub slow: usize,
    /// `fast * slow` pixels.
    pub data: Vec<T>,
}

impl<T> Raster<T> {
    /// Takes `data` as an image; `None` unless its length is `fast * slow`.
    pub fn from_vec(fast: usize, slow: usize, data: Vec<T>) -> Option<Self> {
        (fast.checked_mul(slow)? == data.len()).then_some(Self { fast, slow, data })
    }

    /// The value of a pixel, if it lies in the image.
    pub fn get(&self, pixel: Pixel) -> Option<&T> {
        let inside = pixel.fast < self.fast && pixel.slow < self.slow;
        if inside { self.data.get(pixel.slow * self.fast + pixel.fast) } else { None }
    }

    /// The rows, slow axis upward; none for an image without columns.
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.data.chunks_exact(self.fast.max(1))
    }

    /// The image as an array of shape (slow, fast).
    ///
    /// `None` only if `data` was changed to a length other than `fast * slow`.
    pub fn view(&self) -> Option<ArrayView2<'_, T>> {
        ArrayView2::from_shape((self.slow, self.fast), &self.data).ok()
    }

    /// Applies `f` to each pixel.
    pub fn map<U>(&self, f: impl FnMut(&T) -> U) -> Raster<U> {
        Raster { fast: self.fast, slow: self.slow, data: self.data.iter().map(f).collect() }
    }
}

impl<T: Clone + Default> Raster<T> {
    /// An image of `T`'s default value (0 for numbers); `None` if `fast * slow` pixels cannot be held in memory.
    pub fn zeros(fast: usize, slow: usize) -> Option<Self> {
        Some(Self { fast, slow, data: defaults(fast.checked_mul(slow)?)? })
    }
}

/// `count` values of `T`'s default (0 for numbers); `None` if they cannot be held in memory.
pub(crate) fn defaults<T: Clone + Default>(count: usize) -> Option<Vec<T>> {
    let bytes = count.checked_mul(size_of::<T>().max(1))?;
    isize::try_from(bytes).ok()?;
    // `vec!` asks the allocator for zeroed pages, which costs nothing until they are touched; asking first turns a
    // refusal into `None` instead of an abort.
    Vec::<T>::new().try_reserve_exact(count).ok()?;
    let data = vec![T::default(); count];
    ask_for_large_pages(&data);
    Some(data)
}

/// Asks the system to back untouched memory with large pages: 6.2 million floats are 6,000 page faults otherwise.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn ask_for_large_pages<T>(data: &[T]) {
    const PAGE: usize = 4096;
    /// Below this, most of a large page would lie outside.
    const WORTH_IT: usize = 4 << 20;
    let bytes = size_of_val(data);
    if bytes < WORTH_IT {
        return;
    }
    let before = data.as_ptr().addr().wrapping_neg() % PAGE;
    let start = data.as_ptr().cast::<u8>().wrapping_add(before).cast_mut();
    // SAFETY: the range begins at a page and ends inside the allocation; the advice changes no content, and a refusal
    // changes nothing at all.
    unsafe { libc::madvise(start.cast(), bytes - before, libc::MADV_HUGEPAGE) };
}

/// Other systems do without.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn ask_for_large_pages<T>(_: &[T]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_axis_varies_first() {
        let raster = Raster::from_vec(3, 2, vec![0, 1, 2, 10, 11, 12]).unwrap();
        assert_eq!(raster.get(Pixel { slow: 1, fast: 2 }), Some(&12));
        assert_eq!(raster.get(Pixel { slow: 0, fast: 3 }), None);
        assert_eq!(raster.get(Pixel { slow: 2, fast: 0 }), None);
        let view = raster.view().unwrap();
        assert_eq!(view.dim(), (2, 3));
        assert_eq!(view[(1, 0)], 10);
        assert_eq!(raster.rows().map(<[i32]>::to_vec).collect::<Vec<_>>(), [[0, 1, 2], [10, 11, 12]]);
    }

    #[test]
    fn a_raster_holds_exactly_its_pixels() {
        assert_eq!(Raster::from_vec(2, 2, vec![0; 3]), None);
        assert_eq!(Raster::from_vec(usize::MAX, 2, vec![0; 3]), None);
        assert_eq!(Raster::<f32>::zeros(usize::MAX, usize::MAX), None);
        assert_eq!(Raster::<f32>::zeros(usize::MAX / 2, 1), None);
        assert_eq!(Raster::<f32>::zeros(0, 7).unwrap().rows().count(), 0);
        assert!(Raster::<u16>::zeros(4, 5).unwrap().data.iter().all(|&v| v == 0));
    }
}
