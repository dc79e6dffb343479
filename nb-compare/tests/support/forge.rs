//! Bundles that somebody changed who knows how digests are computed.
//!
//! Not here: what is found on them.

use std::fs;
use std::path::Path;

use maud::PreEscaped;
use serde_json::Value;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::documents::layout::{analysis_frame, page_frame};
use trace_harness::evidence::bundle::documents::{analysis, commands, ro_crate};
use trace_harness::evidence::bundle::environment::Environment;
use trace_harness::evidence::bundle::manifest;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::page::bundle_page;

/// The digest of a file.
pub fn sha256(path: &Path) -> String {
    digest::of_file(path).unwrap().0
}

/// The digest of a content.
pub fn digest_of(content: &[u8]) -> String {
    digest::of_bytes(content)
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

/// Changes the summary of a bundle, and makes every document of it again that is made of the summary, so that it verifies as before. Files
/// that are not there any more, or new ones, are in its manifest then.
pub fn rewrite(bundle: &Path, change: &dyn Fn(&mut Value)) {
    let read = |name: &str| fs::read_to_string(bundle.join(name)).unwrap();
    let write = |name: &str, content: String| fs::write(bundle.join(name), content).unwrap();
    let mut document: Value = serde_json::from_str(&read("summary.json")).unwrap();
    let environment: Environment = serde_json::from_str(&read("env.json")).unwrap();
    let before: Summary = serde_json::from_value(document.clone()).unwrap();
    change(&mut document);
    let after: Summary = serde_json::from_value(document.clone()).unwrap();
    let page = read("report.html");
    let script =
        page.rsplit_once("</script></body></html>").and_then(|(text, _)| text.rsplit_once("<script>"));
    let script: &'static str = script.map_or("", |(_, script)| String::leak(script.to_owned()));
    let sections = page_frame(&before, &environment, script);
    let sections = PreEscaped(sections.body(&page).expect("a page of this version").to_owned());
    write("report.html", bundle_page(&after, &environment, &sections, script));
    let text = read("analysis.md");
    write("analysis.md", analysis::render(&after, analysis_frame(&before).body(&text).expect("an analysis")));
    write("commands.txt", commands::render(&after.steps));
    write("summary.json", serde_json::to_string_pretty(&document).unwrap() + "\n");
    fs::remove_file(bundle.join(ro_crate::NAME)).unwrap();
    let told = ro_crate::document(bundle, &after, &environment).unwrap();
    write(ro_crate::NAME, serde_json::to_string_pretty(&told).unwrap() + "\n");
    manifest::write(bundle).unwrap();
    let report = trace_harness::evidence::bundle::verify::verify(bundle).unwrap();
    assert!(report.is_sound(), "the forgery shows without computing: {report:?}");
}
