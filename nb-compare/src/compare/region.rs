//! The pixels that take part in a comparison: a rectangle of both images, less masked and non-finite pixels.
//!
//! Not here: reading images, and what is computed from the pixels.

use std::borrow::Cow;

use nanobragg::Pixel;
use nanobragg::image::raster::Raster;
use serde::{Deserialize, Serialize};

use crate::compare::metrics::unit::BinaryScale;
use crate::compare::pixel::PixelNumber;
use crate::image::pixels::narrow;

/// A rectangle of pixels, all limits inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roi {
    /// First fast pixel.
    pub fast_min: usize,
    /// Last fast pixel.
    pub fast_max: usize,
    /// First slow pixel.
    pub slow_min: usize,
    /// Last slow pixel.
    pub slow_max: usize,
}

impl Roi {
    /// The whole of an image of `fast` × `slow` pixels (at least one).
    pub fn whole(fast: usize, slow: usize) -> Self {
        Self { fast_min: 0, fast_max: fast.saturating_sub(1), slow_min: 0, slow_max: slow.saturating_sub(1) }
    }

    /// From xmin xmax ymin ymax, x being the fast axis; `None` when a minimum exceeds its maximum.
    pub fn from_limits(limits: [usize; 4]) -> Option<Self> {
        let [fast_min, fast_max, slow_min, slow_max] = limits;
        (fast_min <= fast_max && slow_min <= slow_max).then_some(Self {
            fast_min,
            fast_max,
            slow_min,
            slow_max,
        })
    }

    /// xmin xmax ymin ymax.
    pub fn limits(&self) -> [usize; 4] {
        [self.fast_min, self.fast_max, self.slow_min, self.slow_max]
    }

    /// Pixels along the fast axis.
    pub fn fast(&self) -> usize {
        self.fast_max - self.fast_min + 1
    }

    /// Pixels along the slow axis.
    pub fn slow(&self) -> usize {
        self.slow_max - self.slow_min + 1
    }

    /// True when every pixel of the rectangle lies in `image`.
    pub fn fits<T>(&self, image: &Raster<T>) -> bool {
        self.fast_max < image.fast && self.slow_max < image.slow
    }
}

/// A rectangle of both images with the pixels that count.
#[derive(Debug, Clone)]
pub struct Region<'a, T: Clone = f32> {
    /// Where the rectangle lies in the images.
    pub roi: Roi,
    /// Pixels along the fast axis.
    pub fast: usize,
    /// Pixels along the slow axis.
    pub slow: usize,
    /// Pixels of A, row after row.
    pub a: Cow<'a, [T]>,
    /// Pixels of B, row after row.
    pub b: Cow<'a, [T]>,
    /// For each pixel whether it counts; `None` when all do.
    pub counts: Option<Vec<bool>>,
    /// Pixels left out by the mask.
    pub masked: usize,
    /// Unmasked pixels that are NaN or infinite in A, and in B. They count in no metric.
    pub non_finite: [usize; 2],
}

impl<'a, T: PixelNumber> Region<'a, T> {
    /// The rectangle `roi` of both images, which must hold it (see [`Roi::fits`]). `mask` is one image of the same size,
    /// in which zero means "leave out".
    pub fn new(a: &'a Raster<T>, b: &'a Raster<T>, roi: Roi, mask: Option<&Raster<bool>>) -> Self {
        let (pa, pb) = (crop(a, roi), crop(b, roi));
        let open = mask.map(|m| crop(m, roi));
        let unmasked = |i: usize| open.as_ref().is_none_or(|m| m[i]);
        let bad =
            |side: &[T]| (0..side.len()).filter(|&i| unmasked(i) && !side[i].wide().is_finite()).count();
        let non_finite = [bad(&pa), bad(&pb)];
        let masked = open.as_ref().map_or(0, |m| m.iter().filter(|keep| !**keep).count());
        let counts = (masked > 0 || non_finite != [0, 0]).then(|| {
            (0..pa.len())
                .map(|i| unmasked(i) && pa[i].wide().is_finite() && pb[i].wide().is_finite())
                .collect()
        });
        Self { roi, fast: roi.fast(), slow: roi.slow(), a: pa, b: pb, counts, masked, non_finite }
    }

