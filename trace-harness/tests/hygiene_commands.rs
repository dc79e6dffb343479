//! `hygiene` at the shell: our simulator is clean, and simulators that are not are found out.
//!
//! Not here: the arithmetic of costs (unit tests of `hygiene`).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const BIN: &str = env!("CARGO_BIN_EXE_trace-harness");

fn hygiene(folder: &Path, more: &[&str]) -> (i32, Value, String) {
    let args = ["--json", "hygiene", "--config", "simple-cubic", "--rounds", "2", "--keep-paths"];
    let output: Output =
        Command::new(BIN).args(args).args(more).current_dir(folder).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().expect("a status"), value, errors)
}

/// A simulator that is ours, and then does something more.
fn altered(folder: &Path, more: &str) -> String {
    let path = folder.join("simulator.sh");
    let script = format!("#!/bin/sh\n'{BIN}' __nanobragg \"$@\" || exit $?\n{more}\n");
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("allowed");
    path.display().to_string()
}

/// Names of the checks with this outcome.
fn named(value: &Value, outcome: &Value) -> Vec<String> {
    let checks = value["checks"].as_array().expect("a list");
    checks
        .iter()
        .filter(|c| c["passed"] == *outcome)
        .map(|c| c["name"].as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn our_simulator_traces_only_when_asked_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, value, errors) = hygiene(folder.path(), &[]);
    assert_eq!((code, value["verdict"].as_str()), (0, Some("PASS")), "{value:#} {errors}");
    // The cost of what is off needs another build, and is not claimed without.
    assert_eq!(named(&value, &Value::Null), ["tracing that is off costs no more than allowed"]);
    assert!(named(&value, &Value::Bool(false)).is_empty());
    assert_eq!(value["in_turn"]["images"].as_array().map(Vec::len), Some(6));
    assert!(value["cost"]["traced_to_untraced"][0].as_f64().is_some_and(|r| r > 0.0));
    let bundle = value["folder"].as_str().expect("a folder");
    let sound = Command::new(BIN).args(["verify", bundle]).status().expect("it runs");
    assert!(sound.success());
    let commands = std::fs::read_to_string(Path::new(bundle).join("commands.txt")).expect("written");
    assert_eq!(commands.matches("\ncommand  ").count(), 6, "{commands}");
    assert_eq!(commands.matches("--trace-pixel 20 30").count(), 2, "{commands}");
}

#[test]
fn a_trace_line_that_nobody_asked_for_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let chatty = altered(folder.path(), "echo 'TRACE_RS: F_cell 5'");
    let (code, value, errors) = hygiene(folder.path(), &["--candidate", &chatty]);
    assert_eq!(code, 3, "{errors}");
    assert_eq!(named(&value, &Value::Bool(false)), ["no trace line unasked"], "{value:#}");
    assert_eq!(value["in_turn"], Value::Null);
}

#[test]
fn an_image_that_tracing_changes_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let touched = altered(folder.path(), "case \"$*\" in *--trace-pixel*) printf x >> float.bin;; esac");
    let (code, value, errors) = hygiene(folder.path(), &["--candidate", &touched]);
    assert_eq!(code, 3, "{errors}");
    assert_eq!(named(&value, &Value::Bool(false)), ["images are the same bytes"], "{value:#}");
}

#[test]
fn a_plain_build_makes_the_cost_of_what_is_off_a_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = altered(folder.path(), "");
    let more = ["--candidate", &plain, "--plain", &plain, "--max-cost", "1000"];
    let (code, value, errors) = hygiene(folder.path(), &more);
    assert_eq!(code, 0, "{value:#} {errors}");
    assert!(
        value["cost"]["untraced_to_plain"][0].as_f64().is_some_and(|r| r > 0.0 && r < 1000.0),
        "{value:#}"
    );
    assert!(
        named(&value, &Value::Bool(true))
            .contains(&"tracing that is off costs no more than allowed".to_owned())
    );
}

#[test]
fn a_simulator_that_fails_leaves_evidence_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = altered(folder.path(), "exit 7");
    let (code, _, errors) = hygiene(folder.path(), &["--candidate", &broken]);
    assert!(code == 2 && errors.contains("exit status 7") && errors.contains("evidence: "), "{errors}");
    let (code, _, errors) = hygiene(folder.path(), &["--plain", "./nothing"]);
    assert!(
        code == 1 && errors.contains("`./nothing`: the build without trace code is not there"),
        "{errors}"
    );
}

/// A build that costs twice as much makes the ratio a half whatever else the machine does; chance alone is never below 1.
#[test]
fn a_limit_that_chance_alone_reaches_leaves_the_cost_undecided() {
    let folder = tempfile::tempdir().expect("a folder");
    let twice = altered(folder.path(), &format!("exec '{BIN}' __nanobragg \"$@\""));
    let (code, value, errors) = hygiene(folder.path(), &["--plain", &twice, "--max-cost", "1"]);
    assert_eq!((code, value["verdict"].as_str()), (5, Some("UNDECIDED")), "{value:#} {errors}");
    assert_eq!(named(&value, &Value::Null), ["tracing that is off costs no more than allowed"], "{value:#}");
    assert!(named(&value, &Value::Bool(false)).is_empty(), "{value:#}");
}
