//! Two small traces that differ, compared at the shell: what the terminal, the JSON and the page show.
//!
//! Not here: what they are expected to show.

use std::process::Command;

use serde_json::Value;

/// One comparison, as it is shown in three places.
pub struct ShownPair {
    pub printed: String,
    pub json: Value,
    pub page: String,
}

/// Compares the traces `a` and `b`, whose keys are in `schema`, and keeps a bundle that follows from its files.
pub fn shown(schema: &str, a: &str, b: &str) -> ShownPair {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("keys.toml", schema), ("a", a), ("b", b)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
        let ended = command.args(args).current_dir(folder.path()).output().expect("the program runs");
        (ended.status.code(), String::from_utf8(ended.stdout).expect("text"))
    };
    let diff = ["diff", "a", "b", "--schema", "keys.toml"];
    let (code, printed) = run(&[&diff[..], &["--out", "kept"]].concat());
    assert_eq!(code, Some(3), "{printed}");
    let (_, json) = run(&[&["--json"], &diff[..]].concat());
    let page = std::fs::read_to_string(folder.path().join("kept/diff.html")).expect("a page");
    assert_eq!(run(&["verify", "kept", "--recompute"]).0, Some(0));
    ShownPair { printed, json: serde_json::from_str(&json).expect("JSON"), page }
}
