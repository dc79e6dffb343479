//! Archives of bundles, zip and tar: nothing is written beside the temporary folder, and what was made up is not sound.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use trace_harness::evidence::bundle::verify::verify;

/// One folder for all runs: making one each time takes longer than most of them.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|bytes: &[u8]| {
    for name in ["a.zip", "a.tar", "a.tar.gz"] {
        let path = FOLDER.path().join(name);
        fs::write(&path, bytes).expect("written");
        if let Ok(report) = verify(&path) {
            assert!(!report.is_sound() && !report.findings.is_empty(), "{name}");
        }
        fs::remove_file(&path).expect("it is still there");
        assert_eq!(fs::read_dir(FOLDER.path()).expect("listed").count(), 0, "{name}: something stands beside it");
    }
});
