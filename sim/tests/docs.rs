//! The reference pages under `docs/` say what the tables in the code say, that of dependencies what the manifests say, and all
//! pages name files that are there.
//!
//! Not here: what examples in the pages do.
//!
//! `UPDATE_DOCS=1 cargo test -p nanobragg --test docs` writes them again.

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

#[test]
fn the_readme_counts_the_golden_data_as_their_list_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read =
        |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_else(|e| panic!("`{name}`: {e}"));
    let list: toml::Table = read("sim/tests/golden/cases.toml").parse().expect("a list of cases");
    let total = |key: &str| list["totals"][key].as_integer().expect("a count");
    let readme = read("README.md");
    let runs = total("cases") + total("protein_cases");
    for sentence in [format!("the {runs} golden runs"), format!("holds {runs} runs of the reference")] {
        assert!(readme.contains(&sentence), "README.md does not say `{sentence}`");
    }
    let traces = total("traces") + total("protein_traces");
    let sentence = format!("{},{:03} pixel traces", traces / 1000, traces % 1000);
    assert!(readme.contains(&sentence), "README.md does not say `{sentence}`");
}

/// The pages that people read, from the workspace's root.
fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = std::fs::read_dir(root.join("docs")).expect("the folder of pages");
    let names = docs.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut pages: Vec<String> =
        names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}")).collect();
    pages.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned));
    pages
}

/// Words between single backticks that claim to be files or folders of this workspace: those that end in `.rs` or `.py`, and
/// those below one of its folders. Commands (with blanks), placeholders and what users make under `reports/` are none.
fn named_paths(page: &str) -> Vec<&str> {
    let outside_blocks = page.split("```").step_by(2);
    let quoted = outside_blocks.flat_map(|text| text.split('`').skip(1).step_by(2));
    let is_plain = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./*".contains(c));
    let claims = |word: &&str| {
        let below = word.split_once('/').is_some_and(|(first, _)| FOLDERS.contains(&first));
        below || word.ends_with(".rs") || word.ends_with(".py")
    };
    quoted.filter(is_plain).filter(claims).collect()
}

/// Folders of the workspace, and those of the simulator's sources that pages on it name without the way there.
const FOLDERS: [&str; 11] = [
    "docs",
    "scripts",
    "fuzz",
    "sim",
    "trace-harness",
    "nb-compare",
    "engine",
    "model",
    "config",
    "evidence",
    ".ci",
];

/// Whether `path` is `pattern` or ends in `/` and it; a star stands for any letters.
fn is_at(path: &str, pattern: &str) -> bool {
    let mut pieces = pattern.trim_end_matches('/').rsplit('*');
    let last = pieces.next().unwrap_or_default();
    let Some(mut rest) = path.strip_suffix(last) else { return false };
    let mut start_is_free = !pattern.contains('*');
    for piece in pieces {
        let Some(at) = rest.rfind(piece) else { return false };
        rest = &rest[..at];
        start_is_free = true;
    }
    start_is_free && (rest.is_empty() || rest.ends_with('/'))
}

/// All files and folders of the workspace but build output and hidden folders, with `/` between names.
fn all_paths(folder: &Path, place: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the workspace") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "target" || name == "reports" || (name.starts_with('.') && name != ".ci") {
            continue;
        }
        let path = format!("{place}{name}");
        if entry.path().is_dir() {
            all_paths(&entry.path(), &format!("{path}/"), found);
        }
        found.push(path);
    }
}

#[test]
fn every_file_that_a_page_names_is_there() {
    assert!(is_at("sim/src/engine/sine.rs", "engine/sine.rs") && is_at("docs/trust.md", "docs/trust.md"));
    assert!(is_at("a/engine/vector_8.rs", "engine/vector*.rs") && !is_at("a/my-sine.rs", "sine.rs"));
    assert!(
        !is_at("a/engine/victor.rs", "engine/vector*.rs") && is_at("sim/src/engine/shape", "engine/shape/")
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = vec![];
    all_paths(&root, "", &mut paths);
    let (mut checked, mut faults) = (0, vec![]);
    for page in pages() {
        let text = std::fs::read_to_string(root.join(&page)).unwrap_or_else(|e| panic!("`{page}`: {e}"));
        for name in named_paths(&text) {
            checked += 1;
            if !paths.iter().any(|path| is_at(path, name)) {
                faults.push(format!("{page}: `{name}` is not there"));
            }
        }
    }
    assert!(checked > 50, "only {checked} names of files were found");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
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

/// A file of the workspace's root as TOML.
fn toml_of(name: &str) -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("`{}`: {e}", path.display()))
}

/// What an advisory says of a crate reaches whoever runs `cargo deny check`: nothing is excused without a reason.
#[test]
fn the_policy_denies_what_is_unmaintained_yanked_or_there_twice() {
    let policy = toml_of("deny.toml");
    let of = |section: &str, key: &str| policy[section].get(key).and_then(toml::Value::as_str);
    assert_eq!(of("advisories", "unmaintained"), Some("all"));
    assert_eq!(of("advisories", "yanked"), Some("deny"));
    assert_eq!(of("bans", "multiple-versions"), Some("deny"));
    let excused = [policy["advisories"].get("ignore"), policy["bans"].get("skip")];
    for entry in excused.into_iter().flatten().filter_map(toml::Value::as_array).flatten() {
        let reason = entry.get("reason").and_then(toml::Value::as_str);
        assert!(reason.is_some_and(|reason| !reason.is_empty()), "no reason: {entry}");
    }
}

/// The two that advisories named, and that stood in the lock file for want of a policy that looks at all of it.
#[test]
fn crates_that_nobody_keeps_up_are_not_in_the_lock_file() {
    let lock = toml_of("Cargo.lock");
    let packages = lock["package"].as_array().expect("packages");
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert!(names.len() > 100 && names.contains(&"nanobragg"), "{} packages", names.len());
    for name in ["paste", "argmin", "argmin-math", "instant"] {
        assert!(!names.contains(&name), "`{name}` is back in Cargo.lock");
    }
}
