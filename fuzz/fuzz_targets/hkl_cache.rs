//! Binary caches: what is accepted without a warning is written back byte for byte from the first value on.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::input::{Leniency, hkl, hkl::write_cache};

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzz.bin");
    let _ = nanobragg::input::cache::parse_cache(path, bytes, Leniency::Reference);
    let Ok(read) = nanobragg::input::cache::parse_cache(path, bytes, Leniency::Strict) else { return };
    assert!(read.grid.padded_values().len() <= bytes.len() / 8);
    if read.warnings.is_empty() {
        let mut written = Vec::new();
        write_cache(&read.grid, &mut written).expect("a vector takes everything");
        let data = read.grid.padded_values().len() * 8;
        assert!(written[written.len() - data..] == bytes[bytes.len() - data..]);
        assert!(hkl::LARGEST_GRID >= read.grid.padded_values().len() as u64);
    }
});
