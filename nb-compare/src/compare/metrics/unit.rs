//! A power of two as the unit of pixels so large or small that their squares would leave the range of 64-bit floats.
//!
//! Not here: what is computed in that unit.

use crate::compare::metrics::measured::Measured;
use crate::compare::pixel::PixelNumber;

/// 2 to this power. Numbers are brought into the unit and out of it exactly, as long as they are in range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BinaryScale(i32);

/// Between this and its inverse, products of sums of squares of any image stay in range.
const LARGE: f64 = 1e60;

impl BinaryScale {
    /// The unit in which the largest of these pixels is about 1; 1 itself for ordinary images.
    pub fn of<T: PixelNumber>(a: &[T], b: &[T]) -> Self {
        let largest = a.iter().chain(b).map(|v| v.wide().abs()).fold(0.0, f64::max);
        match largest == 0.0 || (LARGE.recip()..=LARGE).contains(&largest) {
            true => Self::default(),
            false => Self(largest.log2().floor() as i32),
        }
    }

    /// Whether it is 1.
    pub fn is_one(self) -> bool {
        self.0 == 0
    }

    /// `value` in this unit.
    pub fn of_value(self, value: f64) -> f64 {
        times_power(value, -self.0)
    }

    /// What was computed in the unit to the power of `degree` as a plain number, if it is one.
    pub fn plain(self, value: f64, degree: i32, otherwise: &str) -> Measured {
        let plain = times_power(value, degree * self.0);
        match plain == 0.0 && value != 0.0 || plain.is_infinite() && value.is_finite() {
            true => Measured::undefined("it is beyond the range of 64-bit floats"),
            false => Measured::finite(plain, otherwise),
        }
    }
}

/// `value` times 2 to the power of `exponent`, in steps that are floats themselves.
fn times_power(value: f64, exponent: i32) -> f64 {
    const STEP: i32 = 1000;
    let mut value = value;
    let mut left = exponent;
    while left != 0 {
        let step = left.clamp(-STEP, STEP);
        value *= 2.0_f64.powi(step);
        left -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(values: [f64; 2]) -> BinaryScale {
        BinaryScale::of(&values, &[0.0; 2])
    }

    #[test]
    fn ordinary_numbers_stay_and_extreme_ones_come_to_about_one_and_back() {
        for ordinary in [[0.0, 0.0], [1e-40, 1.0], [-3e38, 1e-45]] {
            assert!(unit(ordinary).is_one(), "{ordinary:?}");
        }
        for extreme in [f64::MAX, -1e308, 1e100, 1e-100, 1e-320, f64::from_bits(1)] {
            let unit = unit([extreme, 0.0]);
            let inside = unit.of_value(extreme);
            assert!((0.5..=2.0).contains(&inside.abs()), "{extreme:e}: {inside}");
            assert_eq!(unit.plain(inside, 1, ""), Measured::Value(extreme));
        }
    }

    #[test]
    fn what_is_no_plain_number_is_said() {
        let (large, small) = (unit([1e308, 0.0]), unit([1e-320, 0.0]));
        for (unit, value) in [(large, 1.0), (small, 1.0), (large, 1e-30)] {
            assert!(unit.plain(value, 2, "").reason().unwrap().contains("beyond the range"), "{value}");
        }
        assert_eq!(small.plain(0.0, 2, ""), Measured::Value(0.0));
        assert_eq!(small.plain(f64::NAN, 2, "nothing there").reason(), Some("nothing there"));
    }
}
