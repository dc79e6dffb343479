//! Number to text: `%g`, `%.Ng` and `%W.Nf` of C's `printf`.
//!
//! Not here: any other conversion, and the sentences around the numbers.

/// `%.{precision}g`: at most `precision` significant digits, trailing zeros dropped, exponent form outside
/// 1e-4 ..= 10^precision; ties go to even. A precision of 0 counts as 1, as in C.
pub fn g(value: f64, precision: usize) -> String {
    if !value.is_finite() {
        return special(value);
    }
    let precision = precision.max(1);
    let scientific = format!("{value:.*e}", precision - 1);
    // Rust always writes the `e`; the exponent after rounding decides the form.
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let digits = i64::try_from(precision).unwrap_or(i64::MAX);
    if exponent < -4 || exponent >= digits {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.abs());
    }
    let places = usize::try_from(digits - 1 - exponent).unwrap_or(0);
    without_trailing_zeros(&format!("{value:.places$}")).to_owned()
}

/// `%g`.
pub fn g6(value: f64) -> String {
    g(value, 6)
}

/// `%{width}.{precision}f`, right-aligned; ties go to even.
pub fn fixed(value: f64, width: usize, precision: usize) -> String {
    if value.is_finite() {
        format!("{value:width$.precision$}")
    } else {
        format!("{:>width$}", special(value))
    }
}

fn special(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    format!("{sign}{}", if value.is_nan() { "nan" } else { "inf" })
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g_chooses_the_form_by_the_rounded_exponent() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (100_000.0, "100000"),
            (999_999.5, "1e+06"),
            (999_999.4, "999999"),
            (1e-4, "0.0001"),
            (9.999_999e-5, "0.0001"),
            (9.999_99e-5, "9.99999e-05"),
            (0.1, "0.1"),
            (-1.5e-300, "-1.5e-300"),
            (f64::MAX, "1.79769e+308"),
            (f64::from_bits(1), "4.94066e-324"),
        ] {
            assert_eq!(g6(value), text);
        }
    }

    #[test]
    fn ties_go_to_even() {
        assert_eq!(g(2.5, 1), "2");
        assert_eq!(g(3.5, 1), "4");
        assert_eq!(g(0.25, 1), "0.2");
        assert_eq!(g6(1_000_002.5), "1e+06");
        assert_eq!(g(1_000_002.5, 7), "1000002");
        assert_eq!(fixed(0.5, 0, 0), "0");
        assert_eq!(fixed(1.5, 0, 0), "2");
        assert_eq!(fixed(0.125, 0, 2), "0.12");
    }

    #[test]
    fn precision_zero_counts_as_one() {
        assert_eq!(g(123.0, 0), "1e+02");
    }

    #[test]
    fn what_is_not_finite_has_a_name_and_a_sign() {
        assert_eq!(g6(f64::NAN), "nan");
        assert_eq!(g6(-f64::NAN), "-nan");
        assert_eq!(g6(f64::INFINITY), "inf");
        assert_eq!(g6(f64::NEG_INFINITY), "-inf");
        assert_eq!(fixed(f64::NEG_INFINITY, 6, 2), "  -inf");
    }

    #[test]
    fn fixed_is_right_aligned_and_never_cut() {
        assert_eq!(fixed(3.25, 8, 1), "     3.2");
        assert_eq!(fixed(-1234.5, 3, 2), "-1234.50");
        assert_eq!(fixed(-0.0, 0, 1), "-0.0");
    }

    proptest::proptest! {
        #[test]
        fn seventeen_digits_read_back_exactly(bits: u64) {
            let value = f64::from_bits(bits);
            proptest::prop_assume!(value.is_finite());
            let read = crate::c_number::atof(g(value, 17).as_bytes());
            proptest::prop_assert_eq!(read.to_bits(), bits);
        }

        #[test]
        fn six_digits_are_within_half_a_unit_of_the_sixth(value in -1e30_f64..1e30) {
            let read = crate::c_number::atof(g6(value).as_bytes());
            proptest::prop_assert!((read - value).abs() <= value.abs() * 5.000_001e-6);
        }
    }
}
