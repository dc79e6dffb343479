//! Whole numbers as programs print them, with all of their digits: a 64-bit float holds them up to 2^53.
//!
//! Not here: numbers with a point or an exponent, which are 64-bit floats (`trace_harness::numbers`).

/// 64-bit floats hold every whole number below this size.
const HELD: f64 = (1_u64 << 53) as f64;

/// A whole number, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole<'a> {
    is_negative: bool,
    /// Without zeros in front; empty for zero.
    digits: &'a str,
}

/// The whole number that a word is: digits, with or without a sign.
pub(crate) fn whole(word: &str) -> Option<Whole<'_>> {
    let bare = word.strip_prefix(['+', '-']).unwrap_or(word);
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = bare.trim_start_matches('0');
    Some(Whole { is_negative: word.starts_with('-') && !digits.is_empty(), digits })
}

impl Whole<'_> {
    /// `other` − this; 0 for equal numbers only.
    pub(crate) fn to(self, other: Self) -> f64 {
        if self == other {
            return 0.0;
        }
        if let Some(difference) = self.value().zip(other.value()).and_then(|(a, b)| b.checked_sub(a)) {
            return difference as f64;
        }
        let (a, b) = (self.float(), other.float());
        // Two numbers that are rounded to one float are as far apart as its neighbour, at most.
        if a == b { b.abs().next_up() - b.abs() } else { b - a }
    }

    /// The number of the other sign.
    pub(crate) fn negative(self) -> Self {
        Self { is_negative: !self.is_negative && !self.digits.is_empty(), ..self }
    }

    /// As an integer; none beyond 128 bits.
    pub(crate) fn value(self) -> Option<i128> {
        let size = if self.digits.is_empty() { 0 } else { self.digits.parse::<i128>().ok()? };
        Some(if self.is_negative { -size } else { size })
    }

    /// Whether a 64-bit float is this number to the last digit.
    pub(crate) fn is_float(self) -> bool {
        let float = self.float();
        float.abs() < HELD || self.value().is_some_and(|value| value == float as i128)
    }

    /// All digits behind the sign.
    pub(crate) fn text(self) -> String {
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}{}", if self.digits.is_empty() { "0" } else { self.digits })
    }

    fn float(self) -> f64 {
        let size = self.digits.parse::<f64>().unwrap_or(0.0);
        if self.is_negative { -size } else { size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_apart_by_all_of_their_digits() {
        for (a, b, apart) in [
            ("9007199254740993", "9007199254740992", -1.0),
            ("-9007199254740993", "-9007199254740992", 1.0),
            ("+007", "7", 0.0),
            ("-0", "0", 0.0),
            ("-2", "3", 5.0),
        ] {
            let [x, y] = [a, b].map(|word| whole(word).expect(word));
            assert_eq!(x.to(y), apart, "{a} {b}");
        }
        let [long, other] = ["1", "2"].map(|last| "9".repeat(60) + last);
        assert!(whole(&long).expect("digits").to(whole(&other).expect("digits")) > 0.0);
    }

    #[test]
    fn a_float_holds_whole_numbers_up_to_its_53_bits_and_some_beyond() {
        for (word, held) in [
            ("9007199254740992", true),
            ("9007199254740993", false),
            ("-9007199254740994", true),
            ("0", true),
        ] {
            assert_eq!(whole(word).expect(word).is_float(), held, "{word}");
        }
    }

    #[test]
    fn what_has_more_than_digits_is_no_whole_number() {
        for word in ["", "-", "1.0", "1e3", "0x10", "--1", "\u{661}"] {
            assert_eq!(whole(word), None, "{word}");
        }
    }
}
