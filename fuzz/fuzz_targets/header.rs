//! Headers and masks: as many pixels as the header says, or an error.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::input::{Leniency, header};

fuzz_target!(|bytes: &[u8]| {
    // The fixed beginning is given, so that the fuzzer need not find it.
    let mut file = b"{\nHEADER_BYTES=512;\n".to_vec();
    file.extend(bytes);
    file.resize(file.len().max(512), b' ');
    for content in [bytes, &file] {
        for leniency in [Leniency::Strict, Leniency::Reference] {
            if let Ok((file, pixels)) = header::parse_mask(Path::new("fuzz.img"), content, leniency) {
                assert_eq!(pixels.len(), file.width * file.height);
                for key in ["DISTANCE", "ORGX", "SIZE1", "PHI"] {
                    let _ = file.is_ambiguous(key);
                }
            }
        }
    }
});
