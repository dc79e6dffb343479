//! Values on the command line: every option with a fraction is read here, and an error names what was expected.
//!
//! Not here: what an option means.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// Longest time that is meant as one: some thirty years, in seconds.
const LONGEST: f64 = 1e9;

/// A value of an option is of another form; the parser of the command line says which value, of which option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct Expected(pub &'static str);

/// Reads a number between two bounds; `expected` has them in words.
fn within(text: &str, bounds: (Bound<f64>, Bound<f64>), expected: &'static str) -> Result<f64, Expected> {
    use std::ops::RangeBounds;
    let value = text.trim().parse::<f64>().ok().filter(|x| x.is_finite() && bounds.contains(x));
    value.ok_or(Expected(expected))
}

/// A time in seconds.
///
/// # Errors
/// It is not one.
pub fn seconds(text: &str) -> Result<f64, Expected> {
    within(text, (Excluded(0.0), Included(LONGEST)), "a number of seconds above 0, up to 1e9")
}

/// A finite number above 0.
///
/// # Errors
/// It is not one.
pub fn above_zero(text: &str) -> Result<f64, Expected> {
    within(text, (Excluded(0.0), Unbounded), "a number above 0")
}

/// A finite number from 0.
///
/// # Errors
/// It is not one.
pub fn from_zero(text: &str) -> Result<f64, Expected> {
    within(text, (Included(0.0), Unbounded), "a number from 0")
}

/// A part of a whole: from 0 to 1.
///
/// # Errors
/// It is not one.
pub fn part(text: &str) -> Result<f64, Expected> {
    within(text, (Included(0.0), Included(1.0)), "a number from 0 to 1")
}

/// A part of a whole that is not nothing: above 0, up to 1.
///
/// # Errors
/// It is not one.
pub fn part_above_zero(text: &str) -> Result<f64, Expected> {
    within(text, (Excluded(0.0), Included(1.0)), "a number above 0, up to 1")
}

/// How many times as much: a finite number from 1.
///
/// # Errors
/// It is not one.
pub fn ratio(text: &str) -> Result<f64, Expected> {
    within(text, (Included(1.0), Unbounded), "a number from 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_range_takes_what_is_not_finite_or_no_number_and_each_names_itself() {
        type Reader = fn(&str) -> Result<f64, Expected>;
        let ranges: [(Reader, &'static str); 6] = [
            (seconds, "a number of seconds above 0, up to 1e9"),
            (above_zero, "a number above 0"),
            (from_zero, "a number from 0"),
            (part, "a number from 0 to 1"),
            (part_above_zero, "a number above 0, up to 1"),
            (ratio, "a number from 1"),
        ];
        for (parse, expected) in ranges {
            for text in ["nan", "inf", "-inf", "-1", "1e999", "", "x", "1,5"] {
                assert_eq!(parse(text), Err(Expected(expected)), "{text}");
            }
            assert_eq!(parse("1"), Ok(1.0));
        }
    }

    #[test]
    fn each_range_ends_where_it_says() {
        assert!(seconds("0").is_err() && seconds("1e9").is_ok() && seconds("1.1e9").is_err());
        assert!(above_zero("0").is_err() && above_zero("5e-324").is_ok() && from_zero("0").is_ok());
        assert!(part("0").is_ok() && part("1.01").is_err() && part_above_zero("0").is_err());
        assert!(ratio("0.99").is_err() && ratio("1e3").is_ok());
    }
}
