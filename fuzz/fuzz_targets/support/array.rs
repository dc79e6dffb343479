//! What holds of an array that any reader gives: it has no more elements than its file can hold, and all of them can be read.

use std::path::Path;

use nb_compare::array::{Format, ArrayGates, compare, parse};

/// No packed byte becomes more bytes than these; numbers as text become 8 of 2.
const RATIO: usize = 1400;

/// Reads `bytes` as `format`, and compares what comes of it with itself.
pub fn holds(bytes: &[u8], format: &Format) {
    // A part of the bytes says which array is meant.
    let (part, content) = bytes.split_at(bytes.len().min(2));
    let part = std::str::from_utf8(part).ok().filter(|part| part.chars().all(char::is_alphanumeric));
    for (bytes, part) in [(bytes, None), (content, part)] {
        if let Ok(array) = parse(Path::new("fuzz"), bytes, part, format) {
            assert!(array.length() * array.element().size() <= bytes.len() * RATIO + 64);
            let comparison = compare(&array, &array, &ArrayGates::default()).expect("one shape");
            assert!(comparison.metrics.byte_identical && comparison.metrics.pairs.differing() == 0);
        }
    }
}
