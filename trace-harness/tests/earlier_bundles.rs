//! Bundles that earlier builds of this project wrote, as they stand in the repository, are sound to this one.
//!
//! Not here: bundles that this build writes (`bundle_commands`), and those in archives (`archived_bundles`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::WalkDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

/// The folders of all bundles in the repository.
fn bundles() -> Vec<PathBuf> {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let files = WalkDir::new(reports).into_iter().map(|entry| entry.expect("a readable folder"));
    let summaries = files.filter(|entry| entry.file_name() == "summary.json");
    let found: Vec<PathBuf> =
        summaries.map(|entry| entry.path().parent().expect("a folder").to_owned()).collect();
    assert!(!found.is_empty(), "the repository holds no bundle");
    found
}

/// The exit status of `verify`, and what it says.
fn verify(bundle: &Path) -> (Option<i32>, String) {
    let output = Command::new(PROGRAM).arg("verify").arg(bundle).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn bundles_of_earlier_builds_are_sound() {
    for bundle in bundles() {
        let (code, printed) = verify(&bundle);
        assert_eq!(code, Some(0), "{printed}");
    }
}

#[test]
fn a_changed_file_of_an_earlier_bundle_is_found() {
    for bundle in bundles() {
        let root = tempfile::tempdir().expect("a folder");
        let copy = root.path().join("bundle");
        for entry in WalkDir::new(&bundle).into_iter().map(|entry| entry.expect("a readable folder")) {
            let place = copy.join(entry.path().strip_prefix(&bundle).expect("below it"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(&place).expect("made");
            } else {
                fs::copy(entry.path(), &place).expect("copied");
            }
        }
        assert_eq!(verify(&copy).0, Some(0), "a copy of {}", bundle.display());
        let results = WalkDir::new(copy.join("results")).into_iter().map(|entry| entry.expect("a result"));
        let result = results.filter(|entry| entry.file_type().is_file()).last().expect("a file");
        let mut bytes = fs::read(result.path()).expect("read");
        bytes.push(b'\n');
        fs::write(result.path(), bytes).expect("written");
        let name = result.path().strip_prefix(&copy).expect("below it").display().to_string();
        let (code, printed) = verify(&copy);
        assert!(code == Some(3) && printed.contains(&name), "{name}: {code:?} {printed}");
    }
}
