//! Tables of sources and of scattering: at least one row, finite numbers when read strictly.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::input::{Leniency, source_file};

fuzz_target!(|text: &[u8]| {
    let path = Path::new("fuzz.txt");
    if let Ok(table) = source_file::parse::<5>(path, text, Leniency::Strict) {
        assert!(!table.rows.is_empty());
        assert!(table.rows.iter().all(|row| row[0].is_some_and(f64::is_finite)));
    }
    if let Ok(table) = source_file::parse::<2>(path, text, Leniency::Reference) {
        assert!(table.rows.iter().flatten().flatten().all(|value| !value.is_nan()));
    }
});
