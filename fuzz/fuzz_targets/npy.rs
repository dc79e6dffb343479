//! NumPy arrays: an image that its file can hold, or an error.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nanobragg::image::npy;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(image) = npy::parse(Path::new("fuzz.npy"), bytes) {
        let image = image.into_f32();
        assert_eq!(image.data.len(), image.fast * image.slow);
        assert!(image.data.len() <= bytes.len() / 4);
    }
});
