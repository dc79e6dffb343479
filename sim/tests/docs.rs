//! The reference pages under `docs/` say what the tables in the code say, and that of dependencies what the manifests say.
//!
//! Not here: what examples in the pages do.
//!
//! `UPDATE_DOCS=1 cargo test -p nanobragg --test docs` writes them anew.

use nanobragg::defects::{Defect, Treatment};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn is_current(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, generated).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    }
    let written = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    assert!(written == generated, "`docs/{name}` is not what the tables say; UPDATE_DOCS=1 writes it anew");
}

#[test]
fn the_page_of_flags_is_current() {
    is_current("flags.md", &nanobragg::cli::help::markdown());
}

#[test]
fn the_page_of_defects_is_current() {
    is_current("defects.md", &nanobragg::defects::markdown());
}

#[test]
fn the_readme_names_the_defects_of_images_that_are_not_corrected_by_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    let (_, from) =
        readme.split_once("spoil an image are corrected, all but ").expect("the sentence on defects");
    let (sentence, _) = from.split_once('(').expect("a reference to the page of defects");
    let named: BTreeSet<&str> = sentence.split_whitespace().filter(|word| word.starts_with("C-")).collect();
    let emulated = Defect::ALL.iter().filter(|d| d.default_treatment() == Treatment::Emulate);
    let expected: BTreeSet<&str> = emulated.filter(|d| **d != Defect::TraceLabels).map(|d| d.id()).collect();
    assert_eq!(named, expected);
}

/// For each crate, the packages that name it; with ` (tests)` where only tests and benchmarks may use it.
type Users = BTreeMap<String, BTreeSet<String>>;

/// What the manifests name, without the workspace's own crates.
fn named_in_manifests() -> Users {
    let mut users = Users::new();
    for (folder, package) in PACKAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("Cargo.toml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
        let manifest: toml::Table = text.parse().expect("a manifest");
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        let tables = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
        for table in tables.chain([&manifest]) {
            for (section, mark) in
                [("dependencies", ""), ("build-dependencies", ""), ("dev-dependencies", " (tests)")]
            {
                let crates = table.get(section).and_then(toml::Value::as_table);
                for (name, how) in crates.into_iter().flatten().filter(|(_, how)| how.get("path").is_none()) {
                    assert!(
                        how.get("package").is_none(),
                        "`{name}` is renamed, which this test does not know"
                    );
                    users.entry(name.clone()).or_default().insert(format!("{package}{mark}"));
                }
            }
        }
    }
    users
}

const PACKAGES: [(&str, &str); 3] =
    [("sim", "nanobragg"), ("trace-harness", "trace-harness"), ("nb-compare", "nb-compare")];

/// What the page says, from the rows of its first table.
fn named_on_the_page() -> Users {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/dependencies.md");
    let page = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    let (table, _) = page.split_once("\n## ").expect("a section after the table");
    let mut users = Users::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, name, used_by, reason, _, _] = cells[..] else { panic!("not four cells: {row}") };
        assert!(!reason.is_empty(), "no reason: {row}");
        let used_by = used_by.replace("(benches)", "(tests)");
        let each = match used_by.strip_prefix("all") {
            Some(mark) => PACKAGES.iter().map(|(_, package)| format!("{package}{mark}")).collect(),
            None => used_by.split(", ").map(str::to_owned).collect(),
        };
        assert!(users.insert(name.trim_matches('`').to_owned(), each).is_none(), "twice: {row}");
    }
    users
}

#[test]
fn every_dependency_is_named_with_its_users_and_its_reason() {
    let (manifests, page) = (named_in_manifests(), named_on_the_page());
    assert!(manifests.len() > 10, "{manifests:?}");
    let named = manifests.keys().chain(page.keys()).collect::<BTreeSet<_>>().into_iter();
    let wrong: Vec<String> = named
        .filter(|name| manifests.get(*name) != page.get(*name))
        .map(|name| format!("`{name}`: manifests {:?}, page {:?}", manifests.get(name), page.get(name)))
        .collect();
    assert!(wrong.is_empty(), "docs/dependencies.md\n{}", wrong.join("\n"));
}
