//! How many floats lie between the two values of a pixel (ULP distance), and which pixels are the same bits.
//!
//! Not here: tolerances; a gate on the largest distance is a matter of `verdict`.

use crate::compare::pixel::PixelNumber;

/// Distances of all pixel pairs. +0 and −0 are 0 apart, though their bits differ.
#[derive(Debug, Clone, PartialEq)]
pub struct UlpSummary {
    /// Median distance (nearest rank); `None` for no pixels, as for all the others.
    pub median: Option<u64>,
    /// 99th percentile (nearest rank).
    pub p99: Option<u64>,
    /// Largest distance.
    pub max: Option<u64>,
    /// Pixel counts by distance: cell 0 is distance 0, cell k is 2^(k−1) to 2^k − 1; trailing empty cells are left out.
    pub histogram: Vec<u64>,
    /// Pixels whose bits are the same.
    pub same_bits: usize,
}

/// The cell of the histogram that a distance belongs to.
fn cell(distance: u64) -> usize {
    (u64::BITS - distance.leading_zeros()) as usize
}

/// Summary over `a` and `b`, pixel by pixel.
pub fn summary<T: PixelNumber>(a: &[T], b: &[T]) -> UlpSummary {
    let mut distances: Vec<u64> = a.iter().zip(b).map(|(&x, &y)| x.distance(y)).collect();
    let max = distances.iter().copied().max();
    let mut histogram = vec![0_u64; max.map_or(0, |m| cell(m) + 1)];
    distances.iter().for_each(|&d| histogram[cell(d)] += 1);
    let mut nearest_rank = |q: f64| {
        let place = ((q * distances.len() as f64).ceil() as usize).saturating_sub(1);
        (place < distances.len()).then(|| *distances.select_nth_unstable(place).1)
    };
    UlpSummary {
        median: nearest_rank(0.5),
        p99: nearest_rank(0.99),
        max,
        histogram,
        same_bits: a.iter().zip(b).filter(|(x, y)| x.bits() == y.bits()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_histogram_goes_by_powers_of_two() {
        let step = |n: u32| f32::from_bits(1.0_f32.to_bits() + n);
        let b = [step(0), step(1), step(2), step(3), step(4), step(7)];
        let s = summary(&[1.0; 6], &b);
        assert_eq!(s.histogram, [1, 1, 2, 2]);
        assert_eq!((s.median, s.p99, s.max, s.same_bits), (Some(2), Some(7), Some(7), 1));
    }

    #[test]
    fn no_pixels_have_no_distance() {
        assert_eq!(summary::<f32>(&[], &[]).max, None);
        assert!(summary::<f32>(&[], &[]).histogram.is_empty());
    }

    #[test]
    fn zeros_of_either_sign_are_equal_but_not_the_same_bits() {
        let s = summary(&[0.0, 1.0], &[-0.0, 1.0]);
        assert_eq!((s.max, s.same_bits), (Some(0), 1));
    }
}
