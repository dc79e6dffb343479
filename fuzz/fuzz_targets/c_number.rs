//! Number texts: nothing beyond the text is read, and what is printed reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nanobragg::c_number::{Scanner, atof, atoi, g, strtod, strtol};

fuzz_target!(|text: &[u8]| {
    if let Some((value, used)) = strtod(text) {
        assert!(used <= text.len());
        let again = atof(g(value, 17).as_bytes());
        assert!(again == value || (again.is_nan() && value.is_nan()));
    }
    if let Some((_, used)) = strtol(text) {
        assert!(used <= text.len());
    }
    let _ = atoi(text);
    let mut scanner = Scanner::new(text);
    while scanner.real().is_some() || scanner.integer().is_some() {}
    assert!(scanner.position() <= text.len());
});
