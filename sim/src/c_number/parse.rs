//! Text to number: the prefix rules of C's `strtod`, `strtol`, `atof` and `atoi`.
//!
//! Not here: reading a stream of numbers as `fscanf` does (see `scan`), whose rules differ in small ways.

/// What C's `isspace` accepts in the "C" locale.
pub const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// The longest prefix that is a floating-point number: its value, correctly rounded, and the bytes used, leading white
/// space included. `None` when there is no number.
///
/// Accepts decimal and hexadecimal numbers, `inf`, `infinity`, `nan` and `nan(...)`, whose payload is dropped.
pub fn strtod(text: &[u8]) -> Option<(f64, usize)> {
    let start = skip_space(text);
    let (negative, signed) = sign(text, start);
    let body = text.get(signed..)?;
    let (magnitude, used) = hexadecimal(body).or_else(|| decimal(body)).or_else(|| named(body))?;
    Some((if negative { -magnitude } else { magnitude }, signed + used))
}

/// The longest prefix that is a decimal integer, saturated to 64 bits, and the bytes used, leading white space included.
pub fn strtol(text: &[u8]) -> Option<(i64, usize)> {
    let start = skip_space(text);
    let (negative, first) = sign(text, start);
    let mut value: i64 = 0;
    let mut end = first;
    while let Some(digit) = text.get(end).filter(|b| b.is_ascii_digit()) {
        let digit = i64::from(digit - b'0');
        value = value.saturating_mul(10);
        value = if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) };
        end += 1;
    }
    (end > first).then_some((value, end))
}

/// C's `atof`: the number at the start of `text`, or 0.
pub fn atof(text: &[u8]) -> f64 {
    strtod(text).map_or(0.0, |(value, _)| value)
}

/// C's `atoi` on a 64-bit machine: `strtol`, of which the low 32 bits are kept; 0 without a number.
pub fn atoi(text: &[u8]) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "keeping the low half is what the C library does")]
    strtol(text).map_or(0, |(value, _)| value as i32)
}

fn skip_space(text: &[u8]) -> usize {
    text.iter().position(|&b| !is_space(b)).unwrap_or(text.len())
}

fn sign(text: &[u8], at: usize) -> (bool, usize) {
    match text.get(at) {
        Some(b'-') => (true, at + 1),
        Some(b'+') => (false, at + 1),
        _ => (false, at),
    }
}

/// Digits with an optional point and an optional exponent; an exponent mark without digits is left unread.
fn decimal(text: &[u8]) -> Option<(f64, usize)> {
    let whole = count_digits(text, 0);
    let mut end = whole;
    let mut digits = whole;
    if text.get(end) == Some(&b'.') {
        let fraction = count_digits(text, end + 1);
        digits += fraction;
        if digits > 0 {
            end += 1 + fraction;
        }
    }
    if digits == 0 {
        return None;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let (_, first) = sign(text, end + 1);
        let exponent = count_digits(text, first);
        if exponent > 0 {
            end = first + exponent;
        }
    }
    // The standard library rounds correctly; everything in the slice is plain ASCII of its grammar.
    let value = std::str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    Some((value, end))
}

fn count_digits(text: &[u8], from: usize) -> usize {
    text.iter().skip(from).take_while(|b| b.is_ascii_digit()).count()
}

fn named(text: &[u8]) -> Option<(f64, usize)> {
    let is = |word: &[u8]| text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word));
    if is(b"infinity") {
        return Some((f64::INFINITY, 8));
    }
    if is(b"inf") {
        return Some((f64::INFINITY, 3));
    }
    if !is(b"nan") {
        return None;
    }
    let tail = &text[3..];
    let word = tail.iter().skip(1).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let bracketed = tail.first() == Some(&b'(') && tail.get(word + 1) == Some(&b')');
    Some((f64::NAN, if bracketed { 3 + word + 2 } else { 3 }))
}

/// `0x` with at least one hexadecimal digit. (Without one the text is the decimal number 0 followed by an `x`.)
fn hexadecimal(text: &[u8]) -> Option<(f64, usize)> {
    if !(text.first() == Some(&b'0') && matches!(text.get(1), Some(b'x' | b'X'))) {
        return None;
    }
    let mut number = Binary::default();
    let mut end = 2;
    let mut digits = 0;
    let mut after_point = false;
    while let Some(&byte) = text.get(end) {
        if byte == b'.' && !after_point {
            after_point = true;
        } else if let Some(nibble) = char::from(byte).to_digit(16) {
            number.push(u64::from(nibble), after_point);
            digits += 1;
        } else {
            break;
        }
        end += 1;
    }
    if digits == 0 {
        return None;
    }
    if matches!(text.get(end), Some(b'p' | b'P')) {
        let (_, first) = sign(text, end + 1);
        if text.get(first).is_some_and(u8::is_ascii_digit) {
            let (exponent, used) = strtol(&text[end + 1..])?;
            number.exponent = number.exponent.saturating_add(exponent);
            end += 1 + used;
        }
    }
    Some((number.value(), end))
}

/// `mantissa * 2^exponent`, with whether any lower bit that did not fit was set.
#[derive(Default)]
struct Binary {
    mantissa: u64,
    exponent: i64,
    sticky: bool,
}

impl Binary {
    fn push(&mut self, nibble: u64, after_point: bool) {
        if self.mantissa >> 60 == 0 {
            self.mantissa = self.mantissa << 4 | nibble;
            self.exponent -= if after_point { 4 } else { 0 };
        } else {
            self.sticky |= nibble != 0;
            self.exponent += if after_point { 0 } else { 4 };
        }
    }

    /// The nearest double, ties to even, also among subnormal numbers.
    fn value(&self) -> f64 {
        if self.mantissa == 0 {
            return 0.0;
        }
        let bits = 64 - i64::from(self.mantissa.leading_zeros());
        let leading = self.exponent.saturating_add(bits - 1);
        if leading > 1023 {
            return f64::INFINITY;
        }
        if leading < -1076 {
            return 0.0;
        }
        let precision = if leading < -1022 { 53 - (-1022 - leading) } else { 53 };
        let drop = (bits - precision).max(0);
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53 is left after rounding")]
        let rounded = round_shift(self.mantissa, drop, self.sticky) as f64;
        rounded * power_of_two(self.exponent + drop)
    }
}

/// `mantissa / 2^drop` (`drop` 0 to 66) to the nearest integer, ties to even.
fn round_shift(mantissa: u64, drop: i64, sticky: bool) -> u64 {
    if drop == 0 {
        return mantissa;
    }
    let wide = u128::from(mantissa) << 1 | u128::from(sticky);
    let drop = drop + 1;
    let kept = wide >> drop;
    let rest = wide & ((1 << drop) - 1);
    let half = 1 << (drop - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    #[expect(clippy::cast_possible_truncation, reason = "at least one bit was dropped from 65")]
    let kept = kept as u64;
    kept + u64::from(up)
}

/// 2 to the power `n`, -1074 to 1023.
fn power_of_two(n: i64) -> f64 {
    let bits = if n < -1022 { 1 << (n + 1074) } else { (n + 1023) << 52 };
    f64::from_bits(bits.unsigned_abs())
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
