//! Errors have types, and types have names of their own. Not here: what errors say (the tests of each program).

use std::collections::BTreeMap;

use crate::support::sources::{code_of, workspace};
use crate::{CRATES, none};

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
        let mut found = BTreeMap::<String, Vec<&str>>::new();
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
