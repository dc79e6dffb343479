//! What two numbers have to do with each other: difference, size, and how many numbers of a type lie between them.
//!
//! Not here: what is made of all of them (`measure`).

use half::f16;
use trace_harness::numbers::decimal;

use crate::array::element::ElementType;
use crate::compare::pixel::PixelNumber;

/// In units of which type's last place distances are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Floats of 16 bits.
    Half,
    /// Floats of 32 bits.
    Single,
    /// Floats of 64 bits.
    Double,
    /// Whole numbers: the distance is the difference.
    Whole,
}

impl Unit {
    /// The unit for arrays of these types: that of the narrower float, of a float beside whole numbers, or whole numbers.
    pub fn of(a: ElementType, b: ElementType) -> Self {
        let narrower =
            [a, b].into_iter().filter(|element| !element.is_integer()).map(ElementType::part_size).min();
        match narrower {
            None => Self::Whole,
            Some(2) => Self::Half,
            Some(4) => Self::Single,
            Some(_) => Self::Double,
        }
    }

    /// How many numbers of the unit lie between two finite ones, after both are rounded to it; +0 and −0 are 0 apart.
    pub(crate) fn distance(self, a: Number, b: Number) -> u64 {
        match self {
            Self::Half => u64::from(half_key(a.high).abs_diff(half_key(b.high))),
            #[expect(clippy::cast_possible_truncation, reason = "distances are counted in single precision")]
            Self::Single => (a.high as f32).distance(b.high as f32),
            Self::Double => a.high.distance(b.high),
            Self::Whole => u64::try_from(a.whole().abs_diff(b.whole())).unwrap_or(u64::MAX),
        }
    }

    /// How many units a number is away from its double; none of whole numbers, of which that depends on the number.
    pub(crate) fn octave(self) -> Option<u64> {
        match self {
            Self::Half => Some(1 << 10),
            Self::Single => Some(1 << 23),
            Self::Double => Some(1 << 52),
            Self::Whole => None,
        }
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Half => "float16",
            Self::Single => "float32",
            Self::Double => "float64",
            Self::Whole => "integer",
        }
    }
}

/// A key in whose order 16-bit floats are; both zeros have the same.
fn half_key(value: f64) -> u16 {
    const SIGN: u16 = 1 << 15;
    let bits = f16::from_f64(value).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { SIGN - (bits & !SIGN) }
}

/// A real number as the exact sum of two floats; the second is not 0 only for integers beyond 2^53.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Number {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

impl Number {
    /// `other` − this; exactly 0 for equal numbers only.
    pub(crate) fn to(self, other: Self) -> f64 {
        (other.high - self.high) + (other.low - self.low)
    }

    /// The same of decimals, where one of both was printed.
    pub(crate) fn to_printed(self, other: Self) -> f64 {
        match self.low == 0.0 && other.low == 0.0 {
            true => decimal::difference(self.high, other.high),
            false => self.to(other),
        }
    }

    /// As a whole number, of those that are.
    fn whole(self) -> i128 {
        self.high as i128 + self.low as i128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(high: f64) -> Number {
        Number { high, low: 0.0 }
    }

    #[test]
    fn distances_are_in_the_narrower_float_of_both_sides() {
        use ElementType::{Complex64, F16, F32, F64, I32, I64, U8};
        for (a, b, unit) in [
            (F32, F64, Unit::Single),
            (F64, F64, Unit::Double),
            (F16, F32, Unit::Half),
            (I32, F32, Unit::Single),
            (I64, U8, Unit::Whole),
            (Complex64, F64, Unit::Single),
        ] {
            assert_eq!((Unit::of(a, b), Unit::of(b, a)), (unit, unit), "{a} {b}");
        }
    }

    #[test]
    fn neighbours_are_one_apart_in_every_unit() {
        let next = f64::from(f16::from_bits(f16::ONE.to_bits() + 1));
        assert_eq!(Unit::Half.distance(number(1.0), number(next)), 1);
        assert_eq!(Unit::Half.distance(number(0.0), number(-0.0)), 0);
        assert_eq!(Unit::Half.distance(number(-2.0_f64.powi(-24)), number(2.0_f64.powi(-24))), 2);
        assert_eq!(Unit::Single.distance(number(1.0), number(f64::from(1.0_f32.next_up()))), 1);
        assert_eq!(
            Unit::Single.distance(number(1.0), number(1.0_f64.next_up())),
            0,
            "rounded to the unit first"
        );
        assert_eq!(Unit::Double.distance(number(1.0), number(1.0_f64.next_up())), 1);
    }

    #[test]
    fn integers_beyond_doubles_differ_by_what_they_differ() {
        let parts = |n: i64| {
            let (mut high, mut low) = (Vec::new(), Vec::new());
            ElementType::I64.decode(
                crate::array::element::ByteOrder::Little,
                &n.to_le_bytes(),
                &mut high,
                &mut low,
            );
            Number { high: high[0], low: low[0] }
        };
        for n in [(1 << 53) + 1, i64::MAX - 3, i64::MIN + 1, 1 << 62] {
            assert_eq!(parts(n).to(parts(n)), 0.0);
            assert_eq!((parts(n).to(parts(n + 1)), parts(n + 1).to(parts(n - 1))), (1.0, -2.0), "{n}");
            assert_eq!(Unit::Whole.distance(parts(n), parts(n + 1)), 1);
        }
        assert_eq!(Unit::Whole.distance(parts(i64::MIN), parts(i64::MAX)), u64::MAX);
    }
}
