//! Which modules of the simulator may use which. Not here: the other crates, and files in a circle (`three_crates`).

use crate::none;
use crate::support::sources::{code_of, simulator, without_inline_tests};

/// Modules of `sim/src` and what each may use, leaves first.
pub const MAY_USE: &[(&str, &[&str])] = &[
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
    ("series", &["cli", "config", "defects", "error", "open_file", "output"]),
];

/// The library's root and the driver (with its reading half) put the modules together and may use all of them.
pub const ROOTS: &[&str] = &["lib", "prelude", "main", "run", "loading"];

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

/// The module a file of `sim/src` belongs to, as `MAY_USE` names it.
pub fn module_of(path: &str) -> &str {
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
