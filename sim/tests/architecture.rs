//! The rules of ARCHITECTURE.md that can be read off the sources: who imports whom, who touches files, clocks, threads, how
//! long a file is and how it begins, who writes markup. Not here: rules about what programs do (`golden_parity` has those).
//!
//! Who imports whom is read with a Rust parser (`support/imports.rs`). Other rules read the sources as text, with comments and inline
//! test modules cut off: one that text cannot decide exactly is checked by what it forbids to be written.

mod support;

#[path = "support/imports.rs"]
mod imports;

use support::sources::{Source, code_of, read, root, simulator, without_inline_tests, workspace};

/// Modules of `sim/src` and what each may use, leaves first.
const MAY_USE: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("constants", &["units"]),
    ("chart", &[]),
    ("c_number", &[]),
    ("terminal", &[]),
    ("error", &[]),
    ("open_file", &["error"]),
    ("physics", &[]),
    ("pixel", &[]),
    ("image", &["c_number", "error", "open_file", "pixel"]),
    ("console", &["error", "terminal"]),
    ("defects", &[]),
    ("choices", &["pixel"]),
    ("cli", &["c_number", "choices", "pixel", "defects", "error", "units"]),
    ("config", &["c_number", "choices", "pixel", "cli", "defects", "constants", "error", "physics", "units"]),
    ("input", &["c_number", "error", "image", "open_file", "physics"]),
    ("model", &["c_number", "pixel", "config", "defects", "constants", "error", "input", "physics", "units"]),
    ("builder", &["cli", "config", "defects", "error", "input", "model", "physics", "units"]),
    (
        "trace",
        &[
            "c_number",
            "choices",
            "pixel",
            "config",
            "defects",
            "constants",
            "error",
            "model",
            "physics",
            "units",
        ],
    ),
    ("engine", &["choices", "pixel", "config", "constants", "image", "model", "physics", "trace", "units"]),
    (
        "output",
        &[
            "c_number",
            "cli",
            "config",
            "defects",
            "constants",
            "engine",
            "error",
            "image",
            "input",
            "model",
            "physics",
            "units",
        ],
    ),
    (
        "refine",
        &[
            "chart", "cli", "config", "console", "engine", "error", "image", "model", "output", "physics",
            "pixel",
        ],
    ),
];
/// The library's root and the driver (with its reading half) put the modules together and may use all of them.
const ROOTS: &[&str] = &["lib", "prelude", "main", "run", "loading"];

/// Modules that compute from their arguments alone, and what they therefore never mention.
const PURE: &[&str] = &["units", "constants", "physics", "model", "engine"];
const OUTSIDE_WORLD: &[&str] = &[
    "std::fs",
    "std::env",
    "std::io",
    "std::net",
    "std::process",
    "std::time",
    "File::",
    "Instant::",
    "SystemTime",
    "print!(",
    "println!(",
    "eprint!(",
    "eprintln!(",
    "env!(",
];
const THREADS: &[&str] = &["rayon", "std::thread", "thread::spawn", "thread::scope"];

/// Where being like the reference may be decided: the switch itself, what reads files leniently, what resolves the
/// configuration and hands the decision on, the engine's carry-over, and the labels of the trace (C-TRACE-001).
const DECIDES_LIKE_REFERENCE: &[&str] = &[
    // Says which of the decisions make a difference.
    "run/corrections.rs",
    "cli",
    "config",
    "defects.rs",
    "engine",
    "input",
    "loading.rs",
    "model/experiment.rs",
    "run/prepare.rs",
    "trace",
];
const LIKE_REFERENCE: &[&str] = &[".emulates(", "Leniency::Reference", "Treatment::Emulate"];

/// Files whose subject is such paths; what they name is invented.
const ABOUT_PATHS: &[&str] = &[
    "trace-harness/src/evidence/bundle/closing.rs",
    "trace-harness/src/evidence/bundle/paths.rs",
    "trace-harness/src/evidence/bundle/staging.rs",
    "trace-harness/src/plan/run/tests.rs",
    "nb-compare/tests/command_line.rs",
];

