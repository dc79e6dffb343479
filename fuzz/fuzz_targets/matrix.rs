//! Crystal matrices: nine finite numbers or an error.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::input::{Leniency, matrix};

fuzz_target!(|text: &[u8]| {
    let read = |leniency| matrix::parse(Path::new("fuzz.mat"), text, leniency);
    let lenient = read(Leniency::Reference);
    if let Ok(strict) = read(Leniency::Strict) {
        assert!(strict.as_flattened().iter().all(|v| v.is_finite()));
        assert_eq!(Ok(strict), lenient);
    }
});
