//! Numbers in names, as the C library's `printf` writes them: `image_%04d.bin`.
//!
//! Not here: which words have one (`plan`).

use std::ffi::{OsStr, OsString};

/// Digits of a number at most, so that nobody's `%999999999d` takes the memory.
const MOST_DIGITS: usize = 20;

/// `word` with each `%d`, `%4d` and `%04d` replaced by `number`; everything else stays, other `%` too, and words that are no Unicode.
pub(crate) fn numbered(word: &OsStr, number: u64) -> OsString {
    let Some(mut rest) = word.to_str() else { return word.to_owned() };
    let mut name = String::with_capacity(rest.len() + 8);
    while let Some((before, behind)) = rest.split_once('%') {
        name += before;
        let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (width, kind) = behind.split_at(digits);
        let counted = if width.is_empty() { Some(0) } else { width.parse().ok() };
        match (counted.filter(|width| *width <= MOST_DIGITS), kind.strip_prefix('d')) {
            (Some(columns), Some(after)) => {
                name += &if width.starts_with('0') {
                    format!("{number:0columns$}")
                } else {
                    format!("{number:columns$}")
                };
                rest = after;
            }
            _ => {
                name.push('%');
                rest = behind;
            }
        }
    }
    name += rest;
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_printf_does() {
        for (word, name) in [
            ("image_%04d.bin", "image_0007.bin"),
            ("image_%d.bin", "image_7.bin"),
            ("%3d", "  7"),
            ("set1/%02d/image_%05d.img", "set1/07/image_00007.img"),
            ("no number", "no number"),
            ("100%", "100%"),
            ("%f_%04x_%", "%f_%04x_%"),
            ("%%04d", "%0007"),
            ("%0999999999999999999999d", "%0999999999999999999999d"),
            ("%021d", "%021d"),
        ] {
            assert_eq!(numbered(OsStr::new(word), 7), OsStr::new(name), "{word}");
        }
        assert_eq!(numbered(OsStr::new("image_%04d.bin"), 12345), OsStr::new("image_12345.bin"));
    }
}
