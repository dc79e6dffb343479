//! A stream of numbers, read as C's `fscanf` reads with `%d` and `%lg`.
//!
//! Not here: what the numbers are, and lines (to `fscanf` the end of a line is white space).

use super::parse::{is_space, strtod};

/// Powers of ten that a double holds exactly.
const EXACT_TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// A cursor over text. Each reading method skips white space, then either takes a number and moves behind it, or
/// returns `None` and stays before the offending bytes.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Starts at the beginning of `text`.
    pub const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes read so far.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Moves to byte `position`, or to the end if that comes first.
    pub fn seek(&mut self, position: usize) {
        self.at = position.min(self.text.len());
    }

    /// Skips white space, as a blank in a format string does.
    pub fn skip_space(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            if !is_space(byte) {
                break;
            }
            self.at += 1;
        }
    }

    /// Nothing but white space is left.
    pub fn at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// `%d`: sign and decimal digits, saturated to 64 bits. (C keeps the low 32; the caller refuses what does not fit.)
    pub fn integer(&mut self) -> Option<i64> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let negative = rest.first() == Some(&b'-');
        let first = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
        let mut end = first;
        let mut magnitude: i64 = 0;
        while let Some(&byte) = rest.get(end) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            magnitude = magnitude.saturating_mul(10).saturating_add(i64::from(digit));
            end += 1;
        }
        if end == first {
            return None;
        }
        self.at += end;
        Some(if negative { -magnitude } else { magnitude })
    }

    /// `%lg`: unlike `strtod` it also eats an exponent mark that no digits follow, and knows no `nan(...)`.
    pub fn real(&mut self) -> Option<f64> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let (value, length) = plain_decimal(rest).or_else(|| general(rest))?;
        self.at += length;
        Some(value)
    }
}

/// The common case, short decimals: correctly rounded because both operands of the one division are exact doubles
/// (W. D. Clinger, "How to read floating point numbers accurately", 1990).
fn plain_decimal(text: &[u8]) -> Option<(f64, usize)> {
    let negative = text.first() == Some(&b'-');
    let first = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let mut end = first;
    let mut point = None;
    let mut mantissa: u64 = 0;
    while let Some(&byte) = text.get(end) {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa * 10 + u64::from(digit);
            // Beyond this the product could lose bits (or overflow): the general way does it.
            if mantissa >= 1 << 53 {
                return None;
            }
        } else if byte == b'.' && point.is_none() {
            point = Some(end);
        } else if is_space(byte) {
            break;
        } else {
            return None;
        }
        end += 1;
    }
    let fraction = point.map_or(0, |p| end - p - 1);
    let digits = end - first - usize::from(point.is_some());
    if digits == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "checked to be below 2^53")]
    let value = mantissa as f64 / EXACT_TENS.get(fraction)?;
    Some((if negative { -value } else { value }, end))
}

fn general(text: &[u8]) -> Option<(f64, usize)> {
    let length = accepted(text)?;
    let (value, _) = strtod(&text[..length])?;
    Some((value, length))
}

/// How many bytes `%lg` takes from the stream before it looks at their value.
fn accepted(text: &[u8]) -> Option<usize> {
    let signed = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let body = &text[signed..];
    match body.first()? {
        b'n' | b'N' => body.get(..3)?.eq_ignore_ascii_case(b"nan").then_some(signed + 3),
        b'i' | b'I' => {
            if !body.get(..3)?.eq_ignore_ascii_case(b"inf") {
                None
            } else if matches!(body.get(3), Some(b'i' | b'I')) {
                body.get(..8)?.eq_ignore_ascii_case(b"infinity").then_some(signed + 8)
            } else {
                Some(signed + 3)
            }
        }
        _ => accepted_digits(body).map(|length| signed + length),
    }
}

fn accepted_digits(body: &[u8]) -> Option<usize> {
    let hex = body[0] == b'0' && matches!(body.get(1), Some(b'x' | b'X'));
    let prefix = if hex { 2 } else { 0 };
    let mark = if hex { b'p' } else { b'e' };
    let mut end = prefix;
    let (mut seen_point, mut seen_mark) = (false, false);
    while let Some(&byte) = body.get(end) {
        let digit = if hex && !seen_mark { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        let after_mark = seen_mark && body[end - 1].eq_ignore_ascii_case(&mark);
        if digit || (after_mark && matches!(byte, b'-' | b'+')) {
        } else if end > prefix && byte.eq_ignore_ascii_case(&mark) && !seen_mark {
            seen_mark = true;
            seen_point = true;
        } else if byte == b'.' && !seen_point {
            seen_point = true;
        } else {
            break;
        }
        end += 1;
    }
    (end > prefix).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reals(text: &str) -> Vec<f64> {
        let mut scanner = Scanner::new(text.as_bytes());
        std::iter::from_fn(|| scanner.real()).collect()
    }

    #[test]
    fn a_stream_of_reals_ends_at_the_first_text() {
        assert_eq!(reals(" 1 -2.5\r\n+3e2 # 4"), [1.0, -2.5, 300.0]);
        assert_eq!(reals("1-2-3.5.5"), [1.0, -2.0, -3.5, 0.5]);
        assert!(reals("").is_empty() && reals(". 1").is_empty() && reals("- 1").is_empty());
    }

    #[test]
    fn an_exponent_mark_without_digits_is_swallowed() {
        assert_eq!(reals("5e 6"), [5.0, 6.0]);
        assert_eq!(reals("5e- 6"), [5.0, 6.0]);
        assert_eq!(reals("e5"), [0.0; 0]);
    }

    #[test]
    fn names_and_hexadecimal_numbers_are_reals() {
        assert_eq!(reals("inf -Infinity 0x1.8p1"), [f64::INFINITY, f64::NEG_INFINITY, 3.0]);
        assert!(reals("nan")[0].is_nan());
        assert!(reals("infi").is_empty() && reals("na").is_empty() && reals("0x").is_empty());
    }

    #[test]
    fn an_integer_stops_before_its_fraction() {
        let mut scanner = Scanner::new(b" 12.5");
        assert_eq!(scanner.integer(), Some(12));
        assert_eq!(scanner.integer(), None);
        assert_eq!(scanner.position(), 3);
        assert_eq!(Scanner::new(b"99999999999999999999").integer(), Some(i64::MAX));
        assert_eq!(Scanner::new(b"+").integer(), None);
    }

    proptest::proptest! {
        #[test]
        fn short_decimals_are_rounded_as_the_standard_library_rounds(
            mantissa in 0_u64..(1 << 54), places in 0_usize..26, negative: bool
        ) {
            let digits = format!("{mantissa:0width$}", width = places + 1);
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let text = format!("{}{whole}.{fraction} ", if negative { "-" } else { "" });
            let expected: f64 = text.trim().parse().unwrap();
            proptest::prop_assert_eq!(reals(&text), [expected]);
        }

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>) {
            let mut scanner = Scanner::new(&text);
            while scanner.real().is_some() || scanner.integer().is_some() {}
            proptest::prop_assert!(scanner.position() <= text.len());
        }
    }
}
