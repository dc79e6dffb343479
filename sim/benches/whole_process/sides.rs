//! The programs that take turns: C builds, and our engines.
//! Not here: running them.

use std::path::PathBuf;

pub const C: &str = "C";
pub const C_FAST_MATH: &str = "C fast-math";
pub const REFERENCE: &str = "reference";
pub const EXACT: &str = "exact";
pub const FAST: &str = "fast f64";
pub const FAST_SINGLE: &str = "fast f32";

/// A program with the flags that choose its engine.
pub struct Side {
    pub name: &'static str,
    pub program: PathBuf,
    pub own: Vec<&'static str>,
    /// Whether it takes `--threads` (the C program listens to OMP_NUM_THREADS).
    pub ours: bool,
}

/// Our program.
pub fn our_program() -> PathBuf {
    env!("CARGO_BIN_EXE_nanobragg").into()
}

/// All sides there are here, the yardstick first.
pub fn all() -> Vec<Side> {
    let theirs = |name, variable: &str| {
        std::env::var_os(variable).map(|p| Side { name, program: p.into(), own: vec![], ours: false })
    };
    let ours = |name, own: &[&'static str]| Side {
        name,
        program: our_program(),
        own: [&["--parity", "--engine"], own].concat(),
        ours: true,
    };
    let mut sides: Vec<Side> = theirs(C, "NB_C_BIN").into_iter().collect();
    sides.extend([
        ours(REFERENCE, &["reference"]),
        ours(EXACT, &["exact"]),
        ours(FAST, &["fast", "--dtype", "f64"]),
        ours(FAST_SINGLE, &["fast", "--dtype", "f32"]),
    ]);
    sides.extend(theirs(C_FAST_MATH, "NB_C_FASTMATH_BIN"));
    sides
}

/// What others are compared with, in words.
pub fn yardstick(sides: &[Side]) -> &'static str {
    match sides[0].name {
        C => "the C program that NB_C_BIN names",
        _ => "our reference engine: NB_C_BIN is not set, so nothing here was compared with the C program",
    }
}
