//! Gaussian blur of images, so that distant spots overlap.
//!
//! Not here: which images are blurred, and how much.

/// Blurs an image of `columns` per row by a Gaussian of width `sigma` pixels, cut at three of them. Outside there is nothing.
pub(super) fn blur(image: &[f64], columns: usize, sigma: f64) -> Vec<f64> {
    if sigma <= 0.0 || columns == 0 {
        return image.to_vec();
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let mut kernel: Vec<f64> = (0..=reach).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp()).collect();
    let sum = kernel[0] + 2.0 * kernel[1..].iter().sum::<f64>();
    kernel.iter_mut().for_each(|k| *k /= sum);
    let rows = image.len() / columns;
    let mut across = vec![0.0; image.len()];
    for (out, line) in across.chunks_mut(columns).zip(image.chunks(columns)) {
        for (i, weight) in kernel.iter().enumerate().take_while(|(i, _)| *i < columns) {
            let n = columns - i;
            for at in 0..n {
                out[at] += weight * line[at + i];
                if i > 0 {
                    out[at + i] += weight * line[at];
                }
            }
        }
    }
    let mut along = vec![0.0; image.len()];
    for (i, weight) in kernel.iter().enumerate().take_while(|(i, _)| *i < rows) {
        for row in 0..rows - i {
            let (near, far) = (row * columns, (row + i) * columns);
            for at in 0..columns {
                along[near + at] += weight * across[far + at];
                if i > 0 {
                    along[far + at] += weight * across[near + at];
                }
            }
        }
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_becomes_a_round_spot_of_the_same_sum() {
        let columns = 41;
        let mut image = vec![0.0; columns * 41];
        image[20 * columns + 20] = 2.0;
        let blurred = blur(&image, columns, 3.0);
        assert!((blurred.iter().sum::<f64>() - 2.0).abs() < 1e-12);
        let at = |slow: usize, fast: usize| blurred[slow * columns + fast];
        assert!((at(20, 17) - at(17, 20)).abs() < 1e-15 && at(20, 17) == at(20, 23));
        assert!((at(20, 23) / at(20, 20) - (-0.5_f64).exp()).abs() < 1e-12);
    }

    #[test]
    fn images_smaller_than_the_kernel_are_blurred_too() {
        assert!(blur(&[1.0, 0.0], 2, 9.0).iter().all(|x| x.is_finite() && *x > 0.0));
        assert_eq!(blur(&[1.0, 0.0], 2, 0.0), [1.0, 0.0]);
    }
}
