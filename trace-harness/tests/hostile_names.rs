//! Names, keys and messages of somebody else, with markup and sequences of a terminal in them: they are shown, and mean nothing.
//!
//! Not here: damaged results and traces (`hostile_results`, `damaged_traces`), pages in HTML (unit tests of `evidence::page`).

#[path = "support/called.rs"]
mod called;
#[path = "support/markdown.rs"]
mod markdown;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::called::{Called, call};

/// Markup, the end of a cell, the end of code, and a sequence that clears the line of a terminal.
const HOSTILE: &str = "<img src=x onerror=y>|`\u{1b}[2K`";

/// The text on the terminal shows the name, and nothing of it acts.
fn assert_shown(called: &Called) {
    let text = format!("{}{}", called.out, called.err);
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(text.contains("onerror") && text.contains("\\u{1b}[2K"), "{text}");
}

/// The Markdown in a file shows the name, and nothing of it acts.
fn assert_harmless(path: &Path) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(!text.contains('\u{1b}') && text.contains("onerror"), "{}: {text:?}", path.display());
    let found = markdown::with_markup(&text);
    assert!(found.is_empty(), "{}: {found:#?}", path.display());
}

fn bundle(called: &Called) -> PathBuf {
    let result: Value =
        serde_json::from_str(&called.out).unwrap_or_else(|e| panic!("{e}: {}{}", called.out, called.err));
    result["folder"].as_str().unwrap().into()
}

fn program(folder: &Path, name: &str, body: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A text of TOML between quotation marks.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\u{1b}', "\\u001b"))
}

