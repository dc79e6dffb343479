//! Numbers on the command line: every option with a fraction is read here, and an error names the range.
//!
//! Not here: what an option means.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// Longest time that is meant as one: some thirty years, in seconds.
const LONGEST: f64 = 1e9;

/// Reads a number between two bounds; `range` has them in words.
fn within(text: &str, bounds: (Bound<f64>, Bound<f64>), range: &str) -> Result<f64, String> {
    use std::ops::RangeBounds;
    let value = text.trim().parse::<f64>().ok().filter(|x| x.is_finite() && bounds.contains(x));
    value.ok_or_else(|| format!("expected a number {range}"))
}

/// A time in seconds.
///
/// # Errors
/// It is none.
pub fn seconds(text: &str) -> Result<f64, String> {
    within(text, (Excluded(0.0), Included(LONGEST)), "of seconds above 0, up to 1e9")
}

/// A finite number above 0.
///
/// # Errors
/// It is none.
pub fn above_zero(text: &str) -> Result<f64, String> {
    within(text, (Excluded(0.0), Unbounded), "above 0")
}

/// A finite number from 0.
///
/// # Errors
/// It is none.
pub fn from_zero(text: &str) -> Result<f64, String> {
    within(text, (Included(0.0), Unbounded), "from 0")
}

/// A part of a whole: from 0 to 1.
///
/// # Errors
/// It is none.
pub fn part(text: &str) -> Result<f64, String> {
    within(text, (Included(0.0), Included(1.0)), "from 0 to 1")
}

/// A part of a whole that is not nothing: above 0, up to 1.
///
/// # Errors
/// It is none.
pub fn part_above_zero(text: &str) -> Result<f64, String> {
    within(text, (Excluded(0.0), Included(1.0)), "above 0, up to 1")
}

/// How many times as much: a finite number from 1.
///
/// # Errors
/// It is none.
pub fn ratio(text: &str) -> Result<f64, String> {
    within(text, (Included(1.0), Unbounded), "from 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_range_takes_what_is_not_finite_or_no_number_and_each_names_itself() {
        type Reader = fn(&str) -> Result<f64, String>;
        let ranges: [(Reader, &str); 6] = [
            (seconds, "of seconds above 0, up to 1e9"),
            (above_zero, "above 0"),
            (from_zero, "from 0"),
            (part, "from 0 to 1"),
            (part_above_zero, "above 0, up to 1"),
            (ratio, "from 1"),
        ];
        for (parse, range) in ranges {
            for text in ["nan", "inf", "-inf", "-1", "1e999", "", "x", "1,5"] {
                assert_eq!(parse(text), Err(format!("expected a number {range}")), "{text}");
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
