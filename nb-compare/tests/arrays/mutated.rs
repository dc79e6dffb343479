//! Files with a few bytes changed: an array that the file can hold, or a refusal; no panic, no endless reading, no memory by a header's word.
//!
//! Not here: searching for such files by coverage (`fuzz/`).

use std::collections::BTreeSet;

use nb_compare::array::{ArrayGates, Format, compare, parse};

use crate::formats::{expected, folder};

/// No packed byte becomes more bytes than these.
const RATIO: usize = 1400;

/// Changes of each file.
const CHANGES: u64 = 60;

/// Numbers that depend on the one before (Knuth's constants).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn whatever_bytes_are_changed_an_array_is_one_that_its_file_can_hold() {
    // A search by hand asks for more of them, and for others.
    let variable =
        |name: &str, usual| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let (changes, mut state) = (variable("NB_ARRAY_CHANGES", CHANGES), variable("NB_ARRAY_SEED", 1));
    let (mut read, mut refused, mut seen) = (0, 0, BTreeSet::new());
    for expected in expected() {
        let whole = std::fs::read(folder().join(&expected.file)).expect("a fixture");
        let part = Some(expected.part.as_str()).filter(|part| !part.is_empty());
        let is_new = seen.insert(expected.file.clone());
        for _ in 0..if is_new { changes } else { changes / 10 } {
            let mut bytes = whole.clone();
            for _ in 0..=next(&mut state) % 4 {
                // Most of what can be said wrongly stands at the beginning.
                let most =
                    if next(&mut state).is_multiple_of(2) { bytes.len().min(600) } else { bytes.len() };
                let place = next(&mut state) % most;
                bytes[place] = match next(&mut state) % 4 {
                    0 => 0xff,
                    1 => 0,
                    2 => bytes[place].wrapping_add(1),
                    _ => next(&mut state) as u8,
                };
            }
            match parse(&folder().join(&expected.file), &bytes, part, &Format::Auto) {
                Err(_) => refused += 1,
                Ok(array) => {
                    read += 1;
                    let claims = array.length() * array.element().size();
                    assert!(claims <= bytes.len() * RATIO, "{}: {claims} bytes", expected.file);
                    let comparison = compare(&array, &array, &ArrayGates::default()).expect("one shape");
                    assert!(comparison.metrics.byte_identical, "{}", expected.file);
                }
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}
