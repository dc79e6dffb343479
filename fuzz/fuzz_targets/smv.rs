//! SMV images: an image of the size its header says, or an error.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::image::smv;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((header, image)) = smv::parse_u16(Path::new("fuzz.img"), bytes) {
        assert_eq!((image.fast, image.slow), (header.fast, header.slow));
        assert_eq!(image.data.len(), header.fast * header.slow);
        assert!(header.data_offset + 2 * image.data.len() <= bytes.len());
    }
});
