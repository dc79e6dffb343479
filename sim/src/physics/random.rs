//! Random deviates: Park and Miller's minimal standard generator with Bays and Durham's shuffle (Comm. ACM 31 (1988) 1192;
//! ACM TOMS 2 (1976) 59), Poisson and Gaussian deviates, and random rotations.
//!
//! Not here: what is drawn when (see `model` and `output::noise`). Intermediate values are single precision where the
//! reference's are: the noise image's bytes depend on it.

use super::rotation::{RotationMatrix, matrix_about};
use std::f64::consts::PI;

const MULTIPLIER: i64 = 16_807;
const MODULUS: i64 = 2_147_483_647;
const QUOTIENT: i64 = 127_773;
const REMAINDER: i64 = 2_836;
const TABLE: usize = 32;
const DIVISOR: i64 = 1 + (MODULUS - 1) / TABLE as i64;
/// Just below 1: the largest deviate returned.
const LARGEST: f64 = 1.0 - 1.2e-7;

/// The shuffle table. The reference keeps one for the whole run, whatever the seed; so does whoever owns this.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shuffle {
    last: i64,
    table: [i64; TABLE],
}

fn advance(state: i64) -> i64 {
    let k = state / QUOTIENT;
    let next = MULTIPLIER.wrapping_mul(state.wrapping_sub(k * QUOTIENT)).wrapping_sub(REMAINDER * k);
    if next < 0 { next.wrapping_add(MODULUS) } else { next }
}

impl Shuffle {
    /// A uniform deviate in (0, 1). `seed` holds the generator's state; a seed ≤ 0 (re-)initialises the table.
    pub(crate) fn uniform(&mut self, seed: &mut i64) -> f32 {
        if *seed <= 0 || self.last == 0 {
            *seed = if seed.wrapping_neg() < 1 { 1 } else { -*seed };
            for j in (0..TABLE + 8).rev() {
                *seed = advance(*seed);
                if j < TABLE {
                    self.table[j] = *seed;
                }
            }
            self.last = self.table[0];
        }
        *seed = advance(*seed);
        // A state beyond the modulus cannot come from a command line; the mask keeps the index inside the table anyway.
        let j = (self.last / DIVISOR) as usize % TABLE;
        self.last = self.table[j];
        self.table[j] = *seed;
        let deviate = ((1.0 / MODULUS as f64) * self.last as f64) as f32;
        if f64::from(deviate) > LARGEST { LARGEST as f32 } else { deviate }
    }

    /// A random rotation within a spherical cap of `spread` (radians; single precision, as the reference passes it).
    pub(crate) fn rotation(&mut self, spread: f32, seed: &mut i64) -> RotationMatrix {
        let draw = self.rotation_draw(seed);
        matrix_about(draw.axis, f64::from(spread * draw.share))
    }

    /// The axis of a random rotation, and its angle as a share of the cap's. Three deviates are drawn.
    ///
    /// The share follows the cube root of 1 − r², in single precision.
    pub(crate) fn rotation_draw(&mut self, seed: &mut i64) -> RotationDraw {
        let r1 = 2.0 * f64::from(self.uniform(seed)) - 1.0;
        let r2 = 2.0 * f64::from(self.uniform(seed)) - 1.0;
        let r3 = 2.0 * f64::from(self.uniform(seed)) - 1.0;
        let xy_radius = (1.0 - r2 * r2).sqrt();
        let share = ((1.0 - r3 * r3) as f32).powf((1.0_f64 / 3.0) as f32);
        RotationDraw { axis: [xy_radius * (PI * r1).sin(), xy_radius * (PI * r1).cos(), r2], share }
    }
}

/// A random rotation within a spherical cap whose size is not yet known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RotationDraw {
    /// Unit vector of the axis.
    pub axis: [f64; 3],
    /// The angle as a share of the cap's; single precision, as in the reference.
    pub share: f32,
}

/// Poisson deviates. Comparisons are written so that a mean that is NaN ends every loop, as it does in C. The set-up of the previous mean and a spare Gaussian deviate are kept between calls.
#[derive(Debug, Clone)]
pub(crate) struct Poisson {
    mean: f32,
    root: f32,
    log_mean: f32,
    bound: f32,
    spare: Option<f32>,
}

impl Default for Poisson {
    fn default() -> Self {
        Self { mean: -1.0, root: 0.0, log_mean: 0.0, bound: 0.0, spare: None }
    }
}

impl Poisson {
    /// A deviate of the Poisson distribution with mean `mean`: product of uniforms below 12, rejection from a Lorentzian
    /// up to 10⁶, a rounded-free Gaussian above.
    pub(crate) fn sample(&mut self, mean: f32, shuffle: &mut Shuffle, seed: &mut i64) -> f32 {
        if f64::from(mean) > 1.0e6 {
            let gauss = f64::from(self.gaussian(shuffle, seed));
            return (f64::from(mean) + f64::from(mean).sqrt() * gauss) as f32;
        }
        if f64::from(mean) < 12.0 {
            return self.by_waiting(mean, shuffle, seed);
        }
        self.by_rejection(mean, shuffle, seed)
    }

