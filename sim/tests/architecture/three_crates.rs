//! What the three crates, their modules and files may use. Not here: the simulator's own, narrower table (`simulator`).

use std::collections::BTreeSet;

use crate::simulator::{MAY_USE, ROOTS};
use crate::support::sources::{Source, read, root, workspace};
use crate::{CRATES, imports, none};

#[test]
fn crates_depend_in_one_direction() {
    let manifest = |name: &str| read(&root().join(name).join("Cargo.toml"));
    for (name, above) in
        [("sim", ["trace-harness", "nb-compare"].as_slice()), ("trace-harness", &["nb-compare"])]
    {
        let manifest: toml::Table = manifest(name).parse().expect("a manifest");
        // Tests are no part of the house: those of the simulator read their golden cases as the matrix does.
        for section in ["dependencies", "build-dependencies"] {
            let Some(section) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for above in above {
                assert!(!section.contains_key(*above), "`{name}` depends on `{above}`");
            }
        }
    }
}

/// The modules that ARCHITECTURE.md has in the first column of the table of the crate in `folder`, in its order.
fn modules_of_the_page(folder: &str) -> Vec<String> {
    let page = read(&root().join("ARCHITECTURE.md"));
    let head = format!("| module of `{}`", folder.trim_end_matches('/'));
    let rows = page.lines().skip_while(|line| !line.starts_with(&head)).skip(2);
    let mut modules = vec![];
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cell = row.split('|').nth(1).unwrap_or_default();
        for name in cell.split('`').skip(1).step_by(2) {
            match name.split_once("::") {
                Some((module, parts)) => {
                    let parts = parts.trim_matches(['{', '}']).split(", ");
                    modules.extend(parts.map(|part| format!("{module}::{part}")));
                }
                None => modules.push(name.to_owned()),
            }
        }
    }
    modules
}

#[test]
fn the_tables_of_the_page_have_every_module_lowest_first() {
    for (folder, order) in CRATES {
        let simulator: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
        let expected = if order.is_empty() { simulator.as_slice() } else { order };
        let parts = modules_of_the_page(folder);
        let mut modules: Vec<&str> =
            parts.iter().map(|part| part.split("::").next().unwrap_or(part)).collect();
        modules.dedup();
        modules.retain(|module| !order.is_empty() || !ROOTS.contains(module));
        assert_eq!(modules, expected, "the table of `{folder}` in ARCHITECTURE.md");
        for module in
            modules.iter().filter(|module| parts.iter().any(|part| part.starts_with(&format!("{module}::"))))
        {
            let inside = format!("{folder}{module}/");
            let there: BTreeSet<String> = workspace("rs")
                .iter()
                .filter_map(|source| source.path.strip_prefix(&inside)?.split(['/', '.']).next())
                .filter(|name| *name != "mod")
                .map(|name| format!("{module}::{name}"))
                .collect();
            let named = parts.iter().filter(|part| part.starts_with(&format!("{module}::"))).cloned();
            assert_eq!(named.collect::<BTreeSet<_>>(), there, "ARCHITECTURE.md");
        }
    }
    for (at, (module, uses)) in MAY_USE.iter().enumerate() {
        let below = |used: &&str| MAY_USE[..at].iter().any(|(name, _)| name == used);
        let above: Vec<_> = uses.iter().filter(|used| !below(used)).collect();
        assert!(above.is_empty(), "`{module}` stands before {above:?}, which it may use");
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut faults = vec![];
    for (folder, _) in CRATES {
        let imports = imports_of(folder);
        assert!(imports.values().any(|uses| !uses.is_empty()), "{folder}: no import was found");
        faults.extend(
            imports::circles(&imports).into_iter().map(|(file, used)| format!("circle: {file} -> {used}")),
        );
    }
    none(&faults);
}

#[test]
fn modules_of_the_upper_crates_use_only_what_stands_below_them() {
    let mut faults = vec![];
    for (folder, order) in CRATES.iter().filter(|(_, order)| !order.is_empty()) {
        let place = |path: &str| {
            let module = imports::module_of(path.trim_start_matches(folder)).into_iter().next();
            module.and_then(|module| order.iter().position(|name| *name == module))
        };
        for (file, uses) in imports_of(folder) {
            let Some(own) = place(&file) else {
                if !file.ends_with("/lib.rs") {
                    faults.push(format!("upward: {file}: its module is not in the table of this test"));
                }
                continue;
            };
            let upward = uses.keys().filter(|used| place(used).is_none_or(|used| used > own));
            faults.extend(upward.map(|used| format!("upward: {file} -> {used}")));
        }
        let sources = workspace("rs");
        let empty = order
            .iter()
            .filter(|name| !sources.iter().any(|s| s.path.starts_with(&format!("{folder}{name}"))));
        faults.extend(empty.map(|name| format!("upward: {folder}: the table names `{name}` in vain")));
    }
    none(&faults);
}

/// The imports of the crate whose sources are in `folder`.
fn imports_of(folder: &str) -> imports::Imports {
    let mut sources = workspace("rs");
    let is_test_or_entry = |path: &str| path.ends_with("tests.rs") || path.ends_with("src/main.rs");
    sources.retain(|source| source.path.starts_with(folder) && !is_test_or_entry(&source.path));
    imports::imports(folder, &sources)
}

#[test]
fn the_reader_of_imports_follows_names_to_where_they_are_defined() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let found = imports::imports(
        "c/",
        &[
            source("c/lib.rs", "pub mod a; mod b;"),
            source("c/a/mod.rs", "mod inner; pub use inner::{Deep, self_made}; pub struct Own;"),
            source("c/a/inner.rs", "pub struct Deep; pub fn self_made() {}"),
            source(
                "c/b.rs",
                "use crate::a::{self, Deep}; fn f(_: Deep) { format!(\"{}\", a::self_made()) }\n\
                 #[cfg(test)] mod tests { use crate::a::Own; }",
            ),
        ],
    );
    let uses = &found["c/b.rs"];
    assert_eq!(
        uses.keys().collect::<Vec<_>>(),
        ["c/a/inner.rs"],
        "a door is no room, and tests do not count"
    );
    assert_eq!(uses["c/a/inner.rs"].iter().collect::<Vec<_>>(), ["Deep", "self_made"]);
    assert!(found["c/a/mod.rs"].is_empty(), "passing a name on is no use of it");
    let ring = [
        source("c/lib.rs", "mod a; mod b; mod d;"),
        source("c/a.rs", "use crate::b::B; pub struct A;"),
        source("c/b.rs", "pub struct B; fn f() { super::a::A; }"),
        source("c/d.rs", "use crate::a::A;"),
    ];
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let found = imports::circles(&imports::imports("c/", &ring));
    assert_eq!(found, [pair("c/a.rs", "c/b.rs"), pair("c/b.rs", "c/a.rs")]);
}
