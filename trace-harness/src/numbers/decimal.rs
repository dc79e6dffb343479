//! Differences of printed numbers as the decimals that they are: 0.4 − 0.3 is 0.1, which as 64-bit floats it is not.
//!
//! A number stands for the shortest decimal that reads back as it. What comes of it is rounded once, so that two pairs of decimals that
//! are equally far apart are so as floats, too. Not here: reading numbers (`number`).

/// Alignment beyond so many powers of ten changes no digit that a 64-bit float has.
const FARTHEST: u32 = 20;

/// A decimal: digits, times a power of ten.
#[derive(Debug, Clone, Copy)]
struct Decimal {
    digits: i128,
    power: i32,
}

impl Decimal {
    /// The shortest decimal that reads back as `x`; none of NaN and infinities.
    fn of(x: f64) -> Option<Self> {
        if !x.is_finite() {
            return None;
        }
        let text = format!("{x:e}");
        let (mantissa, power) = text.split_once('e')?;
        let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = mantissa.replace('.', "").parse().ok()?;
        Some(Self { digits, power: power.parse::<i32>().ok()? - i32::try_from(places).ok()? })
    }

    /// The sum; none where it has too many digits.
    fn plus(self, other: Self) -> Option<Self> {
        let power = match (self.digits, other.digits) {
            (0, _) => other.power,
            (_, 0) => self.power,
            _ => self.power.min(other.power),
        };
        let aligned = |part: Self| -> Option<i128> {
            if part.digits == 0 {
                return Some(0);
            }
            let up = u32::try_from(part.power - power).ok().filter(|up| *up <= FARTHEST)?;
            part.digits.checked_mul(10_i128.pow(up))
        };
        Some(Self { digits: aligned(self)?.checked_add(aligned(other)?)?, power })
    }

    fn times(self, other: Self) -> Option<Self> {
        Some(Self { digits: self.digits.checked_mul(other.digits)?, power: self.power + other.power })
    }

    fn negative(self) -> Self {
        Self { digits: -self.digits, ..self }
    }

    /// The nearest float.
    fn value(self) -> Option<f64> {
        format!("{}e{}", self.digits, self.power).parse().ok().filter(|value: &f64| value.is_finite())
    }
}

/// `b` − `a`; 0 for equal numbers only.
pub fn difference(a: f64, b: f64) -> f64 {
    let exact = || Decimal::of(b)?.plus(Decimal::of(a)?.negative())?.value();
    match exact().filter(|apart| *apart != 0.0) {
        Some(apart) if a != b => apart,
        _ => b - a,
    }
}

/// `b` − `a` − `turns` · `period`.
pub fn difference_in_turns(a: f64, b: f64, turns: f64, period: f64) -> f64 {
    let exact = || {
        let apart = Decimal::of(b)?.plus(Decimal::of(a)?.negative())?;
        apart.plus(Decimal::of(turns)?.times(Decimal::of(period)?)?.negative())?.value()
    };
    exact().unwrap_or(b - a - turns * period)
}

/// `a` · `b`.
pub fn product(a: f64, b: f64) -> f64 {
    let exact = || Decimal::of(a)?.times(Decimal::of(b)?)?.value();
    exact().unwrap_or(a * b)
}

/// Whether numbers that are `apart` are at most `absolute` + `relative` · `size` apart, the boundary included.
pub fn is_within(apart: f64, [absolute, relative]: [f64; 2], size: f64) -> bool {
    /// Farther from the boundary no rounding decides.
    const NEAR: f64 = 1e-12;
    let allowed = (absolute + relative * size).min(f64::MAX);
    if (apart - allowed).abs() > NEAR * allowed {
        return apart <= allowed;
    }
    let exact = || {
        let part = Decimal::of(relative)?.times(Decimal::of(size)?)?;
        Decimal::of(absolute)?.plus(part)?.value()
    };
    apart <= exact().unwrap_or(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimals_are_apart_by_what_stands_there() {
        for (a, b, apart) in [
            (0.3, 0.4, 0.1),
            (0.3, 0.2, -0.1),
            (0.1, -0.2, -0.3),
            (1.0, 1e-30, -1.0),
            (0.0, 0.1, 0.1),
            (-0.0, 0.0, 0.0),
            (1e300, 1e300, 0.0),
            (12.5, 1e17, 99_999_999_999_999_984.0),
        ] {
            assert_eq!(difference(a, b), apart, "{a} {b}");
        }
        assert_ne!(0.4 - 0.3, 0.1, "what this is for");
        assert!(difference(f64::NAN, 1.0).is_nan() && difference(f64::MIN, f64::MAX).is_infinite());
        assert_eq!(difference_in_turns(359.9, 0.1, -1.0, 360.0), 0.2);
        assert_eq!(product(0.1, 3.0), 0.3);
    }

    #[test]
    fn the_boundary_is_inside() {
        assert!(is_within(0.07, [0.0, 0.1], 0.7) && is_within(0.3, [0.1, 0.1], 2.0));
        assert!(!is_within(0.07_f64.next_up(), [0.0, 0.1], 0.7));
        assert!(is_within(0.0, [0.0, 0.0], 5.0) && !is_within(f64::NAN, [1.0, 0.0], 5.0));
        assert!(is_within(f64::MAX, [f64::INFINITY, 0.0], 1.0) && !is_within(5e-324, [0.0, 0.0], 1.0));
    }

    proptest! {
        #[test]
        fn numbers_of_few_digits_have_exact_differences(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, power in -20_i32..20) {
            let [x, y] = [a, b].map(|n| format!("{n}e{power}").parse::<f64>().unwrap());
            let apart = format!("{}e{power}", b - a).parse::<f64>().unwrap();
            prop_assert_eq!(difference(x, y), apart);
        }

        #[test]
        fn only_equal_numbers_are_nothing_apart(a: f64, b: f64) {
            let is_nothing = difference(a, b) == 0.0;
            prop_assert!(!is_nothing || a == b);
            prop_assert!(a.is_nan() || difference(a, a) == 0.0 || a.is_infinite());
            let next = a.next_up();
            prop_assert!(!a.is_finite() || difference(a, next) > 0.0);
        }
    }
}
