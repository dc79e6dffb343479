//! `gradcheck` as a user meets it: every derivative passes, a tolerance that nothing can meet fails, and the evidence is a
//! sound bundle.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn call(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it runs")
}

fn table(folder: &Path) -> Value {
    let text = std::fs::read(folder.join("gradcheck.json")).expect("the table");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn every_parameter_passes_both_gates_on_every_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = call(folder.path(), &["gradcheck", "--out", "tables"]);
    let table = table(&folder.path().join("tables"));
    let rows = table["rows"].as_array().expect("rows");
    let failed: Vec<&Value> = rows.iter().filter(|row| row["outcome"] == "fail").collect();
    assert!(failed.is_empty() && done.status.success(), "{failed:#?}");
    for name in ["cell_alpha", "misset_z", "wavelength", "distance", "twotheta", "mosaic_spread", "Na"] {
        let passed = rows.iter().filter(|row| row["parameter"] == name && row["outcome"] == "pass").count();
        assert!(passed > 0, "`{name}` passed nowhere");
    }
    let page = std::fs::read_to_string(folder.path().join("tables/gradcheck.md")).expect("the page");
    assert!(page.contains("## Coverage") && page.contains("whole numbers of cells"), "{page}");
}

#[test]
fn a_gate_that_nothing_can_pass_fails_and_the_evidence_is_a_sound_bundle() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = call(
        folder.path(),
        &[
            "gradcheck",
            "--params",
            "cell_a,fluence",
            "--case",
            "cubic",
            "--strict",
            "1e-30",
            "--json",
            "--keep-paths",
        ],
    );
    assert_eq!(done.status.code(), Some(2), "{}", String::from_utf8_lossy(&done.stderr));
    let told: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let place = told["folder"].as_str().expect("a folder");
    assert!(
        Path::new(place).join("results/gradcheck.json").is_file()
            && Path::new(place).join("env.json").is_file()
    );
    assert_eq!(call(folder.path(), &["verify", place]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_checked_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    for args in [["--params", "cell_q"], ["--case", "nothing"], ["--eps", "0"]] {
        let done = call(folder.path(), &[&["gradcheck", "--out", "tables"], args.as_slice()].concat());
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{error}");
        assert!(error.contains('`'), "{error}");
    }
}
