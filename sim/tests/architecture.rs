//! The rules of ARCHITECTURE.md that can be read off the sources: who imports whom, who touches files, clocks, threads, how
//! long a file is and how it begins. Not here: rules about what programs do (`golden_parity` has those).
//!
//! The sources are read as text, without a Rust parser: comments and inline test modules are cut off first. A rule that
//! text cannot decide exactly is checked by what it forbids to be written.

mod support;

use support::sources::{Source, code_of, read, root, simulator, without_inline_tests, workspace};

/// Modules of `sim/src` and what each may use, leaves first.
const MAY_USE: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("constants", &["units"]),
    ("c_number", &[]),
    ("error", &[]),
    ("physics", &[]),
    ("image", &["c_number", "error"]),
    ("console", &["error"]),
    ("defects", &[]),
    ("cli", &["c_number", "defects", "error", "units"]),
    ("config", &["c_number", "cli", "defects", "constants", "error", "physics", "units"]),
    ("input", &["c_number", "error", "image"]),
    ("model", &["c_number", "config", "defects", "constants", "error", "input", "physics", "units"]),
    ("trace", &["c_number", "cli", "config", "defects", "constants", "error", "model", "physics", "units"]),
    ("engine", &["cli", "config", "constants", "error", "image", "model", "physics", "trace", "units"]),
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
            "model",
            "physics",
            "units",
        ],
    ),
    ("refine", &["cli", "config", "console", "engine", "error", "image", "model", "output", "physics"]),
];
/// The library's root and the driver (with its reading half) put the modules together and may use all of them.
const ROOTS: &[&str] = &["lib", "main", "run", "loading"];

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
    "cli",
    "config",
    "defects.rs",
    "engine",
    "input",
    "loading.rs",
    "model/experiment.rs",
    "run.rs",
    "trace",
];
const LIKE_REFERENCE: &[&str] = &[".emulates(", "Leniency::Reference", "Treatment::Emulate"];

/// Files whose subject is such paths; what they name is invented.
const ABOUT_PATHS: &[&str] = &[
    "trace-harness/src/evidence/bundle/paths.rs",
    "trace-harness/src/evidence/bundle/staging.rs",
    "trace-harness/src/plan/run/tests.rs",
    "nb-compare/tests/command_line.rs",
];

const LONGEST_FILE: usize = 600;
/// Files that are one table.
const TABLES: &[&str] = &["sim/src/cli/flags.rs", "sim/src/trace/schema.rs"];

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

#[test]
fn files_are_short() {
    let sources = workspace("rs");
    let long = sources.iter().filter(|source| !TABLES.contains(&source.path.as_str())).filter_map(|source| {
        let lines = without_inline_tests(&source.text).lines().count();
        (lines > LONGEST_FILE).then(|| format!("{}: {lines} lines before its tests", source.path))
    });
    none(&long.collect::<Vec<_>>());
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