    /// The same region with its pixels in another unit.
    pub fn in_unit(&self, unit: BinaryScale) -> Region<'static, f64> {
        let scaled = |side: &[T]| side.iter().map(|v| unit.of_value(v.wide())).collect();
        self.with(scaled(&self.a), scaled(&self.b))
    }

    /// The same region with other pixels.
    fn with<U: Clone>(&self, a: Vec<U>, b: Vec<U>) -> Region<'static, U> {
        Region {
            roi: self.roi,
            fast: self.fast,
            slow: self.slow,
            a: Cow::Owned(a),
            b: Cow::Owned(b),
            counts: self.counts.clone(),
            masked: self.masked,
            non_finite: self.non_finite,
        }
    }

    /// The same region with pixels of its own.
    pub fn into_owned(self) -> Region<'static, T> {
        Region { a: Cow::Owned(self.a.into_owned()), b: Cow::Owned(self.b.into_owned()), ..self }
    }

    /// The pixels that count, side A and side B, without their places.
    pub fn pixels(&self) -> (Cow<'_, [T]>, Cow<'_, [T]>) {
        match &self.counts {
            None => (Cow::Borrowed(&*self.a), Cow::Borrowed(&*self.b)),
            Some(keep) => (kept(&self.a, keep), kept(&self.b, keep)),
        }
    }

    /// B − A; 0 where a pixel does not count. Computed as precisely as the pixels are, then rounded to single precision.
    #[expect(clippy::cast_possible_truncation, reason = "a difference of pixels is kept in single precision")]
    pub fn difference(&self) -> Raster<f32> {
        let pixel =
            |i: usize| if self.counts_at(i) { (self.b[i].wide() - self.a[i].wide()) as f32 } else { 0.0 };
        Raster { fast: self.fast, slow: self.slow, data: (0..self.a.len()).map(pixel).collect() }
    }

    /// Whether the pixel at `index` of the rectangle counts.
    pub fn counts_at(&self, index: usize) -> bool {
        self.counts.as_ref().is_none_or(|keep| keep[index])
    }

    /// The pixel of the images at `index` of the rectangle.
    pub fn pixel_at(&self, index: usize) -> Pixel {
        Pixel { slow: self.roi.slow_min + index / self.fast, fast: self.roi.fast_min + index % self.fast }
    }

    /// The `n`-th pixel of the images that counts.
    pub fn counted_pixel(&self, n: usize) -> Option<Pixel> {
        let index = match &self.counts {
            None => n,
            Some(keep) => keep.iter().enumerate().filter(|(_, k)| **k).nth(n)?.0,
        };
        (index < self.a.len()).then(|| self.pixel_at(index))
    }

    /// Whether all pixels that the mask leaves are the same bits on both sides, NaN included; false for no pixels.
    pub fn byte_identical(&self) -> bool {
        let same = |i: usize| self.a[i].bits() == self.b[i].bits();
        match (&self.counts, self.non_finite) {
            (None, _) => !self.a.is_empty() && (0..self.a.len()).all(same),
            (Some(keep), _) => {
                let left_out =
                    |i: usize| !keep[i] && self.a[i].wide().is_finite() && self.b[i].wide().is_finite();
                self.masked < self.a.len() && (0..self.a.len()).all(|i| left_out(i) || same(i))
            }
        }
    }
}

impl Region<'_, f64> {
    /// The same region in single precision, for pictures; what is too large for it becomes the largest that it has.
    pub fn narrowed(&self) -> Region<'static> {
        let narrow = |side: &[f64]| side.iter().map(|&v| narrow(v)).collect();
        self.with(narrow(&self.a), narrow(&self.b))
    }
}

fn kept<'s, T: Clone>(values: &[T], keep: &[bool]) -> Cow<'s, [T]> {
    values.iter().zip(keep).filter(|(_, k)| **k).map(|(v, _)| v.clone()).collect()
}

/// The pixels of `roi`, which must lie in `image`; borrowed when they are all of it.
pub(crate) fn crop<T: Clone>(image: &Raster<T>, roi: Roi) -> Cow<'_, [T]> {
    if roi == Roi::whole(image.fast, image.slow) {
        return Cow::Borrowed(&image.data);
    }
    let rows = image.rows().skip(roi.slow_min).take(roi.slow());
    rows.flat_map(|row| row[roi.fast_min..=roi.fast_max].iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Raster<f32> {
        Raster { fast: 4, slow: 3, data: (0..12_u8).map(f32::from).collect() }
    }

    #[test]
    fn a_rectangle_is_cut_with_inclusive_limits() {
        let image = ramp();
        let roi = Roi::from_limits([1, 2, 1, 2]).unwrap();
        let region = Region::new(&image, &image, roi, None);
        assert_eq!(&*region.a, [5.0, 6.0, 9.0, 10.0]);
        assert_eq!((region.fast, region.slow), (2, 2));
        assert_eq!(region.counted_pixel(3), Some(Pixel { slow: 2, fast: 2 }));
        assert_eq!(region.counted_pixel(4), None);
    }

    #[test]
    fn limits_in_the_wrong_order_are_no_rectangle() {
        assert_eq!(Roi::from_limits([2, 1, 0, 0]), None);
        assert!(!Roi::from_limits([0, 4, 0, 0]).unwrap().fits(&ramp()));
    }

    #[test]
    fn masked_and_non_finite_pixels_do_not_count() {
        let (a, mut b) = (ramp(), ramp());
        b.data[0] = f32::NAN;
        b.data[1] = f32::INFINITY;
        let mut open = Raster { fast: 4, slow: 3, data: vec![true; 12] };
        open.data[1] = false;
        open.data[2] = false;
        let region = Region::new(&a, &b, Roi::whole(4, 3), Some(&open));
        assert_eq!((region.masked, region.non_finite), (2, [0, 1]));
        let (pa, pb) = region.pixels();
        assert_eq!(pa.len(), 9);
        assert_eq!(pa, pb);
        assert_eq!(region.counted_pixel(0), Some(Pixel { slow: 0, fast: 3 }));
    }
}