    fn by_waiting(&mut self, mean: f32, shuffle: &mut Shuffle, seed: &mut i64) -> f32 {
        if mean != self.mean {
            self.mean = mean;
            self.bound = (-f64::from(mean)).exp() as f32;
        }
        let (mut events, mut product) = (-1.0_f32, 1.0_f32);
        loop {
            events += 1.0;
            product *= shuffle.uniform(seed);
            let goes_on = product > self.bound;
            if !goes_on {
                return events;
            }
        }
    }

    fn by_rejection(&mut self, mean: f32, shuffle: &mut Shuffle, seed: &mut i64) -> f32 {
        if mean != self.mean {
            self.mean = mean;
            self.root = (2.0 * f64::from(mean)).sqrt() as f32;
            self.log_mean = f64::from(mean).ln() as f32;
            self.bound = mean * self.log_mean - ln_gamma((f64::from(mean) + 1.0) as f32);
        }
        loop {
            let (mut y, mut events);
            loop {
                y = (PI * f64::from(shuffle.uniform(seed))).tan() as f32;
                events = self.root * y + mean;
                let too_small = events < 0.0;
                if !too_small {
                    break;
                }
            }
            events = f64::from(events).floor() as f32;
            let exponent = events * self.log_mean - ln_gamma((f64::from(events) + 1.0) as f32) - self.bound;
            let ratio = (0.9 * (1.0 + f64::from(y * y)) * f64::from(exponent).exp()) as f32;
            let rejected = shuffle.uniform(seed) > ratio;
            if !rejected {
                return events;
            }
        }
    }

    fn gaussian(&mut self, shuffle: &mut Shuffle, seed: &mut i64) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let v1 = (2.0 * f64::from(shuffle.uniform(seed)) - 1.0) as f32;
            let v2 = (2.0 * f64::from(shuffle.uniform(seed)) - 1.0) as f32;
            let r = v1 * v1 + v2 * v2;
            if r >= 1.0 || r == 0.0 {
                continue;
            }
            let factor = (-2.0 * f64::from(r).ln() / f64::from(r)).sqrt() as f32;
            self.spare = Some(v1 * factor);
            return v2 * factor;
        }
    }
}

/// Logarithm of the gamma function (Lanczos, SIAM J. Numer. Anal. B 1 (1964) 86).
fn ln_gamma(x: f32) -> f32 {
    const COEFFICIENTS: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.120_865_097_386_617_9e-2,
        -0.539_523_938_495_3e-5,
    ];
    let x = f64::from(x);
    let mut y = x;
    let mut t = x + 5.5;
    t -= (x + 0.5) * t.ln();
    let mut series = 1.000_000_000_190_015;
    for c in COEFFICIENTS {
        y += 1.0;
        series += c / y;
    }
    (-t + (2.506_628_274_631_000_5 * series / x).ln()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence_and_deviates_stay_inside_the_unit_interval() {
        let draw = || {
            let (mut shuffle, mut seed) = (Shuffle::default(), -42);
            (0..10_000).map(|_| shuffle.uniform(&mut seed)).collect::<Vec<_>>()
        };
        let first = draw();
        assert_eq!(first, draw());
        assert!(first.iter().all(|u| *u > 0.0 && *u < 1.0));
        let mean = first.iter().map(|u| f64::from(*u)).sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }

    #[test]
    fn the_minimal_standard_reaches_its_published_ten_thousandth_state() {
        // Park and Miller, Comm. ACM 31 (1988) 1192: starting at 1, the state after 10,000 steps is 1043618065.
        assert_eq!((0..10_000).fold(1, |state, _| advance(state)), 1_043_618_065);
    }

    #[test]
    fn a_positive_seed_carries_on_once_the_table_is_there() {
        let mut shuffle = Shuffle::default();
        let mut seed = -5;
        shuffle.uniform(&mut seed);
        let mut other = 9;
        shuffle.uniform(&mut other);
        assert_eq!(other, advance(9));
    }

    #[test]
    fn random_rotations_keep_lengths() {
        let (mut shuffle, mut seed) = (Shuffle::default(), -1);
        for _ in 0..100 {
            let m = shuffle.rotation(1.0, &mut seed);
            for row in m.chunks(3) {
                let norm: f64 = row.iter().map(|c| c * c).sum();
                assert!((norm - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn poisson_deviates_have_mean_and_variance_equal() {
        for mean in [0.5_f32, 5.0, 40.0, 2.0e6] {
            let (mut shuffle, mut seed, mut poisson) = (Shuffle::default(), -3, Poisson::default());
            let n = 20_000;
            let draws: Vec<f64> =
                (0..n).map(|_| f64::from(poisson.sample(mean, &mut shuffle, &mut seed))).collect();
            let average = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|d| (d - average).powi(2)).sum::<f64>() / f64::from(n);
            let mean = f64::from(mean);
            assert!((average - mean).abs() < 5.0 * (mean / f64::from(n)).sqrt(), "{mean} {average}");
            assert!((variance / mean - 1.0).abs() < 0.06, "{mean} {variance}");
        }
    }

    #[test]
    fn a_mean_that_is_no_number_ends_the_draw() {
        let (mut shuffle, mut seed) = (Shuffle::default(), -3);
        assert!(Poisson::default().sample(f32::NAN, &mut shuffle, &mut seed).is_nan());
    }
}
