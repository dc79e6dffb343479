//! Powers of two without branches, for loops that the compiler turns into vector instructions.
//!
//! Not here: the reference's own exponential, which is the platform's; what the error below leads to (`plan`).

/// Bound of the relative error of [`power_of_two`]: 1.35e-14 of the polynomial, and rounding.
pub(super) const POWER_ERROR: f64 = 1.4e-14;

/// Smallest argument of [`power_of_two`]: the smallest double with all its digits is 2^-1022.
pub(super) const LOWEST_POWER: f64 = -1020.0;

/// 2^r in r, relative error 1.35e-14 over |r| ≤ 1/2, a millionth beyond it included (minimax, Remez exchange with 50 digits).
const POWER_9: [f64; 10] = [
    1.000_000_000_000_012_7,
    0.693_147_180_559_871,
    0.240_226_506_956_496_5,
    0.055_504_108_668_685_61,
    0.009_618_129_192_067_705,
    0.001_333_355_761_760_671,
    0.000_154_034_349_477_016_5,
    1.525_298_483_658_163_2e-5,
    1.325_940_569_869_448e-6,
    1.015_033_720_543_894_9e-7,
];

/// Adding this to a number below 2^31 rounds it to a whole number, which the low bits then are.
const ROUND_TO_BITS: f64 = 1.5 * (1_u64 << 52) as f64;

/// Bits of a double below its exponent.
const MANTISSA_BITS: u32 = 52;

/// 2^x for x from [`LOWEST_POWER`] to 1000. Needs fused multiply-add: without that instruction every `mul_add` would be a
/// library call.
#[inline(always)]
pub(super) fn power_of_two(x: f64) -> f64 {
    let rounded = x + ROUND_TO_BITS;
    let r = x - (rounded - ROUND_TO_BITS);
    let mut value = POWER_9[9];
    let mut degree = 9;
    while degree > 0 {
        degree -= 1;
        value = value.mul_add(r, POWER_9[degree]);
    }
    // The whole number is added to the exponent.
    f64::from_bits(value.to_bits().wrapping_add(rounded.to_bits() << MANTISSA_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_within_the_bound_wherever_they_are_taken() {
        let mut largest = 0.0_f64;
        for i in 0..4_000_000 {
            let x = LOWEST_POWER + 1020.3 * (f64::from(i) / 4e6);
            // The platform's is right to a unit in the last place.
            largest = largest.max((power_of_two(x) / x.exp2() - 1.0).abs());
        }
        assert!(largest < POWER_ERROR, "{largest:e}");
        assert!(largest > POWER_ERROR / 2.0, "the bound is no tighter than it could be: {largest:e}");
    }

    #[test]
    fn whole_arguments_and_halves_between_them_are_within_the_bound() {
        for twice in -2040..=2000 {
            let x = f64::from(twice) / 2.0;
            for x in [x.next_down(), x, x.next_up()].map(|x| x.max(LOWEST_POWER)) {
                assert!((power_of_two(x) / x.exp2() - 1.0).abs() < POWER_ERROR, "{x}");
            }
        }
    }
}
