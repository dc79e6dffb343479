//! Whether a file that was made again is the old one, within what its tolerance allows.
//!
//! Not here: making it again (`rerun`).

use serde::Serialize;

use crate::evidence::bundle::summary::Tolerance;
use crate::numbers::number;
use crate::ulp;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileVerdict {
    /// The same bytes.
    Identical,
    /// Other bytes, but within the file's tolerance.
    Within,
    /// Beyond its tolerance.
    Differs,
    /// Not made this time.
    Missing,
    /// Made this time, but not before.
    Extra,
}

/// Compares the content `old` with `new`, either of which may be missing; the text says by how much they differ.
pub fn compare(old: Option<&[u8]>, new: Option<&[u8]>, tolerance: &Tolerance) -> (FileVerdict, String) {
    let (old, new) = match (old, new) {
        (_, None) => return (FileVerdict::Missing, "was not written this time".to_owned()),
        (None, Some(_)) => return (FileVerdict::Extra, "was not written before".to_owned()),
        (Some(old), Some(new)) => (old, new),
    };
    if old == new {
        return (FileVerdict::Identical, "the same bytes".to_owned());
    }
    let (holds, text) = match tolerance {
        Tolerance::Exact => (false, format!("{} and {} bytes that are not the same", old.len(), new.len())),
        Tolerance::F32Ulp { max } => floats(old, new, *max),
        Tolerance::Relative { max } => numbers(old, new, *max),
        Tolerance::ButTimes => (without_times(old) == without_times(new), "apart from run times".to_owned()),
    };
    (if holds { FileVerdict::Within } else { FileVerdict::Differs }, text)
}

fn floats(old: &[u8], new: &[u8], max: u32) -> (bool, String) {
    if old.len() != new.len() || !old.len().is_multiple_of(4) {
        return (false, format!("{} and {} bytes; expected as many 32-bit floats", old.len(), new.len()));
    }
    let values =
        |bytes: &[u8]| -> Vec<f32> { bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect() };
    let (old, new) = (values(old), values(new));
    if old.iter().zip(&new).any(|(a, b)| a.is_nan() != b.is_nan()) {
        return (false, "NaN on one side only".to_owned());
    }
    let pairs = old.iter().zip(&new).filter(|(a, _)| !a.is_nan());
    let largest = pairs.map(|(&a, &b)| ulp::distance(a, b)).max().unwrap_or(0);
    (largest <= max, format!("up to {largest} units of the last place apart, allowed {max}"))
}

/// Text without the numbers in `time="…"`.
fn without_times(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut pieces = text.split(" time=\"");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out += piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    out
}

/// Text in which numbers may differ a little and nothing else at all.
fn numbers(old: &[u8], new: &[u8], max: f64) -> (bool, String) {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let (mut left, mut right) = (old.split_whitespace(), new.split_whitespace());
    let mut largest = 0.0_f64;
    loop {
        match (left.next(), right.next()) {
            (None, None) => {
                return (
                    largest <= max,
                    format!("numbers differ by up to {largest:e} of the old, allowed {max:e}"),
                );
            }
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(x), Some(y)) if x.is_finite() && y.is_finite() => {
                    let relative = if x == y { 0.0 } else { (y - x).abs() / x.abs() };
                    largest = largest.max(relative);
                }
                _ => return (false, format!("`{a}` became `{b}`")),
            },
            (a, b) => {
                return (false, format!("`{}` became `{}`", a.unwrap_or("the end"), b.unwrap_or("the end")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &[u8], new: &[u8], tolerance: Tolerance) -> FileVerdict {
        compare(Some(old), Some(new), &tolerance).0
    }

    #[test]
    fn floats_may_be_as_far_apart_as_allowed() {
        let bytes = |v: f32| v.to_le_bytes();
        let next = 1.0_f32.next_up();
        assert_eq!(of(&bytes(1.0), &bytes(1.0), Tolerance::F32Ulp { max: 0 }), FileVerdict::Identical);
        assert_eq!(of(&bytes(1.0), &bytes(next), Tolerance::F32Ulp { max: 1 }), FileVerdict::Within);
        assert_eq!(of(&bytes(1.0), &bytes(next), Tolerance::F32Ulp { max: 0 }), FileVerdict::Differs);
        assert_eq!(
            of(&bytes(1.0), &bytes(f32::NAN), Tolerance::F32Ulp { max: u32::MAX }),
            FileVerdict::Differs
        );
        assert_eq!(of(&bytes(1.0), b"abc", Tolerance::F32Ulp { max: u32::MAX }), FileVerdict::Differs);
        assert_eq!(of(&bytes(1.0), &bytes(next), Tolerance::Exact), FileVerdict::Differs);
    }

    #[test]
    fn numbers_in_text_may_differ_but_words_may_not() {
        let at = |max| Tolerance::Relative { max };
        assert_eq!(of(b"sum = 100.0", b"sum = 100.1", at(0.01)), FileVerdict::Within);
        assert_eq!(of(b"sum = 100.0", b"sum = 102.0", at(0.01)), FileVerdict::Differs);
        assert_eq!(of(b"sum = 0", b"sum = 1e-9", at(0.01)), FileVerdict::Differs);
        assert_eq!(of(b"sum = 0.1D+03", b"sum = 100.1", at(0.01)), FileVerdict::Within);
        assert_eq!(of(b"sum = *****", b"sum = 100.1", at(0.5)), FileVerdict::Differs);
        for other in ["mean = 100.0", "sum = 100.0 more", "sum =", "sum = nan"] {
            assert_eq!(of(b"sum = 100.0", other.as_bytes(), at(0.5)), FileVerdict::Differs, "{other}");
        }
    }

    #[test]
    fn run_times_may_differ_and_nothing_else() {
        let old = b"<testcase name=\"a\" time=\"0.1\"/>";
        assert_eq!(
            of(old, b"<testcase name=\"a\" time=\"22.125\"/>", Tolerance::ButTimes),
            FileVerdict::Within
        );
        for other in [
            "<testcase name=\"b\" time=\"0.1\"/>",
            "<testcase name=\"a\" time=\"0.1\">",
            "",
            "<testcase name=\"a\"/>",
        ] {
            assert_eq!(of(old, other.as_bytes(), Tolerance::ButTimes), FileVerdict::Differs, "{other}");
        }
    }

    #[test]
    fn files_that_come_and_go_are_named() {
        assert_eq!(compare(Some(b"x"), None, &Tolerance::Exact).0, FileVerdict::Missing);
        assert_eq!(compare(None, Some(b"x"), &Tolerance::Exact).0, FileVerdict::Extra);
    }
}