#[test]
fn keys_of_traces_mean_nothing_on_the_terminal() {
    let root = tempfile::tempdir().unwrap();
    let trace = |value: &str| format!("TRACE_C: {} {value}\nTRACE_C: y 1\n", HOSTILE.replace(' ', "_"));
    fs::write(root.path().join("a"), trace("1")).unwrap();
    fs::write(root.path().join("b"), trace("2")).unwrap();
    fs::write(root.path().join("c"), "TRACE_C: y 1\n").unwrap();
    for (other, code) in [("b", 3), ("c", 3)] {
        let called = call(root.path(), &["diff", "a", other, "--out", &format!("out-{other}")]);
        assert_eq!(called.code, code, "{}{}", called.out, called.err);
        assert_shown(&called);
        assert_harmless(&root.path().join(format!("out-{other}/analysis.md")));
    }
    let key = toml_text(&HOSTILE.replace(' ', "_"));
    let schema = format!("[[key]]\nname = 'y'\n[[key]]\nname = {key}\ninputs = ['y']\nlaw = 'y'\n");
    fs::write(root.path().join("s.toml"), schema).unwrap();
    let called = call(root.path(), &["audit", "b", "--schema", "s.toml"]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    assert_shown(&called);
}

#[test]
fn names_of_files_mean_nothing_on_the_terminal() {
    let root = tempfile::tempdir().unwrap();
    let trace = root.path().join(HOSTILE);
    fs::write(&trace, "TRACE_C: x 1\n").unwrap();
    fs::write(root.path().join("b"), "TRACE_C: x 2\n").unwrap();
    for args in [
        &["diff", HOSTILE, "b"][..],
        &["audit", HOSTILE],
        &["triage", "--current", HOSTILE],
        &["verify", HOSTILE],
        &["rerun", HOSTILE],
        &["capture", "--config", &format!("{HOSTILE}.toml")],
        &["matrix", HOSTILE],
    ] {
        assert_shown(&call(root.path(), args));
    }
    fs::write(root.path().join("gate.toml"), format!("[[tool]]\nname = {}\n", toml_text(HOSTILE))).unwrap();
    for args in [&["gate"][..], &["run", "--topic", "t", "--gate", "--", "true"]] {
        let called = call(root.path(), args);
        assert_ne!(called.code, 0, "{}{}", called.out, called.err);
        assert_shown(&called);
    }
}

#[test]
fn names_and_messages_of_tests_mean_nothing_on_the_terminal_nor_in_the_summary() {
    let root = tempfile::tempdir().unwrap();
    // XML has no place for the sequence itself; a log has.
    let log = format!(
        "running 1 test\ntest tests::a ... FAILED\n\nfailures:\n\n---- tests::a stdout ----\n\nthread 'tests::a' panicked at src/lib.rs:1:1:\n\
         {HOSTILE}\n\n\nfailures:\n    tests::a\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n"
    );
    fs::write(root.path().join("log"), log).unwrap();
    let called = call(root.path(), &["triage", "--current", "log", "--out", "out"]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    let text = format!("{}{}", called.out, called.err);
    assert!(!text.contains('\u{1b}') && text.contains("onerror"), "{text:?}");
    assert_harmless(&root.path().join("out/summary.md"));
}

#[test]
fn names_of_results_and_steps_mean_nothing_in_the_analysis() {
    let root = tempfile::tempdir().unwrap();
    let script = "printf x > \"$1/$2.txt\"; mkfifo \"$1/$2.pipe\"";
    let called = call(
        root.path(),
        &[
            "run",
            "--topic",
            "t",
            "--json",
            "--keep-paths",
            "--",
            "sh",
            "-c",
            script,
            "sh",
            "{out}/results",
            HOSTILE,
        ],
    );
    assert_harmless(&bundle(&called).join("analysis.md"));
    let text = call(
        root.path(),
        &["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", script, "sh", "{out}/results", HOSTILE],
    );
    assert!(!format!("{}{}", text.out, text.err).contains('\u{1b}'), "{}{}", text.out, text.err);
}

#[test]
fn what_a_simulator_and_a_configuration_say_means_nothing_in_a_capture() {
    let root = tempfile::tempdir().unwrap();
    program(root.path(), "bad", &format!("printf '%s\\n' '{HOSTILE}' >&2; exit 7"));
    let config = |arguments: &str| {
        format!("about = {}\narguments = [{arguments}]\npixels = [[1, 2]]\n", toml_text(HOSTILE))
    };
    let name = format!("{HOSTILE}.toml");
    let flags = "-cell 100 100 100 90 90 90 -default_F 100 -lambda 6.2 -N 5 -detpixels 64 -distance 100";
    let flags: Vec<String> = flags.split(' ').map(|word| format!("'{word}'")).collect();
    fs::write(root.path().join(&name), config(&flags.join(", "))).unwrap();
    let made = call(root.path(), &["--json", "capture", "--config", &name, "--keep-paths"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_harmless(&bundle(&made).join("analysis.md"));
    let failed = call(root.path(), &["capture", "--config", &name, "--candidate", "./bad", "--keep-paths"]);
    assert_eq!(failed.code, 2, "{}", failed.err);
    assert_shown(&failed);
    let place = failed.err.lines().find_map(|line| line.strip_prefix("evidence: ")).unwrap();
    assert_harmless(&Path::new(place).join("analysis.md"));
}

#[test]
fn what_a_program_and_a_case_say_means_nothing_in_a_matrix() {
    let root = tempfile::tempdir().unwrap();
    program(root.path(), "bad", &format!("printf '%s\\n' '{HOSTILE}' >&2; exit 7"));
    let case = format!("[[case]]\nname = 'a'\nargs = [{}]\n", toml_text(HOSTILE));
    fs::write(root.path().join("cases.toml"), case).unwrap();
    let args = ["matrix", "cases.toml", "--program", "./bad", "--isolated", "--keep-paths"];
    let called = call(root.path(), &args);
    assert_ne!(called.code, 0, "{}{}", called.out, called.err);
    assert_shown(&called);
    let place = bundle(&call(root.path(), &[&args[..], &["--json"]].concat()));
    assert_harmless(&place.join("results/table.md"));
    assert_harmless(&place.join("analysis.md"));
}

#[test]
fn the_name_of_a_case_means_nothing_in_a_gradient_check() {
    let root = tempfile::tempdir().unwrap();
    let case = format!(
        "[[case]]\nname = {}\nflags = \"-cell 60 70 80 90 90 90 -default_F 50 -N 8 -lambda 1 -distance 80 -pixel 0.4 \
         -detpixels 200 -roi 60 65 90 95\"\nparams = \"fluence\"\n",
        toml_text(HOSTILE)
    );
    fs::write(root.path().join("mine.toml"), case).unwrap();
    // A gate that nothing can pass, so that the case is named.
    let called =
        call(root.path(), &["gradcheck", "--cases", "mine.toml", "--strict", "1e-30", "--out", "tables"]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    assert_shown(&called);
    assert_harmless(&root.path().join("tables/gradcheck.md"));
}
