//! `matrix` as a user meets it, on a few of the golden cases and on lists of cases of its own.
//! Not here: the other commands that check (`checks`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trace_harness::evidence::bundle::verify::verify;
use trace_harness::triage::source;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/golden-matrix.toml")
}

struct Called {
    code: i32,
    result: Value,
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
        result: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn rows(called: &Called) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let rows = called.result["rows"].as_array().unwrap_or_else(|| panic!("{}", called.err));
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
    fs::write(&path, format!("#!/bin/sh\n{before}\nexec '{PROGRAM}' __nanobragg --parity \"$@\"\n")).unwrap();
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
    assert_eq!(called.result["disagreements"].as_array().unwrap().len(), 0);
    let place = PathBuf::from(called.result["folder"].as_str().unwrap());
    assert!(place.is_absolute() && verify(&place).unwrap().is_sound());
    // Each row's traces as well: as many as the list has for its case.
    let pack: toml::Table = fs::read_to_string(golden().with_file_name("../sim/tests/golden/cases.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let stored = |row: &(String, String, String)| {
        let case =
            pack["case"].as_array().unwrap().iter().find(|c| c["name"].as_str() == Some(&row.0)).unwrap();
        case["traces"].as_array().unwrap().len() as u64
    };
    let traces: u64 = rows.iter().map(stored).sum();
    assert!(
        traces > 0 && called.result["traces"].as_u64() == Some(traces),
        "{traces}, {}",
        called.result["traces"]
    );
    // The XML is read by another part of this program.
    let counts = source::read(&place.join("results/junit.xml")).unwrap()[0].run.counts();
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
    let row = &called.result["rows"][0];
    assert_eq!((row["outcome"].as_str(), row["golden"].as_bool()), (Some("fail"), Some(false)));
    assert!(row["detail"].as_str().unwrap().starts_with("`float.bin` differs"), "{row}");
    let place = PathBuf::from(called.result["folder"].as_str().unwrap());
    let counts = source::read(&place.join("results/junit.xml")).unwrap()[0].run.counts();
    assert_eq!((counts.tests, counts.failed), (1, 1));
    assert!(fs::read_to_string(place.join("results/table.md")).unwrap().contains("| FAIL |"));
}

/// A list of its own beside copies of all that it speaks of.
fn golden_copy(folder: &Path) -> PathBuf {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/tests/golden");
    fs::create_dir_all(folder.join("inputs")).unwrap();
    let inputs = fs::read_dir(pack.join("inputs")).unwrap().map(|entry| entry.unwrap().file_name());
    let inputs = inputs.map(|name| format!("inputs/{}", name.to_str().unwrap()));
    let lists = ["cases.toml", "traces.txt.gz", "libm_probe.txt", "images.pack"].map(str::to_owned);
    for name in inputs.chain(lists) {
        fs::copy(pack.join(&name), folder.join(&name)).unwrap();
    }
    let list = fs::read_to_string(golden())
        .unwrap()
        .replace("../sim/tests/golden/", "")
        .replace("../sim/tests/golden", ".");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/protein");
    let list = list
        .replace("../trace-harness/data/protein", data.to_str().unwrap())
        .replace("inputs = \"./inputs\"\n", "");
    let path = folder.join("golden-matrix.toml");
    fs::write(&path, list).unwrap();
    path
}

#[test]
fn a_changed_trace_fails_and_names_the_line() {
    let root = tempfile::tempdir().unwrap();
    let path = golden_copy(root.path());
    let id = "AT-PARALLEL-001/detpixels-64";
    let traces = "== AT-PARALLEL-001/detpixels-64 32 32 1\nTRACE_C: pix0_vector_meters 1 2 3\n";
    fs::write(root.path().join("traces.txt"), traces).unwrap();
    let list = fs::read_to_string(&path).unwrap().replace("traces.txt.gz", "traces.txt");
    fs::write(&path, list).unwrap();
    let args = ["--only", id, "--engine", "exact", "--isolated", "--suite"];
    let called = matrix(root.path(), &path, &args, None);
    assert_eq!(called.code, 3, "{}", called.err);
    let row = &called.result["rows"][0];
    assert_eq!((row["outcome"].as_str(), row["golden"].as_bool()), (Some("fail"), Some(true)), "{row}");
    let detail = row["detail"].as_str().unwrap();
    assert!(detail.starts_with("trace of slow 32 fast 32: line 1: `pix0_vector_meters"), "{detail}");
    assert!(called.result["disagreements"].as_array().unwrap().is_empty());
}

#[test]
fn on_another_mathematical_library_stored_pieces_decide_and_the_page_says_so() {
    let root = tempfile::tempdir().unwrap();
    let path = golden_copy(root.path());
    let probe = root.path().join("libm_probe.txt");
    fs::write(&probe, fs::read_to_string(&probe).unwrap() + "sin 0000000000000000 3ff0000000000000\n")
        .unwrap();
    // As if this library gave another image: the digest is not the golden one, the piece is.
    let cases = root.path().join("cases.toml");
    let text = fs::read_to_string(&cases).unwrap();
    let at = text.find("sha256 = \"").unwrap() + 10;
    fs::write(&cases, format!("{}{}{}", &text[..at], "0".repeat(64), &text[at + 64..])).unwrap();
    let args = ["--only", "AT-PARALLEL-001/detpixels-64", "--engine", "exact"];
    let called = matrix(root.path(), &path, &args, None);
    assert_eq!(called.code, 0, "{}", called.err);
    assert!(called.result["machine"].as_str().unwrap().contains("another mathematical library: 1 of "));
    let detail = called.result["rows"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("`float.bin`: in its stored piece 0 of 4096 pixels differ"), "{detail}");
    let place = PathBuf::from(called.result["folder"].as_str().unwrap());
    assert!(fs::read_to_string(place.join("report.html")).unwrap().contains("another mathematical library"));
    // A piece that is not the golden one fails.
    let mut pieces = fs::read(root.path().join("images.pack")).unwrap();
    pieces.rotate_left(1);
    fs::write(root.path().join("images.pack"), pieces).unwrap();
    assert_eq!(matrix(root.path(), &path, &args, None).code, 3);
}

#[test]
fn a_bundle_runs_again_when_nothing_but_the_bundle_is_left() {
    let root = tempfile::tempdir().unwrap();
    let source = tempfile::tempdir().unwrap();
    let path = golden_copy(source.path());
    // Reflections, matrices, a cache in the working folder, and what is not there.
    let only = ["--only", "hkl/", "--only", "orient/", "--only", "supervisor/"];
    let called = matrix(root.path(), &path, &[&only[..], &["--engine", "exact"]].concat(), None);
    assert_eq!(called.code, 0, "{}", called.err);
    let bundle = PathBuf::from(called.result["folder"].as_str().unwrap());
    let list = fs::read_dir(bundle.join("inputs")).unwrap().map(|e| e.unwrap().path().join("cases.toml"));
    let list = fs::read_to_string(list.into_iter().find(|p| p.is_file()).unwrap()).unwrap();
    assert!(list.contains("{inputs}/") && list.contains("cwd_files") && list.contains("$NB_SUPERVISOR_DIR"));
    drop(source);
    for _ in 0..2 {
        let output = Command::new(PROGRAM)
            .args(["rerun", "--yes", "--json", bundle.to_str().unwrap()])
            .current_dir(root.path())
            .env_remove("NB_SUPERVISOR_DIR")
            .output()
            .unwrap();
        let result: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        assert_eq!(output.status.code(), Some(0), "{result:#} {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(result["files"].as_array().unwrap().len(), 4);
        let again = PathBuf::from(result["folder"].as_str().unwrap());
        fs::remove_dir_all(&bundle).unwrap();
        fs::rename(again, &bundle).unwrap();
    }
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
    assert!(called.result["absent"].as_object().unwrap().values().all(|v| !v.as_str().unwrap().is_empty()));
    // Nothing but absent rows decides nothing.
    assert_eq!(matrix(root.path(), &path, &["--device", "abacus"], None).code, 5);
}

#[test]
fn missing_inputs_are_said_and_decide_nothing() {
    let root = tempfile::tempdir().unwrap();
    let called = matrix(root.path(), &golden(), &["--only", "supervisor/full"], None);
    assert_eq!(called.code, 5, "{}", called.err);
    let row = &called.result["rows"][0];
    assert_eq!(row["outcome"], "not_run");
    assert!(row["detail"].as_str().unwrap().contains("NB_SUPERVISOR_DIR is not set"), "{row}");
}

#[test]
fn a_live_reference_is_compared_file_by_file() {
    let root = tempfile::tempdir().unwrap();
    let path = list(root.path(), |text| text);
    let same = matrix(root.path(), &path, &[], Some(&stand_in(root.path(), ":")));
    assert_eq!(same.code, 0, "{}", same.err);
    assert!(same.result["rows"].as_array().unwrap().iter().all(|r| r["live"] == true));
    // Golden data come first: a reference of another version is reported, and is no failure of ours.
    let other = stand_in(root.path(), "set -- \"$@\" -distance 101");
    let called = matrix(root.path(), &path, &["--engine", "exact"], Some(&other));
    assert_eq!(called.code, 0, "{}", called.err);
    let row = &called.result["rows"][0];
    assert_eq!((row["golden"].as_bool(), row["live"].as_bool()), (Some(true), Some(false)));
    assert!(row["detail"].as_str().unwrap().contains("`float.bin` differs"), "{row}");
    assert_eq!(called.result["reference"][0]["outcome"], "fail");
    // Without golden data the reference is all there is.
    let bare = list(root.path(), |text| {
        text.lines().filter(|l| !l.starts_with("files.")).collect::<Vec<_>>().join("\n")
    });
    assert_eq!(matrix(root.path(), &bare, &["--engine", "exact"], Some(&other)).code, 3);
    assert_eq!(matrix(root.path(), &bare, &["--engine", "exact", "--no-live"], Some(&other)).code, 5);
}

#[test]
fn a_case_with_nothing_to_compare_with_decides_nothing() {
    let root = tempfile::tempdir().unwrap();
    let cases = root.path().join("cases.toml");
    let args = "-default_F 100 -cell 50 60 70 90 90 90 -lambda 1 -N 3 -distance 100 -detpixels 8 -seed 1";
    let two =
        "[[case]]\nname = 'a'\nargs = '-oversample 1'\n\n[[case]]\nname = 'b'\nargs = '-oversample 2'\n";
    fs::write(&cases, format!("args = '{args}'\n\n{two}")).unwrap();
    let outcomes = |called: &Called| rows(called).into_iter().map(|row| row.2).collect::<Vec<_>>();

    let called = matrix(root.path(), &cases, &["--engine", "exact", "--no-live"], None);
    assert_eq!((called.code, outcomes(&called)), (5, vec!["undecided".to_owned(); 2]), "{}", called.err);
    let reference = stand_in(root.path(), "");
    let called = matrix(root.path(), &cases, &["--engine", "exact"], Some(&reference));
    assert_eq!((called.code, outcomes(&called)), (0, vec!["pass".to_owned(); 2]), "{}", called.err);

    // How it is to end is something to compare with.
    fs::write(&cases, "[[case]]\nname = 'a'\nargs = '-hkl nowhere.hkl'\nexit = 9\n").unwrap();
    let called = matrix(root.path(), &cases, &["--engine", "exact", "--no-live"], None);
    assert_eq!((called.code, outcomes(&called)), (0, vec!["pass".to_owned()]), "{}", called.err);
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
    assert_eq!(status(&["--partition", "3/2"]), 1);
    assert_eq!(status(&["--only", "no such case"]), 1);
    assert_eq!(status(&["--colour"]), 1);
    assert_eq!(matrix(root.path(), Path::new("nowhere.toml"), &[], None).code, 5);
    assert_eq!(matrix(root.path(), &path, &[], Some(Path::new("/no/such/program"))).code, 1);
    assert!(!root.path().join("reports").exists());
}

#[test]
fn a_variable_that_no_bundle_may_hold_is_refused_before_the_first_case_runs() {
    let root = tempfile::tempdir().unwrap();
    let cases = list(root.path(), |text| text);
    let calls = root.path().join("calls");
    let reference = stand_in(root.path(), &format!("echo \"$@\" >> '{}'", calls.display()));
    let home = tempfile::tempdir().unwrap();
    let elsewhere = home.path().join("py");
    let output = Command::new(PROGRAM)
        .args(["matrix", "--program", "built-in"])
        .arg(cases)
        .env_remove("NB_SUPERVISOR_DIR")
        .envs([("NB_C_BIN", &*reference), ("NB_PY_BIN", &*elsewhere), ("HOME", home.path())])
        .current_dir(root.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && printed.contains(&*elsewhere.to_string_lossy()), "{printed}");
    assert!(!fs::read_to_string(calls).unwrap_or_default().contains("-floatfile"));
}

#[test]
fn a_list_without_sense_is_wrong_usage_and_one_that_cannot_be_read_is_not() {
    let root = tempfile::tempdir().unwrap();
    let odd = root.path().join("odd.toml");
    fs::write(&odd, "[[case]]\nname = '../a'\n").unwrap();
    let called = matrix(root.path(), &odd, &[], None);
    assert_eq!(called.code, 1, "{}", called.err);
    for missing in [root.path().join("nowhere.toml"), root.path().to_owned(), "/dev/zero".into()] {
        let called = matrix(root.path(), &missing, &[], None);
        assert_eq!(called.code, 5, "{}", called.err);
        assert!(called.err.contains("expected cases in TOML"), "{}", called.err);
    }
}

/// Rows before and after are of two programs: what they say together is said of neither.
#[test]
fn a_matrix_decides_nothing_when_a_program_changes_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let cases = list(folder.path(), |text| text);
    let steady = stand_in(folder.path(), ":");
    let called = matrix(folder.path(), &cases, &["--engine", "reference"], Some(&steady));
    assert_eq!(called.code, 0, "{}{}", called.result, called.err);
    let changing = stand_in(folder.path(), "echo '# built anew' >> \"$0\"");
    let called = matrix(folder.path(), &cases, &["--engine", "reference"], Some(&changing));
    assert_eq!(called.code, 5, "{}{}", called.result, called.err);
    let result = called.result["changed"].to_string();
    assert!(result.contains("program `reference` changed while the matrix ran"), "{result}");
    let place = PathBuf::from(called.result["folder"].as_str().unwrap());
    assert!(verify(&place).unwrap().is_sound());
    let summary: Value = serde_json::from_slice(&fs::read(place.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["verdict"], "UNDECIDED");
    assert!(summary["open_points"].to_string().contains("program `reference` changed"), "{summary}");
}