#[test]
fn nothing_imports_upward() {
    let sources = simulator();
    let mut faults = vec![];
    for source in &sources {
        let user = module_of(&source.path);
        if ROOTS.contains(&user) {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(module, _)| *module == user) else {
            faults.push(format!("{}: module `{user}` is not in the table of this test", source.path));
            continue;
        };
        let code = code_of(&source.text);
        for used in used_modules(&code) {
            if used != user && !allowed.contains(&used.as_str()) {
                faults.push(format!("{}: `{user}` uses `{used}`", source.path));
            }
        }
        if code.contains("super::super") {
            faults.push(format!("{}: climbs with `super::super`, expected `crate::`", source.path));
        }
    }
    let empty = MAY_USE.iter().filter(|(module, _)| !sources.iter().any(|s| module_of(&s.path) == *module));
    faults.extend(empty.map(|(module, _)| format!("the table names `{module}` in vain")));
    none(&faults);
}

#[test]
fn the_table_itself_has_no_cycle() {
    for (position, (module, uses)) in MAY_USE.iter().enumerate() {
        for used in *uses {
            let below = MAY_USE[..position].iter().any(|(other, _)| other == used);
            assert!(below, "`{module}` may use `{used}`, which stands at or above it");
        }
    }
}

#[test]
fn what_computes_touches_no_file_clock_or_environment() {
    forbid(OUTSIDE_WORLD, |source| PURE.contains(&module_of(&source.path)));
}

#[test]
fn only_the_engine_uses_threads() {
    forbid(THREADS, |source| module_of(&source.path) != "engine");
}

#[test]
fn only_the_named_places_decide_to_be_like_the_reference() {
    forbid(LIKE_REFERENCE, |source| {
        let path = source.path.trim_start_matches("sim/src/");
        !DECIDES_LIKE_REFERENCE.iter().any(|place| path == *place || path.starts_with(&format!("{place}/")))
    });
}

/// What opens a file for reading, whatever its name leads to.
const OPENS: &[&str] = &["fs::read(", "fs::read_to_string(", "fs::copy(", "File::open("];

/// Where that is done: the places that look at what they opened, and those that read what the system itself has to say.
const MAY_OPEN: &[&str] = &[
    "sim/src/open_file.rs",
    "trace-harness/src/evidence/bundle/reading/files.rs",
    "trace-harness/src/evidence/bundle/reading/regular.rs",
    // Facts about processes and about the machine.
    "trace-harness/src/evidence/bundle/environment.rs",
    "trace-harness/src/evidence/process/group.rs",
    "trace-harness/src/hygiene/in_turn.rs",
    // Files and folders of their own that they flush or lock.
    "nb-compare/src/cache/entry.rs",
    "trace-harness/src/evidence/bundle/staging.rs",
    "trace-harness/src/evidence/process/unfinished.rs",
];

#[test]
fn only_the_named_places_open_files() {
    let mut faults = vec![];
    for source in workspace("rs") {
        let is_program = CRATES.iter().any(|(folder, _)| source.path.starts_with(folder));
        if !is_program || source.path.ends_with("tests.rs") || MAY_OPEN.contains(&source.path.as_str()) {
            continue;
        }
        let code = code_of(&source.text);
        let found = OPENS.iter().filter(|word| code.contains(**word));
        faults.extend(found.map(|word| format!("{}: has `{word}`, expected `open_file`", source.path)));
    }
    none(&faults);
}

/// The library of times panics where the clock stands before 1970.
#[test]
fn only_the_clock_asks_the_library_of_times_what_time_it_is() {
    let mut faults = vec![];
    for source in workspace("rs") {
        let is_program = CRATES.iter().any(|(folder, _)| source.path.starts_with(folder));
        let code = code_of(&source.text);
        let found = ["Utc::now", "Local::now"].iter().filter(|word| is_program && code.contains(**word));
        faults.extend(found.map(|word| format!("{}: has `{word}`, expected `evidence::clock`", source.path)));
    }
    none(&faults);
}

