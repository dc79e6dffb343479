//! Numbers as programs print them: C, Rust, Python and Fortran. The one reader of traces, console texts and headers.
//!
//! Not here: which key a number belongs to (`trace::log`), the arguments of the simulator, which are read as C's `atof` reads them
//! (`nanobragg::c_number`).

pub mod decimal;
mod split;

pub use split::split;

/// What a field of stars stands for: Fortran prints it where a number does not fit. It is NaN to arithmetic, so that nothing
/// follows from it; [`is_unprintable`] distinguishes it from a NaN that a program printed.
pub const UNPRINTABLE: f64 = f64::from_bits(0x7ff8_0000_0000_002a);

/// Whether a number is [`UNPRINTABLE`].
pub fn is_unprintable(x: f64) -> bool {
    x.to_bits() == UNPRINTABLE.to_bits()
}

/// The digits of a word that is a whole number and no double, as 9007199254740993; without what says nothing in front of them.
pub fn beyond_doubles(word: &str) -> Option<String> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", word.strip_prefix('+').unwrap_or(word)),
    };
    let digits = digits.trim_start_matches('0');
    if digits.len() < 16 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let near: f64 = digits.parse().ok()?;
    (format!("{near:.0}") != digits).then(|| format!("{sign}{digits}"))
}

/// Whether a word is a number with a decimal comma, as programs print it in the language of some countries: `1,5`, `-0,25e-3`.
pub fn has_decimal_comma(word: &str) -> bool {
    let Some((before, after)) = word.split_once(',') else { return false };
    let is_between =
        before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit());
    is_between && number(&format!("{before}.{after}")).is_some()
}

/// Whether a line is a row of numbers of which some have a decimal comma, with semicolons or blanks between them. A comma that may as well
/// stand between two numbers is none: `1,5` alone is no such row.
pub fn is_decimal_comma_row(line: &str) -> bool {
    let fields: Vec<&str> = match line.contains(';') {
        true => line.trim_end_matches(';').split(';').map(str::trim).collect(),
        false => line.split_whitespace().collect(),
    };
    fields.len() > 1
        && fields.iter().all(|word| has_decimal_comma(word) || number(word).is_some())
        && fields.iter().any(|word| has_decimal_comma(word))
}

/// What to do about numbers with a decimal comma.
pub const DECIMAL_COMMA_HINT: &str = "these numbers have a decimal comma: have them printed with a point (LC_ALL=C), or put points in their place";

/// The number that a word is: decimal with the exponents `e`, `d` and `q`, or with the letter dropped as Fortran does for three
/// digits (`0.12-166`); hexadecimal with `p` (`0x1.8p+3`); `inf`, `infinity`, `nan`, `nan(…)` in any case; `.TRUE.` and `true`
/// as 1, `.FALSE.` and `false` as 0; a field of stars as [`UNPRINTABLE`].
///
/// A number too large or too small for 64 bits is none: it would be taken for infinity or zero.
pub fn number(word: &str) -> Option<f64> {
    let (negative, bare) = match word.as_bytes().first()? {
        b'-' => (true, &word[1..]),
        b'+' => (false, &word[1..]),
        _ => (false, word),
    };
    let signed = bare.len() < word.len();
    let value = match bare.as_bytes().first()? {
        b'0'..=b'9' => decimal(bare).or_else(|| hexadecimal(bare)),
        b'.' if !signed => decimal(bare).or_else(|| logical(bare)),
        b'.' => decimal(bare),
        b'n' | b'N' | b'i' | b'I' => special(bare),
        b't' | b'T' | b'f' | b'F' if !signed => logical(bare),
        b'*' if !signed => bare.bytes().all(|b| b == b'*').then_some(UNPRINTABLE),
        _ => None,
    }?;
    Some(if negative { -value } else { value })
}

