//! Sine and cosine without branches, for loops that the compiler turns into vector instructions.
//!
//! Not here: the reference's own sine, which is the platform's; what the errors below lead to (`plan`).
//!
//! The coefficients are minimax polynomials (Remez exchange, 50 digits) of sin(r)/r and cos(r) in r² over |r| ≤ π/2, a
//! millionth beyond it included. All functions are inlined into their callers and need fused multiply-add: without that
//! instruction every `mul_add` would be a library call.

use std::f64::consts::{FRAC_1_PI, PI};
use std::hint::black_box;

/// π in three parts, each the nearest double to what the ones before leave over.
const PI_PARTS: [f64; 3] = [std::f64::consts::PI, 1.224_646_799_147_353_2e-16, -2.994_769_809_718_339_7e-33];

/// Largest argument for which the errors below hold: the multiple of π must be an exact double, and no double below comes
/// closer to a multiple of π than the three parts of π resolve.
pub(super) const LARGEST_ARGUMENT: f64 = (1_u64 << 27) as f64;

/// Bound of the relative error of a sine by [`SineConstants::scaled_sine`]: 6.25e-14 of the polynomial, and rounding.
pub(super) const SINE_7_ERROR: f64 = 6.4e-14;

/// Bound of the relative error of [`sine_9`], and of the absolute error of [`cosine`].
pub(super) const SINE_9_ERROR: f64 = 1e-15;

const SINE_7: [f64; 7] = [
    0.999_999_999_999_937_6,
    -0.166_666_666_664_323_28,
    0.008_333_333_318_765_356,
    -0.000_198_412_664_115_925_6,
    2.755_693_192_411_468_7e-6,
    -2.502_951_877_022_344_5e-8,
    1.540_116_900_068_274_5e-10,
];

/// What [`SineConstants::scaled_sine`] is to be multiplied with to be a sine.
pub(super) const SCALED_SINE: f64 = SINE_7[6];

/// Largest multiple of π for which two parts of π are enough.
pub(super) const LARGEST_SHORT_MULTIPLE: f64 = 14_478.0;

/// Bound of the relative error that leaving out the third part of π brings in up to [`LARGEST_SHORT_MULTIPLE`]. The double
/// next to a multiple of π decides: beside 29π, at a distance of 1.24e-18, it is 7.02e-14.
pub(super) const SHORT_ERROR: f64 = 7.1e-14;

const SINE_9: [f64; 9] = [
    1.0,
    -0.166_666_666_666_666_66,
    0.008_333_333_333_333_165,
    -0.000_198_412_698_412_018_4,
    2.755_731_921_015_261e-6,
    -2.505_210_679_826_13e-8,
    1.605_893_648_969_717e-10,
    -7.642_917_789_141_372e-13,
    2.720_478_906_661_788_5e-15,
];

const COSINE_10: [f64; 10] = [
    1.0,
    -0.5,
    0.041_666_666_666_666_66,
    -0.001_388_888_888_888_853,
    2.480_158_730_149_274_6e-5,
    -2.755_731_920_966_661e-7,
    2.087_675_566_741_328_5e-9,
    -1.147_067_019_873_695_6e-11,
    4.776_872_970_728_915_6e-14,
    -1.511_989_276_364_882_1e-16,
];

/// The multiple of π nearest to `x`, as a number of times π.
#[inline(always)]
pub(super) fn nearest_multiple(x: f64) -> f64 {
    (x * FRAC_1_PI).round_ties_even()
}

/// `x` less `multiple` times π. The first subtraction is exact; the other two round.
#[inline(always)]
pub(super) fn reduced(x: f64, multiple: f64) -> f64 {
    let first = multiple.mul_add(-PI_PARTS[0], x);
    let second = multiple.mul_add(-PI_PARTS[1], first);
    multiple.mul_add(-PI_PARTS[2], second)
}

/// sin r for |r| ≤ π/2, relative error below [`SINE_9_ERROR`].
#[inline(always)]
pub(super) fn sine_9(r: f64) -> f64 {
    r * polynomial(&SINE_9, r * r)
}

/// cos r for |r| ≤ π/2, absolute error below [`SINE_9_ERROR`].
#[inline(always)]
pub(super) fn cosine(r: f64) -> f64 {
    polynomial(&COSINE_10, r * r)
}

#[inline(always)]
pub(super) fn polynomial<const N: usize>(coefficients: &[f64; N], z: f64) -> f64 {
    let mut value = coefficients[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        value = value.mul_add(z, coefficients[i]);
    }
    value
}

/// What quotients of sines are computed with. The numbers stand in memory: of constants that it knows, the compiler loads
/// and spreads every one again for each vector, where it would otherwise take them as operands.
#[derive(Debug, Clone, Copy)]
pub(super) struct SineConstants {
    /// π as a double.
    pub pi: f64,
    /// One half.
    pub half: f64,
    inverse_pi: f64,
    less_pi: [f64; 3],
    /// Coefficients of [`SINE_7`] but the last, divided by the last.
    sine: [f64; 6],
}

impl SineConstants {
    /// The numbers, where the compiler cannot see them.
    #[inline(always)]
    pub(super) fn new() -> Self {
        let mut sine = [0.0; 6];
        let mut i = 0;
        while i < 6 {
            sine[i] = SINE_7[i] / SINE_7[6];
            i += 1;
        }
        black_box(Self {
            pi: PI,
            half: 0.5,
            inverse_pi: FRAC_1_PI,
            less_pi: PI_PARTS.map(|part| -part),
            sine,
        })
    }

    /// As [`nearest_multiple`].
    #[inline(always)]
    pub(super) fn nearest_multiple(&self, x: f64) -> f64 {
        (x * self.inverse_pi).round_ties_even()
    }

