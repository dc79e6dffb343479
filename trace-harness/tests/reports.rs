//! The bundles this repository carries: each verifies, and is small. Not here: how bundles are made.

use std::path::{Path, PathBuf};

use trace_harness::evidence::bundle::verify::verify;

/// Largest bundle, bytes.
const LARGEST: u64 = 2 << 20;

/// Folders two levels below `reports`: topic, then time.
fn bundles() -> Vec<PathBuf> {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let folders = |at: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(at).unwrap_or_else(|e| panic!("{}: {e}", at.display()));
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    };
    folders(&reports).iter().flat_map(|topic| folders(topic)).collect()
}

#[test]
fn every_bundle_of_the_repository_is_sound_and_small() {
    let bundles = bundles();
    for bundle in &bundles {
        let report = verify(bundle).unwrap_or_else(|e| panic!("{}: {e}", bundle.display()));
        assert!(report.is_sound(), "{}: {report:?}", bundle.display());
        let files = walkdir::WalkDir::new(bundle).into_iter().map(|entry| entry.expect("an entry"));
        let size: u64 = files.map(|file| file.metadata().expect("a size").len()).sum();
        assert!(size < LARGEST, "{}: {size} bytes", bundle.display());
    }
    let parity =
        bundles.iter().filter(|bundle| bundle.parent().is_some_and(|topic| topic.ends_with("parity")));
    assert!(parity.count() > 0, "the evidence of parity is missing");
}
