//! Traces of a million lines are compared in less than 200 MB, different keys in 400 bytes each.
//!
//! Not here: what the comparison finds in short traces, and how long it takes (no test depends on time).

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use wait4::Wait4;

const LINES: usize = 1_000_000;
/// What the program needs without traces, in bytes.
const OWN: u64 = 32 << 20;
/// Different keys of a trace.
const KEYS: usize = 150_000;

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
    write(&folder.path().join("a"), &template, false);
    let pixels = write(&folder.path().join("b"), &template, true);
    let ended = diff(folder.path(), &["--json", "diff", "a", "b"]);
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    let comparison: Value = serde_json::from_slice(&ended.printed).expect("JSON");
    let causes = |list: &str| -> Vec<(String, u64)> {
        let one = |c: &Value| Some((c["key"].as_str()?.to_owned(), c["count"].as_u64()?));
        comparison[list].as_array().expect("a list").iter().filter_map(one).collect()
    };
    // The result did not move: nothing but the trace was changed.
    assert_eq!(causes("root_causes"), []);
    assert_eq!(causes("trace_only"), [("fluence_photons_per_m2".to_owned(), pixels.div_ceil(10) as u64)]);
    assert!(ended.memory < 200 << 20, "{} bytes", ended.memory);
}

/// How a run of the program ended.
struct Ended {
    status: Option<i32>,
    printed: Vec<u8>,
    stderr: String,
    /// Largest resident memory in bytes. The kernel counts that of the process it was started from, which therefore stays small.
    memory: u64,
}

fn diff(folder: &Path, args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    command.args(args).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let (mut printed, mut stderr) = (Vec::new(), String::new());
    child.stdout.take().expect("a pipe").read_to_end(&mut printed).expect("read");
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
    let used = child.wait4().expect("an end");
    Ended { status: used.status.code(), printed, stderr, memory: used.rusage.maxrss }
}

#[test]
fn many_keys_are_compared_in_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, keys: &mut dyn Iterator<Item = usize>, value: &dyn Fn(usize) -> f64| {
        let file = std::fs::File::create(folder.path().join(name)).expect("a file");
        let mut out = std::io::BufWriter::new(file);
        writeln!(out, "TRACE_X_PIXEL 1 1").expect("written");
        keys.for_each(|key| writeln!(out, "TRACE_X: key_{key} {}", value(key)).expect("written"));
    };
    write("a", &mut (0..KEYS), &|key| 0.5 + key as f64);
    write("one", &mut (0..KEYS), &|key| if key == 7 { 0.25 } else { 0.5 + key as f64 });
    write("all", &mut (0..KEYS), &|_| 0.25);
    write("reversed", &mut (0..KEYS).rev(), &|key| 0.5 + key as f64);
    for (other, status, expected) in [
        ("a", 0, format!("all {KEYS} values agree")),
        ("reversed", 0, format!("all {KEYS} values agree")),
        ("one", 3, "root cause: key_7".to_owned()),
        ("all", 3, format!("; {KEYS} keys differ")),
    ] {
        let ended = diff(folder.path(), &["diff", "a", other]);
        assert_eq!(ended.status, Some(status), "{}", ended.stderr);
        let printed = String::from_utf8(ended.printed).expect("text");
        assert!(
            printed.trim_end().ends_with(&expected),
            "{other}: {}",
            printed.lines().last().unwrap_or_default()
        );
        assert!(ended.memory < OWN + 400 * KEYS as u64, "{other}: {} bytes", ended.memory);
    }
}

#[test]
fn a_line_without_an_end_is_an_error_and_fills_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut out = std::fs::File::create(folder.path().join("long")).expect("a file");
    out.write_all(b"TRACE_X: a 1\nTRACE_X: key").expect("written");
    for _ in 0..200 {
        out.write_all(&b" 1".repeat(1 << 19)).expect("written");
    }
    let ended = diff(folder.path(), &["diff", "long", "long"]);
    assert_eq!(ended.status, Some(5));
    assert_eq!(ended.stderr, "error: `long`, line 2: longer than 1 MiB; expected a line of text\n");
    assert!(ended.memory < 100 << 20, "{} bytes", ended.memory);
}
