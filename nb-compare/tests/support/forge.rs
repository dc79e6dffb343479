//! Bundles that somebody changed who knows how digests are computed.
//!
//! Not here: what is found on them.

use std::fs;
use std::path::Path;

use trace_harness::evidence::bundle::digest;

/// The digest of a file.
pub fn sha256(path: &Path) -> String {
    digest::of_file(path).unwrap().0
}

/// From the content of a file to another one.
pub type Change<'a> = &'a dyn Fn(Vec<u8>) -> Vec<u8>;

/// Changes files of a bundle and everything that says their digests, so that it verifies as before.
pub fn forge(bundle: &Path, changes: &[(&str, Change<'_>)]) {
    let manifest = fs::read_to_string(bundle.join("sha256.txt")).unwrap();
    let names: Vec<String> = manifest.lines().map(|line| line[66..].to_owned()).collect();
    let before: Vec<String> = names.iter().map(|name| sha256(&bundle.join(name))).collect();
    for (name, change) in changes {
        let path = bundle.join(name);
        let changed = change(fs::read(&path).unwrap());
        fs::write(&path, changed).unwrap();
    }
    let crate_file = bundle.join("ro-crate-metadata.json");
    for told in [bundle.join("summary.json"), crate_file.clone()] {
        let mut text = fs::read_to_string(&told).unwrap();
        for (name, old) in names.iter().zip(&before) {
            text = text.replace(old, &sha256(&bundle.join(name)));
        }
        fs::write(&told, text).unwrap();
    }
    let lines = names.iter().map(|name| format!("{}  {name}\n", sha256(&bundle.join(name))));
    fs::write(bundle.join("sha256.txt"), lines.collect::<String>()).unwrap();
    let report = trace_harness::evidence::bundle::verify::verify(bundle).unwrap();
    assert!(report.is_sound(), "the forgery shows without computing: {report:?}");
}

/// Puts one text in place of another, which has to be there.
pub fn text(from: &'static str, to: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from} is not there");
        text.replace(from, to).into_bytes()
    }
}
