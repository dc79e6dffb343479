//! The precision that a trace was computed in: what its schema says, or the share of its values that are 32-bit floats.
//!
//! Not here: what follows for tolerances (`diff::tolerance`, `audit`).

use serde::Serialize;

use super::TraceLog;
use crate::trace::schema::{KeyKind, Precision, Schema};

/// Fewer single-precision values than this decide nothing, whatever their share.
const LEAST: usize = 5;
/// The share of a mixed trace lies at a fifth and more; that of double precision at one in some million.
const SHARE: f64 = 0.1;
/// Values that are looked at; more would not change a share.
const SAMPLE: usize = 20_000;
/// Digits of a number that somebody typed, or of a small fraction.
const SHORT: usize = 13;

/// What the values of a trace say about its precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PrecisionFacts {
    /// Whether it counts as computed in single precision.
    pub single: bool,
    /// Whether the schema says so, one way or the other.
    pub by_schema: bool,
    /// Values with more digits than a typed number has.
    pub decisive: usize,
    /// Those of them that are 32-bit floats to the last digit.
    pub single_values: usize,
}

impl PrecisionFacts {
    /// The facts about `trace`. Keys that every program rounds do not count.
    pub fn of(trace: &TraceLog, schema: &Schema) -> Self {
        let mut facts = Self { by_schema: schema.precision.is_some(), ..Self::default() };
        let rounded = schema.keys.iter().filter(|k| k.kind == KeyKind::Single);
        let rounded: Vec<u32> = rounded.filter_map(|k| trace.names.find(&k.name)).collect();
        let stride = (trace.values.len() / SAMPLE).max(1);
        let items = (0..trace.lines.len()).flat_map(|line| trace.items(line));
        let values = items.filter(|item| !rounded.contains(&item.key)).flat_map(|item| item.numbers);
        for x in values.step_by(stride) {
            if let Some(single) = is_single(*x) {
                facts.decisive += 1;
                facts.single_values += usize::from(single);
            }
        }
        let share = facts.single_values as f64 >= SHARE * facts.decisive as f64;
        facts.single = match schema.precision {
            Some(precision) => precision == Precision::Single,
            None => facts.single_values >= LEAST && share,
        };
        facts
    }

    /// Why a trace counts as single precision, in words; empty for one that does not.
    pub fn to_text(&self) -> String {
        match (self.single, self.by_schema) {
            (false, _) => String::new(),
            (true, true) => "single precision by the schema".to_owned(),
            (true, false) => format!(
                "single precision in places: {} of {} long numbers are 32-bit floats",
                self.single_values, self.decisive
            ),
        }
    }
}

/// Whether a number is a 32-bit float to the last of 15 digits; `None` for one that is as likely in either precision.
fn is_single(x: f64) -> Option<bool> {
    if x == 0.0 || !x.is_finite() {
        return None;
    }
    let short: f64 = format!("{x:.*e}", SHORT - 1).parse().ok()?;
    if printed_alike(short, x) {
        return None;
    }
    let rounded = x as f32;
    // A fraction of few binary digits is exact in either precision.
    let binary = rounded.to_bits().trailing_zeros() >= 8;
    match printed_alike(f64::from(rounded), x) {
        true if binary => None,
        alike => Some(alike),
    }
}

/// Whether two numbers have the same 15 digits.
fn printed_alike(a: f64, b: f64) -> bool {
    (a - b).abs() <= 5e-15 * b.abs()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::trace::log::read_bytes;

    fn facts(numbers: &[String], key: &str) -> PrecisionFacts {
        let schema = Schema::built_in().unwrap();
        let text: String = numbers.iter().map(|n| format!("TRACE_X: {key} {n}\n")).collect();
        PrecisionFacts::of(&read_bytes(text.as_bytes(), Path::new("t")).unwrap(), &schema)
    }

    /// Numbers without a pattern, from 0.1 to 1.1.
    fn numbers(count: usize) -> impl Iterator<Item = f64> {
        (1..=count).map(|n| (n as f64 * 2_f64.sqrt()).fract() + 0.1)
    }

    fn printed(x: f64) -> String {
        format!("{x:.14e}")
    }

    #[test]
    fn a_share_of_single_values_tells_and_a_few_do_not() {
        let mixed = |single: usize, double: usize| -> Vec<String> {
            let mut all: Vec<String> = numbers(single).map(|x| printed(f64::from(x as f32))).collect();
            all.extend(numbers(double).map(printed));
            all
        };
        assert!(facts(&mixed(50, 0), "a").single && facts(&mixed(10, 40), "a").single);
        for (single, double) in [(0, 50), (3, 0), (4, 0), (3, 10), (5, 1000)] {
            assert!(!facts(&mixed(single, double), "a").single, "{single} of {double}");
        }
        assert!(!facts(&mixed(50, 0), "floatimage_accumulated").single, "every program rounds this key");
    }

    #[test]
    fn numbers_beside_short_ones_and_binary_fractions_tell_nothing() {
        for word in [
            "0.9999999999999998",
            "1.0000000000000002",
            "0.30000000000000004",
            "299792458",
            "9.5367431640625e-07",
        ] {
            assert_eq!(facts(&vec![word.to_owned(); 50], "a"), PrecisionFacts::default(), "{word}");
        }
    }

    #[test]
    fn the_schema_has_the_last_word() {
        let double: Vec<String> = numbers(50).map(printed).collect();
        let text: String = double.iter().map(|n| format!("TRACE_X: a {n}\n")).collect();
        let trace = read_bytes(text.as_bytes(), Path::new("t")).unwrap();
        for (word, single) in [("single", true), ("double", false)] {
            let schema = Schema::from_toml(&format!("precision = '{word}'\n[[key]]\nname = 'a'\n")).unwrap();
            let found = PrecisionFacts::of(&trace, &schema);
            assert!(found.single == single && found.by_schema, "{word}");
        }
    }
}
