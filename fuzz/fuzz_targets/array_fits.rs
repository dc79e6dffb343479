//! Arrays in fits files: one that its file can hold, equal to itself, or an error.
#![no_main]

#[path = "support/array.rs"]
mod array;

use libfuzzer_sys::fuzz_target;
use nb_compare::array::Format;

fuzz_target!(|bytes: &[u8]| array::holds(bytes, &Format::Fits));