    /// As [`reduced`]; without the third part of π if `SHORT`.
    #[inline(always)]
    pub(super) fn reduced<const SHORT: bool>(&self, x: f64, multiple: f64) -> f64 {
        let second = multiple.mul_add(self.less_pi[1], multiple.mul_add(self.less_pi[0], x));
        if SHORT { second } else { multiple.mul_add(self.less_pi[2], second) }
    }

    /// sin r for |r| ≤ π/2, relative error below [`SINE_7_ERROR`], but for a factor that is the same for all arguments, and so
    /// drops out of quotients: without a leading coefficient there is one multiplication less.
    #[inline(always)]
    pub(super) fn scaled_sine(&self, r: f64) -> f64 {
        let z = r * r;
        let mut value = z + self.sine[5];
        value = value.mul_add(z, self.sine[4]);
        value = value.mul_add(z, self.sine[3]);
        value = value.mul_add(z, self.sine[2]);
        value = value.mul_add(z, self.sine[1]);
        r * value.mul_add(z, self.sine[0])
    }
}

#[cfg(test)]
mod tests {
    // Against the platform's sine, over many arguments and beside multiples of π. The platform's sine is right to less than a
    // unit in the last place (2^-53 to 2^-52 relative); that much is allowed on top of the bounds.

    use super::*;
    use std::f64::consts::PI;

    /// What the platform's sine may be off by, relative.
    const PLATFORM: f64 = f64::EPSILON;

    /// Over `arguments`: the largest relative error of the sine of nine terms, the largest absolute one of the cosine, and the
    /// relative ones of the scaled sine, with three parts of π and (where they are enough) with two.
    #[inline(always)]
    fn largest_errors(arguments: impl Iterator<Item = f64>) -> [f64; 4] {
        let mut largest = [0.0_f64; 4];
        let numbers = SineConstants::new();
        for x in arguments {
            let multiple = nearest_multiple(x);
            let sign = if multiple.rem_euclid(2.0) == 0.0 { 1.0 } else { -1.0 };
            let r = reduced(x, multiple);
            let (sine, cosine_there) = x.sin_cos();
            if sine != 0.0 {
                largest[0] = largest[0].max((sign * sine_9(r) / sine - 1.0).abs());
                let scaled = SINE_7[6] * numbers.scaled_sine(numbers.reduced::<false>(x, multiple));
                largest[2] = largest[2].max((sign * scaled / sine - 1.0).abs());
                if multiple <= LARGEST_SHORT_MULTIPLE {
                    let scaled = SINE_7[6] * numbers.scaled_sine(numbers.reduced::<true>(x, multiple));
                    largest[3] = largest[3].max((sign * scaled / sine - 1.0).abs());
                }
            }
            largest[1] = largest[1].max((sign * cosine(r) - cosine_there).abs());
        }
        largest
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn with_instructions(arguments: impl Iterator<Item = f64>) -> [f64; 4] {
        largest_errors(arguments)
    }

    /// With the instruction where there is one: as a library call the same numbers take ten times as long.
    fn checked(arguments: impl Iterator<Item = f64>) {
        #[cfg(target_arch = "x86_64")]
        let largest = if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: both are there.
            unsafe { with_instructions(arguments) }
        } else {
            largest_errors(arguments)
        };
        #[cfg(not(target_arch = "x86_64"))]
        let largest = largest_errors(arguments);
        println!(
            "largest errors: sine of 9 terms {:e}, cosine {:e}, scaled sine of 7 terms {:e}, with two parts of π {:e}",
            largest[0], largest[1], largest[2], largest[3]
        );
        assert!(largest[0] > 0.0, "nothing was compared");
        assert!(largest[0] <= SINE_9_ERROR + PLATFORM, "9 terms: {largest:?}");
        assert!(largest[1] <= SINE_9_ERROR + PLATFORM, "cosine: {largest:?}");
        assert!(largest[2] <= SINE_7_ERROR + PLATFORM, "7 terms: {largest:?}");
        assert!(largest[3] <= SINE_7_ERROR + SHORT_ERROR + PLATFORM, "two parts of π: {largest:?}");
    }

    #[test]
    fn a_hundred_million_arguments_of_all_sizes_are_within_the_bounds() {
        // Steps of the golden section spread over mantissas; sizes from 2^-20 up to the largest argument.
        let sizes = f64::from(LARGEST_ARGUMENT.log2() as u32 + 20);
        checked(
            (0..100_000_000_u32)
                .map(|i| {
                    let spread = f64::from(i) * 0.618_033_988_749_894_9;
                    let mantissa = 1.0 + spread.fract();
                    let exponent = (f64::from(i % 4096) / 4096.0 * sizes).floor() - 20.0;
                    mantissa * exponent.exp2()
                })
                .filter(|x| *x < LARGEST_ARGUMENT),
        );
    }

    #[test]
    fn neighbours_of_multiples_of_pi_are_within_the_bounds() {
        // All of those that two parts of π are used for among them.
        let last = (LARGEST_ARGUMENT / PI) as u32 - 1;
        let multiples = (1..100_000_u32).chain((100_000..last).step_by(97));
        checked(multiples.flat_map(|k| {
            let near = f64::from(k) * PI;
            (-3_i64..=3).map(move |n| f64::from_bits(near.to_bits().wrapping_add_signed(n)))
        }));
    }

    #[test]
    fn arguments_between_the_multiples_are_within_the_bounds() {
        // Half-way is where the polynomials end, and rounding the multiple decides either way.
        checked((0..2_000_000_u32).flat_map(|k| {
            let near = (f64::from(k) + 0.5) * PI;
            (-2_i64..=2).map(move |n| f64::from_bits(near.to_bits().wrapping_add_signed(n)))
        }));
    }
}
