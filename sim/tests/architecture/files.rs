//! How long files are, how they begin, how many stand in a folder, and which paths they do not name. Not here: what is in them.

use std::collections::BTreeMap;

use crate::support::sources::{Source, read, root, simulator, workspace};
use crate::{CRATES, none};

const MOST_FILES: usize = 15;
const LONGEST_FILE: usize = 600;

#[test]
fn folders_hold_few_files() {
    let mut count = BTreeMap::<String, usize>::new();
    for source in workspace("rs").iter().filter(|source| source.path.contains("/src/")) {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        *count.entry(folder.to_owned()).or_default() += 1;
    }
    let full = count.into_iter().filter(|(_, files)| *files > MOST_FILES);
    none(&full.map(|(folder, files)| format!("full: {folder} {files}")).collect::<Vec<_>>());
}

#[test]
fn a_long_file_says_why_it_is_long() {
    let long = workspace("rs").into_iter().filter(|source| {
        let header: String = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        source.text.lines().count() > LONGEST_FILE && !header.to_lowercase().contains("long")
    });
    none(
        &long
            .map(|source| format!("{}: its header does not say why it is long", source.path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_crate_asks_for_documentation_of_what_is_public() {
    let lints = read(&root().join("Cargo.toml"));
    assert!(lints.contains("missing_docs = \"warn\""), "the workspace's lints do not ask for documentation");
    for (folder, _) in CRATES {
        let manifest = read(&root().join(folder.trim_end_matches("src/")).join("Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{folder}: leaves out the workspace's lints");
    }
}

#[test]
fn files_begin_with_what_they_are_for() {
    let sources = workspace("rs");
    let mute = sources.iter().filter(|source| !source.text.starts_with("//!"));
    none(&mute.map(|source| format!("{}: the first line is not `//!`", source.path)).collect::<Vec<_>>());
}

#[test]
fn modules_say_what_is_not_in_them() {
    let says = |source: &Source| {
        let header = source.text.lines().take_while(|line| line.starts_with("//!"));
        let text = header.collect::<Vec<_>>().join(" ").to_lowercase();
        text.split(|c: char| !c.is_alphabetic()).any(|word| word == "not")
    };
    let sources = simulator();
    let silent = sources.iter().filter(|source| !says(source));
    none(
        &silent.map(|source| format!("{}: does not say what is not in it", source.path)).collect::<Vec<_>>(),
    );
}

/// Files whose subject is such paths; what they name is invented.
const ABOUT_PATHS: &[&str] = &[
    "trace-harness/src/evidence/bundle/closing.rs",
    "trace-harness/src/evidence/bundle/paths.rs",
    "trace-harness/src/evidence/bundle/staging.rs",
    "trace-harness/src/plan/run/tests.rs",
    "nb-compare/tests/command_line.rs",
];

#[test]
fn no_file_names_a_path_of_one_machine() {
    // In two parts, so that this file does not name them either.
    let homes =
        [("/ho", "me/"), ("/ro", "ot/"), ("/Us", "ers/"), ("/wo", "rk/"), ("/t", "mp/"), (":\\Us", "ers\\")];
    let homes = homes.map(|(a, b)| [a, b].concat());
    let mut faults = vec![];
    for kind in ["rs", "md", "toml", "py", "sh"] {
        for source in workspace(kind).iter().filter(|source| !ABOUT_PATHS.contains(&source.path.as_str())) {
            let named = homes.iter().filter(|home| source.text.contains(*home));
            faults.extend(named.map(|home| format!("{}: names a path under `{home}`", source.path)));
        }
    }
    none(&faults);
}
