//! Traces of a million lines are compared in less than 200 MB.
//!
//! Not here: what the comparison finds in short traces, and how long it takes (no test depends on time).

use std::io::Write;
use std::path::Path;

use trace_harness::commands::traces::diff::{DiffArgs, compare_files};
use trace_harness::evidence::verdict::Verdict;

const LINES: usize = 1_000_000;

/// A trace of many pixels, 40 lines each; every tenth pixel of a `perturbed` one has another fluence.
fn write(path: &Path, template: &str, perturbed: bool) -> usize {
    let lines: Vec<&str> = template.lines().filter(|l| l.starts_with("TRACE_C: ")).collect();
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    let (mut written, mut pixel) = (0, 0);
    while written < LINES {
        writeln!(out, "TRACE_RS_PIXEL {} {}", pixel / 500, pixel % 500).expect("written");
        for line in &lines {
            match perturbed && pixel % 10 == 0 && line.contains("fluence") {
                true => writeln!(out, "TRACE_C: fluence_photons_per_m2 2e+24"),
                false => writeln!(out, "{line}"),
            }
            .expect("written");
        }
        written += lines.len() + 1;
        pixel += 1;
    }
    pixel
}

#[test]
fn a_million_lines_are_compared_in_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/attribution/protein_c.trace");
    let template = std::fs::read_to_string(template).expect("a stored trace");
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    write(&a, &template, false);
    let pixels = write(&b, &template, true);
    let args = DiffArgs {
        a,
        b,
        rtol: None,
        atol: None,
        tolerances: None,
        allow_missing: Vec::new(),
        min_compared: 1,
        schema: None,
        out: None,
        files: None,
        keep_paths: false,
    };
    let before = peak_memory();
    let (comparison, traces) = compare_files(&args).expect("two traces");
    let memory = peak_memory().saturating_sub(before);
    println!("{} and {} lines in {} MiB", traces[0].read, traces[1].read, memory >> 20);
    assert_eq!(comparison.verdict, Verdict::Fail);
    let causes: Vec<(&str, usize)> =
        comparison.root_causes.iter().map(|c| (c.key.as_str(), c.count)).collect();
    // The result did not move: nothing but the trace was changed.
    assert!(causes.is_empty(), "{causes:?}");
    let only: Vec<(&str, usize)> = comparison.trace_only.iter().map(|c| (c.key.as_str(), c.count)).collect();
    assert_eq!(only, [("fluence_photons_per_m2", pixels.div_ceil(10))]);
    assert!(memory < 200 << 20, "{memory} bytes");
}

/// Largest resident memory of this process in bytes.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|l| l.starts_with("VmHWM")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok()).expect("a number") * 1024
}