/// The types of errors in the types `Result<VALUE, ERROR>` that code writes out.
fn error_types(code: &str) -> Vec<String> {
    let mut found = vec![];
    for (at, _) in code.match_indices("Result<") {
        let (mut depth, mut start) = (0_usize, None);
        let text = &code[at + "Result<".len()..];
        for (n, (c, before)) in text.chars().zip(std::iter::once(' ').chain(text.chars())).enumerate() {
            match c {
                '<' | '(' | '[' => depth += 1,
                // The arrow of a function's type closes nothing.
                '>' if before == '-' => {}
                '>' | ')' | ']' if depth > 0 => depth -= 1,
                ',' if depth == 0 && start.is_none() => start = Some(n + 1),
                '>' => {
                    let error =
                        start.map(|start| text.chars().skip(start).take(n - start).collect::<String>());
                    found.extend(error.map(|error| error.trim_matches([' ', ',', '\n']).to_owned()));
                    break;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn no_error_is_a_mere_text() {
    assert_eq!(
        error_types(
            "fn f() -> Result<Vec<(u8, String)>, String>; Result<fn(u8) -> u8,\n E,\n>; io::Result<String>"
        ),
        ["String", "E"],
    );
    let mut faults = vec![];
    for source in workspace("rs") {
        let is_program = CRATES.iter().any(|(folder, _)| source.path.starts_with(folder));
        if !is_program || source.path.ends_with("tests.rs") {
            continue;
        }
        let texts = error_types(&code_of(&source.text)).into_iter().filter(|error| {
            matches!(error.as_str(), "String" | "&str" | "&'static str" | "Cow<'static, str>" | "Box<str>")
        });
        faults
            .extend(texts.map(|error| {
                format!("{}: an error is a `{error}`, expected a type of its own", source.path)
            }));
    }
    none(&faults);
}

/// The crates' folders of sources in which a name of a type says which type it is.
const TYPES_HAVE_NAMES_OF_THEIR_OWN: &[&str] = &["sim/src/", "trace-harness/src/", "nb-compare/src/"];

/// The types that `code` declares outside of functions.
fn declared_types(code: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = match line.strip_prefix("pub") {
            Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
            Some(rest) => rest.strip_prefix(' ')?,
            None => line,
        };
        let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
        let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
        Some(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned())
    };
    code.lines().filter_map(name).collect()
}

#[test]
fn no_two_types_of_a_crate_have_one_name() {
    let code = "pub struct A<T>(T);\nenum B {}\npub(crate) type C = u8;\ntrait D: Sync {}\n    type E = u8;\nstructure";
    assert_eq!(declared_types(code), ["A", "B", "C", "D"]);
    let sources = workspace("rs");
    let mut faults = vec![];
    for folder in TYPES_HAVE_NAMES_OF_THEIR_OWN {
        let mut found = std::collections::BTreeMap::<String, Vec<&str>>::new();
        for source in sources.iter().filter(|source| source.path.starts_with(folder)) {
            if !source.path.ends_with("tests.rs") {
                let types = declared_types(&code_of(&source.text));
                types.into_iter().for_each(|name| found.entry(name).or_default().push(&source.path));
            }
        }
        assert!(!found.is_empty(), "no type in `{folder}`");
        let shared = found.into_iter().filter(|(_, files)| files.len() > 1);
        faults
            .extend(shared.map(|(name, files)| format!("`{name}` is a type in {}", files.join(" and in "))));
    }
    none(&faults);
}

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

/// The crates' folders of sources. Of the two upper crates also the modules, lowest first: a module may use what stands
/// before it. (`MAY_USE` says it more narrowly of the simulator.)
const CRATES: &[(&str, &[&str])] = &[
    ("sim/src/", &[]),
    (
        "trace-harness/src/",
        &[
            "ulp",
            "numbers",
            "pixel_pair",
            "evidence",
            "cases",
            "trace",
            "emit",
            "shadow",
            "simulator",
            "protein",
            "capture",
            "hygiene",
            "explain",
            "plan",
            "gate",
            "profile",
            "matrix",
            "triage",
            "gradcheck",
            "commands",
            "cli",
            "prelude",
        ],
    ),
    (
        "nb-compare/src/",
        &[
            "whole",
            "image",
            "compare",
            "array",
            "table",
            "adapter",
            "built_in",
            "noise",
            "picture",
            "effective",
            "explanation",
            "report",
            "matrix",
            "runner",
            "cache",
            "recompute",
            "protein",
            "cli",
            "app",
            "prelude",
        ],
    ),
];

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
            let there: std::collections::BTreeSet<String> = workspace("rs")
                .iter()
                .filter_map(|source| source.path.strip_prefix(&inside)?.split(['/', '.']).next())
                .filter(|name| *name != "mod")
                .map(|name| format!("{module}::{name}"))
                .collect();
            let named = parts.iter().filter(|part| part.starts_with(&format!("{module}::"))).cloned();
            assert_eq!(named.collect::<std::collections::BTreeSet<_>>(), there, "ARCHITECTURE.md");
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

const MOST_FILES: usize = 15;
const LONGEST_FILE: usize = 600;

#[test]
fn folders_hold_few_files() {
    let mut count = std::collections::BTreeMap::<String, usize>::new();
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

/// Fails with all faults, one a line.
/// Who reads pages has to name tags; who writes them has templates.
const READS_PAGES: &[&str] = &[
    "nb-compare/src/recompute/pages.rs",
    "trace-harness/src/evidence/bundle/documents/layout.rs",
    "trace-harness/src/evidence/bundle/verify/page.rs",
];

/// Tags of the pages and pictures of this project, without those that are words of other texts as well (`<path>`).
const TAGS: &[&str] = &[
    "a",
    "body",
    "button",
    "canvas",
    "caption",
    "circle",
    "code",
    "details",
    "div",
    "figcaption",
    "figure",
    "g",
    "h1",
    "h2",
    "h3",
    "head",
    "html",
    "img",
    "li",
    "main",
    "p",
    "polyline",
    "pre",
    "rect",
    "script",
    "section",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Whether a line of code has a tag in it. A lower-case name between angle brackets is no Rust.
fn has_tag(line: &str) -> bool {
    line.split('<').skip(1).any(|rest| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        TAGS.contains(&name) && rest[name.len()..].starts_with([' ', '>', '/', '\\'])
    })
}

#[test]
fn pages_are_written_by_templates_and_no_text_in_the_sources_is_markup() {
    assert!(
        has_tag("\"<p class=\\\"x\\\">\"")
            && has_tag("</td>")
            && !has_tag("Vec<u8>")
            && !has_tag("a <path> of")
    );
    let sources = workspace("rs");
    let concerned = sources.iter().filter(|s| s.path.contains("/src/") && !s.path.ends_with("tests.rs"));
    let mut faults = vec![];
    for source in concerned.filter(|s| !READS_PAGES.contains(&s.path.as_str())) {
        let lines =
            without_inline_tests(&source.text).lines().filter(|line| !line.trim_start().starts_with("//"));
        faults.extend(lines.filter(|line| has_tag(line)).map(|line| {
            format!("{}: `{}` is markup in a text, expected a template", source.path, line.trim())
        }));
    }
    none(&faults);
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Asserts that no simulator source chosen by `concerned` has one of the `words` in its code.
fn forbid(words: &[&str], concerned: impl Fn(&Source) -> bool) {
    let sources: Vec<Source> = simulator().into_iter().filter(concerned).collect();
    assert!(!sources.is_empty(), "no source is concerned: has the module moved?");
    let mut faults = vec![];
    for source in sources {
        let code = code_of(&source.text);
        let found = words.iter().filter(|word| code.contains(**word));
        faults.extend(found.map(|word| format!("{}: has `{word}`", source.path)));
    }
    none(&faults);
}

/// The module a file of `sim/src` belongs to, as the table above names it.
fn module_of(path: &str) -> &str {
    let path = path.trim_start_matches("sim/src/").trim_end_matches(".rs");
    path.split('/').next().unwrap_or(path)
}

/// The modules named after `crate::`; groups in braces are read one level deep.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = vec![];
    for (at, _) in code.match_indices("crate::") {
        let path = &code[at + "crate::".len()..];
        let heads: Vec<&str> = match path.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').map(str::trim).collect(),
            None => vec![path],
        };
        for head in heads.iter().filter(|head| !head.is_empty()) {
            let end =
                head.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(head.len());
            used.push(head[..end].split("::").next().unwrap_or_default().to_owned());
        }
    }
    used
}

#[test]
fn the_reader_of_this_test_sees_imports() {
    let code = code_of(
        "use crate::config::{A, B}; // crate::nowhere\nuse crate::{physics::vec3, units};\nfn f() {}",
    );
    assert_eq!(used_modules(&code), ["config", "physics", "units"]);
    assert_eq!(used_modules("use crate::config::notice::Notice;"), ["config"]);
    assert_eq!(without_inline_tests("a\n#[cfg(test)]\nmod tests {\n b }"), "a\n");
    assert_eq!(without_inline_tests("#[cfg(test)]\nmod a_tests;\nb"), "#[cfg(test)]\nmod a_tests;\nb");
    assert_eq!(module_of("sim/src/defects.rs"), "defects");
    assert_eq!(module_of("sim/src/config/resolve.rs"), "config");
    assert_eq!(module_of("sim/src/run.rs"), "run");
}
