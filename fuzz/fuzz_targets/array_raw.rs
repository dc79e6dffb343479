//! Bare numbers in a stated layout: a first line states it, numbers follow. An array that the rest can hold, equal to itself, or an error.
#![no_main]

#[path = "support/array.rs"]
mod array;

use libfuzzer_sys::fuzz_target;
use nb_compare::array::Format;

fuzz_target!(|bytes: &[u8]| {
    let (layout, content) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let Ok(layout) = std::str::from_utf8(layout) else { return };
    if let Ok(format) = format!("raw:{layout}").parse::<Format>() {
        assert_eq!(format.to_string().parse(), Ok(format.clone()));
        array::holds(content, &format);
    }
});
