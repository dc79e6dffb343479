//! What a printed number says: its value, and the unit of its last digit.
//!
//! Two programs that print seven and eight digits agree when the seven do. Not here: numbers in memory (`compare::metrics::ulp`).

use trace_harness::numbers::{decimal, is_unprintable, number};

use crate::whole::{Whole, whole};

/// A cell as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Printed<'a> {
    /// Its value; NaN where the cell says so.
    pub value: f64,
    /// The unit of the last digit: 0.01 for `3.14`, 10 for `3.1E+02`. None where the word has no last decimal digit
    /// (hexadecimal, NaN, infinity, a logical value).
    pub unit: Option<f64>,
    /// All of its digits, where it is a whole number: the value has 53 bits of it.
    pub whole: Option<Whole<'a>>,
}

/// The number that a cell holds; none where it holds text.
pub(super) fn printed(cell: &str) -> Option<Printed<'_>> {
    let value = number(cell)?;
    Some(Printed { value, unit: unit(cell), whole: whole(cell) })
}

impl Printed<'_> {
    /// Whether it is a field of stars: a number that nobody knows.
    pub(super) fn is_unknown(&self) -> bool {
        is_unprintable(self.value)
    }

    /// `other` − this, of the decimals that they are; 0 for equal numbers only. Of two whole numbers it is that of all their digits.
    pub(super) fn to(&self, other: &Self) -> f64 {
        match (self.whole, other.whole) {
            (Some(a), Some(b)) => a.to(b),
            // Infinities of one sign are equal.
            _ if self.value == other.value => 0.0,
            _ => decimal::difference(self.value, other.value),
        }
    }

    /// The number of the other sign.
    pub(super) fn negative(self) -> Self {
        Self { value: -self.value, whole: self.whole.map(Whole::negative), ..self }
    }
}

fn unit(cell: &str) -> Option<f64> {
    let bare = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let digits = bare.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(bare.len());
    let (mantissa, exponent) = bare.split_at(digits);
    if !mantissa.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let power = match exponent.as_bytes().first() {
        None => 0,
        Some(b'e' | b'E' | b'd' | b'D' | b'q' | b'Q') => exponent[1..].parse::<i32>().ok()?,
        // Fortran's exponents of three digits.
        Some(b'+' | b'-') => exponent.parse::<i32>().ok()?,
        Some(_) => return None,
    };
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len()) as i32;
    Some(10_f64.powi(power.checked_sub(places)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_that_of_the_last_digit() {
        for (cell, power) in [
            ("3.14", -2),
            ("-3.140", -3),
            ("42", 0),
            ("+1.5E+03", 2),
            ("0.1D-05", -6),
            ("0.12-166", -168),
            ("1.", 0),
            ("5e2", 2),
        ] {
            assert_eq!(printed(cell).expect(cell).unit, Some(10_f64.powi(power)), "{cell}");
        }
        for cell in ["NaN", "inf", ".TRUE.", "0x1p3", "****"] {
            assert_eq!(printed(cell).expect(cell).unit, None, "{cell}");
        }
        assert!(printed("****").expect("stars").is_unknown());
        for cell in ["", "x", "1.2.3"] {
            assert_eq!(printed(cell), None, "{cell}");
        }
    }
}