/// Digits with an exponent in any of the forms.
fn decimal(text: &str) -> Option<f64> {
    if let Ok(value) = text.parse::<f64>() {
        return in_range(value, text);
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (mantissa, exponent) = text.split_at(end);
    let exponent = match exponent.as_bytes().first()? {
        b'd' | b'D' | b'q' | b'Q' => &exponent[1..],
        // Fortran drops the letter for exponents of three digits only, and always prints a point.
        b'+' | b'-' if exponent.len() == 4 && mantissa.contains('.') => exponent,
        _ => return None,
    };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    in_range(format!("{mantissa}e{exponent}").parse().ok()?, mantissa)
}

/// A value unless it is what a number beyond the range of 64 bits turned into.
fn in_range(value: f64, digits: &str) -> Option<f64> {
    let mantissa = || digits.split(['e', 'E']).next().unwrap_or_default();
    let lost = value == 0.0 && mantissa().bytes().any(|b| (b'1'..=b'9').contains(&b));
    (value.is_finite() && !lost).then_some(value)
}

/// `0x1.8p+3`, as C's `%a` and Python's `float.hex` print it.
fn hexadecimal(text: &str) -> Option<f64> {
    // More digits than any format has would not fit into the integer.
    const MOST: usize = 30;
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    // The reader of integers takes a sign, which has no place here.
    if digits.len() > MOST || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let integer = u128::from_str_radix(&digits, 16).ok()?;
    let power = exponent.parse::<i16>().ok()? as i32 - 4 * fraction.len() as i32;
    // In two steps, because the power alone may lie beyond the range of the value.
    let value = integer as f64 * 2_f64.powi(power / 2) * 2_f64.powi(power - power / 2);
    (value.is_finite() && (value != 0.0 || integer == 0)).then_some(value)
}

fn special(text: &str) -> Option<f64> {
    let is = |name: &str| text.eq_ignore_ascii_case(name);
    if is("inf") || is("infinity") {
        return Some(f64::INFINITY);
    }
    let payload = || {
        let (name, rest) = text.split_once('(')?;
        let inside = rest.strip_suffix(')')?;
        Some(
            name.eq_ignore_ascii_case("nan")
                && inside.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
        )
    };
    (is("nan") || payload() == Some(true)).then_some(f64::NAN)
}

fn logical(text: &str) -> Option<f64> {
    let bare = text.strip_prefix('.').and_then(|t| t.strip_suffix('.'));
    let is = |name: &str| bare.unwrap_or(text).eq_ignore_ascii_case(name);
    match (is("true"), is("false")) {
        (true, _) => Some(1.0),
        (_, true) => Some(0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fortrans_exponents_are_exponents() {
        for (word, value) in [
            ("0.5D+01", 5.0),
            ("-0.7d2", -70.0),
            ("1.Q-3", 1e-3),
            ("0.12-166", 0.12e-166),
            ("-.5+123", -0.5e123),
            ("1e+24", 1e24),
        ] {
            assert_eq!(number(word), Some(value), "{word}");
        }
    }

    #[test]
    fn digits_are_kept_of_whole_numbers_that_no_double_holds() {
        for (word, digits) in [
            ("9007199254740993", "9007199254740993"),
            ("-0009007199254740993", "-9007199254740993"),
            ("+123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(beyond_doubles(word).as_deref(), Some(digits), "{word}");
        }
        for word in ["9007199254740992", "1e30", "9007199254740993.0", "10000000000000000", "12", "", "-"] {
            assert_eq!(beyond_doubles(word), None, "{word}");
        }
    }

    #[test]
    fn hexadecimal_floats_are_read_to_the_last_bit() {
        for (word, value) in [
            ("0x1.8p+3", 12.0),
            ("-0X1P-1074", -f64::from_bits(1)),
            ("0x1.fffffffffffffp+1023", f64::MAX),
            ("0x0p+0", 0.0),
            ("0xc.90fdaa22168c235p-2", std::f64::consts::PI),
        ] {
            assert_eq!(number(word), Some(value), "{word}");
        }
    }

    #[test]
    fn special_values_have_many_names() {
        for word in ["inf", "Inf", "INFINITY", "+infinity"] {
            assert_eq!(number(word), Some(f64::INFINITY), "{word}");
        }
        assert_eq!(number("-Infinity"), Some(f64::NEG_INFINITY));
        for word in ["nan", "NaN", "-nan", "nan(0x7fff)", "-NaN(ind)"] {
            let value = number(word).unwrap();
            assert!(value.is_nan() && !is_unprintable(value), "{word}");
        }
        for (word, value) in [(".TRUE.", 1.0), (".false.", 0.0), ("True", 1.0), ("false", 0.0)] {
            assert_eq!(number(word), Some(value), "{word}");
        }
        assert!(is_unprintable(number("*****").unwrap()) && UNPRINTABLE.is_nan());
    }

    #[test]
    fn what_is_no_number_stays_a_word() {
        for word in [
            "", "-", ".", "e5", "1e", "1d", "1.5-2.5", "15-123", "0x7ffe", "0xp3", "0x+1p3", "--1", "nano",
            "infer", "nan(", "nan(a b)", "-true", ".", "..", "-***", "*a*", "1,5", "1e400", "1e-400",
            "2.5D+999", "0x1p9999", "٣",
        ] {
            assert_eq!(number(word), None, "{word}");
        }
        assert_eq!(number("0e-999"), Some(0.0));
    }

    #[test]
    fn a_decimal_comma_is_one_between_digits_that_a_point_would_make_a_number() {
        for word in ["1,5", "-0,25e-3", "+1,0D5", "12,50"] {
            assert!(has_decimal_comma(word), "{word}");
        }
        for word in ["1.5", "1,2,3", ",5", "5,", "1, 5", "a,5", "1,5.2", "", ","] {
            assert!(!has_decimal_comma(word), "{word}");
        }
        for line in ["1,5;2,5", "1;2,5", "1,5 2,5", " 1,5 ; 3 ;", "0\t-1,5e3"] {
            assert!(is_decimal_comma_row(line), "{line}");
        }
        for line in ["1,5", "1,5,2,5", "1;2", "a;1,5", "1.5 2.5", "", "1,5, 2,5"] {
            assert!(!is_decimal_comma_row(line), "{line}");
        }
    }

    /// The words for a finite number in every notation that keeps all of its bits.
    fn notations(x: f64) -> Vec<String> {
        let shortest = format!("{x:e}");
        let (mantissa, exponent) = shortest.split_once('e').unwrap();
        let mut all = vec![
            format!("{x}"),
            shortest.clone(),
            format!("{x:.17e}"),
            format!("{mantissa}D{exponent}"),
            format!("{mantissa}q{exponent}"),
        ];
        let exponent: i32 = exponent.parse().unwrap();
        if exponent.abs() >= 100 && mantissa.contains('.') {
            all.push(format!("{mantissa}{exponent:+}"));
        }
        let bits = x.to_bits();
        let (sign, field) = (if x.is_sign_negative() { "-" } else { "" }, (bits >> 52) & 0x7ff);
        let fraction = bits & ((1 << 52) - 1);
        let (lead, power) = if field == 0 { (0, -1022) } else { (1, field as i32 - 1023) };
        all.push(format!("{sign}0x{lead}.{fraction:013x}p{power:+}"));
        all
    }

    proptest! {
        #[test]
        fn every_notation_of_a_number_is_that_number(x in any::<f64>().prop_filter("finite", |x| x.is_finite())) {
            for word in notations(x) {
                prop_assert_eq!(number(&word).map(f64::to_bits), Some(x.to_bits()), "{}", word);
            }
        }

        #[test]
        fn no_text_makes_the_reader_stumble_and_no_digits_make_an_infinity(text in "[-+0-9.eEdDqQxXpPa-fnNiItTfF*()]{0,24}") {
            if let Some(x) = number(&text) {
                prop_assert!(!x.is_infinite() || text.to_ascii_lowercase().contains("inf"), "{}", text);
            }
        }
    }
}
