//! Arrays of any rank and number type, as a user meets them: the command line, evidence, and files that other programs wrote.
//!
//! Not here: 2-D images of floats (`command_line`), the laws of metrics (`array`).

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod support;

mod broken;
mod evidence;
mod files;
mod formats;
mod large;
mod mutated;

use std::fs;

use support::Scene;

/// Writes an array of doubles in a file of NumPy's, as C orders it.
fn npy(scene: &Scene, name: &str, shape: &str, values: &[f64]) {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(scene.path(name), [npy_header("<f8", shape), bytes].concat()).expect("room");
}

/// The header of a file of NumPy's.
fn npy_header(dtype: &str, shape: &str) -> Vec<u8> {
    let text = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(text.len()).expect("a short header").to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &length, text.as_bytes()].concat()
}

fn wave(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i as f64 * 0.37).sin() * 10.0 + 20.0).collect()
}
