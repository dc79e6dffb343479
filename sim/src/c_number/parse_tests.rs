//! What the C library makes of number texts.
//!
//! Not here: streams of numbers (`scan`).

use super::*;

fn number(text: &str) -> (f64, usize) {
    strtod(text.as_bytes()).expect("a number")
}

#[test]
fn a_number_is_the_longest_valid_prefix() {
    assert_eq!(number("12abc"), (12.0, 2));
    assert_eq!(number(" \t\n\x0b\x0c\r-1.5e3x"), (-1500.0, 12));
    assert_eq!(number("1e"), (1.0, 1));
    assert_eq!(number("1e+"), (1.0, 1));
    assert_eq!(number(".5"), (0.5, 2));
    assert_eq!(number("5."), (5.0, 2));
    assert_eq!(number("1.2.3"), (1.2, 3));
    assert_eq!(number("+7"), (7.0, 2));
    for text in ["", "  ", "-", ".", "+.", "e5", "--1", "x"] {
        assert_eq!(strtod(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn names_of_numbers_are_numbers() {
    assert_eq!(number("inf"), (f64::INFINITY, 3));
    assert_eq!(number("-INFINITYx"), (f64::NEG_INFINITY, 9));
    assert_eq!(number("infinit"), (f64::INFINITY, 3));
    for (text, used) in [("nan", 3), ("NaN(12_a)", 9), ("nan(1", 3), ("nan()", 5), ("nan(-)", 3)] {
        let (value, end) = number(text);
        assert!(value.is_nan() && end == used, "{text}: {end}");
    }
    assert!(number("-nan").0.is_sign_negative());
}

#[test]
fn hexadecimal_numbers_are_rounded_to_even() {
    assert_eq!(number("0x10"), (16.0, 4));
    assert_eq!(number("0X.8p+1z"), (1.0, 7));
    assert_eq!(number("0x1p"), (1.0, 3));
    assert_eq!(number("0x"), (0.0, 1));
    assert_eq!(number("0x."), (0.0, 1));
    assert_eq!(number("0x1.00000000000008p0").0, 1.0);
    assert_eq!(number("0x1.00000000000018p0").0, 1.0 + 2.0 * f64::EPSILON);
    assert_eq!(number("0x1.000000000000080000000001p0").0, 1.0 + f64::EPSILON);
    assert_eq!(number("0x1p-1074").0, f64::from_bits(1));
    assert_eq!(number("0x1p-1075").0, 0.0);
    assert_eq!(number("0x1.8p-1075").0, f64::from_bits(1));
    assert_eq!(number("0x1p-99999999999999999999").0, 0.0);
    assert_eq!(number("0x0.0000000000000000000000000000001p200").0, 2.0_f64.powi(200 - 124));
    assert_eq!(number("0x1.fffffffffffffp1023").0, f64::MAX);
    assert_eq!(number("0x1.fffffffffffff8p1023").0, f64::INFINITY);
    assert_eq!(number("0x1p1024").0, f64::INFINITY);
}

#[test]
fn overflow_is_infinite_and_underflow_is_zero() {
    assert_eq!(number("1e400").0, f64::INFINITY);
    assert_eq!(number("-1e99999999999999999999").0, f64::NEG_INFINITY);
    assert_eq!(number("1e-400").0, 0.0);
    assert_eq!(number("4.9e-324").0, f64::from_bits(1));
}

#[test]
fn integers_saturate_and_atoi_keeps_the_low_half() {
    assert_eq!(strtol(b"  -42.9"), Some((-42, 5)));
    assert_eq!(strtol(b"99999999999999999999"), Some((i64::MAX, 20)));
    assert_eq!(strtol(b"-99999999999999999999"), Some((i64::MIN, 21)));
    assert_eq!(strtol(b"-9223372036854775808").map(|v| v.0), Some(i64::MIN));
    assert_eq!(strtol(b"+"), None);
    assert_eq!(atoi(b"4294967298"), 2);
    assert_eq!(atoi(b"99999999999999999999"), -1);
    assert_eq!(atoi(b"-99999999999999999999"), 0);
    assert_eq!(atoi(b"0x10"), 0);
    assert_eq!(atoi(b"twelve"), 0);
    assert_eq!(atof(b"twelve"), 0.0);
    assert_eq!(atof(b"12.5mm"), 12.5);
}

proptest::proptest! {
    #[test]
    fn every_printed_double_reads_back(bits: u64) {
        let value = f64::from_bits(bits);
        proptest::prop_assume!(value.is_finite());
        let text = format!("{value:e};");
        proptest::prop_assert_eq!(number(&text).0.to_bits(), bits);
        proptest::prop_assert_eq!(number(&text).1, text.len() - 1);
    }

    #[test]
    fn every_hexadecimal_double_reads_back(bits in 0_u64..0x7ff0_0000_0000_0000) {
        let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        let (lead, power) = if exponent == 0 { (0, -1022) } else { (1, exponent as i64 - 1023) };
        let text = format!("0x{lead}.{fraction:013x}p{power}");
        proptest::prop_assert_eq!(number(&text).0.to_bits(), bits);
    }

    #[test]
    fn every_integer_reads_back(value: i64) {
        proptest::prop_assert_eq!(strtol(value.to_string().as_bytes()).map(|v| v.0), Some(value));
    }

    #[test]
    fn no_bytes_make_it_panic(text: Vec<u8>) {
        let used = strtod(&text).map_or(0, |v| v.1).max(strtol(&text).map_or(0, |v| v.1));
        proptest::prop_assert!(used <= text.len());
    }
}
