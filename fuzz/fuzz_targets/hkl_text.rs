//! Reflection lists: a list that is accepted strictly reads the same as nanoBragg reads it.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::input::{Leniency, hkl};

fuzz_target!(|text: &[u8]| {
    let read = |leniency| hkl::parse_text(Path::new("fuzz.hkl"), text, 0.0, leniency);
    let lenient = read(Leniency::Reference);
    if let Ok(strict) = read(Leniency::Strict) {
        let lenient = lenient.expect("accepted strictly");
        // Comparing a grid that hardly anything fills would only measure memory.
        if strict.grid.padded_values().len() < 1 << 20 {
            assert_eq!(strict.grid, lenient.grid);
            // Strict reading warns of more.
            assert!(lenient.warnings.iter().all(|warning| strict.warnings.contains(warning)));
        }
    }
});
