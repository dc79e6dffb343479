//! Fourier transforms of finite lattices: the interference functions that give spots their shape.
//!
//! Not here: which shape applies, or how far a pixel is from a lattice point (see `engine`).

/// Interference function of `n` scatterers in a row: sin(n·x)/sin(x), and `n` at x = 0 (x = π·h, h the fractional Miller
/// index).
#[inline(always)]
pub fn sincg(x: f64, n: f64) -> f64 {
    if x == 0.0 { n } else { (x * n).sin() / x.sin() }
}

/// Fourier transform of a solid sphere: 3(sin(x)/x − cos(x))/x², and 1 at x = 0.
pub fn sinc3(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { 3.0 * (x.sin() / x - x.cos()) / (x * x) }
}

/// Nearest integer to a fractional Miller index, halves towards −∞: ceil(x − 0.5).
///
/// A value no 32-bit integer can hold (or NaN) gives `i32::MIN`, which is what the conversion gives in C on x86-64 and is
/// outside every reflection list.
#[inline(always)]
pub fn nearest_index(x: f64) -> i32 {
    let shifted = x - 0.5;
    if shifted.abs() < 2_147_483_647.0 {
        let truncated = shifted as i32;
        truncated + i32::from(f64::from(truncated) < shifted)
    } else {
        i32::MIN
    }
}

/// Largest integer not above `x`, with the same rule for values out of range as [`nearest_index`].
#[inline(always)]
pub fn floor_index(x: f64) -> i32 {
    if x.abs() < 2_147_483_647.0 {
        let truncated = x as i32;
        truncated - i32::from(f64::from(truncated) > x)
    } else {
        i32::MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_principal_maximum_is_the_number_of_cells() {
        assert_eq!(sincg(0.0, 7.0), 7.0);
        assert!((sincg(std::f64::consts::PI, 7.0).abs() - 7.0).abs() < 1e-10);
    }

    #[test]
    fn a_sphere_scatters_fully_forward() {
        assert_eq!(sinc3(0.0), 1.0);
        assert!((sinc3(1e-3) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn values_no_integer_can_hold_are_outside_every_list() {
        for x in [f64::NAN, f64::INFINITY, -1e300, 3e9] {
            assert_eq!(nearest_index(x), i32::MIN);
            assert_eq!(floor_index(x), i32::MIN);
        }
    }

    proptest! {
        #[test]
        fn indices_are_the_ceiling_and_the_floor(x in -2e9..2e9_f64, half in -1_000_000..1_000_000_i32) {
            prop_assert_eq!(nearest_index(x), (x - 0.5).ceil() as i32);
            prop_assert_eq!(floor_index(x), x.floor() as i32);
            let tie = f64::from(half) / 2.0;
            prop_assert_eq!(nearest_index(tie), (tie - 0.5).ceil() as i32);
            prop_assert_eq!(floor_index(tie), tie.floor() as i32);
        }
    }
}
