//! The bundles this repository carries: each verifies, and is small. Not here: how bundles are made.

use std::path::{Path, PathBuf};

use trace_harness::evidence::bundle::overview::index;
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

/// Some of them were made before every bundle had a `metrics.json`.
#[test]
fn bundles_of_earlier_versions_are_opened_like_those_of_today() {
    let bundles = bundles();
    let older = bundles.iter().filter(|bundle| !bundle.join("metrics.json").exists()).count();
    assert!(older > 0 && older < bundles.len(), "{older} of {}", bundles.len());
    for bundle in &bundles {
        let listed = index::list(bundle.parent().expect("a topic")).expect("listed");
        let name = bundle.file_name().expect("a name").to_string_lossy();
        let listed = listed.iter().find(|one| one.path == name).expect("this bundle");
        assert!(!listed.title.is_empty() && !listed.reason.is_empty(), "{name}: {listed:?}");
    }
}
