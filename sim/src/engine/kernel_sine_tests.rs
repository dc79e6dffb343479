//! The sines against the platform's, over many arguments and beside multiples of π. Not here: anything else.
//!
//! The platform's sine is right to less than a unit in the last place (2^-53 to 2^-52 relative); that much is allowed
//! on top of the bounds.

use super::*;
use std::f64::consts::PI;

/// What the platform's sine may be off by, relative.
const PLATFORM: f64 = f64::EPSILON;

/// Largest relative errors of the two sines over `arguments`, the largest absolute one of the cosine, and the relative ones
/// of the sine that is scaled, with three parts of π and (where they are enough) with two.
#[inline(always)]
fn largest_errors(arguments: impl Iterator<Item = f64>) -> [f64; 5] {
    let mut largest = [0.0_f64; 5];
    let numbers = Numbers::new();
    for x in arguments {
        let multiple = nearest_multiple(x);
        let sign = if multiple.rem_euclid(2.0) == 0.0 { 1.0 } else { -1.0 };
        let r = reduced(x, multiple);
        let (sine, cosine_there) = x.sin_cos();
        if sine != 0.0 {
            largest[0] = largest[0].max((sign * sine_7(r) / sine - 1.0).abs());
            largest[1] = largest[1].max((sign * sine_9(r) / sine - 1.0).abs());
            let scaled = SINE_7[6] * numbers.scaled_sine(numbers.reduced::<false>(x, multiple));
            largest[3] = largest[3].max((sign * scaled / sine - 1.0).abs());
            if multiple <= LARGEST_SHORT_MULTIPLE {
                let scaled = SINE_7[6] * numbers.scaled_sine(numbers.reduced::<true>(x, multiple));
                largest[4] = largest[4].max((sign * scaled / sine - 1.0).abs());
            }
        }
        largest[2] = largest[2].max((sign * cosine(r) - cosine_there).abs());
    }
    largest
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_instructions(arguments: impl Iterator<Item = f64>) -> [f64; 5] {
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
        "largest errors: sine of 7 terms {:e}, of 9 terms {:e}, cosine {:e}, scaled {:e}, with two parts of π {:e}",
        largest[0], largest[1], largest[2], largest[3], largest[4]
    );
    assert!(largest[0] > 0.0, "nothing was compared");
    assert!(largest[0] <= SINE_7_ERROR + PLATFORM, "7 terms: {largest:?}");
    assert!(largest[1] <= SINE_9_ERROR + PLATFORM, "9 terms: {largest:?}");
    assert!(largest[2] <= SINE_9_ERROR + PLATFORM, "cosine: {largest:?}");
    assert!(largest[3] <= SINE_7_ERROR + PLATFORM, "scaled: {largest:?}");
    assert!(largest[4] <= SINE_7_ERROR + SHORT_ERROR + PLATFORM, "two parts of π: {largest:?}");
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
