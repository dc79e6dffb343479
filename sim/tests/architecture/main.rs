//! The rules of ARCHITECTURE.md that can be read off the sources, a file for each subject.
//!
//! Who imports whom is read with a Rust parser (`../support/imports.rs`). Other rules read the sources as text, with comments and
//! inline test modules cut off: one that text cannot decide exactly is checked by what it forbids to be written. Not here: rules
//! about what programs do (`golden_parity` has those).

mod errors_and_types;
mod files;
mod markup;
mod outside_world;
mod simulator;
mod three_crates;

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/imports.rs"]
mod imports;

/// The crates' folders of sources. Of the two upper crates also the modules, lowest first: a module may use what stands
/// before it. (`MAY_USE` says it more narrowly of the simulator.)
const CRATES: &[(&str, &[&str])] = &[
    ("sim/src/", &[]),
    (
        "trace-harness/src/",
        &[
            "ulp",
            "numbers",
            "pixel_pair",
            "evidence",
            "cases",
            "trace",
            "emit",
            "shadow",
            "simulator",
            "protein",
            "capture",
            "hygiene",
            "explain",
            "plan",
            "gate",
            "profile",
            "matrix",
            "triage",
            "gradcheck",
            "commands",
            "cli",
            "prelude",
        ],
    ),
    (
        "nb-compare/src/",
        &[
            "whole",
            "image",
            "compare",
            "array",
            "table",
            "adapter",
            "built_in",
            "noise",
            "picture",
            "effective",
            "explanation",
            "report",
            "matrix",
            "runner",
            "cache",
            "recompute",
            "protein",
            "cli",
            "app",
            "prelude",
        ],
    ),
];

/// Fails with all faults, one a line.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
