//! Local maxima of an image above a percentile, with non-maximum suppression and sub-pixel centroids.
//!
//! Not here: matching (`pair`).

use crate::compare::metrics::quantile::nearest_rank;
use crate::compare::pixel::PixelNumber;
use crate::compare::region::Region;

/// What counts as a peak, and how far apart two matching peaks may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakOptions {
    /// A peak is brighter than this percentile (0 to 100) of the region.
    pub percentile: f64,
    /// No two peaks of one image are within this many pixels of each other along both axes.
    pub separation: usize,
    /// Largest distance in pixels of two peaks that match.
    pub gate: f64,
}

impl Default for PeakOptions {
    fn default() -> Self {
        Self { percentile: 99.5, separation: 3, gate: 1.0 }
    }
}

/// A local maximum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Centroid along the fast axis, in pixels of the region.
    pub fast: f64,
    /// Centroid along the slow axis.
    pub slow: f64,
    /// Value of the brightest pixel.
    pub height: f64,
}

/// The peaks of `image` (side A or B of `region`), brightest first.
pub fn find<T: PixelNumber>(region: &Region<'_, T>, image: &[T], options: &PeakOptions) -> Vec<Peak> {
    let keys = T::keys(image);
    let counted = || (0..image.len()).filter(|&i| region.counts_at(i)).map(|i| keys[i]);
    let Some(threshold) = nearest_rank(counted, options.percentile / 100.0) else { return Vec::new() };
    let grid = Grid { region, image };
    let mut maxima: Vec<usize> = (0..image.len())
        .filter(|&i| keys[i] > threshold && region.counts_at(i) && grid.is_maximum(i, 1))
        .collect();
    maxima.retain(|&i| grid.is_maximum(i, options.separation));
    let mut peaks: Vec<Peak> = maxima.into_iter().map(|i| grid.peak(i)).collect();
    peaks.sort_by(|p, q| q.height.total_cmp(&p.height));
    peaks
}

struct Grid<'r, 'a, T: PixelNumber> {
    region: &'r Region<'a, T>,
    image: &'r [T],
}

impl<T: PixelNumber> Grid<'_, '_, T> {
    /// Indices of the counted pixels within `reach` of `index`, itself included, in image order.
    fn around(&self, index: usize, reach: usize) -> impl Iterator<Item = usize> {
        let (w, h) = (self.region.fast, self.region.slow);
        let (x, y) = (index % w, index / w);
        let rows = y.saturating_sub(reach)..=(y + reach).min(h - 1);
        rows.flat_map(move |r| (x.saturating_sub(reach)..=(x + reach).min(w - 1)).map(move |c| r * w + c))
            .filter(|&i| self.region.counts_at(i))
    }

    /// Brighter than every neighbour; of equals, the first in image order.
    fn is_maximum(&self, index: usize, reach: usize) -> bool {
        let value = self.image[index];
        self.around(index, reach)
            .all(|i| if i < index { self.image[i] < value } else { self.image[i] <= value })
    }

    /// Centroid of the 3×3 pixels round `index`, weighted by their height above the lowest of them.
    fn peak(&self, index: usize) -> Peak {
        let w = self.region.fast;
        let lowest = self.around(index, 1).map(|i| self.image[i].wide()).fold(f64::INFINITY, f64::min);
        let mut sums = [0.0; 3];
        for i in self.around(index, 1) {
            let weight = self.image[i].wide() - lowest;
            let terms = [weight, weight * (i % w) as f64, weight * (i / w) as f64];
            sums.iter_mut().zip(terms).for_each(|(s, t)| *s += t);
        }
        let [weight, fast, slow] = sums;
        let (fast, slow) = if weight > 0.0 {
            (fast / weight, slow / weight)
        } else {
            ((index % w) as f64, (index / w) as f64)
        };
        Peak { fast, slow, height: self.image[index].wide() }
    }
}
