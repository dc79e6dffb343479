//! Two-dimensional Fourier transforms of a real image pair.
//!
//! Not here: what is done with the spectra (`shift`).

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftDirection, FftPlanner};
use std::sync::Arc;

/// A transform of `fast` × `slow` complex values, in place, rows first.
pub(crate) struct Plane {
    fast: usize,
    slow: usize,
    row: Arc<dyn Fft<f32>>,
    column: Arc<dyn Fft<f32>>,
}

/// Columns that are transformed together, so that memory is read in whole cache lines.
const TOGETHER: usize = 16;

impl Plane {
    /// Plans a transform; the inverse is not normalised.
    pub(crate) fn new(fast: usize, slow: usize, direction: FftDirection) -> Self {
        let mut planner = FftPlanner::new();
        Self { fast, slow, row: planner.plan_fft(fast, direction), column: planner.plan_fft(slow, direction) }
    }

    /// Transforms `data`, row after row.
    pub(crate) fn process(&self, data: &mut [Complex32]) {
        let mut scratch = vec![Complex32::default(); self.row.get_inplace_scratch_len()];
        data.chunks_exact_mut(self.fast).for_each(|row| self.row.process_with_scratch(row, &mut scratch));
        let mut scratch = vec![Complex32::default(); self.column.get_inplace_scratch_len()];
        let mut columns = vec![Complex32::default(); self.slow * TOGETHER];
        for start in (0..self.fast).step_by(TOGETHER) {
            let n = TOGETHER.min(self.fast - start);
            for (y, row) in data.chunks_exact(self.fast).enumerate() {
                row[start..start + n].iter().enumerate().for_each(|(k, v)| columns[k * self.slow + y] = *v);
            }
            self.column.process_with_scratch(&mut columns[..n * self.slow], &mut scratch);
            for (y, row) in data.chunks_exact_mut(self.fast).enumerate() {
                (0..n).for_each(|k| row[start + k] = columns[k * self.slow + y]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forth_and_back_gives_the_image_times_its_size() {
        let (fast, slow) = (20, 33);
        let image: Vec<_> =
            (0..fast * slow).map(|i| Complex32::new((i % 17) as f32, (i % 5) as f32)).collect();
        let mut data = image.clone();
        Plane::new(fast, slow, FftDirection::Forward).process(&mut data);
        let sum: Complex32 = image.iter().sum();
        assert!((data[0] - sum).norm() < 1e-2);
        Plane::new(fast, slow, FftDirection::Inverse).process(&mut data);
        let size = (fast * slow) as f32;
        assert!(image.iter().zip(&data).all(|(a, b)| (a * size - b).norm() < 1e-2));
    }
}
