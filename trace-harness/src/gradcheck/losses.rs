//! Scalar functions of an image that refinements minimise, with their derivatives by the chain rule.
//!
//! Each is less its value at the image it is made around, so that differences keep their digits. Not here: derivatives of
//! pixels.

/// Names of the losses.
pub(super) const LOSSES: [&str; 3] = ["sum", "mean_squared_error", "poisson_log_likelihood"];

/// Losses against a target that is near the image, but not the image.
pub(super) struct Losses {
    image: Vec<f64>,
    target: Vec<f64>,
    /// Added to every pixel's rate, as a background that keeps logarithms finite.
    background: f64,
    /// Derivatives of each loss by each pixel, at the image itself.
    weights: [Vec<f64>; 3],
}

impl Losses {
    /// Losses around an image.
    pub(super) fn new(image: &[f64]) -> Self {
        let count = image.len().max(1) as f64;
        let mean = image.iter().sum::<f64>() / count;
        let background = if mean > 0.0 { mean } else { 1.0 };
        let target: Vec<f64> =
            image.iter().enumerate().map(|(i, x)| x * (1.0 + 0.2 * (i as f64).sin()) + background).collect();
        let both = || image.iter().zip(&target);
        let weights = [
            vec![1.0; image.len()],
            both().map(|(x, t)| 2.0 * (x - t) / count).collect(),
            both().map(|(x, t)| t / (x + background) - 1.0).collect(),
        ];
        Self { image: image.to_vec(), target, background, weights }
    }

    /// The losses of an image, less those of the image itself.
    pub(super) fn values(&self, image: &[f64]) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for ((x, x0), t) in image.iter().zip(&self.image).zip(&self.target) {
            let change = x - x0;
            sums[0] += change;
            sums[1] += change * (x + x0 - 2.0 * t) / image.len().max(1) as f64;
            sums[2] += t * (change / (x0 + self.background)).ln_1p() - change;
        }
        sums
    }

    /// What the rounding of the pixels' values makes of that of the losses is proportional to.
    pub(super) fn sizes(&self) -> [f64; 3] {
        [0, 1, 2].map(|k| {
            let terms = self.weights[k].iter().zip(&self.image).map(|(w, x)| (w * x) * (w * x));
            terms.sum::<f64>().sqrt()
        })
    }

    /// Derivatives of the losses from those of the pixels, each with the sum of the sizes of its terms.
    pub(super) fn slopes(&self, pixels: &[f64]) -> [(f64, f64); 3] {
        [0, 1, 2].map(|k| {
            let terms = || self.weights[k].iter().zip(pixels).map(|(w, x)| w * x);
            (terms().sum(), terms().map(f64::abs).sum())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_values() {
        let image = [3.0, 5.0, 0.5];
        let direction = [0.3, -0.2, 0.7];
        let losses = Losses::new(&image);
        let at = |x: f64| {
            let moved: Vec<f64> = image.iter().zip(direction).map(|(i, d)| i + x * d).collect();
            losses.values(&moved).to_vec()
        };
        let numeric = nanobragg::physics::numerical::derivatives(0.3, &[], at);
        for ((analytic, _), numeric) in losses.slopes(&direction).into_iter().zip(numeric) {
            assert!((analytic - numeric.value).abs() < 1e-10, "{analytic} {numeric:?}");
        }
    }
}
