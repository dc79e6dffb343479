//! `matrix`, `gate` and `profile` as a user meets them, on a few of the golden cases and on lists of cases of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trace_harness::bundle::verify::verify;
use trace_harness::triage::source;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/golden-matrix.toml")
}

struct Called {
    code: i32,
    told: Value,
    err: String,
}

/// Runs `matrix` in `folder` with the simulator that is part of the program, without any reference but the one given.
fn matrix(folder: &Path, cases: &Path, args: &[&str], reference: Option<&Path>) -> Called {
    let mut command = Command::new(PROGRAM);
    command.args(["matrix", "--json", "--program", "built-in"]).arg(cases).args(args).current_dir(folder);
    command.env_remove("NB_C_BIN").env_remove("NB_SUPERVISOR_DIR");
    if let Some(path) = reference {
        command.env("NB_C_BIN", path);
    }
    let output = command.output().unwrap();
    Called {
        code: output.status.code().unwrap(),
        told: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn rows(called: &Called) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let rows = called.told["rows"].as_array().unwrap_or_else(|| panic!("{}", called.err));
    rows.iter().map(|r| (text(&r["case"]), text(&r["configuration"]), text(&r["outcome"]))).collect()
}

/// A list of cases: one golden case, with `change` made to its text.
fn list(folder: &Path, change: impl Fn(String) -> String) -> PathBuf {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/tests/golden/cases.toml");
    let text = fs::read_to_string(pack).unwrap();
    let case = text.split("[[case]]").nth(1).unwrap();
    let path = folder.join("cases.toml");
    fs::write(&path, change(format!("[[case]]{case}"))).unwrap();
    path
}

/// A program in the reference's place: our own in parity mode, with `before` done first.
fn stand_in(folder: &Path, before: &str) -> PathBuf {
    let path = folder.join("reference");
    fs::write(&path, format!("#!/bin/sh\n{before}\nexec '{PROGRAM}' matrix-simulator --parity \"$@\"\n"))
        .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn golden_cases_pass_in_every_configuration_by_themselves_and_in_one_process() {
    let root = tempfile::tempdir().unwrap();
    let args = ["--only", "AT-PARALLEL-001/", "--threads", "1,2", "--isolated", "--suite"];
    let called = matrix(root.path(), &golden(), &args, None);
    assert_eq!(called.code, 0, "{}", called.err);
    let rows = rows(&called);
    assert!(
        !rows.is_empty() && rows.len().is_multiple_of(4) && rows.iter().all(|r| r.2 == "pass"),
        "{rows:?}"
    );
    assert_eq!(called.told["disagreements"].as_array().unwrap().len(), 0);
    let place = PathBuf::from(called.told["folder"].as_str().unwrap());
    assert!(place.is_absolute() && verify(&place).unwrap().is_sound());
    // The XML is read by another part of this program.
    let counts = source::read(&place.join("results/junit.xml")).unwrap().run.counts();
    assert_eq!((counts.tests, counts.passed), (rows.len(), rows.len()));
    let digests = fs::read_to_string(place.join("results/digests.txt")).unwrap();
    let pack = fs::read_to_string(golden().with_file_name("../sim/tests/golden/cases.toml")).unwrap();
    assert!(digests.lines().all(|l| pack.contains(&l[..64])), "{digests}");
}

#[test]
fn a_changed_digest_fails_and_names_the_file() {
    let root = tempfile::tempdir().unwrap();
    let path = list(root.path(), |text| {
        let at = text.find("sha256 = \"").unwrap() + 10;
        format!("{}{}{}", &text[..at], "0".repeat(64), &text[at + 64..])
    });
    let called = matrix(root.path(), &path, &["--engine", "exact", "--suite", "--isolated"], None);
    assert_eq!(called.code, 3, "{}", called.err);
    let row = &called.told["rows"][0];
    assert_eq!((row["outcome"].as_str(), row["golden"].as_bool()), (Some("fail"), Some(false)));
    assert!(row["detail"].as_str().unwrap().starts_with("`float.bin` differs"), "{row}");
    let place = PathBuf::from(called.told["folder"].as_str().unwrap());
    let counts = source::read(&place.join("results/junit.xml")).unwrap().run.counts();
    assert_eq!((counts.tests, counts.failed), (1, 1));
    assert!(fs::read_to_string(place.join("results/table.md")).unwrap().contains("| FAIL |"));
}

#[test]
fn what_is_not_there_is_said_row_by_row() {
    let root = tempfile::tempdir().unwrap();
    let path = list(root.path(), |text| text);
    let args = ["--engine", "exact,oracle", "--device", "cpu,abacus"];
    let called = matrix(root.path(), &path, &args, None);
    assert_eq!(called.code, 0, "{}", called.err);
    let outcomes: Vec<(String, String)> = rows(&called).into_iter().map(|r| (r.1, r.2)).collect();
    let expected = [
        ("exact f64 cpu, 1 thread", "pass"),
        ("exact f64 abacus, 1 thread", "absent"),
        ("oracle f64 cpu, 1 thread", "absent"),
        ("oracle f64 abacus, 1 thread", "absent"),
    ];
    assert_eq!(outcomes, expected.map(|(c, o)| (c.to_owned(), o.to_owned())));
    assert!(called.told["absent"].as_object().unwrap().values().all(|v| !v.as_str().unwrap().is_empty()));
    // Nothing but absent rows decides nothing.
    assert_eq!(matrix(root.path(), &path, &["--device", "abacus"], None).code, 5);
}

#[test]
fn missing_inputs_are_said_and_decide_nothing() {
    let root = tempfile::tempdir().unwrap();
    let called = matrix(root.path(), &golden(), &["--only", "supervisor/full"], None);
    assert_eq!(called.code, 5, "{}", called.err);
    let row = &called.told["rows"][0];
    assert_eq!(row["outcome"], "not_run");
    assert!(row["detail"].as_str().unwrap().contains("NB_SUPERVISOR_DIR is not set"), "{row}");
}

#[test]
fn a_live_reference_is_compared_file_by_file() {
    let root = tempfile::tempdir().unwrap();
    let path = list(root.path(), |text| text);
    let same = matrix(root.path(), &path, &[], Some(&stand_in(root.path(), ":")));
    assert_eq!(same.code, 0, "{}", same.err);
    assert!(same.told["rows"].as_array().unwrap().iter().all(|r| r["live"] == true));
    // Golden data come first: a reference of another version is reported, and is no failure of ours.
    let other = stand_in(root.path(), "set -- \"$@\" -distance 101");
    let called = matrix(root.path(), &path, &["--engine", "exact"], Some(&other));
    assert_eq!(called.code, 0, "{}", called.err);
    let row = &called.told["rows"][0];
    assert_eq!((row["golden"].as_bool(), row["live"].as_bool()), (Some(true), Some(false)));
    assert!(row["detail"].as_str().unwrap().contains("`float.bin` differs"), "{row}");
    assert_eq!(called.told["reference"][0]["outcome"], "fail");
    // Without golden data the reference is all there is.
    let bare = list(root.path(), |text| {
        text.lines().filter(|l| !l.starts_with("files.")).collect::<Vec<_>>().join("\n")
    });
    assert_eq!(matrix(root.path(), &bare, &["--engine", "exact"], Some(&other)).code, 3);
    assert_eq!(matrix(root.path(), &bare, &["--engine", "exact", "--no-live"], Some(&other)).code, 0);
}

#[test]
fn the_parts_of_a_partition_are_the_whole() {
    let root = tempfile::tempdir().unwrap();
    let base = ["--only", "AT-PARALLEL-001/", "--engine", "exact"];
    let mut whole = rows(&matrix(root.path(), &golden(), &base, None));
    let mut parts = Vec::new();
    for part in ["1/2", "2/2"] {
        let of = rows(&matrix(root.path(), &golden(), &[&base[..], &["--partition", part]].concat(), None));
        assert!(!of.is_empty() && of.len() < whole.len());
        parts.extend(of);
    }
    whole.sort();
    parts.sort();
    assert_eq!(parts, whole);
}

#[test]
fn wrong_requests_are_told_from_failures() {
    let root = tempfile::tempdir().unwrap();
    let path = list(root.path(), |text| text);
    let status = |args: &[&str]| matrix(root.path(), &path, args, None).code;
    assert_eq!(status(&["--partition", "3/2"]), 2);
    assert_eq!(status(&["--only", "no such case"]), 2);
    assert_eq!(status(&["--colour"]), 2);
    assert_eq!(matrix(root.path(), Path::new("nowhere.toml"), &[], None).code, 2);
    assert_eq!(matrix(root.path(), &path, &[], Some(Path::new("/no/such/program"))).code, 2);
    assert!(!root.path().join("reports").exists());
}

#[test]
fn nothing_starts_behind_a_closed_gate() {
    let root = tempfile::tempdir().unwrap();
    let path = list(root.path(), |text| text);
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'no-such-tool-ever'\n").unwrap();
    let called = matrix(root.path(), &path, &["--gate"], None);
    assert_eq!((called.code, root.path().join("reports").exists()), (3, false), "{}", called.err);
    assert!(called.err.contains("no-such-tool-ever") && called.err.contains("fix: "), "{}", called.err);
    let run =
        |args: &[&str]| Command::new(PROGRAM).args(args).current_dir(root.path()).status().unwrap().code();
    assert_eq!(run(&["run", "--topic", "t", "--gate", "--", "true"]), Some(3));
    assert_eq!(run(&["run", "--topic", "t", "--", "true"]), Some(0));
    assert_eq!(run(&["gate"]), Some(3));
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    assert_eq!(run(&["gate"]), Some(0));
    assert_eq!(run(&["gate", "--file", "nowhere.toml"]), Some(2));
    assert_eq!(run(&["triage", "--gate=nowhere.toml", "--current", "x"]), Some(2));
}

/// `profile` on real processes: what is asked of it here does not depend on how fast they are.
#[test]
fn a_profile_of_real_runs_is_a_sound_bundle_with_a_plot() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("data.txt"), "1\n").unwrap();
    let call = |args: &[&str]| {
        let output = Command::new(PROGRAM).args(args).current_dir(root.path()).output().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), told)
    };
    // Limits that no machine reaches: the times themselves are nobody's business here.
    let limits = ["--expected", "1000", "--tolerance", "1", "--minimum", "1e-9", "--strict"];
    let base = ["profile", "--runs", "3", "--json", "--history", "reports"];
    let (code, told) = call(&[&base[..], &limits, &["--", "cat", "data.txt"]].concat());
    assert_eq!(
        (code, told["wall_s"]["count"].as_u64(), told["level"].as_str()),
        (0, Some(3), Some("in_range"))
    );
    let place = PathBuf::from(told["folder"].as_str().unwrap());
    assert!(place.is_absolute() && verify(&place).unwrap().is_sound());
    assert!(fs::read_to_string(place.join("report.html")).unwrap().contains("<svg "));
    assert_eq!(fs::read_to_string(place.join("logs/run-003.stdout.txt")).unwrap(), "1\n");
    let (code, told) = call(&[&base[..], &limits, &["--", "cat", "data.txt"]].concat());
    assert_eq!((code, told["history"].as_array().unwrap().len()), (0, 1));
    assert_eq!(call(&["profile", "--runs", "1", "--", "sh", "-c", "exit 7"]).0, 3);
    assert_eq!(call(&["profile", "--runs", "0", "--", "true"]).0, 2);
}

#[test]
fn completions_and_manual_know_the_commands_and_no_internal_one() {
    let text =
        |args: &[&str]| String::from_utf8(Command::new(PROGRAM).args(args).output().unwrap().stdout).unwrap();
    for page in [text(&["completions", "bash"]), text(&["man"]), text(&["--help"])] {
        assert!(["triage", "gate", "matrix", "profile"].iter().all(|name| page.contains(name)));
        assert!(!page.contains("matrix-worker") && !page.contains("matrix-simulator"));
    }
}
